/** The portrait that the tab works on: its aligned face, each encoder's answer to it, and the z that a search found. */
import {base64, bytes, linesOf, lookForFace, request} from '../../../../web/page/request.mjs';
import {Store} from '../../../../web/page/store.mjs';

/**
 * @typedef {{mean: number[], sigma: number[], rate: number, distortion: number, ms: number}} Code
 *   q(z|x) of an encoder, and the terms of the ELBO in nats a picture; ms: of encoding and decoding once
 * @typedef {{x: Uint8Array, eyes: number[][], codes: Record<string, Code>, missing: Record<string, string>}} Portrait
 *   x: the aligned face, 3 * 64 * 64; eyes: in parts of the photo's sides; codes: by model; missing: why a model is
 *   not here, by model
 * @typedef {{step: number, z: number[][], errors: number[]}} Found
 *   what a search has after a step: z and squared error of each start
 */

/** The portrait in view, once there is one. @type {Store<Portrait>} */
export const portrait = new Store();

/**
 * What the search for the GAN's z of the portrait has found; null: nobody has searched yet.
 * @type {Store<Found | null>}
 */
export const found = new Store();

/** Which start leads. @param {Found} now */
export const leaderOf = ({errors}) => errors.indexOf(Math.min(...errors));

/** The z of the leading start, or null. @param {Found | null} [now] @returns {number[] | null} */
export function leading(now = found.value) {
  return now && now.z[leaderOf(now)];
}

/**
 * The face in a photo and its codes; without eyes they are looked for, and null says that no face was found. Throws a
 * RequestError.
 * @param {Blob} blob
 * @param {number[][] | null} eyes  in parts of the photo's sides
 * @param {AbortSignal} [signal]
 * @returns {Promise<Portrait | null>}
 */
export async function encodePortrait(blob, eyes, signal) {
  const {x, codes, missing, eyes: seen} = await lookForFace('vaegan/portrait', blob, eyes, signal);
  return seen && {x: bytes(x), eyes: seen, codes, missing};
}

/**
 * Searches for the GAN's z of a face, and tells of every step until it is done or the signal stops it. Throws a
 * RequestError, or the signal's reason.
 * @param {{x: Uint8Array, steps: number, starts?: number, seed?: number}} asked
 * @param {(found: Found) => void} onStep
 * @param {AbortSignal} signal
 */
export async function search({x, steps, starts = 4, seed = 0}, onStep, signal) {
  const body = JSON.stringify({x: base64(x), steps, starts, seed});
  const answer = await request('vaegan/search', {purpose: 'search for z', model: 'faces-gan', body, signal});
  for await (const line of linesOf(answer, signal)) onStep(JSON.parse(line));
}
