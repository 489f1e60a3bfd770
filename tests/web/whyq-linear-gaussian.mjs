/**
 * A model whose every quantity is known in closed form, for the tests of Why Q:
 * log p(x|z) = c - (z - m)' A (z - m) / 2, a Gaussian likelihood of a linear decoder.
 * Under the prior N(0, I) the posterior is a Gaussian of precision I + A.
 */

/** @typedef {[number, number]} Pair @typedef {[Pair, Pair]} Matrix */
/** @typedef {import('../../vaedemo/app/tabs/whyq/lib/gaussian2d.mjs').Ellipse} Ellipse */

/** @param {Matrix} a */
export const determinant = ([[a, b], [c, d]]) => a * d - b * c;

/** @param {Matrix} a @returns {Matrix} */
export function inverse(a) {
  const by = determinant(a);
  const [[p, q], [r, s]] = a;
  return [
    [s / by, -q / by],
    [-r / by, p / by],
  ];
}

/** @param {Matrix} a @param {number[]} v @returns {Pair} */
export const times = ([[a, b], [c, d]], [x, y]) => [a * x + b * y, c * x + d * y];

/** v' a v. @param {Matrix} a @param {number[]} v */
export function quadratic(a, v) {
  const [x, y] = times(a, v);
  return x * v[0] + y * v[1];
}

/** Trace of a product of symmetric matrices. @param {Matrix} a @param {Matrix} b */
export const traceOfProduct = (a, b) => a[0][0] * b[0][0] + a[0][1] * b[1][0] + a[1][0] * b[0][1] + a[1][1] * b[1][1];

/** @param {number[]} a @param {number[]} b @returns {Pair} */
export const minus = (a, b) => [a[0] - b[0], a[1] - b[1]];

/** The covariance of an ellipse. @param {Ellipse} q @returns {Matrix} */
export function covariance({sigma: [s, t], angle}) {
  const c = Math.cos(angle);
  const n = Math.sin(angle);
  const xy = c * n * (s * s - t * t);
  return [
    [c * c * s * s + n * n * t * t, xy],
    [xy, n * n * s * s + c * c * t * t],
  ];
}

/** KL(N(mean, cov) || N(other, otherCov)) in nats. */
export function divergence(
  /** @type {number[]} */ mean,
  /** @type {Matrix} */ cov,
  /** @type {number[]} */ other,
  /** @type {Matrix} */ otherCov,
) {
  const precision = inverse(otherCov);
  const logs = Math.log(determinant(otherCov) / determinant(cov));
  return (traceOfProduct(precision, cov) + quadratic(precision, minus(other, mean)) - 2 + logs) / 2;
}

/** @type {Matrix} */
export const IDENTITY = [
  [1, 0],
  [0, 1],
];

export class LinearGaussian {
  /** @param {Matrix} a  symmetric @param {Pair} m @param {number} c */
  constructor(a, m, c) {
    this.a = a;
    this.m = m;
    this.c = c;
    /** @type {Matrix} */
    const precision = [
      [1 + a[0][0], a[0][1]],
      [a[1][0], 1 + a[1][1]],
    ];
    this.precision = precision;
    /** The posterior's covariance and mean. */
    this.covariance = inverse(precision);
    this.mean = times(this.covariance, times(a, m));
    /** log p(x): by Bayes' rule at the posterior's mean. */
    const [u, v] = this.mean;
    this.logP = this.at(u, v) - (u * u + v * v) / 2 - Math.log(determinant(precision)) / 2;
  }

  /** log p(x|z). @param {number} u @param {number} v */
  at(u, v) {
    return this.c - quadratic(this.a, minus([u, v], this.m)) / 2;
  }

  /** @param {number} u @param {number} v @returns {number[]} */
  slope(u, v) {
    return times(this.a, minus(this.m, [u, v]));
  }

  /** Scores as log-evidence.mjs asks for them. @type {(zs: Float64Array) => Promise<Float64Array>} */
  score = async zs => Float64Array.from({length: zs.length / 2}, (_, i) => this.at(zs[2 * i], zs[2 * i + 1]));

  /** E_q[log p(x|z)]. @param {Ellipse} q */
  expected(q) {
    return this.at(q.mean[0], q.mean[1]) - traceOfProduct(this.a, covariance(q)) / 2;
  }

  /** KL(q || p(z|x)). @param {Ellipse} q */
  gap(q) {
    return divergence(q.mean, covariance(q), this.mean, this.covariance);
  }
}

/** Numbers from 0 to 1, the same in each run (Numerical Recipes' generator). @param {number} seed */
export function dice(seed) {
  let state = seed;
  return () => {
    state = (1664525 * state + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
