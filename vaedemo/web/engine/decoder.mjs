/**
 * A decoder in WebAssembly: reads the file that vaedemo/release/browser_export.py wrote, and strings the kernels
 * together. Works wherever there is WebAssembly SIMD: a worker, a page, Node.
 */
import {Layers, openFile} from './layers.mjs';

/**
 * @typedef {{inputs: number, shape: [number, number, number], work: number}} Form  length of [z, y]; channels, height,
 *   width; multiply-adds a picture
 *
 * @typedef {object} Layer
 * @property {'linear' | 'conv' | 'conv_transpose'} op
 * @property {boolean} relu
 * @property {number} in
 * @property {number} out
 * @property {number} channels  of the picture that it gives; 0: it gives a vector
 * @property {number} height
 * @property {number} width
 * @property {number} room  numbers a pixel, channels rounded up to what the kernels take at a time
 * @property {number} [shuffle]  PixelShuffle's factor, of the last layer only
 */

/**
 * Multiply-adds up to which a decoder may run in the page: half a millisecond, so no message need wait for its turn.
 */
export const SWIFT_WORK = 16e6;

/**
 * Answers the form of a decoder, its layers, and a function that finds a tensor.
 * @param {ArrayBuffer} file  the file, or as much of it as holds the header
 */
export function readHeader(file) {
  const {about, tensor} = openFile(file);
  const layers = /** @type {Layer[]} */ (JSON.parse(about.layers));
  const form = {
    inputs: Number(about.inputs),
    shape: JSON.parse(about.shape),
    work: layers.reduce((a, b) => a + work(b), 0),
  };
  return {form: /** @type {Form} */ (form), layers, tensor};
}

/**
 * Multiply-adds of a layer. A stride-2 transposed 4x4 kernel meets each output pixel with 2x2 of its taps.
 * @param {Layer} layer
 */
function work({op, in: inputs, out, height, width}) {
  return op === 'linear' ? inputs * out : height * width * inputs * out * (op === 'conv' ? 9 : 4);
}

/**
 * PyTorch's PixelShuffle(r): for each place of a picture (C, H, W), where its pixel lies in (C * r * r, H / r, W / r).
 * @param {[number, number, number]} shape  of the picture
 * @param {number} r
 */
function pixelShuffle([channels, height, width], r) {
  const order = new Uint32Array(channels * height * width);
  const rows = height / r;
  const columns = width / r;
  let at = 0;
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const plane = (c * r + (y % r)) * r + (x % r);
        const row = Math.floor(y / r);
        const column = Math.floor(x / r);
        order[at++] = (plane * rows + row) * columns + column;
      }
  return order;
}

/** One decoder, in a memory of its own. */
export class Decoder extends Layers {
  /** @type {(() => void)[]} */ #steps = [];
  /**
   * Where each layer's picture lies, the last one's logits included: activations.mjs reads them.
   * @type {(import('./layers.mjs').Stored & {channels: number})[]}
   */
  pictures = [];
  #input;
  #output;
  /** @type {Uint32Array | undefined} */ #order;

  /**
   * @param {WebAssembly.Module} kernels  kernels.wasm, compiled
   * @param {ArrayBuffer} file  what browser_file() gave
   */
  constructor(kernels, file) {
    super(kernels);
    const {form, layers, tensor} = readHeader(file);
    this.form = form;
    /** Length of one decoded picture. */
    this.size = form.shape.reduce((a, b) => a * b);

    const input = this.alloc(form.inputs);
    let now = {at: input, room: 0, height: 0, width: 0, border: 0};
    layers.forEach((layer, i) => {
      const {weight, bias} = this.load(tensor, `${i}`);
      // Convolutions read a border of zeros, so what they read is stored with one.
      const border = layers[i + 1]?.op.startsWith('conv') ? 1 : 0;
      const build = layer.op === 'linear' ? this.#linear : this.#conv;
      now = build.call(this, layer, weight, bias, now, border);
      if (layer.channels) this.pictures.push({...now, channels: layer.channels});
    });
    const {channels, shuffle} = layers[layers.length - 1];
    const pixels = now.height * now.width;
    const output = this.alloc(this.size / 4 + 1); // bytes; the kernel writes up to 3 too many
    this.#steps.push(() => this.kernels.sigmoid(pixels, channels, now.at, now.room * 4, output));
    this.#order = shuffle ? pixelShuffle(form.shape, shuffle) : undefined;
    // Views last: growing the memory detaches older ones.
    this.#input = new Float32Array(this.memory.buffer, input, form.inputs);
    this.#output = new Uint8Array(this.memory.buffer, output, this.size);
  }

  /**
   * Decodes `n` vectors [z, y], one after the other in `zs`, to n * C * H * W bytes, as the server's route gives.
   * @param {Float32Array} zs
   * @param {number} [n]
   */
  decode(zs, n = 1) {
    const {inputs} = this.form;
    if (zs.length !== n * inputs) throw new RangeError(`${zs.length} numbers given; ${n} x ${inputs} expected`);
    const planes = new Uint8Array(n * this.size);
    for (let i = 0; i < n; i++) {
      this.#input.set(zs.subarray(i * inputs, (i + 1) * inputs));
      for (const step of this.#steps) step();
      this.#copy(planes, i * this.size);
    }
    return planes;
  }

  /**
   * Decodes one vector [z, y]; what the last layer gave, pixel by pixel, before the sigmoid. For models whose answers
   * are no colors: bytes are too coarse for them.
   * @param {Float32Array} z
   */
  numbers(z) {
    if (this.#order) throw new Error('the pixels of the last layer are shuffled');
    this.decode(z);
    const {at, room, channels, height, width} = this.pictures[this.pictures.length - 1];
    const pixels = height * width;
    const all = new Float32Array(this.memory.buffer, at, pixels * room);
    const found = new Float32Array(pixels * channels);
    for (let pixel = 0; pixel < pixels; pixel++)
      for (let k = 0; k < channels; k++) found[pixel * channels + k] = all[pixel * room + k];
    return found;
  }

  /**
   * Decodes one vector [z, y]; what the sigmoid is taken of, plane after plane, as PyTorch's `decode` gives it.
   * @param {Float32Array} z
   */
  logits(z) {
    this.decode(z);
    const {at, room, height, width} = this.pictures[this.pictures.length - 1];
    const pixels = height * width;
    const all = this.numbersAt(at, pixels * room);
    const found = new Float32Array(this.size);
    for (let i = 0; i < found.length; i++) {
      const place = this.#order ? this.#order[i] : i;
      found[i] = all[(place % pixels) * room + Math.floor(place / pixels)];
    }
    return found;
  }

  /**
   * The picture just decoded into `planes` from `first` on, its pixels shuffled if the decoder ends so.
   * @param {Uint8Array} planes
   * @param {number} first
   */
  #copy(planes, first) {
    const output = this.#output;
    const order = this.#order;
    if (!order) return planes.set(output, first);
    for (let i = 0; i < order.length; i++) planes[first + i] = output[order[i]];
  }

  /**
   * @param {Layer} layer
   * @param {number} weight  an address
   * @param {number} bias  an address
   * @param {import('./layers.mjs').Stored} before
   * @param {number} border
   * @returns {import('./layers.mjs').Stored}
   */
  #linear(layer, weight, bias, {at: x}, border) {
    const {in: inputs, out, relu, height, width, room} = layer;
    const {linear} = this.kernels;
    if (!border) {
      // a vector, or a picture that only the sigmoid reads
      const y = this.alloc(out + 3 * (room ?? 0));
      this.#steps.push(() => linear(inputs, out, x, weight, bias, y, relu));
      return {at: y, room, height, width, border};
    }
    const picture = this.picture(layer, border);
    const row = width * room;
    this.#steps.push(() => {
      // row by row, since the border lies between the rows
      for (let i = 0; i < height; i++) {
        const y = picture.first + i * (width + 2) * room * 4;
        linear(inputs, row, x, weight + i * row * inputs * 4, bias + i * row * 4, y, relu);
      }
    });
    return picture;
  }

  /**
   * @param {Layer} layer
   * @param {number} weight  an address
   * @param {number} bias  an address
   * @param {import('./layers.mjs').Stored} before
   * @param {number} border
   * @returns {import('./layers.mjs').Stored}
   */
  #conv(layer, weight, bias, before, border) {
    const {out, relu} = layer;
    const {conv} = this.kernels;
    const {at: x, height, width, room} = before;
    const picture = this.picture({...layer, room: out}, border);
    const {first} = picture;
    const step = room * 4;
    const pitch = (width + 2) * step;
    const outStep = out * 4;
    const outPitch = (layer.width + 2 * border) * outStep;
    if (layer.op === 'conv') {
      this.#steps.push(() => {
        conv(height, width, 3, 3 * room, x, pitch, pitch, step, out, weight, bias, first, outPitch, outStep, relu);
      });
      return picture;
    }
    const phase = 16 * room * out; // bytes of one 2x2 kernel
    this.#steps.push(() => {
      for (let p = 0; p < 2; p++)
        for (let q = 0; q < 2; q++) {
          conv(
            height,
            width,
            2,
            2 * room,
            x + p * pitch + q * step,
            pitch,
            pitch,
            step,
            out,
            weight + (2 * p + q) * phase,
            bias,
            first + p * outPitch + q * outStep,
            2 * outPitch,
            2 * outStep,
            relu,
          );
        }
    });
    return picture;
  }
}
