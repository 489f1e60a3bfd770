/** log p(x), the posterior's moments, and interpolation, against polynomials and a model in closed form. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {cells, evidence, logPrior, logSum, summed} from '../../vaedemo/app/tabs/whyq/lib/log-evidence.mjs';
import {Patch, Surface} from '../../vaedemo/app/tabs/whyq/lib/log-likelihood-surface.mjs';
import {LinearGaussian, covariance} from './whyq-linear-gaussian.mjs';

/** @param {number} got @param {number} wanted @param {number} within */
const near = (got, wanted, within) => assert.ok(Math.abs(got - wanted) <= within, `${got} is not ${wanted}`);

/** Narrow and turned, as of a digit; and so wide that the first grid holds it. */
const NARROW = new LinearGaussian(
  [
    [900, 500],
    [500, 700],
  ],
  [1.1, -0.7],
  -90,
);
const WIDE = new LinearGaussian(
  [
    [0.5, 0.2],
    [0.2, 0.3],
  ],
  [0.4, 0.1],
  -200,
);

test('the log of a sum of exponentials neither overflows nor vanishes', () => {
  near(logSum([Math.log(1), Math.log(2), Math.log(3)]), Math.log(6), 1e-12);
  near(logSum([-2000, -2000]), -2000 + Math.log(2), 1e-12);
  near(logSum([2000, 0]), 2000, 1e-12);
});

test('the prior is a density: its log at 0 is -log 2 pi', () => {
  near(logPrior(0, 0), -Math.log(2 * Math.PI), 1e-12);
  near(logPrior(1, 2), -Math.log(2 * Math.PI) - 2.5, 1e-12);
});

test('cells are laid out by the first latent, then the second', () => {
  assert.deepEqual([...cells([1, 10], 2, 2)], [0, 9, 0, 11, 2, 9, 2, 11]);
});

for (const [name, model] of Object.entries({NARROW, WIDE}))
  test(`log p(x) of a ${name.toLowerCase()} posterior is the closed form`, async () => {
    near((await summed(model.score)).logP, model.logP, 0.005);
  });

test('a wide posterior is summed on the first grid alone, a narrow one on finer cells too', async () => {
  assert.equal((await summed(WIDE.score)).codes, 64 * 64);
  /** @type {number[]} */
  const counts = [];
  const {codes} = await summed(NARROW.score, count => counts.push(count));
  assert.ok(codes > 64 * 64);
  assert.equal(counts[0], 64 * 64);
  assert.equal(counts[counts.length - 1], codes);
  assert.deepEqual(
    counts,
    [...counts].sort((a, b) => a - b),
  );
});

test("the mode's mean, sigmas and angle are the posterior's", async () => {
  const found = await evidence(NARROW.score);
  near(found.logP, NARROW.logP, 0.005);
  assert.ok(found.here > 0.999);
  assert.ok(found.sigma[0] > found.sigma[1]);
  const got = covariance(found);
  [0, 1].forEach(d => {
    near(found.mean[d], NARROW.mean[d], 0.1 * found.sigma[1]);
    near(got[d][d] / NARROW.covariance[d][d], 1, 0.1);
  });
  near(got[0][1] / NARROW.covariance[0][1], 1, 0.1);
});

test('of two peaks the greater is framed, and the part that lies elsewhere is told', async () => {
  const other = new LinearGaussian(NARROW.a, [-1.2, 0.9], NARROW.c - 2);
  const score = async (/** @type {Float64Array} */ zs) =>
    Float64Array.from({length: zs.length / 2}, (_, i) => {
      const [a, b] = [zs[2 * i], zs[2 * i + 1]];
      return logSum([NARROW.at(a, b), other.at(a, b)]);
    });
  const found = await evidence(score);
  near(found.logP, logSum([NARROW.logP, other.logP]), 0.005);
  const greater = NARROW.logP > other.logP ? NARROW : other;
  near(found.mean[0], greater.mean[0], 0.01);
  near(found.here, Math.exp(greater.logP - logSum([NARROW.logP, other.logP])), 0.02);
});

test('cubics are interpolated exactly, with their slopes', async () => {
  const cubic = (/** @type {number} */ a, /** @type {number} */ b) =>
    2 + a ** 3 - 4 * a * b ** 2 + 3 * b ** 3 - a * b;
  const middle = [0.3, -0.2];
  const zs = cells(middle, 1.5, 12);
  const values = Float64Array.from({length: 144}, (_, i) => cubic(zs[2 * i], zs[2 * i + 1]));
  const patch = new Patch(values, middle, 1.5, 12);
  for (const [a, b] of [
    [0.31, -0.17],
    [-1.1, 1.2],
    [1.79, -1.69], // at the edge, beyond the middle of the last cell
  ]) {
    near(patch.at(a, b), cubic(a, b), 1e-9);
    near(patch.slope(a, b)[0], 3 * a * a - 4 * b * b - b, 1e-9);
    near(patch.slope(a, b)[1], -8 * a * b + 9 * b * b - a, 1e-9);
  }
});

test('the fine patch is asked where it is, the plane everywhere else', () => {
  const flat = (/** @type {number} */ value) => Float64Array.from({length: 16}, () => value);
  const surface = new Surface(new Patch(flat(1), [1, 1], 0.5, 4), new Patch(flat(2), [0, 0], 4.5, 4));
  near(surface.at(1.4, 0.6), 1, 1e-12);
  near(surface.at(1.6, 0.6), 2, 1e-12);
});
