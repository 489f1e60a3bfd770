/** Questions to the server, and the rule that the newest wins. */
import {ROOT} from '../engine/root.mjs';
/**
 * A picture that was drawn, uploaded or chosen, and the model's answer to it.
 * @typedef {{x: Uint8Array, mean: number[], sigma: number[], rates: number[], rate: number, distortion: number,
 *   noise: number | null, label: number | null, model: string}} Encoded
 *   label: what a model that is told one was told, or took the picture for
 */

/**
 * Asks the encoder. Throws an Error whose message is one plain sentence.
 * @param {number | null} [label]  what a model that is told labels is told; null: what it takes the picture for
 * @returns {Promise<Encoded>}
 */
export async function encode(model, blob, signal, label = null) {
  const query = label === null ? '' : `?label=${label}`;
  const {x, log_var: logVar, ...rest} = await askEncoder(`${ROOT}live/encode/${model}${query}`, blob, signal);
  return {...rest, model, sigma: logVar.map(value => Math.exp(value / 2)), x: bytes(x)};
}

/**
 * The JSON that one of the encoder's routes answers to a picture. Throws an Error whose message is one plain
 * sentence.
 */
export async function askEncoder(url, blob, signal) {
  const answer = await fetch(url, {method: 'POST', body: blob, signal}).catch(error => {
    throw signal?.aborted ? error : new Error('The server does not answer; only it can encode a picture.');
  });
  if (!answer.ok)
    throw new Error(
      answer.status < 500 || answer.status === 503
        ? await answer.text()
        : 'The server could not encode this picture.',
    );
  return answer.json();
}

/** @param {string} text  in base64 */
export const bytes = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));

/** The newest wins: calls `work` with an AbortSignal, aborting the call before. */
export function newest(work) {
  let controller;
  return async (...args) => {
    controller?.abort();
    controller = new AbortController();
    const {signal} = controller;
    try {
      await work(signal, ...args);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
}
