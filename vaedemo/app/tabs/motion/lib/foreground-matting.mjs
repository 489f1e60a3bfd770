/**
 * What of a still moves: cells, then pixels, by their colors. `vaedemo/vision/image_warping.py` says why, and does the
 * same.
 */
import {CELLS, GRID, TIMES, reachOf} from '../../../../web/engine/trajectories.mjs';

export const SAMPLES = 64;
export const RIM = 4;
export const COLOR = 0.05;
export const DOUBT = 0.02;
const MOVES = 0.75;
const PART = 0.1;
const NEAR = 2;
const SLOPES = 0.03;
const FAINT = 0.05;
const WINDOW = 6;
const SPREAD = 2.5;
const ROUNDS = 2;
const SHARE = [0.4, 0.7];

/** @typedef {{side: number, data: Float32Array}} Picture  side x side pixels of red, green, blue from 0 to 1 */

/** From 0 at low to 1 at high, smoothly. @param {number} value @param {number} low @param {number} high */
export function eased(value, low, high) {
  const part = Math.max(0, Math.min(1, (value - low) / (high - low)));
  return part * part * (3 - 2 * part);
}

/** Which cells move. @param {Float32Array} offsets */
export function movingOf(offsets) {
  const reach = reachOf(offsets);
  return Uint8Array.from(reach, (mine, i) =>
    Number(mine > Math.max(MOVES, PART * Math.max(...within(i, 1, GRID).map(k => reach[k])))),
  );
}

/**
 * The places of a side x side map up to `by` from place i.
 * @param {number} i
 * @param {number} by
 * @param {number} side
 * @returns {number[]}
 */
function within(i, by, side) {
  const row = Math.floor(i / side);
  const column = i % side;
  const places = [];
  for (let y = Math.max(0, row - by); y <= Math.min(side - 1, row + by); y++)
    for (let x = Math.max(0, column - by); x <= Math.min(side - 1, column + by); x++) places.push(y * side + x);
  return places;
}

/** A mask grown by `by` places to all sides. @param {ArrayLike<number>} mask @param {number} by @param {number} side */
export function grown(mask, by, side) {
  /** @param {ArrayLike<number>} from @param {number} step @param {number} across */
  const along = (from, step, across) => {
    const to = new Uint8Array(from.length);
    for (let k = 0; k < side; k++)
      for (let i = 0; i < side; i++)
        if (from[k * across + i * step])
          for (let j = Math.max(0, i - by); j <= Math.min(side - 1, i + by); j++) to[k * across + j * step] = 1;
    return to;
  };
  return along(along(mask, 1, side), side, 1);
}

/**
 * Offsets of the cells that move and of those beside them, by similarities fitted to the cells around; 0 elsewhere.
 * @param {Float32Array} offsets
 * @param {{moving: Uint8Array, covered: Float32Array}} cut  covered: how much of each cell moves
 */
export function joined(offsets, {moving, covered}) {
  const reach = reachOf(offsets);
  const most = Math.max(1e-6, ...reach);
  const near = grown(moving, 1, GRID);
  const found = new Float32Array(offsets.length);
  for (let i = 0; i < CELLS; i++) {
    if (!near[i]) continue;
    const cells = within(i, NEAR, GRID).filter(k => moving[k]);
    let right = cells.map(k => (k % GRID) - (i % GRID));
    let down = cells.map(k => (k >> 4) - (i >> 4));
    let weights = cells.map(
      (k, n) => (FAINT + covered[k]) * (FAINT + reach[k] / most) * Math.exp(-(right[n] ** 2 + down[n] ** 2) / 4),
    );
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    /** @param {(n: number) => number} of */
    const mean = of => weights.reduce((sum, weight, n) => sum + weight * of(n), 0);
    weights = weights.map(weight => weight / all);
    const [x, y] = [mean(n => right[n]), mean(n => down[n])];
    [right, down] = [right.map(value => value - x), down.map(value => value - y)];
    const size = mean(n => right[n] ** 2 + down[n] ** 2) + SLOPES;
    for (let t = 1; t < TIMES; t++) {
      const [along, across] = [t, TIMES + t].map(axis => cells.map(k => offsets[axis * CELLS + k]));
      const [dx, dy] = [mean(n => along[n]), mean(n => across[n])];
      const grow = mean(n => (along[n] - dx) * right[n] + (across[n] - dy) * down[n]) / size;
      const turn = mean(n => (across[n] - dy) * right[n] - (along[n] - dx) * down[n]) / size;
      found[t * CELLS + i] = dx - grow * x + turn * y;
      found[(TIMES + t) * CELLS + i] = dy - turn * x - grow * y;
    }
  }
  return found;
}

/** @type {WeakMap<Float32Array, Picture>} */
const samples = new WeakMap();

/** A picture at 64 x 64. @param {Picture} picture @returns {Picture} */
export function samplesOf({side, data}) {
  const known = samples.get(data);
  if (known) return known;
  const block = side / SAMPLES;
  const small = new Float32Array(3 * SAMPLES * SAMPLES);
  const part = 1 / (block * block);
  for (let y = 0, from = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      for (let c = 0, to = 3 * (Math.floor(y / block) * SAMPLES + Math.floor(x / block)); c < 3; c++)
        small[to++] += data[from++] * part;
  samples.set(data, {side: SAMPLES, data: small});
  return {side: SAMPLES, data: small};
}

/** Gaussians of distances up to `by`, row by row. @param {number} by @param {number} spread */
export const bells = (by, spread) =>
  Array.from({length: 2 * by + 1}, (_, y) =>
    Array.from({length: 2 * by + 1}, (_, x) => Math.exp(-((y - by) ** 2 + (x - by) ** 2) / (2 * spread ** 2))),
  );

/**
 * The samples around sample i whose color is like that of pixel `at` of `data`, each with its weight.
 * @param {Float32Array} colors  of the samples
 * @param {number} i
 * @param {number} by
 * @param {number[][]} bell
 * @param {Float32Array} data
 * @param {number} at
 * @param {number} sigma  of the colors' distance
 * @param {(k: number, weight: number) => void} hear
 */
export function alike(colors, i, by, bell, data, at, sigma, hear) {
  const row = i >> 6;
  const column = i & 63;
  const r = data[3 * at];
  const g = data[3 * at + 1];
  const b = data[3 * at + 2];
  const most = -0.5 / sigma ** 2;
  for (let y = Math.max(0, row - by); y <= Math.min(SAMPLES - 1, row + by); y++)
    for (let x = Math.max(0, column - by), k = y * SAMPLES + x; x <= Math.min(SAMPLES - 1, column + by); x++, k++) {
      const exponent =
        most * ((colors[3 * k] - r) ** 2 + (colors[3 * k + 1] - g) ** 2 + (colors[3 * k + 2] - b) ** 2);
      if (exponent > -20) hear(k, bell[y - row + by][x - column + by] * Math.exp(exponent));
    }
}

/**
 * How much the samples around sample i go along, by how like their colors are to that of pixel `at` of `data`.
 * @param {Float32Array} colors
 * @param {Float32Array} alpha  of the samples
 * @param {number} i
 * @param {number} by
 * @param {number[][]} bell
 * @param {Float32Array} data
 * @param {number} at
 * @param {number} own  what counts where no color is alike
 */
function mixed(colors, alpha, i, by, bell, data, at, own) {
  let sum = DOUBT * own;
  let all = DOUBT;
  alike(colors, i, by, bell, data, at, COLOR, (k, weight) => {
    sum += weight * alpha[k];
    all += weight;
  });
  return sum / all;
}

/**
 * How much each pixel goes along, from 0 to 1.
 * @param {Picture} still
 * @param {Uint8Array} moving
 * @returns {Float32Array}
 */
export function membersOf(still, moving) {
  const {data: colors} = samplesOf(still);
  const near = grown(moving, 1, GRID);
  /** @param {number} i  a sample */
  const cellOf = i => (i >> 8) * GRID + ((i & 63) >> 2);
  const own = Float32Array.from({length: SAMPLES * SAMPLES}, (_, i) => moving[cellOf(i)]);
  const wide = bells(WINDOW, SPREAD);
  const tight = bells(2, 1);
  const [low, high] = SHARE;
  let alpha = own;
  for (let round = 0; round < ROUNDS; round++) {
    const before = alpha;
    alpha = before.map((_, i) =>
      near[cellOf(i)] ? eased(mixed(colors, before, i, WINDOW, wide, colors, i, own[i]), low, high) : 0,
    );
  }
  const {side, data} = still;
  const block = side / SAMPLES;
  const asked = grown(alpha.map(Math.ceil), 2, SAMPLES);
  const members = new Float32Array(side * side);
  for (let i = 0; i < asked.length; i++) {
    if (!asked[i]) continue;
    for (let y = 0; y < block; y++)
      for (let x = 0, at = ((i >> 6) * block + y) * side + (i & 63) * block; x < block; x++, at++)
        members[at] = mixed(colors, alpha, i, 2, tight, data, at, alpha[i]);
  }
  return members;
}
