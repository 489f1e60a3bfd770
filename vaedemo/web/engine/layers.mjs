/**
 * What decoders and encoders share: the header of a file that release/browser_layout.py helped to write, and a memory
 * of the kernels in which weights and pictures lie.
 *
 * @typedef {{at: number, room: number, height: number, width: number, border: number}} Stored  what a layer gave: its
 *   address, numbers a pixel, its sides, and how many pixels of zeros lie around it
 * @typedef {'F16' | 'I8' | 'U16'} Kind  of numbers
 * @typedef {{kind: Kind, shape: number[], bytes: Uint8Array}} Tensor
 */

const SIZES = {F16: 2, I8: 1, U16: 2}; // bytes a number

/**
 * Reads a safetensors header: 8 bytes of length, then JSON. Answers its metadata, and a function that finds a tensor
 * of one of some kinds.
 * @param {ArrayBuffer} file  the file, or as much of it as holds the header
 */
export function openFile(file) {
  const length = file.byteLength < 8 ? Infinity : Number(new DataView(file).getBigUint64(0, true));
  if (file.byteLength < 8 + length) throw new Error('The model file is cut off.');
  const header = parsed(new Uint8Array(file, 8, length));
  /** @param {string} name @param {Kind[]} kinds @returns {Tensor} */
  const tensor = (name, ...kinds) => {
    if (!header[name]) throw new Error(`The model file lacks ${name}.`);
    const {
      dtype,
      shape,
      data_offsets: [start, end],
    } = header[name];
    const begin = 8 + length + start;
    const kind = kinds.find(one => one === dtype);
    if (!kind)
      throw new Error(
        `${name} is ${dtype}: the model file is newer than this page. Close all its tabs, and open it again.`,
      );
    if (8 + length + end > file.byteLength) throw new Error(`The model file is cut off at ${name}.`);
    if (end - start !== SIZES[kind] * product(shape)) throw new Error(`The model file is damaged at ${name}.`);
    return {kind, shape, bytes: new Uint8Array(file, begin, end - start)};
  };
  return {about: /** @type {Record<string, string>} */ (header.__metadata__), tensor};
}

/** @param {Uint8Array} header @returns {Record<string, any>} */
function parsed(header) {
  try {
    return JSON.parse(new TextDecoder().decode(header));
  } catch {
    throw new Error('The model file is damaged at its header.');
  }
}

/** @param {number[]} sizes */
const product = sizes => sizes.reduce((a, b) => a * b, 1);

/**
 * What a convolution gives, and how. Its padding keeps the sides, or halves them where its stride is 2: TensorFlow's
 * SAME, which is PyTorch's 1 of windows of 3 (stride 1) and of 4 (stride 2).
 * @typedef {{size: number, stride: number, height: number, width: number, room: number, relu: number}} Window  relu: 0,
 *   1, or 6 for one that ends there
 */

/** How many pixels of zeros a convolution wants around what it reads. @param {number} size  of its window */
export const borderFor = size => (size - 1) >> 1;

/**
 * A memory of its own; everything is allocated once, while the layers are strung together: each of them appends what it
 * does to `steps`.
 */
export class Layers {
  #top;
  /** @type {(() => void)[]} */ steps = [];

  /** @param {WebAssembly.Module} kernels  kernels.wasm, compiled */
  constructor(kernels) {
    this.kernels = /** @type {any} */ (new WebAssembly.Instance(kernels, {env: {abort() {}}}).exports);
    this.memory = /** @type {WebAssembly.Memory} */ (this.kernels.memory);
    this.#top = this.memory.buffer.byteLength;
  }

  /** Room for `count` float32 numbers, zeros, aligned to a cache line; the address. @param {number} count */
  alloc(count) {
    const at = this.#top;
    this.#top = (at + count * 4 + 63) & ~63;
    const missing = this.#top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536));
    return at;
  }

  /**
   * A layer's weight and bias, unpacked; their addresses.
   * @param {ReturnType<typeof openFile>['tensor']} tensor
   * @param {string} name  the layer's
   */
  load(tensor, name) {
    const weight = tensor(`${name}.weight`, 'F16', 'I8');
    const bias = tensor(`${name}.bias`, 'F16');
    if (weight.kind === 'F16') return {weight: this.#halves(weight), bias: this.#halves(bias)};
    const [scale, groups] = [tensor(`${name}.scale`, 'F16'), tensor(`${name}.groups`, 'U16')];
    return {weight: this.#scaled(name, weight, scale, groups), bias: this.#halves(bias)};
  }

  /** Copies float16 numbers in and unpacks them where they lie; the address. @param {Tensor} tensor */
  #halves({bytes}) {
    const count = bytes.length / 2;
    const at = this.alloc(count);
    this.#put(bytes, at + bytes.length);
    this.kernels.unpack(count, at);
    return at;
  }

  /**
   * The same of int8 numbers, whose scales release/browser_layout.py describes.
   * @param {string} name  of the layer
   * @param {Tensor} weight  (..., outputs / 8, inputs, 8)
   * @param {Tensor} scale  (outputs / 8, G, 8)
   * @param {Tensor} groups  (inputs)
   */
  #scaled(name, {shape, bytes}, scale, groups) {
    const [panels, run, eight] = shape.slice(-3);
    const [, many] = scale.shape;
    const which = new Uint16Array(groups.bytes.slice().buffer);
    const fits = eight === 8 && String([scale.shape, which.length]) === String([panels, many, eight, run]);
    if (!fits || which.some(group => group >= many)) throw new Error(`The model file is damaged at ${name}.scale.`);
    const at = this.alloc(bytes.length);
    const q = at + 3 * bytes.length;
    this.#put(bytes, q);
    const after = this.#top;
    const scales = this.#halves(scale);
    const table = this.alloc(groups.bytes.length / 4);
    this.#put(groups.bytes, table);
    const part = panels * run * 8;
    for (let done = 0; done < bytes.length; done += part)
      this.kernels.unpackScaled(panels, run, q + done, table, many, scales, at + 4 * done);
    // What is allocated next lies where the scales do, and is to be zeros.
    new Uint8Array(this.memory.buffer, after, this.#top - after).fill(0);
    this.#top = after;
    return at;
  }

  /** @param {Uint8Array} bytes @param {number} at */
  #put(bytes, at) {
    new Uint8Array(this.memory.buffer, at).set(bytes);
  }

  /**
   * Room for a picture of `room` channels, and the address of its first pixel inside the border.
   * @param {{height: number, width: number, room: number}} size
   * @param {number} border
   */
  picture({height, width, room}, border) {
    // 3 pixels more: the sigmoid kernel reads four at a time.
    const at = this.alloc(((height + 2 * border) * (width + 2 * border) + 3) * room);
    return {at, room, height, width, border, first: at + border * (width + 2 * border + 1) * room * 4};
  }

  /**
   * @param {Window} layer
   * @param {number} weight  an address
   * @param {number} bias  an address
   * @param {Stored} before
   * @param {number} border  of what it gives
   */
  convolution(layer, weight, bias, before, border) {
    const {size, height, width, room: out, relu} = layer;
    const {conv} = this.kernels;
    const picture = this.picture(layer, border);
    const {first, ...from} = windows(layer, before);
    const outPitch = (width + 2 * border) * out * 4;
    const run = size * before.room;
    this.steps.push(() => {
      const {pitch, fall, step} = from;
      conv(
        height,
        width,
        size,
        run,
        first,
        pitch,
        fall,
        step,
        out,
        weight,
        bias,
        picture.first,
        outPitch,
        out * 4,
        relu,
      );
    });
    return picture;
  }

  /**
   * A window for each channel on its own.
   * @param {Window} layer  room: as what it reads has
   * @param {number} weight  an address
   * @param {number} bias  an address
   * @param {Stored} before
   * @param {number} border  of what it gives
   */
  depthwise(layer, weight, bias, before, border) {
    const {size, height, width, room, relu} = layer;
    const {depthwise} = this.kernels;
    const picture = this.picture(layer, border);
    const {first, pitch, fall, step} = windows(layer, before);
    const outPitch = (width + 2 * border) * room * 4;
    this.steps.push(() => {
      depthwise(height, width, size, room, first, pitch, fall, step, weight, bias, picture.first, outPitch, relu);
    });
    return picture;
  }

  /**
   * Adds a picture to another of the same size, row by row, since borders may differ.
   * @param {Stored & {first: number}} from
   * @param {Stored & {first: number}} to
   * @param {number} relu  0 or 1: of the sum
   */
  add(from, to, relu) {
    const {add} = this.kernels;
    const {height, width, room} = to;
    const [fromPitch, toPitch] = [from, to].map(({border}) => (width + 2 * border) * room * 4);
    this.steps.push(() => {
      for (let i = 0; i < height; i++) add(width * room, from.first + i * fromPitch, to.first + i * toPitch, relu);
    });
  }

  /** `count` numbers at an address; valid until more is allocated. @param {number} at @param {number} count */
  numbersAt(at, count) {
    return new Float32Array(this.memory.buffer, at, count);
  }
}

/**
 * Where a convolution's windows lie in what it reads: the address of the first, what lies between rows of one, between
 * rows of them, and between neighbours, in bytes.
 * @param {Window} layer
 * @param {Stored} before
 */
function windows({size, stride}, {at, room, width, border}) {
  const step = room * 4;
  const pitch = (width + 2 * border) * step;
  const front = stride === 2 ? (size - 2) >> 1 : size >> 1;
  return {first: at + (border - front) * (pitch + step), pitch, fall: stride * pitch, step: stride * step};
}
