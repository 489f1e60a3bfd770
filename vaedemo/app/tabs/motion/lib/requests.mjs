/** What the server answers of motion. Every call throws an Error whose message is one plain sentence. */
import {sendable} from '../../../../web/page/photo-file.mjs';
import {bytes, request} from '../../../../web/page/request.mjs';

/**
 * @typedef {{still: Uint8Array<ArrayBuffer>, shown: Uint8Array<ArrayBuffer>}} Seen
 *   still: 3 x 64 x 64 bytes, planes, as the model of drawn scenes sees it; shown: 256 x 256 x 3 bytes as the page
 *   paints it and the models of people see it
 * @typedef {{trajectories: Float32Array<ArrayBuffer>, z: Float32Array | null, mode: number}} Future
 *   trajectories: 10 x 16 x 16 coefficients
 * @typedef {{futures: Future[], shares: number[], typical: Future[], spread: Float32Array, far: boolean}} Answer
 *   shares: of each mode, the largest first; typical: a future of each; spread: of each of 16 x 16 cells, in pixels
 * @typedef {{weights: number[], shares: number[], best: Future, heaviest: number, effective: number}} Weighed
 *   weights: of the first n draws; best, heaviest: the heaviest of all, its weight; effective: as how many of them
 *   what is left counts
 * @typedef {{row: number, column: number, right: number, down: number}} Arrow  of a cell: where it goes, in pixels of
 *   the still
 * @typedef {[number, number, number, number]} Region  left, top, right, bottom, in parts of a picture's sides
 */

export const DRAWN = 'motion-drawn';
const PURPOSE = 'forecast a still';
const NUMBERS = 2560; // coefficients of a still's trajectories

/** What a model is given of a still. @param {string} model @param {Seen} seen */
const seenBy = (model, {still, shown}) => (model === DRAWN ? still : shown);

/** @param {string} text  in base64 */
const floats = text => new Float32Array(bytes(text).buffer);

/**
 * As many arrays of one length as there are.
 * @param {Float32Array<ArrayBuffer>} all
 * @param {number} length
 */
const parted = (all, length) =>
  Array.from({length: all.length / length}, (_, i) => all.slice(i * length, (i + 1) * length));

/**
 * A drawn scene; truths are its exact futures.
 * @param {string} kind
 * @param {number} seed
 * @param {AbortSignal} [signal]
 * @returns {Promise<Seen & {truths: Float32Array<ArrayBuffer>[]}>}
 */
export async function sceneOf(kind, seed, signal) {
  const answer = await request('motion/scene', {purpose: 'draw a scene', query: {kind, seed}, signal});
  const {still, shown, trajectories} = await answer.json();
  return {still: bytes(still), shown: bytes(shown), truths: parted(floats(trajectories), NUMBERS)};
}

/**
 * A square of a picture file, the middle one if none is named.
 * @param {Blob} blob
 * @param {Region | null} region
 * @param {AbortSignal} [signal]
 * @returns {Promise<Seen>}
 */
export async function stillOf(blob, region, signal) {
  const query = region ? {region: region.map(part => part.toFixed(5)).join()} : undefined;
  const body = await sendable(blob);
  const answer = await request('motion/still', {purpose: 'read a photo', body, query, signal});
  const {still, shown} = await answer.json();
  return {still: bytes(still), shown: bytes(shown)};
}

/**
 * n futures of a still.
 * @param {string} model
 * @param {Seen} still
 * @param {{n: number, seed: number}} asked
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer>}
 */
export async function futures(model, still, {n, seed}, signal) {
  const options = {purpose: PURPOSE, body: seenBy(model, still), query: {n, seed}, model, signal};
  const answer = await request(`motion/${model}/futures`, options);
  const {z, trajectories, mode, typical, spread, shares, far} = await answer.json();
  return {
    shares,
    far,
    spread: floats(spread),
    futures: listed({z, trajectories}, i => mode[i]),
    typical: listed(typical, i => i),
  };
}

/**
 * What arrows leave of 512 draws.
 * @param {string} model
 * @param {Seen} still
 * @param {{n: number, seed: number, hints: Arrow[]}} asked
 * @param {AbortSignal} [signal]
 * @returns {Promise<Weighed>}
 */
export async function weighed(model, still, {n, seed, hints}, signal) {
  const query = {n, seed, hints: hintsAsText(hints), brief: 1};
  const options = {purpose: PURPOSE, body: seenBy(model, still), query, model, signal};
  const answer = await request(`motion/${model}/futures`, options);
  const {best, weights, shares, effective} = await answer.json();
  return {weights, shares, effective, heaviest: best.weight, best: listed(best, () => best.mode)[0]};
}

/** @param {{z: string | null, trajectories: string}} sent @param {(i: number) => number} mode @returns {Future[]} */
function listed({z, trajectories}, mode) {
  const moves = parted(floats(trajectories), NUMBERS);
  const latents = z === null ? null : parted(floats(z), floats(z).length / moves.length);
  return moves.map((each, i) => ({trajectories: each, z: latents && latents[i], mode: mode(i)}));
}

/** @param {Arrow[]} hints */
const hintsAsText = hints =>
  hints
    .map(({row, column, right, down}) => [row, column, right, down].map(value => +value.toFixed(2)).join())
    .join(';');

/**
 * All that decodes any z on this still, a safetensors file: see Tower of trajectory-decoder.mjs.
 * @param {string} model
 * @param {Seen} still
 * @param {AbortSignal} [signal]
 */
export async function tower(model, still, signal) {
  const options = {purpose: PURPOSE, body: seenBy(model, still), model, signal};
  const answer = await request(`motion/${model}/tower`, options);
  return answer.arrayBuffer();
}

/**
 * q(z | trajectories, still).
 * @param {string} model
 * @param {Uint8Array<ArrayBuffer>} still
 * @param {Float32Array<ArrayBuffer>} trajectories
 * @param {AbortSignal} [signal]
 * @returns {Promise<{mean: number[], sigma: number[], rate: number}>}
 */
export async function encoded(model, still, trajectories, signal) {
  const body = new Blob([still, trajectories]);
  const answer = await request(`motion/${model}/encode`, {purpose: 'encode a clip', body, model, signal});
  return answer.json();
}

/**
 * n futures side by side, the heaviest of 512 draws if there are hints: a GIF.
 * @param {string} model
 * @param {Seen} seen
 * @param {{n: number, seed: number, hints: Arrow[]}} asked
 */
export async function gifOf(model, {still, shown}, {n, seed, hints}) {
  const query = {n, seed, hints: hintsAsText(hints)};
  const body = new Blob([still, shown]);
  const answer = await request(`motion/${model}/gif`, {purpose: 'make a GIF', body, query, model});
  return answer.blob();
}
