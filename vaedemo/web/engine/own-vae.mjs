/**
 * The VAE that a visitor trained: read from its file, and handed from tab to tab. It stays in the browser.
 */
import {Store} from '../page/store.mjs';
import {readMetadata, readTensors} from './safetensors.mjs';
import {SIDE, mapOf} from './training-run.mjs';
import {VaeTrainer} from './vae-trainer.mjs';

const PIXELS = SIDE * SIDE;
const MOST_HIDDEN = 1024;
const LATENTS = {least: 2, most: 16};
const MOST_BYTES = 8e6; // what a net of that many hidden units and latents has, and some room
const BATCH = 64;

/**
 * @typedef {{z: number, hidden: number, pixels: number}} Form
 * @typedef {{weights: import('./vae-trainer.mjs').Weights, form: Form, steps: number}} Vae
 * @typedef {Vae & {axes: [number, number], means: Float32Array, labels: Uint8Array}} OwnVae  axes: the latents that its
 *   map shows; means: of q(z|x) on these, pairs, of digits with those labels
 */

/** What was trained or opened last, once there is one. @type {Store<OwnVae>} */
export const ownVae = new Store();

/** @param {number} bytes */
const megabytes = bytes => (bytes / 1e6).toFixed(1);

/**
 * A VAE from the safetensors file that the page saved, or PyTorch. Rejects with a sentence where it is none.
 * @param {Blob} file
 * @returns {Promise<Vae>}
 */
export async function openVae(file) {
  if (file.size > MOST_BYTES)
    throw new RangeError(`The file is too large: ${megabytes(file.size)} MB; ${megabytes(MOST_BYTES)} are the most.`);
  return vaeOf(await file.arrayBuffer());
}

/** @param {ArrayBuffer} file @returns {Vae} */
export function vaeOf(file) {
  const {tensors, about} = contentOf(file);
  const {'encoder.0.bias': first, 'encoder.2.bias': codes} = tensors;
  if (!first || !codes)
    throw new RangeError(`This is another model: it has no ${first ? 'encoder.2' : 'encoder.0'}.bias.`);
  const form = {z: codes.data.length / 2, hidden: first.data.length, pixels: PIXELS};
  const {z, hidden} = form;
  if (!Number.isInteger(z) || z < LATENTS.least || z > LATENTS.most)
    throw new RangeError(`This model has ${z} latents; from ${LATENTS.least} to ${LATENTS.most} can be opened.`);
  if (hidden % 4 || hidden > MOST_HIDDEN)
    throw new RangeError(
      `This model has ${hidden} hidden units; a multiple of 4 up to ${MOST_HIDDEN} can be opened.`,
    );
  const weights = Object.fromEntries(
    Object.entries(shapesOf(form)).map(([name, shape]) => [name, checked(name, tensors[name], shape)]),
  );
  return {weights, form, steps: Math.max(0, Math.floor(Number(about.steps))) || 0};
}

/** @param {ArrayBuffer} file */
function contentOf(file) {
  try {
    return {tensors: readTensors(file), about: readMetadata(file)};
  } catch {
    throw new RangeError('This is no safetensors file, or it is cut off. "Save model" saves one.');
  }
}

/** The shape of each tensor, as PyTorch has it. @param {Form} form @returns {Record<string, number[]>} */
const shapesOf = ({z, hidden, pixels}) => ({
  'encoder.0.weight': [hidden, pixels],
  'encoder.0.bias': [hidden],
  'encoder.2.weight': [2 * z, hidden],
  'encoder.2.bias': [2 * z],
  'decoder.0.weight': [hidden, z],
  'decoder.0.bias': [hidden],
  'decoder.2.weight': [pixels, hidden],
  'decoder.2.bias': [pixels],
});

/** @param {string} name @param {import('./safetensors.mjs').Tensor | undefined} tensor @param {number[]} shape */
function checked(name, tensor, shape) {
  if (!tensor) throw new RangeError(`This is another model: it has no ${name}.`);
  const wanted = shape.join(' x ');
  const given = tensor.shape.join(' x ');
  if (given !== wanted) throw new RangeError(`This is another model: its ${name} is ${given}, not ${wanted}.`);
  const data = Float32Array.from(tensor.data);
  if (data.length !== shape.reduce((a, b) => a * b)) throw new RangeError(`The file is cut off at ${name}.`);
  if (!data.every(Number.isFinite)) throw new RangeError(`Numbers of ${name} are not finite: this net has diverged.`);
  return {data, shape};
}

/** Encodes and decodes as `vae` does, and learns nothing. */
export class OwnNet {
  #trainer;
  #axes;

  /** @param {WebAssembly.Module} module  training-kernels.wasm @param {Vae & {axes: [number, number]}} vae */
  constructor(module, {weights, form, axes}) {
    this.#trainer = new VaeTrainer(module, {...form, batch: BATCH});
    this.#trainer.setWeights(weights);
    this.#axes = axes;
  }

  /** The picture at a place of the map, (28 * 28) bytes. @param {number[]} place  two latents; the others are 0 */
  picture([a, b]) {
    const z = new Float32Array(this.#trainer.form.z);
    z[this.#axes[0]] = a;
    z[this.#axes[1]] = b;
    return this.#trainer.decode(z);
  }

  /** Its map as one plane, GRID pictures a side. */
  map() {
    return mapOf(this.#trainer, this.#axes);
  }

  /**
   * Posterior means, (n, z), and those that the map shows, (n, 2).
   * @param {Uint8Array} x  zeros and ones, (n, 28 * 28)
   */
  encode(x) {
    const {mean} = this.#trainer.encode(x);
    const {z} = this.#trainer.form;
    return {
      mean,
      plane: Float32Array.from({length: (2 * mean.length) / z}, (_, i) => mean[(i >> 1) * z + this.#axes[i & 1]]),
    };
  }
}
