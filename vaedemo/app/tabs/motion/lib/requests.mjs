/** What the server answers of motion. Every call throws an Error whose message is one plain sentence. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {bytes} from '../../../../web/page/request.mjs';

/**
 * @typedef {{still: Uint8Array, shown: Uint8Array}} Seen
 *   still: 3 x 64 x 64 bytes as the models see it, planes; shown: 256 x 256 x 3 bytes as the page paints it
 * @typedef {{trajectories: Float32Array, z: Float32Array | null, mode: number}} Future  trajectories: 10 x 16 x 16
 *   coefficients
 * @typedef {{futures: Future[], shares: number[], typical: Future[], spread: Float32Array, far: boolean}} Answer
 *   shares: of each mode, the largest first; typical: a future of each; spread: of each of 16 x 16 cells, in pixels
 * @typedef {{weights: number[], shares: number[], best: Future, heaviest: number, effective: number}} Weighed
 *   weights: of the first n draws; best, heaviest: the heaviest of all, its weight; effective: as how many of them
 *   what is left counts
 * @typedef {{row: number, column: number, right: number, down: number}} Arrow  of a cell: where it goes, in pixels of
 *   the still
 */
const NUMBERS = 2560; // coefficients of a still's trajectories

/**
 * @param {string} url
 * @param {BodyInit | null} body  null: a GET
 * @param {AbortSignal} [signal]
 * @param {string} [name]  of a model that may be nowhere
 */
async function ask(url, body, signal, name) {
  const answer = await fetch(url, body === null ? {signal} : {method: 'POST', body, signal}).catch(error => {
    throw signal?.aborted ? error : new Error('The server does not answer; only it can forecast a still.');
  });
  if (answer.status === 503 && name) throw new Error(`${name} is not here.`);
  if (!answer.ok)
    throw new Error(answer.status < 500 ? await answer.text() : 'The server could not forecast this still.');
  return answer;
}

/** @param {string} text  in base64 */
const floats = text => new Float32Array(bytes(text).buffer);
/** As many arrays of one length as there are. @param {Float32Array} all @param {number} length */
const parted = (all, length) =>
  Array.from({length: all.length / length}, (_, i) => all.slice(i * length, (i + 1) * length));

/**
 * A drawn scene; truths are its exact futures.
 * @param {string} kind
 * @param {number} seed
 * @param {AbortSignal} [signal]
 * @returns {Promise<Seen & {truths: Float32Array[]}>}
 */
export async function sceneOf(kind, seed, signal) {
  const {still, shown, trajectories} = await (
    await ask(`${ROOT}live/motion/scene?kind=${kind}&seed=${seed}`, null, signal)
  ).json();
  return {still: bytes(still), shown: bytes(shown), truths: parted(floats(trajectories), NUMBERS)};
}

/** The middle square of a picture file. @param {Blob} blob @param {AbortSignal} [signal] @returns {Promise<Seen>} */
export async function stillOf(blob, signal) {
  const {still, shown} = await (await ask(`${ROOT}live/motion/still`, blob, signal)).json();
  return {still: bytes(still), shown: bytes(shown)};
}

/**
 * n futures of a still.
 * @param {string} name
 * @param {Uint8Array} still
 * @param {{n: number, seed: number}} asked
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer>}
 */
export async function futures(name, still, {n, seed}, signal) {
  const {z, trajectories, mode, typical, spread, shares, far} = await (
    await ask(`${ROOT}live/motion/${name}/futures?n=${n}&seed=${seed}`, still, signal, name)
  ).json();
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
 * @param {string} name
 * @param {Uint8Array} still
 * @param {{n: number, seed: number, hints: Arrow[]}} asked
 * @param {AbortSignal} [signal]
 * @returns {Promise<Weighed>}
 */
export async function weighed(name, still, {n, seed, hints}, signal) {
  const query = new URLSearchParams({n: String(n), seed: String(seed), hints: hintsAsText(hints), brief: '1'});
  const {best, weights, shares, effective} = await (
    await ask(`${ROOT}live/motion/${name}/futures?${query}`, still, signal, name)
  ).json();
  return {weights, shares, effective, heaviest: best.weight, best: listed(best, () => best.mode)[0]};
}

/** @param {{z: string | null, trajectories: string}} sent @param {(i: number) => number} mode @returns {Future[]} */
function listed({z, trajectories}, mode) {
  const moves = parted(floats(trajectories), NUMBERS);
  const latents = z === null ? null : parted(floats(z), floats(z).length / moves.length);
  return moves.map((each, i) => ({trajectories: each, z: latents && latents[i], mode: mode(i)}));
}

/** @param {Arrow[]} hints */
export const hintsAsText = hints =>
  hints
    .map(({row, column, right, down}) => [row, column, right, down].map(value => +value.toFixed(2)).join())
    .join(';');

/**
 * All that decodes any z on this still, a safetensors file: see Tower of trajectories.mjs.
 * @param {string} name
 * @param {Uint8Array} still
 * @param {AbortSignal} [signal]
 */
export const tower = async (name, still, signal) =>
  (await ask(`${ROOT}live/motion/${name}/tower`, still, signal, name)).arrayBuffer();

/**
 * q(z | trajectories, still).
 * @param {string} name
 * @param {Uint8Array} still
 * @param {Float32Array} trajectories
 * @param {AbortSignal} [signal]
 * @returns {Promise<{mean: number[], sigma: number[], rate: number}>}
 */
export const encoded = async (name, still, trajectories, signal) =>
  (await ask(`${ROOT}live/motion/${name}/encode`, new Blob([still, trajectories]), signal, name)).json();
