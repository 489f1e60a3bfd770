/** The still that the folds of the Motion tab share, and its futures: asked for once. */
import {newest} from '../../../../web/page/request.mjs';
import {Store} from '../../../../web/page/store.mjs';
import {futures} from './requests.mjs';

export {DRAWN} from './requests.mjs';
export const PEOPLE = 'motion';
export const SIDE = 64;
export const SHOWN = 256;
export const SECONDS = 0.6;
export const FEWEST = 3;
export const MOST = 12;
/** Drawn scenes, and what they show. @type {Record<string, string>} */
export const KINDS = {
  'fork-3': 'a car before a fork of three ways',
  'fork-2': 'a car before a fork of two ways',
  'fork-4': 'a car before a fork of four ways',
  pendulum: 'a pendulum in its swing',
  figure: 'a person standing with hanging arms',
};

/**
 * @typedef {import('./requests.mjs').Seen & {words: string, model: string, scene: {kind: string, seed: number} | null,
 *   truths: Float32Array<ArrayBuffer>[] | null, region?: number[] | null}} Still
 *   words: what it shows; model: which one forecasts it; scene, truths: of a drawn one, its address and its exact
 *   futures; region: left, top, right and bottom of the square of a photo that it is, in the photo's pixels, unless it
 *   is the middle one
 * @typedef {{still: Still, answer: import('./requests.mjs').Answer | null, error?: Error}} Moving
 *   answer: null while it is on its way; error: why it does not come
 * @typedef {{still: Still, answer: import('./requests.mjs').Answer}} Forecast
 * @typedef {(signal: AbortSignal) => Promise<Still>} Source
 */

/** @type {Store<Moving>} */
const moving = new Store();

/** How many futures, and which draw of them. */
export const asked = {n: 6, seed: 0};

/** A still came, or its futures did: told now, and then every time. @param {(now: Moving) => void} hear */
export const onMoving = hear => moving.subscribe(hear);

/**
 * For a fold: works on the still and its futures once it is in view, see Store.
 * @param {import('../../../../web/page/fold.mjs').Mounted} mounted
 * @param {(now: Forecast, signal: AbortSignal) => Promise<void>} work
 */
export function whenVisible({root, showError}, work) {
  moving.whenVisible(
    root,
    ({answer}) => answer !== null,
    ({still, answer}, signal) => (answer ? work({still, answer}, signal) : Promise.resolve()),
    showError,
  );
}

/** Does one thing at a time; the newest ends the one before. */
const begin = newest((signal, /** @type {(signal: AbortSignal) => Promise<void>} */ work) => work(signal));

let reading = 0; // stills that are on their way

/**
 * Forecasts a still; the one before stays until this one is read. Throws an Error in plain words.
 * @param {Source} source
 * @param {(still: Still) => void} [chosen]  is told of it before its futures are asked for
 */
export const move = (source, chosen = () => {}) =>
  begin(async signal => {
    const still = await read(source, signal);
    signal.throwIfAborted();
    moving.publish({still, answer: null});
    chosen(still);
    await forecast(still, signal);
  });

/** @param {Source} source @param {AbortSignal} signal */
async function read(source, signal) {
  reading += 1;
  try {
    return await source(signal);
  } catch (error) {
    // The still before may have been left waiting for its own futures.
    const before = moving.value;
    if (!signal.aborted && before && !before.answer) forecast(before.still, signal).catch(() => {});
    throw error;
  } finally {
    reading -= 1;
  }
}

/**
 * The same still once more, with another number or draw of futures: those in view stay until they are here.
 * @param {Partial<typeof asked>} changed
 */
export async function again(changed) {
  Object.assign(asked, changed);
  const now = moving.value;
  if (now && !reading) await begin(signal => forecast(now.still, signal)); // a still on its way will be asked so
}

/** @param {Still} still @param {AbortSignal} signal */
async function forecast(still, signal) {
  const answer = await futures(still.model, still, asked, signal).catch(error => {
    if (!signal.aborted) moving.publish({still, answer: null, error});
    throw error;
  });
  signal.throwIfAborted();
  moving.publish({still, answer});
}
