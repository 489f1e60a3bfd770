/**
 * log p(x) of a model with two latents, exactly: the plane is summed, in cells that are halved where the posterior is.
 * The same as vaedemo/evaluation/evidence.py, with the decoder in this browser.
 *
 * @typedef {(zs: Float64Array, keep?: string) => Promise<Float64Array>} Score  log p(x|z) in nats of codes, two
 *   numbers each
 */
import {Patch, Surface} from './log-likelihood-surface.mjs';

export const REACH = 4.5;
export const SIDE = 64; // the plane that is summed, |z| <= REACH, and its first cells along a side
const DEEPEST = 8;
const RESOLVED = 1.25;
const AGREED = 0.005; // see evidence.py
const NEAR = 9;
const FAR = 100; // it halves more cells than need be; these are a third of them, and 0.002 nats
const WINDOW = 6.5;
const BEYOND = 2;
const FINE = 56; // the window's half side in sigmas; how far it is scored; cells along its side

/** log N(z; 0, I). @param {number} a @param {number} b */
export const logPrior = (a, b) => -(a * a + b * b) / 2 - Math.log(2 * Math.PI);

/** log of the sum of exp. @param {ArrayLike<number>} values */
export function logSum(values) {
  let most = -Infinity;
  let sum = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i];
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i] - most);
  return most + Math.log(sum);
}

/**
 * Middles of side x side cells of a square, two numbers each, first latent outer.
 * @param {number[]} middle
 * @param {number} half
 * @param {number} side
 */
export function cells(middle, half, side) {
  const zs = new Float64Array(2 * side * side);
  const at = (/** @type {number} */ i) => ((i + 0.5) * 2 * half) / side - half;
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++) {
      zs[2 * (i * side + j)] = middle[0] + at(i);
      zs[2 * (i * side + j) + 1] = middle[1] + at(j);
    }
  return zs;
}

/** @typedef {{a: number, b: number, mass: number}} Cell  its middle; log p(x, z) + log area */

/** The posterior's mean, and the sigmas along its axes, the wider first. @param {Cell[]} some */
function moments(some) {
  const total = logSum(some.map(({mass}) => mass));
  const weights = some.map(({mass}) => Math.exp(mass - total));
  const sum = (/** @type {(cell: Cell) => number} */ of) =>
    some.reduce((all, cell, i) => all + weights[i] * of(cell), 0);
  const mean = [sum(({a}) => a), sum(({b}) => b)];
  const xx = sum(({a}) => (a - mean[0]) ** 2);
  const yy = sum(({b}) => (b - mean[1]) ** 2);
  const xy = sum(({a, b}) => (a - mean[0]) * (b - mean[1]));
  const middle = (xx + yy) / 2;
  const off = Math.hypot((xx - yy) / 2, xy);
  return {
    mean,
    sigma: [Math.sqrt(middle + off), Math.sqrt(Math.max(0, middle - off))],
    angle: Math.atan2(2 * xy, xx - yy) / 2,
  };
}

/**
 * Sums the plane. `onCount` hears how many codes are scored so far.
 * @param {Score} score @param {(scored: number) => void} [onCount]
 */
export async function summed(score, onCount = () => {}) {
  let width = (2 * REACH) / SIDE;
  let zs = cells([0, 0], REACH, SIDE);
  let values = await score(zs, 'plane');
  let count = values.length;
  const plane = new Patch(values, [0, 0], REACH, SIDE);
  const done = /** @type {Cell[]} */ ([]);
  const cellsOf = (/** @type {Float64Array} */ zs, /** @type {Float64Array} */ values) =>
    Array.from(values, (value, i) => {
      const [a, b] = [zs[2 * i], zs[2 * i + 1]];
      return {a, b, mass: value + logPrior(a, b) + 2 * Math.log(width)};
    });
  let small = cellsOf(zs, values);
  let logP = logSum(small.map(({mass}) => mass));
  onCount(count);
  // wide posteriors are summed already
  if (width < moments(small).sigma[1] / 2) return {logP, plane, cells: small, codes: count};
  for (let depth = 0; depth < DEEPEST; depth++) {
    const least = Math.max(...small.map(({mass}) => mass)) - Math.max(NEAR, FAR / 3 ** depth);
    const halved = small.filter(({mass}) => mass > least);
    done.push(...small.filter(({mass}) => mass <= least));
    width /= 2;
    zs = Float64Array.from(
      halved.flatMap(({a, b}) =>
        [-1, 1].flatMap(i => [-1, 1].flatMap(j => [a + (i * width) / 2, b + (j * width) / 2])),
      ),
    );
    values = await score(zs);
    count += values.length;
    onCount(count);
    small = cellsOf(zs, values);
    const before = logP;
    const all = [...done, ...small];
    const {sigma} = moments(all);
    logP = logSum(all.map(({mass}) => mass));
    if (width <= RESOLVED * sigma[1] && Math.abs(logP - before) < AGREED) break;
  }
  return {logP, plane, cells: [...done, ...small], codes: count};
}

/**
 * The greatest mode alone: of the cells within reach of the peak, where the mean and its surroundings do not change
 * any more.
 * @param {Cell[]} all
 */
function mode(all) {
  const peak = all.reduce((best, cell) => (cell.mass > best.mass ? cell : best));
  const some = all.filter(({mass}) => mass > peak.mass - 30);
  let found = {...moments([peak]), mean: [peak.a, peak.b]};
  let reach = 0.05;
  for (let i = 0; i < 12; i++) {
    const near = some.filter(({a, b}) => Math.hypot(a - found.mean[0], b - found.mean[1]) < reach);
    found = moments(near.length ? near : [peak]);
    reach = Math.max(0.05, 5 * found.sigma[0]);
  }
  return found;
}

/**
 * @typedef {{logP: number, codes: number, mean: number[], sigma: number[], angle: number, half: number, surface:
 *   Surface, here: number}} Evidence
 *   log p(x), from how many codes; the greatest mode of the posterior; half the side of a window around it; log p(x|z)
 *   everywhere; the part of the posterior's mass in the window
 */

/** @param {Score} score @param {(scored: number) => void} [onCount] @returns {Promise<Evidence>} */
export async function evidence(score, onCount = () => {}) {
  const {logP, plane, cells: all, codes} = await summed(score, onCount);
  const {mean, sigma, angle} = mode(all);
  const half = Math.min(1.5, Math.max(0.02, WINDOW * sigma[0]));
  const far = BEYOND * half;
  const values = await score(cells(mean, far, FINE));
  const total = codes + values.length;
  onCount(total);
  const inside = all.filter(({a, b}) => Math.max(Math.abs(a - mean[0]), Math.abs(b - mean[1])) <= half);
  const here = inside.length ? Math.exp(logSum(inside.map(({mass}) => mass)) - logP) : 0;
  return {
    logP,
    codes: total,
    mean,
    sigma,
    angle,
    half,
    here,
    surface: new Surface(new Patch(values, mean, far, FINE), plane),
  };
}
