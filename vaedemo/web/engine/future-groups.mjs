/**
 * What many drawn futures of a still say together: which are alike, how far cells come, what arrows leave of them. As
 * vaedemo/forecast.py and vision/future_groups.py have it.
 *
 * @typedef {{row: number, column: number, right: number, down: number}} Arrow  where a cell goes, in pixels of 64
 *
 * @typedef {object} Said
 * @property {number[]} mode  of each draw; 0 is that of the most
 * @property {number[]} shares  of each mode
 * @property {number[]} typical  of each mode the draw that ends nearest to the mean of the mode's
 * @property {Float32Array} spread  (16, 16): standard deviation of where a cell ends
 * @property {Float64Array} weights  of the draws
 */
import {CELLS, GRID, endsOf, offsetsOf} from './trajectories.mjs';

const GROUPED = 200; // draws that groups are found in
const APART = 0.35; // of the draws' usual reach
const RARE = 0.03;
const FEW = 7;
const STANDS = 0.5; // pixels
const HINT = 2.5; // sigma of an arrow, in pixels

/** @param {Float32Array} a @param {ArrayLike<number>} b */
const squared = (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);

/** @param {number[]} values */
const least = values => values.reduce((best, value, i) => (value < values[best] ? i : best), 0);

/** @param {Float32Array[]} all */
function meanOf(all) {
  const mean = new Float64Array(all[0].length);
  for (const one of all) one.forEach((value, i) => (mean[i] += value / all.length));
  return mean;
}

/**
 * Groups of draws by average linkage, up to a distance: places in `ends`.
 * @param {Float32Array[]} ends @param {number} most
 */
function linked(ends, most) {
  const groups = ends.map((_, i) => [i]);
  const away = ends.map((a, i) => ends.map((b, j) => (j < i ? Math.sqrt(squared(a, b)) : 0)));
  const between = (/** @type {number} */ i, /** @type {number} */ j) => (i > j ? away[i][j] : away[j][i]);
  const alive = new Set(groups.keys());
  for (;;) {
    let [near, one, other] = [Infinity, -1, -1];
    for (const i of alive)
      for (const j of alive) if (j < i && away[i][j] < near) [near, one, other] = [away[i][j], i, j];
    if (near > most) break;
    const [n, m] = [groups[one].length, groups[other].length];
    for (const k of alive) {
      if (k === one || k === other) continue;
      const mean = (n * between(one, k) + m * between(other, k)) / (n + m);
      if (other > k) away[other][k] = mean;
      else away[k][other] = mean;
    }
    groups[other].push(...groups[one]);
    alive.delete(one);
  }
  return [...alive].map(i => groups[i]);
}

/** The mode of each draw; 0 is that of the most among the first GROUPED. @param {Float32Array[]} ends */
function modesOf(ends) {
  const some = ends.slice(0, GROUPED);
  const usual = Math.sqrt(
    some.reduce((sum, one) => sum + squared(one, new Float32Array(one.length)) / some.length, 0),
  );
  const fastest = some.map(one => {
    let most = 0;
    for (let i = 0; i < CELLS; i++) most = Math.max(most, one[i] ** 2 + one[CELLS + i] ** 2);
    return most;
  });
  const stands = Math.sqrt(fastest.reduce((sum, most) => sum + most, 0) / some.length) < STANDS;
  if (some.length < 2 || stands) return ends.map(() => 0);
  const groups = linked(some, APART * usual).sort((a, b) => b.length - a.length);
  const kept = groups.slice(0, FEW).filter((group, i) => !i || group.length >= RARE * some.length);
  const middles = kept.map(group => meanOf(group.map(i => some[i])));
  const nearest = ends.map(one => least(middles.map(middle => squared(one, middle))));
  kept.forEach((group, k) => group.forEach(i => (nearest[i] = k)));
  const count = kept.map((_, k) => nearest.slice(0, GROUPED).filter(mode => mode === k).length);
  const order = kept.map((_, k) => k).sort((a, b) => count[b] - count[a]);
  return nearest.map(k => order.indexOf(k));
}

/** How much each draw counts once told where some cells go. @param {Float32Array[]} ends @param {Arrow[]} arrows */
function weighed(ends, arrows) {
  const logs = ends.map(one =>
    arrows.reduce((sum, {row, column, right, down}) => {
      const cell = row * GRID + column;
      return sum - ((one[cell] - right) ** 2 + (one[CELLS + cell] - down) ** 2) / (2 * HINT ** 2);
    }, 0),
  );
  const most = Math.max(...logs);
  const shares = Float64Array.from(logs, log => Math.exp(log - most));
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map(share => share / sum);
}

/**
 * @param {Float32Array[]} trajectories  of draws, (10, 16, 16) each
 * @param {Arrow[]} arrows
 * @returns {Said}
 */
export function saidBy(trajectories, arrows) {
  const ends = trajectories.map(coefficients => endsOf(offsetsOf(coefficients)));
  const mode = modesOf(ends);
  const weights = weighed(ends, arrows);
  const shares = new Array(Math.max(...mode) + 1).fill(0);
  mode.forEach((k, i) => (shares[k] += weights[i]));
  const typical = shares.map((_, k) => {
    const mine = mode.slice(0, GROUPED).flatMap((own, i) => (own === k ? [i] : []));
    const mean = meanOf(mine.map(i => ends[i]));
    return mine[least(mine.map(i => squared(ends[i], mean)))];
  });
  const mean = new Float64Array(2 * CELLS);
  ends.forEach((one, i) => one.forEach((value, at) => (mean[at] += weights[i] * value)));
  const spread = new Float64Array(CELLS);
  ends.forEach((one, i) => one.forEach((value, at) => (spread[at % CELLS] += weights[i] * (value - mean[at]) ** 2)));
  return {mode, shares, typical, spread: Float32Array.from(spread, Math.sqrt), weights};
}
