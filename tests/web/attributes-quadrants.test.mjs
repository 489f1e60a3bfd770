/** Which part of a digit is given, counted by hand. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {SIDE, condition, pasted, seen} from '../../vaedemo/app/tabs/attributes/lib/quadrants.mjs';

const HALF = SIDE / 2;
const at = (row, column) => row * SIDE + column;
/** A pixel of the upper left, upper right, lower left, lower right quadrant. */
const CORNERS = [at(0, 0), at(0, SIDE - 1), at(SIDE - 1, 0), at(SIDE - 1, SIDE - 1)];

for (const {given, corners} of [
  {given: 1, corners: [false, false, true, false]}, // the lower left
  {given: 2, corners: [true, false, true, false]}, // the left half
  {given: 3, corners: [true, false, true, true]}, // all but the upper right
]) {
  test(`with ${given} quadrants a ${given}/4 of the pixels is seen`, () => {
    const mask = seen(given);
    assert.equal(mask.filter(Boolean).length, (given * SIDE ** 2) / 4);
    assert.deepEqual(
      CORNERS.map(i => mask[i]),
      corners,
    );
  });
}

test('quadrants meet in the middle', () => {
  const mask = seen(1);
  assert.ok(mask[at(HALF, HALF - 1)]);
  assert.ok(!mask[at(HALF - 1, HALF - 1)]);
  assert.ok(!mask[at(HALF, HALF)]);
});

test('what is hidden is -1 in the condition, what is seen is from 0 to 1', () => {
  assert.deepEqual(condition(Uint8Array.of(0, 255, 51, 9), [true, true, true, false]), [0, 1, 0.2, -1]);
});

test('what is given is pasted into each of several pictures', () => {
  const planes = Uint8Array.of(1, 2, 3, 4, 5, 6);
  assert.deepEqual([...pasted(planes, Uint8Array.of(10, 20, 30), [true, false, true])], [10, 2, 30, 10, 5, 30]);
});
