/** Questions to the server, and the rule that the newest wins. */
import {HAS_SERVER, ROOT} from '../engine/root.mjs';
import {liesOnItsSide, sendable} from './photo-file.mjs';

/** A failure that can be told to people: its message is one plain sentence. */
export class RequestError extends Error {}

/** Of a page without a server: what its files cannot tell. */
const OFFLINE = 'A file of this page could not be fetched; look whether you are online, and try again.';
const ABSENT = 'This page lacks a file that belongs here.';

/**
 * What stands between a question and an answer, in a sentence. A body is shown only if this project's own server wrote
 * it: a proxy on the way sends pages of its own.
 * @param {Response} answer
 * @param {string} purpose
 * @param {string} [model]
 */
async function sentence(answer, purpose, model) {
  const ours = answer.headers.get('x-vaedemo') !== null;
  if (answer.status === 503 && ours && model) return `${model} is not here.`;
  if (ours && (answer.status < 500 || answer.status === 503)) return (await answer.text()).slice(0, 500);
  if (answer.status === 413) return 'The file is too large for the way to the server.';
  if (answer.status === 429) return 'The server is asked too often at the moment; try again in a minute.';
  if (!ours && answer.status > 501 && answer.status < 505) return 'The server is not there at the moment; try again.';
  return `The server could not ${purpose}.`;
}

/**
 * Asks one of the routes below live/. Throws a RequestError, or the signal's reason.
 * @param {string} path  e.g. "colors/colorization"
 * @param {{purpose: string, body?: BodyInit | null, query?: Record<string, string | number>, model?: string,
 *   signal?: AbortSignal}} options  purpose: ends the sentence "only the server can ..."; body: none is a GET;
 *   model: a model that may be nowhere
 */
export async function request(path, {purpose, body = null, query, model, signal}) {
  const search = new URLSearchParams(Object.entries(query ?? {}).map(([key, value]) => [key, String(value)]));
  const address = `${path}${search.size ? `?${search}` : ''}`;
  if (!HAS_SERVER && (body !== null || search.size)) {
    const {answerTo} = await import('./without-server.mjs');
    return answerTo(address, {purpose, body, signal});
  }
  const options = body === null ? {signal} : {method: 'POST', body, signal};
  const answer = await fetch(`${ROOT}live/${address}`, options).catch(error => {
    if (signal?.aborted) throw error;
    throw new RequestError(HAS_SERVER ? `The server does not answer; only it can ${purpose}.` : OFFLINE);
  });
  if (!answer.ok) throw new RequestError(HAS_SERVER ? await sentence(answer, purpose, model) : ABSENT);
  return answer;
}

/**
 * The file of an example that comes with the page. Throws a RequestError.
 * @param {string} address
 * @param {AbortSignal} [signal]
 */
export async function fetchExample(address, signal) {
  const answer = await fetch(address, {signal}).catch(error => {
    if (signal?.aborted) throw error;
    return null;
  });
  if (!answer?.ok) throw new RequestError('The example cannot be had: the server does not answer.');
  return answer.blob();
}

/**
 * A picture that was drawn, uploaded or chosen, and the model's answer to it.
 * @typedef {{x: Uint8Array, mean: number[], sigma: number[], rates: number[], rate: number, distortion: number,
 *   noise: number | null, label: number | null, model: string}} Encoded
 *   label: what a model that is told one was told, or took the picture for
 */

/**
 * Asks the encoder. Throws a RequestError.
 * @param {string} model
 * @param {Blob} blob
 * @param {AbortSignal} [signal]
 * @param {number | null} [label]  what a model that is told labels is told; null: what it takes the picture for
 * @returns {Promise<Encoded>}
 */
export async function encode(model, blob, signal, label = null) {
  return encodedFrom(await askEncoder(model, blob, signal, label === null ? {} : {label}), model);
}

/**
 * The encoder's answer as sections take it.
 * @param {any} answer  as the server sends it
 * @param {string} model
 * @returns {Encoded}
 */
export function encodedFrom({x, log_var: logVar, ...rest}, model) {
  return {...rest, model, sigma: logVar.map((/** @type {number} */ value) => Math.exp(value / 2)), x: bytes(x)};
}

/**
 * The encoder's answer as the server sends it: x in base64, mean, log_var, rate and so on. Throws a RequestError.
 * @param {string} model
 * @param {Blob} blob
 * @param {AbortSignal} [signal]
 * @param {Record<string, number>} [query]
 * @param {string} [route]  another one that takes a picture
 */
export async function askEncoder(model, blob, signal, query = {}, route = 'encode') {
  const body = await sendable(blob);
  return (await request(`${route}/${model}`, {purpose: 'encode a picture', body, query, signal})).json();
}

/** The lines of a body, as they come. @param {Response} answer @param {AbortSignal} signal */
export async function* linesOf(answer, signal) {
  if (!answer.body) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ''; ;) {
    const {done, value} = await reader.read().catch(error => {
      throw signal.aborted ? error : new RequestError('The server went away in the middle of it.');
    });
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

/** @param {Uint8Array} planes */
export const base64 = planes => btoa(Array.from(planes, byte => String.fromCharCode(byte)).join(''));

/**
 * What a route that looks for a face answers to a photo, as it sends it; its `eyes` are null where no face was found.
 * Of a photo on its side it is noted how to turn it.
 * Throws a RequestError.
 * @param {string} route
 * @param {Blob} blob
 * @param {number[][] | null} eyes  where they were pointed at, in parts of the photo's sides; null: they are looked for
 * @param {AbortSignal} [signal]
 */
export async function lookForFace(route, blob, eyes, signal) {
  const places = eyes?.flat().map(value => value.toFixed(5));
  const query = places ? {eyes: places.join()} : undefined;
  const body = await sendable(blob);
  const found = await (await request(route, {purpose: 'look for a face', body, query, signal})).json();
  if (found.turned) liesOnItsSide(blob, found.turned);
  return found;
}

/** @param {string} text  in base64 */
export const bytes = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));

/**
 * The newest wins: calls `work` with an AbortSignal, aborting the call before.
 * @template {any[]} Arguments
 * @param {(signal: AbortSignal, ...args: Arguments) => unknown} work
 * @returns {(...args: Arguments) => Promise<void>}
 */
export function newest(work) {
  /** @type {AbortController | undefined} */
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
