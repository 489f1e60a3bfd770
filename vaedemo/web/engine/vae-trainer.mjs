/**
 * A VAE of two multilayer nets that learns: 784-256-z-256-784 with ReLU, p(x|z) Bernoulli. Minimizes distortion +
 * beta * rate in nats a picture, as vaedemo/models/vae.py does. No page, no worker: numbers in, numbers out.
 */
import {BinaryRows, MultilayerNet, TrainingMemory} from './multilayer-net.mjs';
import {SeededRandom} from './seeded-random.mjs';

/** log variances beyond these are cut, and have no gradient: vae.py says why. */
const LEAST_LOG_VAR = -12;
const MOST_LOG_VAR = 6;

/**
 * @typedef {object} Form
 * @property {number} z
 * @property {number} [hidden]  a multiple of 4
 * @property {number} [pixels]  a multiple of 4
 * @property {number} [batch]  pictures a step
 *
 * @typedef {object} Settings
 * @property {number} beta
 * @property {number} rate  of learning
 * @property {boolean} noise  false: a plain autoencoder, with neither noise nor KL
 * @property {number} warmup  steps until beta is reached, linearly; 0: at once
 *
 * @typedef {{rate: number, distortion: number, beta: number}} Terms  in nats a picture, averages of a batch; beta: the
 *   weight that the rate had
 * @typedef {Record<string, {data: Float32Array, shape: number[]}>} Weights  as PyTorch names and lays them out
 */

/** Names of the layers in PyTorch: nn.Sequential(Linear, ReLU, Linear). */
const LAYERS = ['0', '2'];

export class VaeTrainer {
  /** @type {Settings} */
  settings = {beta: 1, rate: 1e-3, noise: true, warmup: 0};
  steps = 0;
  #memory;
  #binary;
  /** The pixels of the batch as numbers: what the distortion compares with. */
  #pixels;
  #nats;
  #shades;
  /** Of the last step: gradients of the loss (a batch's average) by mean and log variance, rows of 2 z. */
  #encoder;
  #decoder;

  /** @param {WebAssembly.Module} module  training-kernels.wasm @param {Form} form @param {number} [seed] */
  constructor(module, {z, hidden = 256, pixels = 784, batch = 128}, seed = 1) {
    this.form = {z, hidden, pixels, batch};
    const memory = new TrainingMemory(module);
    this.#memory = memory;
    this.#binary = new BinaryRows(memory, batch, pixels);
    this.#pixels = memory.alloc(batch * pixels);
    this.#nats = memory.alloc(batch);
    this.#shades = memory.alloc((batch * pixels) / 4);
    this.#encoder = new MultilayerNet(memory, [pixels, hidden, 2 * z], batch, this.#binary);
    this.#decoder = new MultilayerNet(memory, [z, hidden, pixels], batch);
    this.start(seed);
  }

  /** Weights as at the beginning. @param {number} seed */
  start(seed) {
    const random = new SeededRandom(seed);
    for (const net of [this.#encoder, this.#decoder]) net.start(() => random.uniform());
    this.steps = 0;
  }

  /** The weight that the rate has in the next step. */
  get beta() {
    const {beta, warmup, noise} = this.settings;
    if (!noise) return 0;
    return warmup ? beta * Math.min(1, (this.steps + 1) / warmup) : beta;
  }

  /**
   * One step: forward, backward, Adam.
   * @param {Uint8Array} x  a batch of zeros and ones, (batch, pixels)
   * @param {Float32Array} eps  draws from N(0, I), (batch, z)
   * @returns {Terms}
   */
  step(x, eps) {
    const terms = this.gradients(x, eps);
    this.#encoder.update(this.settings.rate);
    this.#decoder.update(this.settings.rate);
    this.steps += 1;
    return terms;
  }

  /**
   * Forward and backward of one batch, without the step: the gradients are in `slopes`.
   * @param {Uint8Array} x @param {Float32Array} eps @returns {Terms}
   */
  gradients(x, eps) {
    const {z, batch} = this.form;
    const {noise} = this.settings;
    const {beta} = this;
    const {rate, distortion} = this.#forward(x, noise ? eps : null, batch);
    this.#decoder.backward(batch, true);
    const dz = this.#memory.view(this.#decoder.inputSlope, batch * z);
    const codes = this.#encoder.answers(batch);
    const slope = this.#memory.view(this.#encoder.outputSlope, batch * 2 * z);
    const share = beta / batch;
    for (let b = 0, at = 0; b < batch; b++)
      for (let j = 0; j < z; j++, at++) {
        const mean = b * 2 * z + j;
        const raw = codes[mean + z];
        const logVar = clamp(raw);
        slope[mean] = dz[at] + share * codes[mean];
        const byLogVar = dz[at] * eps[at] * 0.5 * Math.exp(logVar / 2) + share * 0.5 * (Math.exp(logVar) - 1);
        slope[mean + z] = noise && raw === logVar ? byLogVar : 0;
      }
    this.#encoder.backward(batch);
    return {rate, distortion, beta};
  }

  /**
   * The two terms of the bound for `rows` pictures, averages; the gradient by the logits is left for backward().
   * @param {Uint8Array} x @param {Float32Array | null} eps  null: z is the mean @param {number} rows
   */
  #forward(x, eps, rows) {
    const {z, pixels} = this.form;
    const codes = this.#encode(x, rows);
    const given = this.#memory.view(this.#decoder.input, rows * z);
    let rate = 0;
    for (let b = 0, at = 0; b < rows; b++)
      for (let j = 0; j < z; j++, at++) {
        const mean = codes[b * 2 * z + j];
        const logVar = clamp(codes[b * 2 * z + z + j]);
        given[at] = eps ? mean + Math.exp(logVar / 2) * eps[at] : mean;
        rate += 0.5 * (mean * mean + Math.exp(logVar) - 1 - logVar);
      }
    this.#decoder.forward(rows);
    this.#memory.view(this.#pixels, rows * pixels).set(x);
    const {output, outputSlope} = this.#decoder;
    const logits = this.#memory.view(output, rows * pixels);
    this.#memory.view(outputSlope, rows * pixels).set(logits);
    this.#memory.kernels.bernoulli(rows, pixels, outputSlope, this.#pixels, 1 / rows, this.#nats);
    const distortion = this.#memory.view(this.#nats, rows).reduce((sum, nats) => sum + nats, 0) / rows;
    return {rate: rate / rows, distortion};
  }

  /** @param {Uint8Array} x @param {number} rows */
  #encode(x, rows) {
    if (x.length !== rows * this.form.pixels || !Number.isInteger(rows))
      throw new RangeError(`${x.length} pixels are not ${rows} pictures`);
    this.#binary.fill(x, rows);
    this.#encoder.forward(rows);
    return this.#encoder.answers(rows);
  }

  /**
   * q(z|x) of any number of pictures: means and sigmas, (n, z) each.
   * @param {Uint8Array} x  zeros and ones
   */
  encode(x) {
    const {z, pixels, batch} = this.form;
    const n = x.length / pixels;
    const mean = new Float32Array(n * z);
    const sigma = new Float32Array(n * z);
    for (let first = 0; first < n; first += batch) {
      const rows = Math.min(batch, n - first);
      const codes = this.#encode(x.subarray(first * pixels, (first + rows) * pixels), rows);
      for (let b = 0; b < rows; b++)
        for (let j = 0; j < z; j++) {
          mean[(first + b) * z + j] = codes[b * 2 * z + j];
          sigma[(first + b) * z + j] = Math.exp(clamp(codes[b * 2 * z + z + j]) / 2);
        }
    }
    return {mean, sigma};
  }

  /**
   * The means of p(x|z) of any number of codes, as bytes, (n, pixels).
   * @param {Float32Array} zs  (n, z)
   */
  decode(zs) {
    const {z, pixels, batch} = this.form;
    const n = zs.length / z;
    const planes = new Uint8Array(n * pixels);
    for (let first = 0; first < n; first += batch) {
      const rows = Math.min(batch, n - first);
      this.#decoder.give(zs.subarray(first * z, (first + rows) * z));
      this.#decoder.forward(rows);
      this.#memory.kernels.shades(rows * pixels, this.#decoder.output, this.#shades);
      planes.set(this.#memory.bytes(this.#shades, rows * pixels), first * pixels);
    }
    return planes;
  }

  /**
   * The bound of pictures that it does not learn from: averages in nats a picture.
   * @param {Uint8Array} x  zeros and ones, (n, pixels)
   * @param {Float32Array} eps  (n, z)
   */
  evaluate(x, eps) {
    const {z, pixels, batch} = this.form;
    const n = x.length / pixels;
    let rate = 0;
    let distortion = 0;
    for (let first = 0; first < n; first += batch) {
      const rows = Math.min(batch, n - first);
      const part = x.subarray(first * pixels, (first + rows) * pixels);
      const noise = this.settings.noise ? eps.subarray(first * z, (first + rows) * z) : null;
      const terms = this.#forward(part, noise, rows);
      rate += terms.rate * rows;
      distortion += terms.distortion * rows;
    }
    return {rate: rate / n, distortion: distortion / n};
  }

  /**
   * Of the last step, for each picture of the batch: mean, log variance, and the loss's gradients by both, times the
   * batch's size, so that they are those of the picture's own loss. (batch, 2 z) each, means first.
   */
  get codes() {
    const {z, batch} = this.form;
    return {
      values: this.#encoder.answers(batch).slice(),
      slopes: this.#memory.view(this.#encoder.outputSlope, batch * 2 * z).map(slope => slope * batch),
    };
  }

  /** The gradient of the last step, in the order of `parameters`. */
  get slopes() {
    return [this.#encoder.slopes, this.#decoder.slopes];
  }

  /** All weights, of encoder and decoder, as they lie in memory: written into, they change. */
  get parameters() {
    return [this.#encoder.weights, this.#decoder.weights];
  }

  /** Copies of all weights. @returns {Weights} */
  weights() {
    const named = Object.entries({encoder: this.#encoder, decoder: this.#decoder}).flatMap(([name, net]) =>
      LAYERS.flatMap((layer, i) =>
        Object.entries(net.layer(i)).map(([part, tensor]) => [`${name}.${layer}.${part}`, tensor]),
      ),
    );
    return Object.fromEntries(named);
  }

  /** Takes weights, as weights() gave them. @param {Record<string, {data: ArrayLike<number>}>} weights */
  setWeights(weights) {
    for (const [name, net] of Object.entries({encoder: this.#encoder, decoder: this.#decoder}))
      LAYERS.forEach((layer, i) => {
        const [weight, bias] = ['weight', 'bias'].map(part => weights[`${name}.${layer}.${part}`]);
        if (!weight || !bias) throw new RangeError(`${name}.${layer} is missing`);
        net.setLayer(i, weight, bias);
        net.forget();
      });
  }
}

/** @param {number} logVar */
const clamp = logVar => Math.max(LEAST_LOG_VAR, Math.min(MOST_LOG_VAR, logVar));

/**
 * A fresh draw of a Bernoulli for every pixel: grey pictures become zeros and ones.
 * @param {Uint8Array} grey  bytes, 255 for 1
 * @param {SeededRandom} random
 */
export function binarized(grey, random) {
  const x = new Uint8Array(grey.length);
  for (let i = 0; i < grey.length; i++) {
    const value = grey[i];
    // Most pixels are clearly one or the other, and need no throw.
    if (value === 255) x[i] = 1;
    else if (value) x[i] = random.uniform() * 255 < value ? 1 : 0;
  }
  return x;
}
