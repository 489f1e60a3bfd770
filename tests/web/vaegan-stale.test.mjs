/** Whose turn it is where many pictures follow one hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {nextStale} from '../../vaedemo/app/tabs/vaegan/lib/stale.mjs';

test('every place has its turn before one has a second, however often the hand moves', () => {
  const shown = /** @type {number[]} */ ([]);
  const turns = Array(5).fill(0);
  for (let version = 1, last = -1; version <= 10; version++) {
    last = nextStale(shown, version, last, 5);
    shown[last] = version;
    turns[last] += 1;
  }
  assert.deepEqual(turns, [2, 2, 2, 2, 2]);
});

test('once the hand rests all places show the newest, and it ends', () => {
  const shown = [3, 2, 3, 1];
  assert.equal(nextStale(shown, 3, 1, 4), 3);
  shown[3] = 3;
  assert.equal(nextStale(shown, 3, 3, 4), 1);
  shown[1] = 3;
  assert.equal(nextStale(shown, 3, 1, 4), -1);
  assert.equal(nextStale([], 1, -1, 0), -1);
});
