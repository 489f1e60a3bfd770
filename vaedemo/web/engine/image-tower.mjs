/**
 * The image tower in the browser: EfficientNet-Lite0's maps of a grey photo, those of vaedemo/models/image_tower.py.
 *
 * @typedef {{side: number, channels: number, data: Float32Array}} TowerMap  pixel by pixel
 */
import {borderFor} from './layers.mjs';
import {Net} from './net.mjs';

const HALVED = new Set([1, 3, 5, 11]); // blocks of stride 2
const ENDS = [2, 4, 10, 14]; // blocks whose pictures are answered
const SIDES = [32, 16, 8, 4]; // in which they are
const MEAN = 127 / 255;
const DEVIATION = 128 / 255;

/**
 * How `size` places are made of `most` places, bilinear, wider where there are fewer (PyTorch's antialias): of each the
 * first, and the weights.
 * @param {number} most
 * @param {number} size
 * @returns {{start: number, weights: number[]}[]}
 */
export function triangles(most, size) {
  const scale = most / size;
  const wide = Math.max(scale, 1);
  return Array.from({length: size}, (_, i) => {
    const centre = scale * (i + 0.5);
    const start = Math.max(Math.trunc(centre - wide + 0.5), 0);
    const end = Math.min(Math.trunc(centre + wide + 0.5), most);
    const all = Array.from({length: end - start}, (_, j) =>
      Math.max(0, 1 - Math.abs((j + start - centre + 0.5) / wide)),
    );
    const sum = all.reduce((a, b) => a + b, 0);
    return {start, weights: all.map(weight => weight / sum)};
  });
}

/**
 * Pixels (side, side, channels) in another size, by `triangles`.
 * @param {Float32Array} pixels @param {number} side @param {number} channels @param {number} wanted
 */
export function shrunk(pixels, side, channels, wanted) {
  const taps = triangles(side, wanted);
  const across = new Float32Array(side * wanted * channels);
  for (let row = 0; row < side; row++)
    taps.forEach(({start, weights}, column) => {
      for (let k = 0; k < channels; k++) {
        let sum = 0;
        weights.forEach((weight, j) => (sum += weight * pixels[(row * side + start + j) * channels + k]));
        across[(row * wanted + column) * channels + k] = sum;
      }
    });
  const found = new Float32Array(wanted * wanted * channels);
  const pitch = wanted * channels;
  taps.forEach(({start, weights}, row) => {
    for (let k = 0; k < pitch; k++) {
      let sum = 0;
      weights.forEach((weight, j) => (sum += weight * across[(start + j) * pitch + k]));
      found[row * pitch + k] = sum;
    }
  });
  return found;
}

export class ImageTower extends Net {
  #input;
  /** @type {import('./net.mjs').Place[]} */ #ends = [];

  /**
   * @param {WebAssembly.Module} kernels
   * @param {ArrayBuffer} file  of `imagenet-tower`
   */
  constructor(kernels, file) {
    super(kernels, file);
    const windowOf = (/** @type {number} */ i) =>
      this.has(`tower.blocks.${i}.depthwise`) ? this.layer(`tower.blocks.${i}.depthwise`).size : 1;
    this.#input = this.blank(this.about.size, 1, this.layer('tower.stem').size);
    let now = this.conv('tower.stem', this.#input, {relu: 6, stride: 2, next: windowOf(0)});
    for (let i = 0; this.has(`tower.blocks.${i}.project`); i++) {
      const [size, stride] = [windowOf(i), HALVED.has(i) ? 2 : 1];
      const name = (/** @type {string} */ part) => `tower.blocks.${i}.${part}`;
      const wide = this.has(name('expand')) ? this.conv(name('expand'), now, {relu: 6, next: size}) : now;
      const {out, weight, bias} = this.layer(name('depthwise'));
      const sides = {height: wide.height / stride, width: wide.width / stride};
      const seen = this.depthwise({size, stride, ...sides, room: out, relu: 6}, weight, bias, wide, borderFor(1));
      const narrow = this.conv(name('project'), seen);
      if (stride === 1 && narrow.room === now.room) this.add(now, narrow, 0);
      now = narrow;
      if (ENDS.includes(i)) this.#ends.push(now);
    }
  }

  /**
   * The maps of L / 100, row by row.
   * @param {Float32Array} light  160 x 160
   * @returns {TowerMap[]}
   */
  maps(light) {
    const input = this.view(this.#input);
    const side = this.#input.width;
    if (light.length !== side * side) throw new RangeError(`${light.length} pixels given; ${side * side} expected`);
    this.each(this.#input, (at, row, column) => {
      input[at] = (light[row * side + column] - MEAN) / DEVIATION;
    });
    this.run();
    return this.#ends.map((place, i) => {
      const data = shrunk(this.view(place), place.width, place.room, SIDES[i]);
      return {side: SIDES[i], channels: place.room, data};
    });
  }
}
