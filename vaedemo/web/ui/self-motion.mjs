/** What moves by itself until a hand comes. */

const LONGEST_MS = 100; // of one frame: after a pause it goes on where it was
const PAUSE_MS = 25; // before the next frame is asked for: of a screen's sixty a second every second one

/**
 * Moves something thirty times a second while it is seen; out of view no frame is asked for. Twice as often would look
 * the same, as slowly as things wander here, and keep a third of a core busy.
 * @param {Element} screen  it
 * @param {() => boolean} going  false: a hand has come, and that is the end
 * @param {(spent: number) => void} move  spent: ms in view so far
 */
export function moveByItself(screen, going, move) {
  let spent = 0;
  let then = 0;
  let frame = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  /** @param {number} now */
  const step = now => {
    if (!going()) return observer.disconnect();
    spent += Math.max(0, Math.min(LONGEST_MS, now - then));
    then = now;
    move(spent);
    pause = setTimeout(() => (frame = requestAnimationFrame(step)), PAUSE_MS);
  };
  const observer = new IntersectionObserver(entries => {
    cancelAnimationFrame(frame);
    clearTimeout(pause);
    if (!entries[entries.length - 1].isIntersecting) return;
    then = performance.now();
    frame = requestAnimationFrame(step);
  });
  observer.observe(screen);
}
