/**
 * A thumb that scrolls the page moves no slider on its way.
 *
 * A browser sets a slider to where a finger lands, before it knows whether that finger will scroll. Here the slider
 * keeps its value until the finger has gone sideways, or has left it without going anywhere: a tap.
 */
const SIDEWAYS = 6; // pixels

/**
 * Whether a finger that went this far drags sideways rather than scrolls.
 * @param {number} right
 * @param {number} down
 */
export const isSideways = (right, down) => Math.abs(right) > SIDEWAYS && Math.abs(right) > Math.abs(down);

/** For all sliders of the page, now and later. */
export function guardSliders() {
  /**
   * The finger that is on a slider, undecided or scrolling.
   * @type {{slider: HTMLInputElement, kept: string, wanted: string | null, x: number, y: number} | null}
   */
  let held = null;
  const hear = (name, listener) => document.addEventListener(name, listener, {capture: true, passive: true});

  hear('pointerdown', ({target, pointerType, isPrimary, clientX, clientY}) => {
    if (!isPrimary) return;
    const slider =
      pointerType === 'touch' && target instanceof HTMLInputElement && target.type === 'range' ? target : null;
    held = slider && {slider, kept: slider.value, wanted: null, x: clientX, y: clientY};
  });
  hear('pointermove', ({clientX, clientY}) => {
    if (held && isSideways(clientX - held.x, clientY - held.y)) free();
  });
  hear('pointerup', () => free());
  for (const name of ['input', 'change'])
    hear(name, event => {
      if (!held || event.target !== held.slider || !event.isTrusted) return;
      event.stopImmediatePropagation();
      if (name === 'input') held.wanted = held.slider.value;
      held.slider.value = held.kept;
    });
  for (const name of ['touchend', 'touchcancel'])
    hear(name, () => {
      const left = held; // by this finger; where the page is busy, the next is down before its turn comes
      setTimeout(() => {
        if (held === left) held = null;
      }); // after the change that it makes
    });

  /** It was a drag or a tap: what the browser wanted at once. */
  function free() {
    const {slider, wanted} = held ?? {};
    held = null;
    if (!slider || wanted === null) return;
    slider.value = wanted;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
  }
}
