/**
 * Nets that are no chain: a file of vaedemo/release/browser_nets.py, whose layers are called by the names that they
 * have in PyTorch. What a kernel would not make faster is done here, on pictures in the kernels' memory.
 *
 * @typedef {import('./layers.mjs').Stored & {first: number}} Place  of a picture; first: address of its first pixel
 */
import {Layers, borderFor, openFile} from './layers.mjs';
import {readTensors} from './safetensors.mjs';

/** Addresses of a layer's weights, and its sizes. @typedef {{weight: number, bias: number, size: number, in: number,
 *   out: number, rows: number}} Layer */

export class Net extends Layers {
  /** @type {Map<string, Layer>} */ #layers = new Map();
  /** Numbers that are no layer's. @type {Map<string, Float32Array>} */ #tables = new Map();

  /**
   * @param {WebAssembly.Module} kernels  kernels.wasm, compiled
   * @param {ArrayBuffer} file  what net_file() gave
   */
  constructor(kernels, file) {
    super(kernels);
    const {about, tensor} = openFile(file);
    /** What the recipe says. @type {Record<string, any>} */
    this.about = JSON.parse(about.net);
    const layers = JSON.parse(about.layers);
    for (const [name, layer] of Object.entries(layers)) {
      this.#layers.set(name, {...layer, ...this.load(tensor, name)});
    }
    for (const [name, {data}] of Object.entries(readTensors(file, name => !(name.replace(/\.[^.]*$/, '') in layers))))
      this.#tables.set(name, data);
  }

  /** @param {string} name @returns {Layer} */
  layer(name) {
    const found = this.#layers.get(name);
    if (!found) throw new Error(`The model file lacks ${name}.`);
    return found;
  }

  /** @param {string} name @returns {Float32Array} */
  table(name) {
    const found = this.#tables.get(name);
    if (!found) throw new Error(`The model file lacks ${name}.`);
    return found;
  }

  /** @param {string} name */
  has(name) {
    return this.#layers.has(name);
  }

  /**
   * A convolution that keeps its picture's sides, or halves them.
   * @param {string} name
   * @param {Place} before
   * @param {{relu?: number, stride?: number, next?: number}} [how]  next: the window of what reads it, of 1 pixel if
   *   none is said
   * @returns {Place}
   */
  conv(name, before, {relu = 0, stride = 1, next = 1} = {}) {
    const {size, out, weight, bias} = this.layer(name);
    const [height, width] = [before.height / stride, before.width / stride];
    return this.convolution({size, stride, height, width, room: out, relu}, weight, bias, before, borderFor(next));
  }

  /**
   * A linear layer of numbers at an address; the address of what it gives.
   * @param {string} name
   * @param {number} at
   * @param {number} [relu]
   */
  linear(name, at, relu = 0) {
    const {in: inputs, out, weight, bias} = this.layer(name);
    const y = this.alloc(out);
    this.steps.push(() => this.kernels.linear(inputs, out, at, weight, bias, y, relu));
    return y;
  }

  /**
   * Room for a picture that is written here.
   * @param {number} side
   * @param {number} room
   * @param {number} [next]  the window of what reads it
   * @returns {Place}
   */
  blank(side, room, next = 1) {
    return this.picture({height: side, width: side, room}, borderFor(next));
  }

  /** All numbers of a picture, with its border. @param {Place} place */
  view({at, height, width, room, border}) {
    return this.numbersAt(at, (height + 2 * border) * (width + 2 * border) * room);
  }

  /**
   * Calls `work` with a pixel's place in the view, for every pixel, row by row.
   * @param {Place} place
   * @param {(at: number, row: number, column: number) => void} work
   */
  each({height, width, room, border}, work) {
    for (let row = 0; row < height; row++)
      for (
        let column = 0, at = ((row + border) * (width + 2 * border) + border) * room;
        column < width;
        column++, at += room
      )
        work(at, row, column);
  }

  /**
   * Adds a picture in twice its sides, bilinear between the centres of pixels as PyTorch's interpolate, then a ReLU
   * where one is asked for.
   * @param {Place} from
   * @param {Place} to
   * @param {boolean} relu
   */
  addDoubled(from, to, relu) {
    const {height, width, room} = from;
    if (from.border || room !== to.room)
      throw new Error('a picture without a border, of as many channels, is doubled');
    this.steps.push(() => {
      const [small, large] = [this.view(from), this.view(to)];
      this.each(to, (at, row, column) => {
        // Half a pixel's centre lies a quarter off: 3/4 of the near one, 1/4 of its neighbour, which ends at the edge.
        const [y, x] = [row >> 1, column >> 1];
        const other = Math.min(Math.max(y + (row & 1 ? 1 : -1), 0), height - 1);
        const beside = Math.min(Math.max(x + (column & 1 ? 1 : -1), 0), width - 1);
        const [a, b, c, d] = [y * width + x, y * width + beside, other * width + x, other * width + beside];
        for (let k = 0; k < room; k++) {
          const near = 0.75 * small[a * room + k] + 0.25 * small[b * room + k];
          const far = 0.75 * small[c * room + k] + 0.25 * small[d * room + k];
          const sum = large[at + k] + 0.75 * near + 0.25 * far;
          large[at + k] = relu && sum < 0 ? 0 : sum;
        }
      });
    });
  }

  /**
   * Writes numbers, pixel by pixel, into a picture's channels from `first` on.
   * @param {Float32Array} values @param {Place} to @param {number} first
   */
  write(values, to, first) {
    const channels = values.length / (to.width * to.height);
    const picture = this.view(to);
    this.each(to, (at, row, column) => {
      const pixel = (row * to.width + column) * channels;
      for (let k = 0; k < channels; k++) picture[at + first + k] = values[pixel + k];
    });
  }

  /**
   * Pixels with mean 0 and deviation 1 in each channel, as the model measured them.
   * @param {string} name @param {Float32Array} values @param {number} channels
   */
  standard(name, values, channels) {
    const [mean, gain] = ['mean', 'gain'].map(part => this.table(`${name}.${part}`));
    return values.map((value, at) => (value - mean[at % channels]) * gain[at % channels]);
  }

  /**
   * A layer's weights as PyTorch has them.
   * @param {string} name
   * @returns {Record<'weight' | 'bias', {data: Float32Array, shape: number[]}>}
   */
  plain(name) {
    const {weight, bias, size, in: inputs, out, rows} = this.layer(name);
    const taps = (size ?? 1) ** 2;
    const panels = this.numbersAt(weight, taps * inputs * out);
    const data = new Float32Array(rows * inputs * taps);
    for (let row = 0; row < rows; row++)
      for (let i = 0; i < inputs; i++)
        for (let tap = 0; tap < taps; tap++)
          data[(row * inputs + i) * taps + tap] =
            panels[((row >> 3) * taps * inputs + tap * inputs + i) * 8 + (row & 7)];
    const shape = size ? [rows, inputs, size, size] : [rows, inputs];
    return {weight: {data, shape}, bias: {data: this.numbersAt(bias, rows).slice(), shape: [rows]}};
  }

  /** Does all that was strung together. */
  run() {
    for (const step of this.steps) step();
  }
}

/** Means of 2 x 2 pixels. @param {Float32Array} pixels @param {number} side @param {number} channels */
export function halved(pixels, side, channels) {
  const half = side / 2;
  const found = new Float32Array(half * half * channels);
  pixels.forEach((value, i) => {
    const pixel = Math.floor(i / channels);
    const cell = (Math.floor(pixel / side) >> 1) * half + ((pixel % side) >> 1);
    found[cell * channels + (i % channels)] += value / 4;
  });
  return found;
}
