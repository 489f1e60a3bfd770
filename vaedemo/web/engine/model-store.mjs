/**
 * What the page knows of a model, fetched once: the decoder, the tensors about its latent space, the facts.
 * @typedef {Record<string, {data: Float32Array | Uint8Array, shape: number[]}>} Tensors
 */
import {ROOT} from './root.mjs';
import {LiveDecoder} from './live-decoder.mjs';
import {readTensors} from './safetensors.mjs';

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
  const answer = await fetch(url).catch(() => {
    throw new Error('The server does not answer.');
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

/** People who want to hear when decoding fails (an Error) and works again (null). @type {Set<Function>} */
export const listeners = new Set();
const tell = error => listeners.forEach(listener => listener(error));

/**
 * The decoder of a model. In show() the newest wins, so every hand that moves on its own names itself: `hand`. All
 * share
 * the worker and the weights.
 * @param {string} name @param {string} [hand] @returns {Promise<LiveDecoder>}
 */
export const decoder = (name, hand = '') =>
  once(`decoder ${hand} ${name}`, () => LiveDecoder.open(name, {onError: tell}));

/** @param {string} name @returns {Promise<Tensors>} */
export const latents = name =>
  once(`latents ${name}`, async () =>
    readTensors(await (await fetched(`${ROOT}live/models/${name}/latents.safetensors`)).arrayBuffer()),
  );

/** recipe, metrics, badge. @param {string} name */
export const facts = name =>
  once(`facts ${name}`, async () => (await fetched(`${ROOT}live/models/${name}.json`)).json());

/** n codes of Z numbers from N(0, I): the very ones that Python draws for this seed. */
export async function draw(n, z, seed) {
  return new Float32Array(await (await fetched(`${ROOT}live/draw?n=${n}&z=${z}&seed=${seed}`)).arrayBuffer());
}

/** Forget a model that has been trained anew. */
export function forget(name) {
  for (const key of [...kept.keys()]) if (key.endsWith(` ${name}`)) kept.delete(key);
}

/**
 * The decoder of a model that may be nowhere: rejects in plain words then, where it would go on asking by itself.
 * @param {string} name @param {string} [hand]
 */
export async function decoderOf(name, hand) {
  await facts(name).catch(error => {
    throw Object.assign(new Error(`${name} is not here.`), {cause: error});
  });
  return decoder(name, hand);
}
