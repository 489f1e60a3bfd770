/**
 * What the page knows of a model, fetched once: the decoder, the tensors about its latent space, the facts.
 * @typedef {Record<string, {data: Float32Array | Uint8Array, shape: number[]}>} Tensors
 */
import {request} from '../page/request.mjs';
import {Store} from '../page/store.mjs';
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

/**
 * Whether decoding works: what hinders it now, or null once it works again.
 * @type {Store<Error | null>}
 */
export const connection = new Store();

/**
 * The decoder of a model. In show() the newest wins, so every hand that moves on its own names itself: `hand`. All
 * share the worker and the weights.
 * @param {string} name
 * @param {string} [hand]
 * @returns {Promise<LiveDecoder>}
 */
export const decoder = (name, hand = '') =>
  once(`decoder ${hand} ${name}`, () => LiveDecoder.open(name, {onError: error => connection.publish(error)}));

/** @param {string} name @returns {Promise<Tensors>} */
export const latents = name =>
  once(`latents ${name}`, async () => {
    const purpose = "tell of a model's latents";
    const answer = await request(`models/${name}/latents.safetensors`, {purpose, model: name});
    return readTensors(await answer.arrayBuffer());
  });

/**
 * recipe, metrics, badge; usual: what of a model's attributes a description says where nobody asked.
 * @typedef {{recipe: Record<string, any>, metrics: Record<string, any>, factors: any,
 *   badge: {kind: string, text: string, notes: string[]}, usual?: Record<string, number>}} Facts
 * @param {string} name
 * @returns {Promise<Facts>}
 */
export const facts = name =>
  once(`facts ${name}`, async () =>
    (await request(`models/${name}.json`, {purpose: 'tell of a model', model: name})).json(),
  );

/**
 * n codes of z numbers from N(0, I): the very ones that Python draws for this seed.
 * @param {number} n
 * @param {number} z
 * @param {number} seed
 */
export async function draw(n, z, seed) {
  const answer = await request('draw', {purpose: 'draw from the prior', query: {n, z, seed}});
  return new Float32Array(await answer.arrayBuffer());
}

/** Forgets a model that has been trained anew. @param {string} name */
export function forget(name) {
  for (const key of [...kept.keys()]) if (key.endsWith(` ${name}`)) kept.delete(key);
}

/**
 * The decoder of a model that may be nowhere: rejects in plain words then, where it would go on asking by itself.
 * @param {string} name @param {string} [hand]
 */
export async function decoderOf(name, hand) {
  await facts(name);
  return decoder(name, hand);
}
