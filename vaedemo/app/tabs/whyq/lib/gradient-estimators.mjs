/**
 * Two gradients of E_q[log p(x|z)] by q's mean and sigma, from the same draws: along the path z = mean + sigma * eps,
 * and by the score function.
 */
import {place} from './gaussian2d.mjs';

/**
 * @typedef {import('./gaussian2d.mjs').Ellipse} Ellipse
 * @typedef {import('./log-likelihood-surface.mjs').Surface} Surface
 */

/**
 * One estimate a draw. By the mean: pathwise dlogp/dz; score function log p(x|z) eps / sigma. By sigma: pathwise
 * dlogp/dz * eps.
 * @param {Ellipse} q  upright @param {Surface} surface @param {number[][]} eps
 */
export function gradients(q, surface, eps) {
  const {sigma} = q;
  const z = eps.map(([u, v]) => place(q, u, v));
  const path = z.map(([a, b]) => surface.slope(a, b));
  return {
    z,
    path,
    score: z.map(([a, b], i) => {
      const value = surface.at(a, b);
      return eps[i].map((e, d) => (value * e) / sigma[d]);
    }),
    sigma: path.map((slope, i) => slope.map((value, d) => value * eps[i][d])),
  };
}

/** Mean of each of two numbers, and their standard deviation together. @param {number[][]} draws */
export function spread(draws) {
  const mean = [0, 1].map(d => draws.reduce((sum, draw) => sum + draw[d], 0) / draws.length);
  return {
    mean,
    std: Math.sqrt(
      draws.reduce((sum, draw) => sum + (draw[0] - mean[0]) ** 2 + (draw[1] - mean[1]) ** 2, 0) / draws.length,
    ),
  };
}
