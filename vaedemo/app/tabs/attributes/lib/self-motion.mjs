/** What moves by itself until a hand comes. */

const LONGEST_MS = 100; // of one frame: after a pause it goes on where it was

/**
 * Moves something in every frame in which it is seen.
 * @param {import('../../../../web/page/fold.mjs').Mounted} mounted
 * @param {() => boolean} going  false: a hand has come, and that is the end
 * @param {(spent: number) => void} move  spent: ms in view so far
 */
export function moveByItself(mounted, going, move) {
  let visible = true;
  let spent = 0;
  let then = performance.now();
  mounted.onVisible(seen => {
    visible = seen;
  });
  /** @param {number} now */
  const frame = now => {
    if (!going()) return;
    if (visible && !document.hidden) {
      spent += Math.max(0, Math.min(LONGEST_MS, now - then));
      move(spent);
    }
    then = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
