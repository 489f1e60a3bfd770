/** A photo's way to the models of faces: where its face is, what is read in it, and the z that are fitted to it. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {MODEL} from './described-face.mjs';
import {bytes} from '../../../../web/page/request.mjs';

/**
 * @typedef {{x: Uint8Array, z: number[], y: number[], eyes: number[][]}} Found
 *   x: the aligned face, 3 * 64 * 64; z: the encoder's mean; y: what the reader reads; eyes: in parts of the photo's
 *   sides
 */

/**
 * The face in a photo; without eyes they are looked for, and null says that no face was found. Throws an Error in
 * plain words.
 * @param {Blob} blob @param {number[][] | null} eyes  in parts of the photo's sides @param {AbortSignal} signal
 * @returns {Promise<Found | null>}
 */
export async function faceIn(blob, eyes, signal) {
  const query = eyes
    ? `?eyes=${eyes
        .flat()
        .map(value => value.toFixed(5))
        .join()}`
    : '';
  const answer = await fetch(`${ROOT}live/face/${MODEL}${query}`, {method: 'POST', body: blob, signal}).catch(
    error => {
      throw signal.aborted ? error : new Error('The server does not answer; only it can look for a face.');
    },
  );
  if (!answer.ok)
    throw new Error(
      answer.status < 500 || answer.status === 503 ? await answer.text() : 'The server could not read this photo.',
    );
  const {x, mean, attributes, eyes: seen} = await answer.json();
  return seen && {x: bytes(x), z: mean, y: attributes, eyes: seen};
}

/**
 * Fits z to a face, or to what is visible of it, and tells of every few steps until it is done or the signal stops it.
 * Without y the model is told what is read in the visible part.
 * @param {{x: Uint8Array, y?: number[] | null, visible?: Uint8Array | null, n?: number, spread?: boolean, seed?:
 *   number}} asked
 * @param {(vectors: number[][], step: number) => void} tell @param {AbortSignal} signal
 */
export async function fit({x, y = null, visible = null, n = 1, spread = false, seed = 0}, tell, signal) {
  const body = JSON.stringify({x: base64(x), visible: visible && base64(visible), y, n, spread, seed});
  const answer = await fetch(`${ROOT}live/fit/${MODEL}`, {method: 'POST', body, signal}).catch(error => {
    throw signal.aborted ? error : new Error('The server does not answer; only it can fit z.');
  });
  if (!answer.ok) throw new Error(await answer.text());
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ''; ;) {
    const {done, value} = await reader.read().catch(error => {
      throw signal.aborted ? error : new Error('The server went away in the middle of it.');
    });
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const {vectors, step} = JSON.parse(line);
      tell(vectors, step);
    }
  }
}

const base64 = planes => btoa(Array.from(planes, byte => String.fromCharCode(byte)).join(''));
