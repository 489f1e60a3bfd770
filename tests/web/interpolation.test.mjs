/** Ways between two codes: by hand, and by what defines them. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {lerp, slerp} from '../../vaedemo/web/engine/interpolation.mjs';

/** @param {number[]} got @param {number[]} wanted */
function near(got, wanted) {
  wanted.forEach((value, i) => assert.ok(Math.abs(got[i] - value) < 1e-9, `${got} is not ${wanted}`));
}

test('the straight line', () => {
  near(lerp([0, 2], [4, -2], 0.25), [1, 1]);
});

test('a quarter of a circle', () => {
  near(slerp([1, 0], [0, 1], 0.5), [Math.SQRT1_2, Math.SQRT1_2]);
  near(slerp([1, 0], [0, 1], 1 / 3), [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)]);
});

test('the ends are the ends', () => {
  const [a, b] = [
    [1, -2, 0.5],
    [0.3, 1, 2],
  ];
  near(slerp(a, b, 0), a);
  near(slerp(a, b, 1), b);
});

test('the length passes linearly, the angle at constant speed', () => {
  const [a, b] = [
    [2, 0, 0],
    [0, 0, 6],
  ];
  for (const t of [0.1, 0.25, 0.5, 0.8]) {
    const way = slerp(a, b, t);
    assert.ok(Math.abs(Math.hypot(...way) - (2 + 4 * t)) < 1e-9);
    assert.ok(Math.abs(Math.atan2(way[2], way[0]) - (t * Math.PI) / 2) < 1e-9);
  }
});

test('without an arc between them, the straight line', () => {
  near(slerp([0, 0], [2, 2], 0.5), [1, 1]);
  near(slerp([1, 1], [3, 3], 0.5), [2, 2]);
  near(slerp([1, 0], [-1, 0], 0.25), [0.5, 0]);
});
