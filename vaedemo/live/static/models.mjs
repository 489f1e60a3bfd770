/**
 * What the page knows of a model, fetched once: the decoder, the tensors about its latent space, the facts.
 * @typedef {Record<string, {data: Float32Array | Uint8Array, shape: number[]}>} Tensors
 */
import {LiveDecoder} from './live.mjs';
import {readTensors} from './tensors.mjs';

/** @type {Map<string, Promise<any>>} */
const kept = new Map();

/** @param {string} key @param {() => Promise<any>} fetcher */
function once(key, fetcher) {
  let promise = kept.get(key);
  if (!promise) {
    promise = fetcher();
    promise.catch(() => kept.delete(key)); // a failure is asked again
    kept.set(key, promise);
  }
  return promise;
}

async function fetched(url) {
  const answer = await fetch(url).catch(() => { throw new Error('The server does not answer.'); });
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

/** People who want to hear when decoding fails (an Error) and works again (null). @type {Set<Function>} */
export const listeners = new Set();
const tell = error => listeners.forEach(listener => listener(error));

/**
 * The decoder of a model. In show() the newest wins, so every hand that moves on its own names itself: `hand`. All share
 * the worker and the weights.
 * @param {string} base @param {string} name @param {string} [hand] @returns {Promise<LiveDecoder>}
 */
export const decoder = (base, name, hand = '') =>
  once(`decoder ${hand} ${name}`, () => LiveDecoder.open(base, name, {onError: tell}));

/** @param {string} base @param {string} name @returns {Promise<Tensors>} */
export const latents = (base, name) => once(`latents ${name}`, async () =>
  readTensors(await (await fetched(`${base}live/models/${name}/latents.safetensors`)).arrayBuffer()));

/** recipe, metrics, badge. @param {string} base @param {string} name */
export const facts = (base, name) =>
  once(`facts ${name}`, async () => (await fetched(`${base}live/models/${name}.json`)).json());

/** n codes of Z numbers from N(0, I): the very ones that Python draws for this seed. */
export async function draw(base, n, z, seed) {
  return new Float32Array(await (await fetched(`${base}live/draw?n=${n}&z=${z}&seed=${seed}`)).arrayBuffer());
}

/** Forget a model that has been trained anew. */
export function forget(name) {
  for (const key of [...kept.keys()]) if (key.endsWith(` ${name}`)) kept.delete(key);
}
