/**
 * A VAE that learns from drawn digits, step by step, and what the page shows of it: the map of two latents, where the
 * digits' codes lie, the bound's terms. No page, no worker.
 */
import {quantile} from './normal.mjs';
import {SeededRandom} from './seeded-random.mjs';
import {VaeTrainer, binarized} from './vae-trainer.mjs';

/** Pictures on a side of the map, and pixels on a side of a picture. */
export const GRID = 16;
export const SIDE = 28;
/** Digits that are shown as dots: the first ones, from which it does not learn. */
export const SHOWN = 500;
/** So many digits a digit of the visitor's own counts as. */
export const TIMES = 20;
/** A loss this many times that of a net that says "1/2" for every pixel has run away. */
const RUNAWAY = 1.5;
const RECENT = 10; // steps
/** A latent with less than this rate, in nats a picture, tells the decoder nothing. */
export const DEAD = 0.02;

/**
 * @typedef {object} Frame  what the page shows
 * @property {number} steps
 * @property {number} pictures  seen so far
 * @property {number} rate  in nats a picture: averages of the batches since the last frame; NaN before the first step
 * @property {number} distortion
 * @property {number} beta  the weight that the rate has now
 * @property {Uint8Array} map  one plane, (GRID * SIDE) ** 2
 * @property {[number, number]} axes  which latents it shows; the others are 0
 * @property {Float32Array} means  of q(z|x) of the shown digits, those two latents, (n, 2)
 * @property {Float32Array} rates  of each latent, in nats a picture
 * @property {boolean} diverged
 */

export class TrainingRun {
  #random;
  #digits;
  #trainer;
  #recent = /** @type {number[]} */ ([]);
  #sums = {rate: 0, distortion: 0, steps: 0};
  /** Which latents the map shows; null: the two that carry most. @type {[number, number] | null} */
  axes = null;
  diverged = false;

  /**
   * @param {WebAssembly.Module} module  training-kernels.wasm
   * @param {DrawnDigits} digits  may grow while it runs; SHOWN + a batch must be there
   * @param {import('./vae-trainer.mjs').Form} form
   * @param {import('./vae-trainer.mjs').Settings} settings
   * @param {number} seed  of weights, batches and noise
   */
  constructor(module, digits, form, settings, seed) {
    this.#digits = digits;
    this.#trainer = new VaeTrainer(module, form, seed);
    this.#random = new SeededRandom(seed + 1);
    this.set(settings);
  }

  get trainer() {
    return this.#trainer;
  }

  /** @param {Partial<import('./vae-trainer.mjs').Settings>} settings */
  set(settings) {
    Object.assign(this.#trainer.settings, settings);
  }

  /** One step on the next random batch. */
  step() {
    const {z, batch} = this.#trainer.form;
    const x = this.#digits.batch(batch, this.#random);
    const terms = this.#trainer.step(x, this.#random.normals(batch * z));
    this.#watch(terms);
    return terms;
  }

  /** @param {import('./vae-trainer.mjs').Terms} terms */
  #watch({rate, distortion}) {
    this.#sums.rate += rate;
    this.#sums.distortion += distortion;
    this.#sums.steps += 1;
    this.#recent.push(rate + distortion);
    if (this.#recent.length > RECENT) this.#recent.shift();
    const average = this.#recent.reduce((a, b) => a + b) / this.#recent.length;
    const grey = this.#trainer.form.pixels * Math.LN2;
    const paid = this.#trainer.settings.noise ? average : distortion;
    this.diverged = !Number.isFinite(paid) || (this.#recent.length === RECENT && paid > RUNAWAY * grey);
  }

  /** @returns {Frame} */
  frame() {
    const {form, steps, beta} = this.#trainer;
    const {mean, sigma} = this.#trainer.encode(this.#digits.shown);
    const rates = ratesOf(mean, sigma, form.z);
    const axes = this.axes ?? most(rates);
    const {rate, distortion, steps: summed} = this.#sums;
    this.#sums = {rate: 0, distortion: 0, steps: 0};
    return {
      steps,
      pictures: steps * form.batch,
      rate: rate / summed,
      distortion: distortion / summed,
      beta,
      map: mapOf(this.#trainer, axes),
      axes,
      means: Float32Array.from({length: (2 * mean.length) / form.z}, (_, i) => mean[(i >> 1) * form.z + axes[i & 1]]),
      rates,
      diverged: this.diverged,
    };
  }
}

/**
 * The decoder's pictures at the quantiles of N(0, 1), as one plane.
 * @param {VaeTrainer} trainer @param {[number, number]} axes  the latents that it shows; the others are 0
 */
export function mapOf(trainer, axes) {
  const {z} = trainer.form;
  const zs = new Float32Array(GRID * GRID * z);
  for (let i = 0; i < GRID * GRID; i++) {
    zs[i * z + axes[0]] = quantile(((i % GRID) + 0.5) / GRID);
    zs[i * z + axes[1]] = quantile(1 - (Math.floor(i / GRID) + 0.5) / GRID);
  }
  return tiled(trainer.decode(zs));
}

/** Pictures one after the other to one plane of GRID x GRID pictures. @param {Uint8Array} planes */
export function tiled(planes) {
  const plane = new Uint8Array(planes.length);
  const width = GRID * SIDE;
  for (let i = 0; i < GRID * GRID; i++) {
    const corner = Math.floor(i / GRID) * SIDE * width + (i % GRID) * SIDE;
    for (let y = 0; y < SIDE; y++) {
      const from = (i * SIDE + y) * SIDE;
      plane.set(planes.subarray(from, from + SIDE), corner + y * width);
    }
  }
  return plane;
}

/**
 * KL(q(z_j|x) || N(0, 1)) of each latent, averaged over pictures, in nats.
 * @param {Float32Array} mean @param {Float32Array} sigma @param {number} z
 */
export function ratesOf(mean, sigma, z) {
  const rates = new Float32Array(z);
  const n = mean.length / z;
  for (let i = 0; i < mean.length; i++)
    rates[i % z] += (0.5 * (mean[i] ** 2 + sigma[i] ** 2 - 1) - Math.log(sigma[i])) / n;
  return rates;
}

/** The two latents with the largest rates, the lower number first. @param {Float32Array} rates */
function most(rates) {
  const order = Array.from(rates.keys()).sort((a, b) => rates[b] - rates[a]);
  return /** @type {[number, number]} */ (order.slice(0, 2).sort((a, b) => a - b));
}

/**
 * What a conditional decoder is given: z ~ N(0, I), and y, the labels 0 to 9 in turn. (n, inputs), one after the other.
 * @param {number} n @param {number} inputs  length of [z, y]; y has ten numbers
 * @param {number} first  the first one's place in the turn @param {SeededRandom} random
 */
export function labelledCodes(n, inputs, first, random) {
  const vectors = new Float32Array(n * inputs);
  for (let i = 0; i < n; i++) {
    const at = i * inputs;
    vectors.set(random.normals(inputs - 10), at);
    vectors[at + inputs - 10 + ((first + i) % 10)] = 1;
  }
  return vectors;
}

/** Digits that a conditional decoder draws: z ~ N(0, I), the labels 0 to 9 in turn; and those of the visitor's hand. */
export class DrawnDigits {
  #decode;
  #inputs;
  #random;
  #size;
  /** How many there are, and will be. */
  n = 0;
  most;
  grey;
  /** The shown ones, binarized once. */
  shown;
  /** What the visitor drew, grey bytes each: learned from as often as TIMES digits. @type {Uint8Array[]} */
  own = [];

  /**
   * @param {(vectors: Float32Array, n: number) => Uint8Array} decode  [z, y] one after the other to grey bytes
   * @param {number} inputs  length of [z, y]; y has ten numbers
   * @param {{most?: number, seed?: number, pixels?: number}} [options]
   */
  constructor(decode, inputs, {most = 4000, seed = 0, pixels = SIDE * SIDE} = {}) {
    this.#decode = decode;
    this.#inputs = inputs;
    this.#random = new SeededRandom(seed);
    this.#size = pixels;
    this.most = most;
    this.grey = new Uint8Array(most * pixels);
    this.shown = new Uint8Array(SHOWN * pixels);
  }

  get labels() {
    return Uint8Array.from({length: this.n}, (_, i) => i % 10);
  }

  /** Draws `n` more, or as many as are missing; answers whether any is. @param {number} n */
  grow(n) {
    const more = Math.min(n, this.most - this.n);
    if (!more) return false;
    const vectors = labelledCodes(more, this.#inputs, this.n, this.#random);
    this.grey.set(this.#decode(vectors, more), this.n * this.#size);
    const shownBefore = Math.min(this.n, SHOWN);
    this.n += more;
    const shownNow = Math.min(this.n, SHOWN);
    const fresh = this.grey.subarray(shownBefore * this.#size, shownNow * this.#size);
    this.shown.set(binarized(fresh, this.#random), shownBefore * this.#size);
    return this.n < this.most;
  }

  /**
   * A random batch of those that it may learn from, binarized afresh.
   * @param {number} rows @param {SeededRandom} random
   */
  batch(rows, random) {
    const grey = new Uint8Array(rows * this.#size);
    const drawn = this.n - SHOWN;
    for (let i = 0; i < rows; i++) {
      const pick = random.below(drawn + TIMES * this.own.length);
      const first = (SHOWN + pick) * this.#size;
      const picture =
        pick < drawn ? this.grey.subarray(first, first + this.#size) : this.own[Math.floor((pick - drawn) / TIMES)];
      grey.set(picture, i * this.#size);
    }
    return binarized(grey, random);
  }
}
