/** The decoder of trajectories, in the browser: of any z, on a still whose features the server has sent. */
import {readTensors} from './safetensors.mjs';
import {CELLS, GRID, PLANES, endsOf, offsetsOf} from './trajectories.mjs';

const WIDE = GRID + 2;
const PADDED = WIDE * WIDE; // a map of the cells with a rim of zeros
const RESTS = 0.2; // P(a cell moves) up to which it rests; from 1 less this on, nothing holds it

/** @typedef {{weight: Float32Array, bias: Float32Array}} Layer */

/** The decoder tower of one still: its features stay, any z is decoded. */
export class Tower {
  #features;
  #typical;
  #scale;
  #shift;
  #layers;
  #moves;

  /**
   * @param {ArrayBuffer} file  safetensors: features, typical, tower.scale, tower.shift, tower.cells.1, .3 and .5; of a
   *   net that says what will move, moves: the logits of the cells
   */
  constructor(file) {
    const tensors = readTensors(file);
    /** @param {string} name @returns {Layer} */
    const layer = name => ({
      weight: tensors[`tower.${name}.weight`].data,
      bias: tensors[`tower.${name}.bias`].data,
    });
    /** How many latents z has. */
    this.z = tensors['tower.scale.weight'].shape[1];
    this.#features = /** @type {Float32Array} */ (tensors.features.data);
    this.#typical = tensors.typical.data[0];
    this.#scale = layer('scale');
    this.#shift = layer('shift');
    this.#layers = ['cells.1', 'cells.3', 'cells.5'].map(layer);
    this.#moves = tensors.moves?.data;
  }

  /** Coefficients [x's five, y's five][cell] of a z. @param {ArrayLike<number>} z */
  decode(z) {
    let maps = this.#modulated(z);
    for (const {weight, bias} of this.#layers) maps = convolved(maps, weight, bias);
    return this.#trajectories(maps);
  }

  /** The features, scaled and shifted by z. @param {ArrayLike<number>} z */
  #modulated(z) {
    return Array.from({length: this.#features.length / CELLS}, (_, c) => {
      const scale = 1 + linear(this.#scale, c, z);
      const shift = linear(this.#shift, c, z);
      return this.#features.subarray(c * CELLS, (c + 1) * CELLS).map(value => value * scale + shift);
    });
  }

  /**
   * Unit directions times magnitudes, as far as a cell moves at all.
   * @param {Float32Array[]} maps  ten of the direction, one of the magnitude, maybe one of what z adds to the logits
   */
  #trajectories(maps) {
    const moved = new Float32Array(PLANES * CELLS);
    for (let i = 0; i < CELLS; i++) {
      const norm = Math.max(1e-12, Math.hypot(...maps.slice(0, PLANES).map(map => map[i])));
      const raw = maps[PLANES][i];
      const free = this.#moves ? kept(this.#moves[i] + maps[PLANES + 1][i]) : 1;
      const magnitude = free * this.#typical * (raw > 20 ? raw : Math.log1p(Math.exp(raw)));
      for (let k = 0; k < PLANES; k++) moved[k * CELLS + i] = (maps[k][i] / norm) * magnitude;
    }
    return moved;
  }
}

/** What a cell keeps of its motion, from 0 to 1. @param {number} logit  that it moves */
const kept = logit => Math.min(1, Math.max(0, (1 / (1 + Math.exp(-logit)) - RESTS) / (1 - 2 * RESTS)));

/** Output c of a linear layer. @param {Layer} layer @param {number} c @param {ArrayLike<number>} z */
function linear({weight, bias}, c, z) {
  const width = weight.length / bias.length;
  let sum = bias[c];
  for (let d = 0; d < width; d++) sum += z[d] * weight[c * width + d];
  return sum;
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
 * Adds one map's part of a 3x3 convolution to the sums. A sum lies a row and a column before its middle in the map; the
 * last two sums of a row belong to no cell.
 * @param {Float32Array} sums
 * @param {Float32Array} map
 * @param {Float32Array} weight
 * @param {number} at  where the map's nine weights begin
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

/**
 * The same of a 1x1 convolution.
 * @param {Float32Array} sums
 * @param {Float32Array} map
 * @param {Float32Array} weight
 * @param {number} at
 */
function one(sums, map, weight, at) {
  const w = weight[at];
  for (let i = 0, middle = WIDE + 1; middle < PADDED; i++, middle++) sums[i] += w * map[middle];
}

/**
 * How far the cell that it moves most goes, in pixels, when one latent is pulled from -1 to 1 and the others are 0.
 * @param {Tower} decoder
 * @param {number} d
 */
export function pulled(decoder, d) {
  const [low, high] = [-1, 1].map(value =>
    endsOf(offsetsOf(decoder.decode(Array.from({length: decoder.z}, (_, k) => (k === d ? value : 0))))),
  );
  return Math.max(
    ...Array.from({length: CELLS}, (_, i) => Math.hypot(high[i] - low[i], high[i + CELLS] - low[i + CELLS])),
  );
}
