/** Gaussians on the plane, their ELBO and the best of them, against a model that is known in closed form. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {best, elbo, expected, greatest, place, rate} from '../../vaedemo/app/tabs/whyq/lib/gaussian2d.mjs';
import {Patch, Surface} from '../../vaedemo/app/tabs/whyq/lib/log-likelihood-surface.mjs';
import {cells} from '../../vaedemo/app/tabs/whyq/lib/log-evidence.mjs';
import {IDENTITY, LinearGaussian, covariance, determinant, dice, divergence} from './whyq-linear-gaussian.mjs';

/** @typedef {import('../../vaedemo/app/tabs/whyq/lib/gaussian2d.mjs').Ellipse} Ellipse */

const MODEL = new LinearGaussian(
  [
    [30, 12],
    [12, 20],
  ],
  [0.9, -0.6],
  -80,
);

/** Its exact scores on two grids, as log-evidence.mjs lays them out. */
const SURFACE = await surfaceOf(MODEL);

/** @param {LinearGaussian} model */
async function surfaceOf(model) {
  const patch = async (/** @type {number[]} */ middle, /** @type {number} */ half, /** @type {number} */ side) =>
    new Patch(await model.score(cells(middle, half, side)), middle, half, side);
  return new Surface(await patch(model.mean, 2, 56), await patch([0, 0], 4.5, 64));
}

/** @param {number} count @param {number} seed @returns {Ellipse[]} */
function ellipses(count, seed) {
  const random = dice(seed);
  const around = (/** @type {number} */ from, /** @type {number} */ to) => from + (to - from) * random();
  return Array.from({length: count}, () => ({
    mean: MODEL.mean.map(value => value + around(-0.5, 0.5)),
    sigma: [0.2 * 3 ** around(-1, 1), 0.2 * 3 ** around(-1, 1)],
    angle: around(-Math.PI / 2, Math.PI / 2),
  }));
}

/** @param {number} got @param {number} wanted @param {number} within */
const near = (got, wanted, within) => assert.ok(Math.abs(got - wanted) <= within, `${got} is not ${wanted}`);

test('z of eps lies on the axes of the ellipse', () => {
  const q = {mean: [1, 2], sigma: [3, 0.5], angle: Math.PI / 2};
  const [a, b] = place(q, 1, 0);
  near(a, 1, 1e-12);
  near(b, 5, 1e-12);
  const [c, d] = place(q, 0, 1);
  near(c, 0.5, 1e-12);
  near(d, 2, 1e-12);
});

test('rate is KL(q || N(0, I)) of the covariance in closed form, and turning changes nothing', () => {
  for (const q of ellipses(20, 8)) {
    near(rate(q), divergence(q.mean, covariance(q), [0, 0], IDENTITY), 1e-9);
    assert.equal(rate(q), rate({...q, angle: 0}));
  }
  assert.equal(rate({mean: [0, 0], sigma: [1, 1], angle: 0.3}), 0);
});

test('expected log p(x|z) is the quadratic form in closed form', () => {
  for (const q of ellipses(40, 1)) near(expected(q, SURFACE), MODEL.expected(q), 0.01);
});

test('ELBO and gap make log p(x), and no ellipse of a thousand rises above it', () => {
  for (const q of ellipses(1_000, 10)) {
    const bound = elbo(q, SURFACE);
    assert.ok(bound < MODEL.logP);
    near(bound + MODEL.gap(q), MODEL.logP, 0.01);
  }
});

test('the best ellipse is the posterior itself', () => {
  const found = best(SURFACE, {mean: [...MODEL.mean], sigma: [0.3, 0.1], angle: 0.2}, true);
  near(elbo(found, SURFACE), MODEL.logP, 0.001);
  near(determinant(covariance(found)) / determinant(MODEL.covariance), 1, 0.02);
});

test('the best upright one has the posterior precision along each latent', () => {
  const {mean, sigma, angle} = best(SURFACE, {mean: [...MODEL.mean], sigma: [0.3, 0.1], angle: 0.2});
  assert.equal(angle, 0);
  [0, 1].forEach(d => {
    near(mean[d], MODEL.mean[d], 0.005);
    near(sigma[d], 1 / Math.sqrt(MODEL.precision[d][d]), 0.005);
  });
  const aside = [0.93, 1.07].map(by => ({mean, angle, sigma: sigma.map(s => s * by)}));
  for (const q of aside) assert.ok(elbo(q, SURFACE) < elbo({mean, sigma, angle}, SURFACE));
});

test("Nelder and Mead's simplex climbs Rosenbrock's ridge", () => {
  const ridge = (/** @type {number[]} */ [x, y]) => -((1 - x) ** 2) - 100 * (y - x * x) ** 2;
  const {at, value} = greatest(ridge, [-1.2, 1], [0.5, 0.5], 400);
  near(at[0], 1, 1e-3);
  near(at[1], 1, 1e-3);
  assert.ok(value <= 0);
});
