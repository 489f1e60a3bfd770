/** A face that a hand changes: as picture_errors.py does it, of which these figures were computed by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';

import {
  NONE,
  blurred,
  brightened,
  changed,
  shifted,
  within,
  withoutEye,
} from '../../vaedemo/app/tabs/vaegan/lib/changes.mjs';

const WIDTH = 64;
const AREA = WIDTH * WIDTH;
/** A ramp: each pixel tells its row and column. */
const ramp = Uint8Array.from({length: 3 * AREA}, (_, i) => ((i % AREA) >> 6) * 2 + (i % WIDTH));
/** @param {Uint8Array} x @param {number} row @param {number} column @param {number} [channel] */
const at = (x, row, column, channel = 0) => x[channel * AREA + row * WIDTH + column];

test('a shift moves every channel, and repeats the edge', () => {
  const moved = shifted(ramp, 2, -1);
  for (const channel of [0, 1, 2]) {
    assert.equal(at(moved, 10, 10, channel), at(ramp, 11, 8, channel));
    assert.equal(at(moved, 10, 0, channel), at(ramp, 11, 0, channel));
    assert.equal(at(moved, 63, 5, channel), at(ramp, 63, 3, channel));
  }
});

test('a blur spreads a point as a Gaussian, and keeps what is even', () => {
  const point = new Uint8Array(3 * AREA);
  point[32 * WIDTH + 32] = 255;
  const seen = blurred(point, 1);
  const bell = [-3, -2, -1, 0, 1, 2, 3].map(i => Math.exp(-(i * i) / 2));
  const whole = bell.reduce((a, b) => a + b);
  assert.equal(at(seen, 32, 32), Math.round(255 / whole ** 2));
  assert.equal(at(seen, 31, 33), Math.round((255 * bell[2] * bell[4]) / whole ** 2));
  assert.equal(at(seen, 32, 32, 1), 0);
  assert.deepEqual(blurred(new Uint8Array(3 * AREA).fill(200), 2.5), new Uint8Array(3 * AREA).fill(200));
});

test('light is clipped', () => {
  const seen = brightened(
    Uint8Array.from({length: 3 * AREA}, (_, i) => (i % 2 ? 250 : 10)),
    0.2,
  );
  assert.deepEqual([...seen.subarray(0, 2)], [61, 255]);
  assert.deepEqual([...brightened(seen, -0.4).subarray(0, 2)], [0, 153]);
});

test('only the left eye is painted over', () => {
  const seen = withoutEye(ramp, 1);
  assert.equal(at(seen, 33, 22), at(ramp, 43, 22));
  for (const [row, column] of [
    [33, 41],
    [20, 22],
    [50, 22],
    [33, 5],
  ])
    assert.equal(at(seen, row, column), at(ramp, row, column));
});

test('no change changes nothing, and what a link asks for is kept within bounds', () => {
  assert.deepEqual(changed(ramp, NONE), ramp);
  const wild = within({right: 9, down: -1.4, blur: -2, light: 4, eye: 0.5});
  assert.deepEqual(wild, {right: 4, down: -1, blur: 0, light: 0.4, eye: 0.5});
});
