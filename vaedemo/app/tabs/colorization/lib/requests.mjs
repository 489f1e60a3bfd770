/** What else the server is asked of a photo that was read. Every call throws a RequestError. */
import {fileOf, pixelsOf} from '../../../../web/page/canvas-pixels.mjs';
import {drawn, goesAsItIs} from '../../../../web/page/photo-file.mjs';
import {bytes, request} from '../../../../web/page/request.mjs';
import {lightnessOf} from './cielab.mjs';
import {Coloring, SIDE, bytesOf, fieldOf, fieldsOf} from './color-field-painter.mjs';

const FULL = 20e6; // pixels of a photo that is painted in its own size; larger ones are reduced to that
const QUALITY = 0.92;

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
 * A color field whose cells are drawn each on its own.
 * @param {string} model
 * @param {Photo} photo
 * @param {number} seed
 * @param {AbortSignal} [signal]
 */
export async function cells(model, {grey}, seed, signal) {
  const options = {purpose: 'color a photo', body: grey, query: {n: 1, seed}, model, signal};
  return fieldOf(new Uint8Array(await (await request(`cells/${model}`, options)).arrayBuffer()));
}

/**
 * The one color field that squared error asks for.
 * @param {string} model
 * @param {Photo} photo
 * @param {AbortSignal} [signal]
 */
export async function mean(model, {grey}, signal) {
  const options = {purpose: 'color a photo', body: grey, model, signal};
  return fieldOf(new Uint8Array(await (await request(`mean/${model}`, options)).arrayBuffer()));
}

/**
 * n draws of z ~ P(z|grey): of each the answer that it is nearest to, then all color fields as bytes.
 * @param {string} model
 * @param {Photo} photo
 * @param {number} n
 * @param {AbortSignal} [signal]
 */
export async function draws(model, {grey}, n, signal) {
  const options = {purpose: 'color a photo', body: grey, query: {n, seed: 0}, model, signal};
  const all = new Uint8Array(await (await request(`draws/${model}`, options)).arrayBuffer());
  return {answers: all.subarray(0, n), fields: all.subarray(n)};
}

/**
 * The thing at a cell of the photo in n colors, all else as in the first answer; the draws of that place's color.
 * @param {string} model
 * @param {Photo} photo
 * @param {number} cell
 * @param {number} n
 * @param {AbortSignal} [signal]
 * @returns {Promise<{fields: Field[], part: Float32Array, colors: [number, number][]}>} part: from 0 to 1, how much
 *   each cell belongs to the thing; colors: ab / 128
 */
export async function oneObject(model, {grey}, cell, n, signal) {
  const query = {n, seed: 0, row: Math.floor(cell / SIDE), column: cell % SIDE};
  const options = {purpose: 'color one thing', body: grey, query, model, signal};
  const {fields, part, colors} = await (await request(`object/${model}`, options)).json();
  const ab = fieldOf(bytes(colors));
  return {
    fields: fieldsOf(bytes(fields)),
    part: Float32Array.from(bytes(part), byte => byte / 255),
    colors: Array.from({length: ab.length / 2}, (_, i) => [ab[2 * i], ab[2 * i + 1]]),
  };
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

/**
 * The photo in its full size with these colors, a JPEG. A file that is large, or that the server does not read, stays
 * here, and is painted here, where this browser reads it.
 * @param {Photo} photo
 * @param {Field} field
 */
export async function fullSize({blob}, field) {
  const bitmap = goesAsItIs(blob) ? null : await createImageBitmap(blob).catch(() => null);
  if (bitmap) return paintedHere(bitmap, field);
  const body = new Blob([bytesOf(field), blob]);
  return (await request('full', {purpose: 'color a photo in its full size', body})).blob();
}

/** @param {ImageBitmap} bitmap @param {Field} field */
async function paintedHere(bitmap, field) {
  const {width, height} = bitmap;
  const canvas = drawn(bitmap, Math.max(width, height) * Math.min(1, Math.sqrt(FULL / width / height)));
  bitmap.close();
  const light = lightnessOf(pixelsOf(canvas));
  new Coloring({light, width: canvas.width, height: canvas.height}).paint(canvas, field);
  return fileOf(canvas, 'image/jpeg', QUALITY);
}
