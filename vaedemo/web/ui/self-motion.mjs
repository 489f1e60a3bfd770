/** What moves by itself until a hand comes. */

const LONGEST_MS = 100; // of one frame: after a pause it goes on where it was

/**
 * Moves something in every frame in which it is seen; out of view no frame is asked for.
 * @param {Element} screen  it
 * @param {() => boolean} going  false: a hand has come, and that is the end
 * @param {(spent: number) => void} move  spent: ms in view so far
 */
export function moveByItself(screen, going, move) {
  let spent = 0;
  let then = 0;
  let frame = 0;
  /** @param {number} now */
  const step = now => {
    if (!going()) return observer.disconnect();
    spent += Math.max(0, Math.min(LONGEST_MS, now - then));
    then = now;
    move(spent);
    frame = requestAnimationFrame(step);
  };
  const observer = new IntersectionObserver(entries => {
    cancelAnimationFrame(frame);
    if (!entries[entries.length - 1].isIntersecting) return;
    then = performance.now();
    frame = requestAnimationFrame(step);
  });
  observer.observe(screen);
}
