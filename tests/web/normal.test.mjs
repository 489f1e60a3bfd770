/** The standard normal distribution, against tables and its own symmetry. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {cdf, normal, quantile} from '../../vaedemo/web/engine/normal.mjs';

/** Published values of the standard normal's distribution function. */
const TABLE = [
  {z: 0, p: 0.5},
  {z: 0.5, p: 0.6914624612740131},
  {z: 1, p: 0.8413447460685429},
  {z: 1.959963984540054, p: 0.975},
  {z: 2.5758293035489004, p: 0.995},
  {z: 3.090232306167813, p: 0.999},
];

for (const {z, p} of TABLE)
  test(`P(Z <= ${z}) is ${p}`, () => {
    assert.ok(Math.abs(cdf(z) - p) < 1e-7);
    assert.ok(Math.abs(cdf(-z) - (1 - p)) < 1e-7);
    assert.ok(Math.abs(quantile(p) - z) < 1e-8);
    assert.ok(Math.abs(quantile(1 - p) + z) < 1e-8);
  });

test('each undoes the other, in the middle and in the tails', () => {
  for (const p of [1e-4, 0.01, 0.02425, 0.3, 0.7, 0.97575, 0.99, 0.9999])
    assert.ok(Math.abs(cdf(quantile(p)) - p) < 2e-7, `${p}`);
});

test('draws have mean 0 and variance 1', () => {
  const n = 20_000;
  const draws = Array.from({length: n}, normal);
  const mean = draws.reduce((sum, z) => sum + z, 0) / n;
  const variance = draws.reduce((sum, z) => sum + (z - mean) ** 2, 0) / n;
  assert.ok(Math.abs(mean) < 6 / Math.sqrt(n), `${mean}`); // six standard errors
  assert.ok(Math.abs(variance - 1) < 6 * Math.sqrt(2 / n), `${variance}`);
  assert.ok(draws.every(Number.isFinite));
});
