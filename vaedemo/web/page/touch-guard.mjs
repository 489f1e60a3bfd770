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

/**
 * The finger that is on a slider, undecided or scrolling.
 * @typedef {{slider: HTMLInputElement, pointer: number, kept: string, wanted: string | null, x: number,
 *   y: number}} Held
 */

/** For all sliders of the page, now and later. */
export function guardSliders() {
  /** @type {Held | null} */
  let held = null;

  hear(['pointerdown'], event => {
    if (event.isPrimary) held = holdOf(event);
  });
  hear(['pointermove'], ({pointerId, clientX, clientY}) => {
    if (held?.pointer === pointerId && isSideways(clientX - held.x, clientY - held.y)) free();
  });
  hear(['pointerup'], ({pointerId}) => {
    if (held?.pointer === pointerId) free();
  });
  hear(['input', 'change'], event => {
    if (!held || event.target !== held.slider || !event.isTrusted) return;
    event.stopImmediatePropagation();
    if (event.type === 'input') held.wanted = held.slider.value;
    held.slider.value = held.kept;
  });
  hear(['touchend', 'touchcancel'], () => {
    const left = held; // by this finger; where the page is busy, the next is down before its turn comes
    setTimeout(() => {
      if (held === left) held = null;
    }); // after the change that it makes
  });

  /** It was a drag or a tap: what the browser wanted at once. */
  function free() {
    const done = held;
    held = null;
    if (!done || done.wanted === null) return;
    done.slider.value = done.wanted;
    done.slider.dispatchEvent(new Event('input', {bubbles: true}));
  }
}

/** @param {PointerEvent} event @returns {Held | null} */
function holdOf({target, pointerType, pointerId, clientX, clientY}) {
  if (pointerType !== 'touch' || !(target instanceof HTMLInputElement) || target.type !== 'range') return null;
  return {slider: target, pointer: pointerId, kept: target.value, wanted: null, x: clientX, y: clientY};
}

/**
 * @template {keyof DocumentEventMap} Name
 * @param {Name[]} names
 * @param {(event: DocumentEventMap[Name]) => void} listener
 */
function hear(names, listener) {
  for (const name of names) document.addEventListener(name, listener, {capture: true, passive: true});
}
