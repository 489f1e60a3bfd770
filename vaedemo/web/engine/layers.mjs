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

/** A memory of its own; everything is allocated once, while the layers are strung together. */
export class Layers {
  #top;

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

  /** `count` numbers at an address; valid until more is allocated. @param {number} at @param {number} count */
  numbersAt(at, count) {
    return new Float32Array(this.memory.buffer, at, count);
  }
}
