/** The still that the folds of the Motion tab share, and its futures: asked for once. */
import {futures} from './requests.mjs';
import {Store} from '../../../../web/page/store.mjs';
import {newest} from '../../../../web/page/request.mjs';

export const DRAWN = 'motion-drawn';
export const PEOPLE = 'motion';
export const SIDE = 64;
export const SHOWN = 256;
export const GRID = 16;
export const SECONDS = 0.6;
export const FEWEST = 3;
export const MOST = 12;
export const SEEDS = 1_000_000_000;
/** Drawn scenes, and what they show. */
export const KINDS = {
  'fork-3': 'a car before a fork of three ways',
  'fork-2': 'a car before a fork of two ways',
  'fork-4': 'a car before a fork of four ways',
  pendulum: 'a pendulum in its swing',
  figure: 'a person standing with hanging arms',
};

/** @typedef {import('./requests.mjs').Answer} Answer @typedef {import('./requests.mjs').Future} Future */
/**
 * @typedef {import('./requests.mjs').Seen & {words: string, model: string, scene: {kind: string, seed: number} |
 *   null, truths: Float32Array[] | null, region?: number[] | null}} Still
 *   words: what it shows; model: which one forecasts it; scene, truths: of a drawn one, its address and its exact
 *   futures; region: left, top, right and bottom of the square of a
 *   photo that it is, in the photo's pixels, unless it is the middle one
 * @typedef {{still: Still, answer: Answer | null, error?: Error}} Moving  answer: null while it is on its way; error:
 *   why it does not come
 */
const all = /** @type {Store<Moving>} */ (new Store());
/** How many futures, and which draw of them. */
export const asked = {n: 6, seed: 0};

/** A still came, or its futures did: told now, and then every time. @param {(now: Moving) => void} hear */
export const onMoving = hear => all.subscribe(hear);

/**
 * For a fold, see Store.
 * @param {HTMLElement} root
 * @param {(now: {still: Still, answer: Answer}, signal: AbortSignal) => Promise<void>} work
 * @param {(error: Error | null) => void} say
 */
export const inView = (root, work, say) => all.whenVisible(root, ({answer}) => answer, work, say);

let reading = 0; // stills that are on their way

/**
 * Forecasts a still; the one before stays until this one is read. Throws an Error in plain words.
 * @type {(source: (signal: AbortSignal) => Promise<Still>, chosen?: (still: Still) => void) => Promise<void>}
 */
export const move = (source, chosen = () => {}) =>
  begin(async signal => {
    reading += 1;
    const still = await source(signal)
      .finally(() => {
        reading -= 1;
      })
      .catch(error => {
        // it was left waiting for its own
        if (!signal.aborted && all.value && !all.value.answer) forecast(all.value.still, signal).catch(() => {});
        throw error;
      });
    signal.throwIfAborted();
    all.publish({still, answer: null});
    chosen(still);
    await forecast(still, signal);
  });

/**
 * The same still once more, with another number or draw of futures: those in view stay until they are here.
 * @param {Partial<typeof asked>} changed
 */
export async function again(changed) {
  Object.assign(asked, changed);
  // a still on its way will be asked so
  if (all.value && !reading) await begin(signal => forecast(all.value.still, signal));
}

const begin = newest((signal, work) => work(signal));

async function forecast(still, signal) {
  const answer = await futures(still.model, still.still, asked, signal).catch(error => {
    if (!signal.aborted) all.publish({still, answer: null, error});
    throw error;
  });
  signal.throwIfAborted();
  all.publish({still, answer});
}
