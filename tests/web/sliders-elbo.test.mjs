/** Costs in nats, traversals and the chart of rate against distortion, by closed forms. */
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {distortion, far, nats, rate, squaredError} from '../../vaedemo/app/tabs/sliders/lib/elbo-terms.mjs';
import {gaps, strongest} from '../../vaedemo/app/tabs/sliders/lib/mutual-information-table.mjs';
import {axes, cheapest, cost, multiples, round} from '../../vaedemo/app/tabs/sliders/lib/rate-distortion-chart.mjs';
import {along, pulledTo, through} from '../../vaedemo/app/tabs/sliders/lib/traversal.mjs';

const near = (a, b, most = 1e-6) => assert.ok(Math.abs(a - b) <= most, `${a} is not ${b}`);

test('the rate is the KL of a Gaussian against N(0, 1)', () => {
  assert.equal(rate([0, 0], [1, 1]), 0);
  near(rate([2], [1]), 2); // half the squared mean
  near(rate([0], [Math.E]), 0.5 * (Math.E ** 2 - 1) - 1);
  near(rate([1, 1], [0.5, 2]), rate([1], [0.5]) + rate([1], [2]));
});

test("a Bernoulli's distortion: a half costs log 2 a pixel, certainty nearly nothing", () => {
  // The byte 127.5 does not exist; 128 stands for 128.5 / 256.
  near(distortion(Uint8Array.of(255, 0), Uint8Array.of(128, 127), null), -2 * Math.log(128.5 / 256));
  near(distortion(Uint8Array.of(255), Uint8Array.of(255), null), -Math.log(255.5 / 256));
  near(distortion(Uint8Array.of(255), Uint8Array.of(0), null), Math.log(512));
});

test("a Gaussian's distortion: half the squared error over sigma squared, and the normalizer", () => {
  const x = Uint8Array.of(0, 255);
  assert.equal(squaredError(x, Uint8Array.of(255, 255)), 1);
  near(distortion(x, Uint8Array.of(255, 255), 0.5), 0.5 * (1 / 0.25 + 2 * Math.log(2 * Math.PI * 0.25)));
  assert.ok(distortion(x, x, 0.1) < 0, 'nats of a density may be negative');
});

test('a picture is far from 2.5 times the usual cost on', () => {
  const model = {title: 'VAE', metrics: {distortion: 100, split: 'test'}};
  const x = Uint8Array.of(0);
  assert.equal(far(model, {x, distortion: 250, noise: null}, x), '');
  assert.match(
    far(model, {x, distortion: 251, noise: null}, x),
    /251.0 nats of distortion, on average 100.0 over test/,
  );
  // One level of 255 off, at sigma 1/255: the error is the expected one; two levels: four times that.
  assert.equal(far(model, {x, distortion: 0, noise: 1 / 255}, Uint8Array.of(1)), '');
  assert.match(far(model, {x, distortion: 0, noise: 1 / 255}, Uint8Array.of(2)), /4.0 times/);
  assert.equal(nats(-1.25), '−1.3');
});

test('frames lie at quantiles, equal masses apart, and a slider stands between them', () => {
  const values = through(3);
  near(values[0], -2.0537489, 1e-5);
  near(values[1], 0, 1e-8);
  near(values[2], 2.0537489, 1e-5);
  through(3, {wide: 8}).forEach((value, i) => near(value, 8 * values[i]));
  for (const wide of [1, 3]) through(9, {wide}).forEach((value, i) => near(along(value, {wide}), i / 8, 1e-5));
  assert.equal(along(-9, {wide: 1}), 0);
  assert.equal(along(9, {wide: 1}), 1);
});

test('a pulled slider takes the partner along by as much; one without a partner leaves the right model alone', () => {
  const shown = {
    codes: [
      [1, 2],
      [10, 20, 30],
    ],
  };
  assert.deepEqual(pulledTo(shown, {d: 1, partner: 0}, 5), [
    [1, 5],
    [13, 20, 30],
  ]);
  assert.deepEqual(pulledTo(shown, {d: 0, partner: null}, 5), [
    [5, 2],
    [10, 20, 30],
  ]);
  assert.deepEqual(pulledTo({codes: [[1, 2]]}, {d: 0, partner: null}, 0), [[0, 2]]);
});

test('round numbers and their multiples', () => {
  assert.deepEqual([0.3, 1, 1.1, 4.9, 7, 12].map(round), [0.5, 1, 2, 5, 10, 20]);
  assert.deepEqual(multiples(3, 21, 5), [5, 10, 15, 20]);
  assert.deepEqual(multiples(0, 10, 5), [0, 5, 10]);
  assert.deepEqual(multiples(-7, 7, 5), [-5, 0, 5]);
});

const point = (beta, rate, distortion) => ({beta, label: String(beta), rate, distortion});
const POINTS = [point(0, 60, 121), point(1, 10, 130), point(4, 4, 150)];

test('each price has its cheapest model', () => {
  assert.equal(cost(POINTS[1], 4), 170);
  assert.deepEqual(
    [0, 1, 4].map(beta => cheapest(POINTS, beta).beta),
    [0, 1, 4],
  );
});

test('the axis of rates is broken where one is far larger than the others', () => {
  const at = axes({test: POINTS, mine: [], beta: 1}, 800);
  assert.ok(at.isBroken);
  near(at.knee, 13);
  near(at.x(0), 52);
  near(at.x(at.knee), at.knot);
  near(at.x(60 * 1.06), 800 - 18);
  near(at.y(at.low), at.bottom);
  near(at.y(at.high), 16);
  assert.equal(at.height, 400);
  const even = axes({test: POINTS.slice(1), mine: [], beta: 1}, 400);
  assert.ok(!even.isBroken);
  near(even.x(5.3), (52 + 400 - 18) / 2); // half of 1.06 * 10
  assert.equal(even.height, 300);
});

test('the gap of the mutual information, and the cell that tells most', () => {
  const known = {information: [0.5, 0.1, 0.2, 0.8, 0.4, 0.3], kl: [1, 1, 1], factors: ['x', 'y']};
  gaps(known).forEach((gap, f) => near(gap, [0.1, 0.5][f]));
  assert.deepEqual(strongest(known), {share: 0.8, latent: 1, factor: 1});
});
