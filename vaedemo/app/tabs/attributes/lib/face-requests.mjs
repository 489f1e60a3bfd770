/** A photo's way to the models of faces: where its face is, what is read in it, and the z that are fitted to it. */
import {base64, bytes, linesOf, lookForFace, request} from '../../../../web/page/request.mjs';
import {MODEL} from './described-face.mjs';

/**
 * @typedef {{x: Uint8Array, z: number[], y: number[], eyes: number[][]}} Found
 *   x: the aligned face, 3 * 64 * 64; z: the encoder's mean; y: what the reader reads; eyes: in parts of the photo's
 *   sides
 */

/**
 * The face in a photo; without eyes they are looked for, and null says that no face was found. Throws a RequestError.
 * @param {Blob} blob
 * @param {number[][] | null} eyes  in parts of the photo's sides
 * @param {AbortSignal} signal
 * @returns {Promise<Found | null>}
 */
export async function faceIn(blob, eyes, signal) {
  const {x, mean, attributes, eyes: seen} = await lookForFace(`face/${MODEL}`, blob, eyes, signal);
  return seen && {x: bytes(x), z: mean, y: attributes, eyes: seen};
}

/**
 * Fits z to a face, or to what is visible of it, and tells of every few steps until it is done or the signal stops it.
 * Without y the model is told what is read in the visible part. Throws a RequestError, or the signal's reason.
 * @param {{x: Uint8Array, y?: number[] | null, visible?: Uint8Array | null, n?: number, spread?: boolean,
 *   seed?: number}} asked
 * @param {(vectors: number[][], step: number) => void} onStep
 * @param {AbortSignal} signal
 */
export async function fit({x, y = null, visible = null, n = 1, spread = false, seed = 0}, onStep, signal) {
  const body = JSON.stringify({x: base64(x), visible: visible && base64(visible), y, n, spread, seed});
  const answer = await request(`fit/${MODEL}`, {purpose: 'fit z', body, signal});
  for await (const line of linesOf(answer, signal)) {
    const {vectors, step} = JSON.parse(line);
    onStep(vectors, step);
  }
}
