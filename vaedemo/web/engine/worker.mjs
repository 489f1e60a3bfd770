/**
 * One of a page's two workers: holds decoders that were opened here, answers requests in the order they come.
 * In: {id, open: url}, {id, url, zs, n}, {id, url, features: z}, {id, url, zs, n, score: pictures, keep: key},
 * {id, copy: url}, {id, encode: name, x, label, told}, {id, look: name, x}, {id, judge: name, x} or
 * {id, tower: question}. Out: {id, form}, {id, planes, ms}, {id, features}, {id, scores, ms}, {id, kernels, file} (what
 * another Decoder is made of), {id, posterior}, {id, answers, outputs}, {id, told} or {id, error: words}.
 */
import {Decoder, SWIFT_WORK} from './decoder.mjs';
import {kernelsOf} from './kernels.mjs';
import {ROOT} from './root.mjs';

/** @type {Map<string, Promise<Decoder>>} */
const decoders = new Map();
/** By the model's name. @type {Map<string, Promise<import('./encoder.mjs').Encoder>>} */
const encoders = new Map();
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

/** @param {string} name */
const fileOf = name => `${ROOT}live/models/${encodeURIComponent(name)}`;

/** @param {string} name @returns {Promise<import('./encoder.mjs').Encoder>} */
function encoderOf(name) {
  let encoder = encoders.get(name);
  if (!encoder) {
    const parts = [import('./encoder.mjs'), compiled(), bytesOf(`${fileOf(name)}/encoder.safetensors`)];
    encoder = Promise.all(/** @type {Promise<any>[]} */ (parts)).then(
      ([{Encoder}, module, file]) => new Encoder(module, file),
    );
    encoder.catch(() => encoders.delete(name));
    encoders.set(name, encoder);
  }
  return encoder;
}

/** @param {{encode: string, x: Float32Array, label: number | null, told: Float32Array | null}} request */
async function encoded({encode: name, x, label, told}) {
  const {descriptionOf, posteriorOf} = await import('./encoding.mjs');
  const encoder = await encoderOf(name);
  const {layered, told: kind, attributes} = encoder.form;
  const decoder = layered ? null : await opened(`${fileOf(name)}.safetensors`);
  const described = kind === 'attributes' && !told;
  const description = described ? descriptionOf(await encoderOf('faces-reader'), x, attributes ?? []) : told;
  return posteriorOf(encoder, decoder, x, {label, told: description});
}

/** @type {Promise<import('./tower-work.mjs').TowerModels> | undefined} */
let towerModels;

/** @param {import('./tower-work.mjs').ColorQuestion | import('./tower-work.mjs').MotionQuestion} question */
async function onTower(question) {
  const {TOWER, TowerModels} = await import('./tower-work.mjs');
  towerModels ??= Promise.all([compiled(), bytesOf(`${fileOf(TOWER)}/encoder.safetensors`)]).then(
    ([module, file]) => new TowerModels(module, file),
  );
  towerModels.catch(() => {
    towerModels = undefined;
  });
  const {model} = question;
  const [one, file] = await Promise.all([towerModels, netFile(model)]);
  if (!one.knows(model)) one.learn(model, file);
  return one.answer(question);
}

/** @type {Map<string, Promise<ArrayBuffer>>} */
const netFiles = new Map();

/** @param {string} model */
function netFile(model) {
  let file = netFiles.get(model);
  if (!file) {
    file = bytesOf(`${fileOf(model)}/encoder.safetensors`);
    file.catch(() => netFiles.delete(model));
    netFiles.set(model, file);
  }
  return file;
}

/** @param {{judge: string, x: Float32Array}} request */
async function judgement({judge: name, x}) {
  const {judged} = await import('./encoding.mjs');
  const judge = await encoderOf(name);
  return {answers: judged(judge, x), outputs: judge.form.outputs};
}

/** What the stages of an encoder make of a picture. @param {{look: string, x: Float32Array}} request */
async function looked({look: name, x}) {
  const {featuresIn} = await import('./activations.mjs');
  const encoder = await encoderOf(name);
  encoder.encode(x);
  return featuresIn(encoder);
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
    if (data.encode) return postMessage({id, posterior: await encoded(data)});
    if (data.tower) return postMessage({id, told: await onTower(data.tower)});
    if (data.look) return postMessage({id, features: await looked(data)});
    if (data.judge) return postMessage({id, ...(await judgement(data))});
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
