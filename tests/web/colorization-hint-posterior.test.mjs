/** The posterior of colorings given dabs, against Bayes' rule worked out by hand on few draws. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {CELLS, SIDE} from '../../vaedemo/app/tabs/colorization/lib/color-field-painter.mjs';
import {Posterior, SIGMA, cellOf} from '../../vaedemo/app/tabs/colorization/lib/hint-posterior.mjs';

const near = (value, wanted, most = 1e-9) => assert.ok(Math.abs(value - wanted) <= most, `${value}, not ${wanted}`);

/** Draws of one color each: answers and levels of a, bytes; b is the byte 0, which is -1. */
function drawn(answers, levels) {
  const fields = new Uint8Array(levels.length * 2 * CELLS);
  levels.forEach((level, i) => fields.fill(level, 2 * CELLS * i, 2 * CELLS * i + CELLS));
  return new Posterior({answers: Uint8Array.from(answers), fields}, 3);
}
const valueOf = level => level / 127.5 - 1;
/** @param {number} a */
const dab = a => ({x: 0.5, y: 0.5, ab: /** @type {[number, number]} */ ([a, -1])});

test('a place is in the cell of its row and column', () => {
  assert.equal(cellOf({x: 0, y: 0}), 0);
  assert.equal(cellOf({x: 0.999, y: 0}), SIDE - 1);
  assert.equal(cellOf({x: 0, y: 0.999}), (SIDE - 1) * SIDE);
  assert.equal(cellOf({x: 1.5, y: -1}), SIDE - 1);
});

test('without dabs every draw counts alike', () => {
  const {weights, effective, nearest} = drawn([0, 0, 1, 0], [0, 50, 100, 150]).weigh([]);
  assert.deepEqual(weights, [0.75, 0.25, 0]);
  near(effective, 4);
  near(nearest, 0);
});

test('a dab weighs draws by exp(-d^2 / 2 s^2)', () => {
  const levels = [100, 110, 120];
  const weighed = drawn([0, 1, 1], levels).weigh([dab(valueOf(100))]);
  const likelihoods = levels.map(level => Math.exp(-((valueOf(level) - valueOf(100)) ** 2) / (2 * SIGMA ** 2)));
  const total = likelihoods.reduce((a, b) => a + b);
  near(weighed.weights[0], likelihoods[0] / total);
  near(weighed.weights[1], (likelihoods[1] + likelihoods[2]) / total);
  near(weighed.agreement[1], (likelihoods[1] + likelihoods[2]) / 2);
  near(weighed.effective, total ** 2 / likelihoods.reduce((sum, one) => sum + one ** 2, 0));
  near(weighed.nearest, 0);
});

test('two dabs multiply', () => {
  const posterior = drawn([0, 1], [100, 120]);
  const one = posterior.weigh([dab(valueOf(100))]);
  const two = posterior.weigh([dab(valueOf(100)), dab(valueOf(100))]);
  near(two.weights[1] / two.weights[0], (one.weights[1] / one.weights[0]) ** 2);
});

test('the nearest draw is told in sigmas, and weighs even if it is far', () => {
  const {nearest, weights} = drawn([0, 1], [0, 10]).weigh([dab(valueOf(10) + 5 * SIGMA)]);
  near(nearest, 5, 1e-6);
  assert.ok(weights[1] > 0.9);
});

test("a component's coloring is its draws' weighed mean; without draws it has none", () => {
  const posterior = drawn([0, 0, 1], [100, 140, 7]);
  const mean = posterior.coloring(posterior.weigh([]), 0);
  near(mean[0], valueOf(120), 1e-6);
  near(mean[CELLS], -1, 1e-6);
  const weighed = posterior.weigh([dab(valueOf(100))]);
  const [first, second] = [0, 1].map(i => Math.exp(weighed.logs[i]));
  near(posterior.coloring(weighed, 0)[5], (first * valueOf(100) + second * valueOf(140)) / (first + second), 1e-4);
  assert.equal(posterior.coloring(weighed, 2), null);
});
