/**
 * The one worker of a page: holds every opened decoder, answers requests in the order they come.
 * In: {id, open: url}, {id, url, zs, n} or {id, url, features: z}. Out: {id, form}, {id, planes, ms},
 * {id, features} or {id, error: words}.
 */
import {Decoder} from './decoder.mjs';

/** @type {Map<string, Promise<Decoder>>} */
const decoders = new Map();
/** @type {Promise<WebAssembly.Module> | undefined} */
let kernels;

/** @param {string | URL} url @returns {Promise<ArrayBuffer>} */
async function bytesOf(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.arrayBuffer();
}

/** Compiled once, for all decoders; tried again after a failure. */
function compiled() {
  kernels ??= bytesOf(new URL('kernels.wasm', import.meta.url)).then(bytes => WebAssembly.compile(bytes));
  kernels.catch(() => { kernels = undefined; });
  return kernels;
}

/** @param {string} url  a browser file @returns {Promise<Decoder>} */
function opened(url) {
  let decoder = decoders.get(url);
  if (!decoder) {
    decoder = Promise.all([compiled(), bytesOf(url)]).then(([module, file]) => new Decoder(module, file));
    decoder.catch(() => decoders.delete(url));
    decoders.set(url, decoder);
  }
  return decoder;
}

onmessage = async ({data: {id, open, url, zs, n, features: z}}) => {
  try {
    const decoder = await opened(open ?? url);
    if (open) return postMessage({id, form: decoder.form});
    if (z) {
      const {featuresOf} = await import('./features.mjs'); // only sections that look inside need it
      const features = featuresOf(decoder, z);
      return postMessage({id, features}, {transfer: features.map(({planes}) => planes.buffer)});
    }
    const start = performance.now();
    const planes = decoder.decode(zs, n);
    postMessage({id, planes, ms: performance.now() - start}, {transfer: [planes.buffer]});
  } catch (error) {
    postMessage({id, error: error.message});
  }
};
