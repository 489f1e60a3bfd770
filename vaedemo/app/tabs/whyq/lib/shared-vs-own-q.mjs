/** One Gaussian for several digits: the ELBO of each under it, and the one that is best for all. */
import {greatest, rate} from './gaussian2d.mjs';
import {REACH, SIDE as CELLS} from './log-evidence.mjs';

/** @typedef {import('./gaussian2d.mjs').Ellipse} Ellipse */

export const LEAST = 0.4;
export const MOST = 1.6; // sigma of the one q: of a narrower one the plane's cells tell less than a tenth of a nat

/** @param {number[]} values */
export const mean = values => values.reduce((a, b) => a + b, 0) / values.length;

/**
 * ELBO of each digit under one wide q: its density at the middles of the plane's cells weighs their scores.
 * @param {Float64Array[]} scores  of each digit, over the plane as log-evidence.mjs lays it out
 * @param {Ellipse} q  upright
 */
export function bounds(scores, q) {
  const step = (2 * REACH) / CELLS;
  const at = (/** @type {number} */ i) => (i + 0.5) * step - REACH;
  const weight = (/** @type {0 | 1} */ d) =>
    Array.from({length: CELLS}, (_, i) => Math.exp(-(((at(i) - q.mean[d]) / q.sigma[d]) ** 2) / 2));
  const rows = weight(0);
  const columns = weight(1);
  const total = rows.reduce((a, b) => a + b) * columns.reduce((a, b) => a + b);
  const price = rate(q);
  return scores.map(values => {
    let sum = 0;
    for (let i = 0; i < CELLS; i++) {
      const row = i * CELLS;
      for (let j = 0; j < CELLS; j++) sum += rows[i] * columns[j] * values[row + j];
    }
    return sum / total - price;
  });
}

/** The one isotropic q of the greatest average ELBO: its mean and sigma. @param {Float64Array[]} scores */
export function bestSingle(scores) {
  const sigmaOf = (/** @type {number} */ log) => Math.max(LEAST, Math.min(MOST, Math.exp(log)));
  const average = (/** @type {number[]} */ [a, b, log]) =>
    mean(bounds(scores, {mean: [a, b], sigma: [sigmaOf(log), sigmaOf(log)], angle: 0}));
  const [a, b, log] = greatest(average, [0, 0, Math.log(0.6)], [0.3, 0.3, 0.3], 90).at;
  return [a, b, sigmaOf(log)];
}
