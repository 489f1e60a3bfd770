/**
 * An encoder in WebAssembly: reads the file that vaedemo/release/browser_encoders.py wrote, and strings the kernels
 * together. Works wherever there is WebAssembly SIMD: a worker, a page, Node.
 *
 * @typedef {import('./layers.mjs').Stored} Stored
 *
 * @typedef {object} Form  what an encoder takes and gives
 * @property {[number, number, number]} shape  of a picture: channels, height, width
 * @property {{shuffle: number, less: number, channels: number, room: number, height: number, width: number}} input
 *   what becomes of it first: r x r pixels are laid into channels, `less` is taken off
 * @property {number} outputs  numbers that it gives
 * @property {number} [z]  of a posterior: means, then log variances
 * @property {'label' | 'attributes' | 'picture' | null} [told]  what else the posterior depends on
 * @property {boolean} [point]  it has a mean alone
 * @property {number | null} [noise]  sigma of a Gaussian p(x|z); null: it is a Bernoulli's
 * @property {boolean} [layered]  its decoder draws layers, which no browser decodes
 * @property {string[]} [attributes]  that a model is told, or that a judge reads
 * @property {number[]} [middle]  of a judge: it answers middle + reach * what the last layer gives
 * @property {number[]} [reach]
 *
 * @typedef {object} Layer
 * @property {'linear' | 'conv'} op
 * @property {boolean} relu
 * @property {number} in
 * @property {number} out
 * @property {number} rows  of a linear layer: numbers that it gives
 * @property {number} [told]  of a linear layer: numbers of a condition, behind what the layer before gives
 * @property {number} size  of a convolution's window
 * @property {number} stride
 * @property {number} [adds]  the layer whose picture is added; -1: the encoder's input
 * @property {number} room  numbers a pixel of the picture that it gives
 * @property {number} height
 * @property {number} width
 */
import {Layers, borderFor, openFile} from './layers.mjs';

const CLAMPED = [-12, 6]; // log variances, as models/vae.py has them
const POINT = 2 * Math.log(1e-6); // log variance of what is called a posterior where there is none

/**
 * PyTorch's PixelUnshuffle(r): where each number of planes (C, H, W) lies in a picture stored pixel by pixel.
 * @param {number[]} shape  of the planes
 * @param {number} r
 * @param {Stored} stored  (C * r * r, H / r, W / r), in numbers from its own address
 */
function unshuffled([channels, height, width], r, {room, width: columns, border}) {
  const order = new Uint32Array(channels * height * width);
  const pitch = columns + 2 * border;
  let at = 0;
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const plane = (c * r + (y % r)) * r + (x % r);
        const pixel = (Math.floor(y / r) + border) * pitch + Math.floor(x / r) + border;
        order[at++] = pixel * room + plane;
      }
  return order;
}

/** One encoder, in a memory of its own. */
export class Encoder extends Layers {
  /**
   * Where the picture lies that each halving stage gives, after its ReLU: activations.mjs reads them.
   * @type {(Stored & {channels: number})[]}
   */
  pictures = [];
  /** What depends on a condition; `steps` are what does not. @type {(() => void)[]} */ #telling = [];
  #input;
  #order;
  #output;
  /** Where a condition of how many numbers lies. @type {[number, number]} */ #condition = [0, 0];

  /**
   * @param {WebAssembly.Module} kernels  kernels.wasm, compiled
   * @param {ArrayBuffer} file  what encoder_file() gave
   */
  constructor(kernels, file) {
    super(kernels);
    const {about, tensor} = openFile(file);
    this.form = /** @type {Form} */ (JSON.parse(about.form));
    const layers = /** @type {Layer[]} */ (JSON.parse(about.layers));
    const {input, shape} = this.form;
    const border = (/** @type {number} */ i) => (layers[i]?.op === 'conv' ? borderFor(layers[i].size) : 0);
    const seen = this.picture(input, border(0));
    this.#input = {
      at: seen.at,
      count: (input.height + 2 * seen.border) * (input.width + 2 * seen.border) * input.room,
    };
    const channels = input.channels / input.shuffle ** 2;
    this.#order = unshuffled([channels, shape[1], shape[2]], input.shuffle, seen);

    /** @type {(Stored & {first: number})[]} */
    const stored = [];
    layers.forEach((layer, i) => {
      const {weight, bias} = this.load(tensor, `${i}`);
      const before = stored[i - 1] ?? seen;
      if (layer.op === 'conv') {
        const sums = layer.adds !== undefined; // then the sum is rectified
        const window = {...layer, relu: layer.relu && !sums ? 1 : 0};
        stored.push(this.convolution(window, weight, bias, before, border(i + 1)));
        if (sums) this.add(stored[layer.adds ?? -1] ?? seen, stored[i], layer.relu ? 1 : 0);
        if (layer.stride === 2 && layer.relu) this.pictures.push({...stored[i], channels: layer.out});
      } else stored.push(this.#linear(layer, weight, bias, before, layers[i + 1]?.told ?? 0));
    });
    this.#output = stored[stored.length - 1].at;
  }

  /**
   * What the last layer gives of a picture.
   * @param {Float32Array} planes  C * H * W numbers in [0, 1]; behind them, where the condition is a picture, its own
   * @param {Float32Array} [condition]  of a model that is told one
   */
  encode(planes, condition) {
    const order = this.#order;
    if (planes.length !== order.length)
      throw new RangeError(`${planes.length} numbers given; ${order.length} expected`);
    const input = this.numbersAt(this.#input.at, this.#input.count);
    const {less} = this.form.input;
    for (let i = 0; i < order.length; i++) input[order[i]] = planes[i] - less;
    for (const step of this.steps) step();
    return this.retell(condition);
  }

  /**
   * The same of the picture that was encoded last, and another condition.
   * @param {Float32Array} [condition]
   */
  retell(condition) {
    const [at, length] = this.#condition;
    if ((condition?.length ?? 0) !== length)
      throw new RangeError(`${condition?.length ?? 0} numbers of a condition given; ${length} expected`);
    if (condition) this.numbersAt(at, length).set(condition);
    for (const step of this.#telling) step();
    return this.numbersAt(this.#output, this.form.outputs).slice();
  }

  /**
   * @param {Layer} layer
   * @param {number} weight  an address
   * @param {number} bias  an address
   * @param {Stored} before
   * @param {number} told  numbers of a condition that the next layer takes, too
   */
  #linear(layer, weight, bias, {at: x}, told) {
    const {in: inputs, out, relu} = layer;
    const {linear} = this.kernels;
    const y = this.alloc(out + told);
    const steps = this.#condition[1] ? this.#telling : this.steps;
    steps.push(() => linear(inputs, out, x, weight, bias, y, relu));
    if (told) this.#condition = [y + out * 4, told];
    return {at: y, first: y, room: out, height: 1, width: 1, border: 0};
  }
}

/**
 * @typedef {{mean: Float32Array, logVar: Float32Array, rates: Float32Array | null}} Moments  rates: KL of each latent
 *   in nats; null of a plain autoencoder, which has no prior
 */

/**
 * q(z|x) of the numbers that an encoder gave.
 * @param {Form} form
 * @param {Float32Array} numbers
 * @returns {Moments}
 */
export function momentsOf({z = 0, point}, numbers) {
  const mean = numbers.slice(0, z);
  if (point) return {mean, logVar: new Float32Array(z).fill(POINT), rates: null};
  const logVar = numbers.slice(z).map(value => Math.min(Math.max(value, CLAMPED[0]), CLAMPED[1]));
  const rates = mean.map((value, i) => 0.5 * (value ** 2 + Math.exp(logVar[i]) - 1 - logVar[i]));
  return {mean, logVar, rates};
}

/**
 * What a judge answers, of the numbers that its last layer gave.
 * @param {Form} form
 * @param {Float32Array} numbers
 */
export const answerOf = ({middle = [], reach = []}, numbers) =>
  numbers.map((value, i) => middle[i] + reach[i] * value);
