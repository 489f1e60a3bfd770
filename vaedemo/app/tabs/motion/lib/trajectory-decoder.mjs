/**
 * Trajectories of a still's cells in the browser: offsets of their coefficients, the decoder of any z, and the colors
 * of flow.
 */
import {readTensors} from '../../../../web/engine/safetensors.mjs';

export const GRID = 16;
export const CELLS = GRID * GRID;
export const TIMES = 16;
export const KEPT = 5;
export const PLANES = 2 * KEPT;
const WIDE = GRID + 2;
const PADDED = WIDE * WIDE; // a map of the cells with a rim of zeros

/**
 * The orthonormal DCT-II over the instants, less its value at the first: what is left there is taken off everywhere.
 */
const BASIS = Array.from({length: KEPT}, (_, k) => {
  const row = Array.from(
    {length: TIMES},
    (_, t) => Math.sqrt((k ? 2 : 1) / TIMES) * Math.cos((Math.PI * (t + 0.5) * k) / TIMES),
  );
  return row.map(value => value - row[0]);
});

/**
 * Offsets in pixels of the 64-pixel still, [x, y][instant][cell], of coefficients [x's five, y's five][cell].
 * @param {Float32Array} coefficients
 */
export function offsetsOf(coefficients) {
  const offsets = new Float32Array(2 * TIMES * CELLS);
  for (let axis = 0; axis < 2; axis++)
    for (let k = 0; k < KEPT; k++)
      for (let t = 1; t < TIMES; t++) {
        const from = (axis * KEPT + k) * CELLS;
        const to = (axis * TIMES + t) * CELLS;
        const part = BASIS[k][t];
        for (let i = 0; i < CELLS; i++) offsets[to + i] += part * coefficients[from + i];
      }
  return offsets;
}

/** How far each cell gets from its place, in pixels. @param {Float32Array} offsets @returns {Float32Array} */
export const reachOf = offsets =>
  Float32Array.from({length: CELLS}, (_, i) => {
    let most = 0;
    for (let t = 1; t < TIMES; t++)
      most = Math.max(most, Math.hypot(offsets[t * CELLS + i], offsets[(TIMES + t) * CELLS + i]));
    return most;
  });

/** Where each cell ends, [x, y][cell]. @param {Float32Array} offsets */
export function endsOf(offsets) {
  const last = (TIMES - 1) * CELLS;
  const ends = new Float32Array(2 * CELLS);
  ends.set(offsets.subarray(last, last + CELLS));
  ends.set(offsets.subarray(last + TIMES * CELLS, last + TIMES * CELLS + CELLS), CELLS);
  return ends;
}

/** The decoder tower of one still: its features stay, any z is decoded. */
export class Tower {
  /** @param {ArrayBuffer} file  safetensors: features, typical, tower.scale, tower.shift, tower.cells.1, .3 and .5 */
  constructor(file) {
    const tensors = readTensors(file);
    const data = name => tensors[name].data;
    this.z = tensors['tower.scale.weight'].shape[1];
    [this.features, this.typical] = [data('features'), data('typical')[0]];
    [this.scale, this.shift] = ['scale', 'shift'].map(name => ({
      weight: data(`tower.${name}.weight`),
      bias: data(`tower.${name}.bias`),
    }));
    this.layers = [1, 3, 5].map(i => ({
      weight: data(`tower.cells.${i}.weight`),
      bias: data(`tower.cells.${i}.bias`),
    }));
  }

  /** Coefficients [x's five, y's five][cell] of a z. @param {ArrayLike<number>} z @returns {Float32Array} */
  decode(z) {
    let maps = this.#told(z);
    for (const {weight, bias} of this.layers) maps = convolved(maps, weight, bias);
    return this.#moved(maps);
  }

  /** The features, scaled and shifted by z. */
  #told(z) {
    const of = ({weight, bias}, c) =>
      z.length
        ? bias[c] + Array.prototype.reduce.call(z, (sum, value, d) => sum + value * weight[c * this.z + d], 0)
        : bias[c];
    return Array.from({length: this.features.length / CELLS}, (_, c) => {
      const scale = 1 + of(this.scale, c);
      const shift = of(this.shift, c);
      return this.features.subarray(c * CELLS, (c + 1) * CELLS).map(value => value * scale + shift);
    });
  }

  /** Unit directions times magnitudes. @param {Float32Array[]} maps  ten of the direction, one of the magnitude */
  #moved(maps) {
    const moved = new Float32Array(PLANES * CELLS);
    for (let i = 0; i < CELLS; i++) {
      const norm = Math.max(1e-12, Math.hypot(...maps.slice(0, PLANES).map(map => map[i])));
      const raw = maps[PLANES][i];
      const magnitude = this.typical * (raw > 20 ? raw : Math.log1p(Math.exp(raw)));
      for (let k = 0; k < PLANES; k++) moved[k * CELLS + i] = (maps[k][i] / norm) * magnitude;
    }
    return moved;
  }
}

/**
 * ReLU, then a convolution of 3x3 with a rim of zeros, or of 1x1.
 * @param {Float32Array[]} maps
 * @param {Float32Array} weight
 * @param {Float32Array} bias
 */
function convolved(maps, weight, bias) {
  const size = weight.length / bias.length / maps.length;
  const padded = maps.map(framed);
  const sums = new Float32Array(PADDED);
  return Array.from(bias, (start, o) => {
    sums.fill(start);
    padded.forEach((map, c) => (size === 9 ? nine : one)(sums, map, weight, (o * maps.length + c) * size));
    return Float32Array.from({length: CELLS}, (_, i) => sums[(i >> 4) * WIDE + (i & 15)]);
  });
}

/** max(0, map) within a rim of zeros. @param {Float32Array} map */
function framed(map) {
  const wide = new Float32Array(PADDED + 2);
  for (let i = 0; i < CELLS; i++) wide[((i >> 4) + 1) * WIDE + (i & 15) + 1] = Math.max(0, map[i]);
  return wide;
}

/**
 * Adds one map's part to sums, which lie a row and a column before their middles in the map; the last two of a row
 * are nobody's.
 */
function nine(sums, map, weight, at) {
  const w0 = weight[at];
  const w1 = weight[at + 1];
  const w2 = weight[at + 2];
  const w3 = weight[at + 3];
  const w4 = weight[at + 4];
  const w5 = weight[at + 5];
  const w6 = weight[at + 6];
  const w7 = weight[at + 7];
  const w8 = weight[at + 8];
  for (let i = 0, j = WIDE, k = 2 * WIDE; k < PADDED; i++, j++, k++)
    sums[i] +=
      w0 * map[i] +
      w1 * map[i + 1] +
      w2 * map[i + 2] +
      w3 * map[j] +
      w4 * map[j + 1] +
      w5 * map[j + 2] +
      w6 * map[k] +
      w7 * map[k + 1] +
      w8 * map[k + 2];
}

function one(sums, map, weight, at) {
  const w = weight[at];
  for (let i = 0, middle = WIDE + 1; middle < PADDED; i++, middle++) sums[i] += w * map[middle];
}

/**
 * The color of a flow, [r, g, b] from 0 to 255: hue is the direction (right is red), white stands still, full color
 * is `most` pixels or more.
 */
export function flowColor(dx, dy, most = 16) {
  const angle = Math.atan2(dy, dx);
  const part = Math.min(1, Math.hypot(dx, dy) / most);
  return [0, 1, 2].map(third => 255 * (1 - part * (0.5 - 0.5 * Math.cos(angle - (third * 2 * Math.PI) / 3))));
}
