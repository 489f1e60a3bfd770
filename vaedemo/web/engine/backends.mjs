/** Two ways from z to pixels, with one signature: the worker in this browser, and the page's server. */
import {Decoder, SWIFT_WORK, readHeader} from './decoder.mjs';
import {keepOffline} from './keep-offline.mjs';
import {HAS_SERVER, ROOT} from './root.mjs';

/**
 * @typedef {import('./decoder.mjs').Form} Form
 * @typedef {import('./activations.mjs').Feature} Feature
 * @typedef {{planes: Uint8Array, ms: number}} Decoded  n * C * H * W bytes, and the milliseconds that they took
 *
 * @typedef {object} Way
 * @property {Form} form
 * @property {'browser' | 'server'} place
 * @property {(zs: Float32Array, n: number) => Promise<Decoded>} decode
 * @property {(z: Float32Array) => Promise<Feature[] | null>} features  what the layers held for one z; null: the server
 *   does not send that
 * @property {(pictures: Uint8Array, zs: Float32Array, n: number, keep?: string) => Promise<Float64Array>} scores
 *   log p(x|z) of each picture for each code, see log-likelihood.mjs; keep: a key under which the codes' logits stay
 * @property {(zs: Float32Array, n: number) => Uint8Array} [swift]  of a small decoder: planes at once, decoded in the
 *   page itself
 */

/** An answer that asking again would not change: no such model, z out of range. */
export class Refusal extends Error {}

/** The page's own copies of small decoders. @type {Map<string, Promise<Decoder>>} */
const swifts = new Map();

/** Where models share the work of one hand, two are decoded at once. */
const MOST_WORKERS = 2;

/** A worker, which starts with its first request, and anew after it broke. */
class Line {
  /** @type {Worker | undefined} */
  #worker;
  /** @type {Map<number, {resolve: (answer: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  #lastId = 0;

  /**
   * Sends one request; they are answered in their order.
   * @param {Record<string, unknown>} request
   * @param {Transferable[]} [transfer]
   * @returns {Promise<any>}
   */
  ask(request, transfer = []) {
    return new Promise((resolve, reject) => {
      this.#worker ??= this.#start();
      this.#waiting.set(++this.#lastId, {resolve, reject});
      this.#worker.postMessage({id: this.#lastId, ...request}, transfer);
    });
  }

  #start() {
    const started = new Worker(new URL('worker.mjs', import.meta.url), {type: 'module'});
    started.onmessage = ({data: {id, error, ...answer}}) => {
      const asker = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) asker?.resolve(answer);
      else asker?.reject(new Error(error));
    };
    // A worker that could not load, or that broke, answers nobody any more.
    started.onerror = event => {
      event.preventDefault();
      started.terminate();
      this.#worker = undefined;
      for (const {reject} of this.#waiting.values())
        reject(new Error(event.message || 'The worker could not start.'));
      this.#waiting.clear();
    };
    return started;
  }
}

/** @type {Line[]} */
const lines = [];
/** Which worker holds a model, by its address. @type {Map<string, Line>} */
const holders = new Map();

/** The worker that holds the model, or is to hold it: they take models in turn. @param {string} url */
export function lineOf(url) {
  let line = holders.get(url);
  if (!line) {
    const workers = Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1);
    line = lines[holders.size % workers] ??= new Line();
    holders.set(url, line);
  }
  return line;
}

/** Where a model's decoder lies. @param {string} name */
export const modelUrl = name => `${ROOT}live/models/${encodeURIComponent(name)}.safetensors`;

/** @param {string} name @returns {Promise<Way>} */
export async function inBrowser(name) {
  const url = modelUrl(name);
  const line = lineOf(url);
  const {form} = await line.ask({open: url});
  keepOffline(url);
  const swift = form.work > SWIFT_WORK ? undefined : await inPage(url);
  return {
    form,
    place: 'browser',
    swift,
    decode: (zs, n) => {
      const copy = zs.slice(); // the caller keeps its own
      return line.ask({url, zs: copy, n}, [copy.buffer]);
    },
    features: async z => (await line.ask({url, features: z})).features,
    scores: async (pictures, zs, n, keep) => (await line.ask({url, zs, n, score: pictures, keep})).scores,
  };
}

/**
 * The swift way of a small decoder.
 * @param {string} url
 * @returns {Promise<NonNullable<Way['swift']>>}
 */
async function inPage(url) {
  const decoder = await copyOf(url);
  return (zs, n) => decoder.decode(zs, n);
}

/** The page's own copy of a decoder. @param {string} url @returns {Promise<Decoder>} */
function copyOf(url) {
  let copy = swifts.get(url);
  if (!copy) {
    copy = lineOf(url)
      .ask({copy: url})
      .then(({kernels, file}) => {
        keepOffline(url);
        return new Decoder(kernels, file);
      });
    copy.catch(() => swifts.delete(url));
    swifts.set(url, copy);
  }
  return copy;
}

/**
 * A small decoder whose answers are no colors, in the page itself: `numbers` gives them as they are. The server has no
 * such way.
 * @param {string} name
 */
export const decoderInPage = name => copyOf(modelUrl(name));

/**
 * @param {string} name
 * @param {Error} [why]  it is not decoded in this browser
 * @returns {Promise<Way>}
 */
export async function onServer(name, why) {
  if (!HAS_SERVER)
    throw new Error(`This page has no server, and the decoder did not start in this browser. ${why?.message ?? ''}`);
  const form = await formOf(modelUrl(name));
  const url = `${ROOT}live/decode/${encodeURIComponent(name)}`;
  return {
    form,
    place: 'server',
    features: async () => null,
    async scores(pictures, zs) {
      const rows = pictures.length / form.shape.reduce((a, b) => a * b);
      const body = new Blob([
        /** @type {Uint8Array<ArrayBuffer>} */ (pictures),
        /** @type {Float32Array<ArrayBuffer>} */ (zs),
      ]);
      const answer = await answered(`${ROOT}live/score/${encodeURIComponent(name)}?rows=${rows}`, {
        method: 'POST',
        body,
      });
      return Float64Array.from(new Float32Array(await answer.arrayBuffer()));
    },
    async decode(zs, n) {
      const start = performance.now();
      const headers = {'content-type': 'application/octet-stream'};
      const body = /** @type {Float32Array<ArrayBuffer>} */ (zs);
      const answer = await answered(url, {method: 'POST', body, headers});
      const planes = new Uint8Array(await answer.arrayBuffer());
      const wanted = n * form.shape.reduce((a, b) => a * b);
      if (planes.length !== wanted)
        throw new Error(`The server sent ${planes.length} bytes; ${wanted} were expected.`);
      return {planes, ms: performance.now() - start};
    },
  };
}

/**
 * fetch that throws for a status that is no success: a Refusal if the request itself is at fault.
 * @param {string} url
 * @param {RequestInit} [options]
 */
async function answered(url, options = {}) {
  const answer = await fetch(url, {...options, signal: AbortSignal.timeout(10_000)});
  if (answer.ok) return answer;
  const atFault = answer.status >= 400 && answer.status < 500 && ![408, 425, 429].includes(answer.status);
  throw new (atFault ? Refusal : Error)(`${url} answered ${answer.status}`);
}

/**
 * Reads only as much of a model's file as holds its header.
 * @param {string} url
 * @returns {Promise<Form>}
 */
async function formOf(url) {
  const {body} = await answered(url);
  if (!body) throw new Error(`${url} is empty`);
  const reader = body.getReader();
  const chunks = [];
  for (;;) {
    const {done, value} = await reader.read();
    if (value) chunks.push(value);
    const start = await new Blob(chunks).arrayBuffer();
    const whole = start.byteLength >= 8 && start.byteLength >= 8 + Number(new DataView(start).getBigUint64(0, true));
    if (!whole && !done) continue;
    reader.cancel();
    return readHeader(start).form;
  }
}
