/**
 * Drags that keep to their pointer: a second finger, or a palm beside a pen, is ignored until the first one is gone.
 */

/**
 * @param {HTMLElement} element
 * @param {object} hands
 * @param {(event: PointerEvent) => boolean | void} hands.start  a press of the main button; where it answers false,
 *   nothing is dragged
 * @param {(event: PointerEvent) => void} hands.move
 * @param {() => void} [hands.end]
 */
export function onDrag(element, {start, move, end = () => {}}) {
  /** @type {number | null} */
  let held = null;
  element.addEventListener('pointerdown', event => {
    // What was pressed and never released, since the element was hidden meanwhile, holds nothing any more.
    if (event.button || (held !== null && element.hasPointerCapture(held))) return;
    if (start(event) === false) return;
    held = event.pointerId;
    element.setPointerCapture(held);
  });
  element.addEventListener('pointermove', event => {
    if (event.pointerId === held) move(event);
  });
  for (const name of /** @type {const} */ (['pointerup', 'pointercancel', 'lostpointercapture']))
    element.addEventListener(name, event => {
      if (event.pointerId !== held) return;
      held = null;
      end();
    });
}
