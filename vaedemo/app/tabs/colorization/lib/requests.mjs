/** What else the server is asked of a photo that was read. Every call throws a RequestError. */
import {bytes, request} from '../../../../web/page/request.mjs';
import {bytesOf, fieldOf, fieldsOf} from './color-field-painter.mjs';

/**
 * @typedef {import('./photo-store.mjs').Field} Field
 * @typedef {import('./photo-store.mjs').Photo} Photo
 * @typedef {{field: Field, rate: number, terms: Record<string, number>}} Reconstruction
 *   terms: hist, mah, grad
 */

/**
 * The color fields that a model paints of each z.
 * @param {string} model
 * @param {Photo} photo
 * @param {number[][]} z
 * @param {AbortSignal} [signal]
 */
export async function decode(model, {grey}, z, signal) {
  const body = new Blob([grey, new Float32Array(z.flat())]);
  const answer = await request(`recolor/${model}`, {purpose: 'color a photo', body, model, signal});
  return fieldsOf(new Uint8Array(await answer.arrayBuffer()));
}

/**
 * n draws of z ~ P(z|grey): of each its component, then all color fields as bytes.
 * @param {string} model
 * @param {Photo} photo
 * @param {number} n
 * @param {AbortSignal} [signal]
 */
export async function draws(model, {grey}, n, signal) {
  const options = {purpose: 'color a photo', body: grey, query: {n, seed: 0}, model, signal};
  const all = new Uint8Array(await (await request(`draws/${model}`, options)).arrayBuffer());
  return {components: all.subarray(0, n), fields: all.subarray(n)};
}

/**
 * The photo's own colors through a VAE: encoder's mean, decoder.
 * @param {string} model
 * @param {Photo} photo  in color
 * @param {AbortSignal} [signal]
 * @returns {Promise<Reconstruction>}
 */
export async function reconstruct(model, {grey, truth}, signal) {
  if (!truth) throw new Error('a photo without colors has none to encode');
  const body = new Blob([grey, bytesOf(truth)]);
  const answer = await request(`reconstruct/${model}`, {purpose: 'encode these colors', body, model, signal});
  const {field, ...rest} = await answer.json();
  return {field: fieldOf(bytes(field)), ...rest};
}

/** The photo in its full size with these colors, a JPEG. @param {Photo} photo @param {Field} field */
export async function fullSize({blob}, field) {
  const body = new Blob([bytesOf(field), blob]);
  return (await request('full', {purpose: 'color a photo in its full size', body})).blob();
}
