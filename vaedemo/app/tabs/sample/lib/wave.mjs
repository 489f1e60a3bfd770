/** A wave of light through the stages of a net. */

const STAGE_MS = 280;

/** @typedef {[HTMLElement, () => unknown]} Turn  a stage, and what paints it */

/**
 * One stage after the other, what waits being dim; in a hurry all at once.
 * @param {Turn[]} turns
 * @param {boolean} inHurry
 * @param {AbortSignal} signal
 */
export async function wave(turns, inHurry, signal) {
  signal.throwIfAborted();
  for (const [place] of turns) {
    place.classList.toggle('waiting', !inHurry);
    place.classList.remove('lit');
  }
  for (const [place, paint] of turns) {
    paint();
    place.classList.remove('waiting');
    if (inHurry) continue;
    place.classList.add('lit');
    await new Promise(resolve => {
      setTimeout(resolve, STAGE_MS);
    });
    signal.throwIfAborted();
  }
}
