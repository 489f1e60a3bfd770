/**
 * One of a page's two workers: holds decoders that were opened here, answers requests in the order they come.
 * In: {id, open: url}, {id, url, zs, n}, {id, url, features: z}, {id, url, zs, n, score: pictures, keep: key} or
 * {id, copy: url}. Out: {id, form}, {id, planes, ms}, {id, features}, {id, scores, ms}, {id, kernels, file} (what
 * another Decoder is made of) or {id, error: words}.
 */
import {Decoder, SWIFT_WORK} from './decoder.mjs';
import {kernelsOf} from './kernels.mjs';

/** @type {Map<string, Promise<Decoder>>} */
const decoders = new Map();
/** Files of small decoders, until the page takes its copy. @type {Map<string, ArrayBuffer>} */
const files = new Map();
/** @type {Promise<WebAssembly.Module> | undefined} */
let kernels;
/**
 * Logits of codes that are scored again and again, the latest last.
 * @type {Map<string, import('./log-likelihood.mjs').Kept>}
 */
const kept = new Map();
const MOST_KEPT = 64; // parts of 128 codes of a digit, 0.4 MB each

/** @param {string | URL} url @returns {Promise<ArrayBuffer>} */
async function bytesOf(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.arrayBuffer();
}

/** Compiled once, for all decoders; tried again after a failure. */
function compiled() {
  kernels ??= kernelsOf('kernels');
  kernels.catch(() => {
    kernels = undefined;
  });
  return kernels;
}

/** @param {string} url  a browser file @returns {Promise<Decoder>} */
function opened(url) {
  let decoder = decoders.get(url);
  if (!decoder) {
    decoder = Promise.all([compiled(), bytesOf(url)]).then(([module, file]) => {
      const made = new Decoder(module, file);
      if (made.form.work <= SWIFT_WORK) files.set(url, file);
      return made;
    });
    decoder.catch(() => decoders.delete(url));
    decoders.set(url, decoder);
  }
  return decoder;
}

/** @param {Decoder} decoder @param {any} request */
async function scoresOf(decoder, {url, zs, n, score, keep}) {
  const {logitsOf, scored} = await import('./log-likelihood.mjs'); // only sections that ask for nats need it
  const key = `${url} ${keep}`;
  const found = keep && kept.get(key);
  const logits = found || logitsOf(decoder, zs, n);
  kept.delete(key);
  if (keep) kept.set(key, logits);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT) kept.delete(oldest);
  return scored(logits, score, decoder.size);
}

onmessage = async ({data}) => {
  const {id, open, url, zs, n, features: z, copy} = data;
  try {
    if (copy) {
      const file = files.get(copy) ?? (await bytesOf(copy));
      files.delete(copy);
      return postMessage({id, kernels: await compiled(), file}, {transfer: [file]});
    }
    const decoder = await opened(open ?? url);
    if (open) return postMessage({id, form: decoder.form});
    if (z) {
      const {featuresOf} = await import('./activations.mjs'); // only sections that look inside need it
      const features = featuresOf(decoder, z);
      return postMessage({id, features}, {transfer: features.map(({planes}) => planes.buffer)});
    }
    const start = performance.now();
    if (data.score) {
      const scores = await scoresOf(decoder, data);
      return postMessage({id, scores, ms: performance.now() - start}, {transfer: [scores.buffer]});
    }
    const planes = decoder.decode(zs, n);
    postMessage({id, planes, ms: performance.now() - start}, {transfer: [planes.buffer]});
  } catch (error) {
    postMessage({id, error: /** @type {Error} */ (error).message});
  }
};
