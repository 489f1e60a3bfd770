/**
 * What decoders and encoders share: the header of a file that release/browser_layout.py helped to write, and a memory
 * of the kernels in which weights and pictures lie.
 *
 * @typedef {{at: number, room: number, height: number, width: number, border: number}} Stored  what a layer gave: its
 *   address, numbers a pixel, its sides, and how many pixels of zeros lie around it
 */

/**
 * Reads a safetensors header: 8 bytes of length, then JSON. Answers its metadata, and a function that finds a tensor's
 * bytes.
 * @param {ArrayBuffer} file  the file, or as much of it as holds the header
 */
export function openFile(file) {
  const length = file.byteLength < 8 ? Infinity : Number(new DataView(file).getBigUint64(0, true));
  if (file.byteLength < 8 + length) throw new Error('The model file is cut off.');
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
  /** @param {string} name @returns {Uint8Array} */
  const bytes = name => {
    const {
      dtype,
      data_offsets: [start, end],
    } = header[name];
    const begin = 8 + length + start;
    if (dtype !== 'F16') throw new Error(`${name} is ${dtype}; F16 was expected.`);
    if (8 + length + end > file.byteLength) throw new Error(`The model file is cut off at ${name}.`);
    return new Uint8Array(file, begin, end - start);
  };
  return {about: /** @type {Record<string, string>} */ (header.__metadata__), bytes};
}

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

  /** Copies float16 weights in and unpacks them where they lie; the address. @param {Uint8Array} halves */
  load(halves) {
    const count = halves.length / 2;
    const at = this.alloc(count);
    new Uint8Array(this.memory.buffer, at + halves.length, halves.length).set(halves);
    this.kernels.unpack(count, at);
    return at;
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
