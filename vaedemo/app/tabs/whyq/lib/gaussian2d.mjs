/**
 * Gaussians on the plane of two latents, and their ELBO under a picture's Surface.
 * @typedef {{mean: number[], sigma: number[], angle: number}} Ellipse  sigma along its axes, the first at `angle` to
 *   the first latent
 * @typedef {import('./log-likelihood-surface.mjs').Surface} Surface
 */

const BOX = 4.5;
const STEPS = 31; // of the quadrature: sigmas to either side, points along an axis
/** @type {number[][]} */
const NODES = [];
/** @type {number[]} */
const WEIGHTS = [];
for (let i = 0; i < STEPS; i++)
  for (let j = 0; j < STEPS; j++) {
    const u = ((2 * i) / (STEPS - 1) - 1) * BOX;
    const v = ((2 * j) / (STEPS - 1) - 1) * BOX;
    NODES.push([u, v]);
    WEIGHTS.push(Math.exp(-(u * u + v * v) / 2));
  }
const TOTAL = WEIGHTS.reduce((a, b) => a + b);

/** z for eps: mean + the ellipse's axes times eps. @param {Ellipse} q @param {number} u @param {number} v */
export function place({mean, sigma, angle}, u, v) {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const [x, y] = [sigma[0] * u, sigma[1] * v];
  return [mean[0] + c * x - s * y, mean[1] + s * x + c * y];
}

/**
 * E_q[log p(x|z)], by the trapezoid rule, which of a Gaussian's mean is exact beyond any digit shown.
 * @param {Ellipse} q
 * @param {Surface} surface
 */
export function expected({mean, sigma, angle}, surface) {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  let sum = 0;
  for (let i = 0; i < NODES.length; i++) {
    const x = sigma[0] * NODES[i][0];
    const y = sigma[1] * NODES[i][1];
    sum += WEIGHTS[i] * surface.at(mean[0] + c * x - s * y, mean[1] + s * x + c * y);
  }
  return sum / TOTAL;
}

/** KL(q || N(0, I)) in nats: turning changes nothing. @param {Ellipse} q */
export const rate = ({mean, sigma}) =>
  sigma.reduce((sum, s, i) => sum + (s * s + mean[i] * mean[i] - 1) / 2 - Math.log(s), 0);

/** @param {Ellipse} q @param {Surface} surface */
export const elbo = (q, surface) => expected(q, surface) - rate(q);

/**
 * Nelder and Mead's simplex: the greatest value of `value` near `start`.
 * @param {(at: number[]) => number} value
 * @param {number[]} start
 * @param {number[]} steps  how far the other corners of the first simplex are
 * @param {number} [rounds]
 */
export function greatest(value, start, steps, rounds = 240) {
  const rated = (/** @type {number[]} */ at) => ({at, value: value(at)});
  let simplex = [rated(start), ...steps.map((step, i) => rated(start.with(i, start[i] + step)))];
  for (let round = 0; round < rounds; round++) {
    simplex.sort((a, b) => b.value - a.value);
    const worst = simplex[simplex.length - 1];
    simplex = simplex.slice(0, -1);
    const middle = start.map((_, i) => simplex.reduce((sum, {at}) => sum + at[i], 0) / simplex.length);
    const along = (/** @type {number} */ t) => rated(middle.map((m, i) => m + t * (m - worst.at[i])));
    const mirrored = along(1);
    if (mirrored.value > simplex[0].value) {
      const far = along(2);
      simplex.push(far.value > mirrored.value ? far : mirrored);
      continue;
    }
    if (mirrored.value > simplex[simplex.length - 1].value) {
      simplex.push(mirrored);
      continue;
    }
    const near = along(mirrored.value > worst.value ? 0.5 : -0.5);
    if (near.value > worst.value) simplex.push(near);
    else
      simplex = [
        simplex[0],
        ...[...simplex.slice(1), worst].map(({at}) => rated(at.map((v, i) => (v + simplex[0].at[i]) / 2))),
      ];
  }
  return simplex.reduce((best, next) => (next.value > best.value ? next : best));
}

/**
 * The Gaussian of the best ELBO: with axes along the latents, as an encoder answers, or `tilted`.
 * @param {Surface} surface
 * @param {Ellipse} from  a start, e.g. the posterior's own mean and sigmas
 * @param {boolean} [tilted]
 */
export function best(surface, from, tilted = false) {
  const [s, t] = from.sigma;
  const wide = Math.max(s, t);
  const ellipse = (/** @type {number[]} */ [a, b, p, r, angle = 0]) => ({
    mean: [a, b],
    sigma: [Math.exp(p), Math.exp(r)],
    angle,
  });
  // Axis-parallel: as precise along each latent as the tilted one is there, which is what KL(q || p) asks for.
  const c = Math.cos(from.angle) ** 2;
  const precise = [c / s ** 2 + (1 - c) / t ** 2, (1 - c) / s ** 2 + c / t ** 2].map(p => -Math.log(p) / 2);
  const start = tilted ? [...from.mean, Math.log(s), Math.log(t), from.angle] : [...from.mean, ...precise];
  const steps = [wide / 3, wide / 3, 0.2, 0.2, 0.2].slice(0, start.length);
  return ellipse(greatest(at => elbo(ellipse(at), surface), start, steps).at);
}
