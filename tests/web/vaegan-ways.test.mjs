/** Ways through z, and the cross-fade. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ATTRIBUTES, asked, faded, moved, rowsOf, steps} from '../../vaedemo/app/tabs/vaegan/lib/ways.mjs';

test('a tensor has rows', () => {
  assert.deepEqual(rowsOf({data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3]}), [
    [1, 2, 3],
    [4, 5, 6],
  ]);
});

test('sliders take the vectors by name, a beard is the opposite of none, and what nobody knows is zeros', () => {
  const found = asked(
    [
      [1, 2],
      [3, 4],
    ],
    ['No_Beard', 'Smiling'],
  );
  assert.equal(found.length, ATTRIBUTES.length);
  const at = (/** @type {string} */ label) => found[ATTRIBUTES.findIndex(one => one.label === label)];
  assert.deepEqual(at('smile'), [3, 4]);
  assert.deepEqual(at('beard'), [-1, -2]);
  assert.deepEqual(at('hat'), [0, 0]);
});

test('each value adds its way once', () => {
  const ways = [
    [1, 0, 1],
    [0, 2, 0],
  ];
  assert.deepEqual(moved([1, 1, 1], ways, [2, -0.5]), [3, 0, 3]);
  assert.deepEqual(moved([1, 1, 1], [], []), [1, 1, 1]);
});

test('a cross-fade begins at one picture and ends at the other', () => {
  const first = Uint8Array.of(0, 100, 255);
  const second = Uint8Array.of(255, 100, 0);
  assert.deepEqual([...faded(first, second, 0)], [...first]);
  assert.deepEqual([...faded(first, second, 1)], [...second]);
  assert.deepEqual([...faded(first, second, 0.25)], [64, 100, 191]);
  assert.deepEqual(steps(5), [0, 0.25, 0.5, 0.75, 1]);
});
