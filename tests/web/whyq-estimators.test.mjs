/** What throws and draws tell: importance weights, chances, gradients, the ELBO of one q for all; in closed form. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {spanOf} from '../../vaedemo/app/tabs/whyq/lib/elbo-gap-chart.mjs';
import {estimates} from '../../vaedemo/app/tabs/whyq/lib/estimator-chart.mjs';
import {gradients, spread} from '../../vaedemo/app/tabs/whyq/lib/gradient-estimators.mjs';
import {REACH, SIDE, cells} from '../../vaedemo/app/tabs/whyq/lib/log-evidence.mjs';
import {gapOf, nats} from '../../vaedemo/app/tabs/whyq/lib/nats.mjs';
import {Throws} from '../../vaedemo/app/tabs/whyq/lib/prior-and-q-sampling.mjs';
import {bestSingle, bounds, mean} from '../../vaedemo/app/tabs/whyq/lib/shared-vs-own-q.mjs';
import {LinearGaussian, dice} from './whyq-linear-gaussian.mjs';

/** @param {number} got @param {number} wanted @param {number} within */
const near = (got, wanted, within) => assert.ok(Math.abs(got - wanted) <= within, `${got} is not ${wanted}`);

const UPRIGHT = new LinearGaussian(
  [
    [3, 0],
    [0, 8],
  ],
  [0.7, -0.4],
  -60,
);
const POSTERIOR = {
  mean: UPRIGHT.mean,
  sigma: UPRIGHT.precision.map((row, d) => 1 / Math.sqrt(row[d])),
  rate: 0,
};

/** @param {number[]} z @param {boolean} [hit] */
const dart = (z, hit = false) => ({z, hit, score: UPRIGHT.at(z[0], z[1])});

test('weighed by p / q, each throw of the true posterior tells log p(x) exactly', () => {
  const throws = new Throws(POSTERIOR);
  const random = dice(4);
  throws.thrown.q = Array.from({length: 50}, () => dart([4 * random() - 2, 4 * random() - 2]));
  for (const weight of throws.weights('q')) near(weight, UPRIGHT.logP, 1e-9);
  throws.thrown.prior = [dart([1, 1])];
  assert.deepEqual(throws.weights('prior'), [UPRIGHT.at(1, 1)]);
});

test('where q is the prior, a weight is the score', () => {
  const throws = new Throws({mean: [0, 0, 0], sigma: [1, 1, 1], rate: 0});
  near(throws.logRatio([0.4, -2, 1]), 0, 1e-12);
});

test('a chance is counted where five hit, told by the throws of q where fewer do, unknown without both', () => {
  const throws = new Throws({mean: [0, 0], sigma: [0.5, 0.5], rate: 0});
  assert.ok(Number.isNaN(throws.chance().chance));
  throws.thrown.q = [dart([0, 0], true), dart([0, 0], true), dart([2, 0], false), dart([2, 0], false)];
  // p / q at 0 is sigma squared: both normalizers hold 2 pi
  assert.deepEqual(throws.chance(), {chance: (2 * 0.25) / 4, counted: false});
  throws.thrown.prior = Array.from({length: 40}, (_, i) => dart([1, 1], i < 5));
  assert.deepEqual(throws.chance(), {chance: 5 / 40, counted: true});
});

test('the two latents of the smallest sigma are shown, in their order', () => {
  assert.deepEqual(new Throws({mean: [0, 0, 0, 0], sigma: [0.9, 0.1, 1, 0.3], rate: 0}).shown(), [1, 3]);
  assert.deepEqual(new Throws({mean: [0, 0, 0], sigma: [0.2, 0.9, 0.1], rate: 0}).shown(), [0, 2]);
});

test('estimates from equal weights are that weight, whatever N', () => {
  const found = estimates(Array.from({length: 300}, () => -85.9));
  assert.deepEqual(
    found.map(({n}) => n),
    [1, 3, 10, 30, 100, 300],
  );
  for (const {low, middle, high} of found) for (const value of [low, middle, high]) near(value, -85.9, 1e-9);
});

test('one throw of ten that hits: single throws miss mostly, many tell its tenth', () => {
  const weights = [0, ...Array.from({length: 9}, () => -50)];
  const many = Array.from({length: 100}, () => weights).flat();
  const found = estimates(many, dice(7));
  const [single] = found;
  near(single.middle, -50, 1e-9); // nine in ten
  const last = found[found.length - 1];
  assert.equal(last.n, 1000);
  near(last.middle, Math.log(0.1), 0.1);
  // Binomial(1000, 0.1): eight in ten within 1.28 standard deviations of 9.5
  near(last.high, Math.log(0.112), 0.05);
  near(last.low, Math.log(0.088), 0.05);
});

test('weights that vanish beside the greatest still have a logarithm', () => {
  const missed = estimates([0, -2000, -2000], () => 0.5);
  for (const {middle} of missed) assert.ok(middle <= -2000 && middle > -2010);
});

test('pathwise and score-function gradients are those of the closed form', () => {
  const q = {mean: [0.2, 0.5], sigma: [0.3, 0.7], angle: 0};
  // Mean 0, variance 1, no skew: what is quadratic in eps is averaged exactly by four points
  const eps = [-1, 1].flatMap(u => [-1, 1].map(v => [u, v]));
  const all = gradients(q, /** @type {any} */ (UPRIGHT), eps);
  const byMean = UPRIGHT.slope(q.mean[0], q.mean[1]);
  [0, 1].forEach(d => {
    near(spread(all.path).mean[d], byMean[d], 1e-12);
    near(spread(all.score).mean[d], byMean[d], 1e-9);
    near(spread(all.sigma).mean[d], -UPRIGHT.a[d][d] * q.sigma[d], 1e-12);
  });
  near(spread(all.path).std, Math.hypot(3 * 0.3, 8 * 0.7), 1e-9);
  assert.ok(spread(all.score).std > 5 * spread(all.path).std);
});

test('spread is the mean of each number, and the standard deviation of both together', () => {
  assert.deepEqual(
    spread([
      [0, 1],
      [2, 1],
      [0, 5],
      [2, 5],
    ]),
    {mean: [1, 3], std: Math.sqrt(1 + 4)},
  );
});

test('one wide q over a plane of cells has the ELBO of the closed form', async () => {
  const scores = await UPRIGHT.score(cells([0, 0], REACH, SIDE));
  const q = {mean: [0.3, -0.2], sigma: [0.6, 0.6], angle: 0};
  const rate = (2 * 0.36 + 0.13 - 2) / 2 - 2 * Math.log(0.6);
  near(bounds([scores], q)[0], UPRIGHT.expected(q) - rate, 0.01);
});

test('the best single q of two digits weighs both', async () => {
  const other = new LinearGaussian(UPRIGHT.a, [-0.9, 0.6], -70);
  const scores = await Promise.all([UPRIGHT, other].map(model => model.score(cells([0, 0], REACH, SIDE))));
  const [a, b, sigma] = bestSingle(scores);
  // Half of both quadratics is one around the mean of their middles; then sigma^2 = 2 / (2 + trace A)
  near(a, (0.75 * (0.7 - 0.9)) / 2, 0.01);
  near(b, ((8 / 9) * (0.6 - 0.4)) / 2, 0.01);
  near(sigma, Math.max(0.4, Math.sqrt(2 / 13)), 0.01);
  assert.ok(
    mean(bounds(scores, {mean: [a, b], sigma: [0.5, 0.5], angle: 0})) <
      mean(bounds(scores, {mean: [a, b], sigma: [sigma, sigma], angle: 0})),
  );
});

test('nats are written to a tenth, small gaps to a hundredth, on the least scale that holds them', () => {
  assert.equal(nats(-85.94), '−85.9');
  assert.equal(nats(-1234.5), '−1235');
  assert.equal(gapOf(0.364), '0.36 nats');
  assert.equal(gapOf(12.34), '12.3 nats');
  const bars = [3, 25].map(gap => ({name: '', label: '', elbo: -80 - gap}));
  assert.equal(spanOf(-80, bars), 30);
  assert.equal(spanOf(-80, [{name: '', label: '', elbo: -1e6}]), 10_000);
});
