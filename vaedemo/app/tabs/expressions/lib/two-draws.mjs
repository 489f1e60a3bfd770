/** What follows a hand is drawn quickly at the next frame, and once more as sharp as the photo when the hand rests. */

const REST_MS = 150; // after which a hand has come to rest

/**
 * A function that asks for both draws; asked again, it forgets those that are still to come.
 * @param {(fine: boolean) => void} paint
 */
export function twoDraws(paint) {
  let frame = 0;
  let rest = 0;
  return () => {
    clearTimeout(rest);
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => paint(false));
    rest = window.setTimeout(() => paint(true), REST_MS);
  };
}
