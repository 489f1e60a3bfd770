/** What the server's small discriminator, faces-critic, says of faces: two errors of a change, scores, and maps. */
import {bytes, request} from '../../../../web/page/request.mjs';

export const CRITIC = 'faces-critic';

/**
 * @typedef {{relative: number, where: Float32Array}} Apart  relative: to the mean error between photographs of two
 *   people; where: the same of each of 64 x 64 pixels
 * @typedef {{pixels: Apart, features: Apart}} Errors
 * @typedef {{scores: number[], where: Float32Array[]}} Looks  probabilities of a photograph: of each face, and of its
 *   64 x 64 pixels
 */

/** @param {string} text  in base64 */
const floats = text => new Float32Array(bytes(text).buffer);

/**
 * The errors of pixels and of Dis_l between two faces. Throws a RequestError.
 * @param {Uint8Array} x
 * @param {Uint8Array} changed
 * @param {AbortSignal} [signal]
 * @returns {Promise<Errors>}
 */
export async function errorsOf(x, changed, signal) {
  const body = new Blob(/** @type {Uint8Array<ArrayBuffer>[]} */ ([x, changed]));
  const answer = await request('vaegan/errors', {purpose: 'measure Dis_l', model: CRITIC, body, signal});
  const {pixels, features} = await answer.json();
  const apart = ({relative, where}) => ({relative, where: floats(where)});
  return {pixels: apart(pixels), features: apart(features)};
}

/**
 * How much each of up to eight faces looks like a photograph. Throws a RequestError.
 * @param {Uint8Array[]} faces
 * @param {AbortSignal} [signal]
 * @returns {Promise<Looks>}
 */
export async function looksOf(faces, signal) {
  const body = new Blob(/** @type {Uint8Array<ArrayBuffer>[]} */ (faces));
  const answer = await request('vaegan/looks', {purpose: 'ask the discriminator', model: CRITIC, body, signal});
  const {scores, where} = await answer.json();
  const all = floats(where);
  const size = all.length / scores.length;
  return {scores, where: scores.map((_, i) => all.subarray(i * size, (i + 1) * size))};
}
