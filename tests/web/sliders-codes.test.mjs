/** Codes drawn anew: what is locked stays, and partners go along. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {randomized} from '../../vaedemo/app/tabs/sliders/lib/codes.mjs';
import {SEEDS, nextSeed} from '../../vaedemo/web/page/seeds.mjs';

/** @param {number} d @param {number | null} partner */
const row = (d, partner) => /** @type {any} */ ({d, partner});

test('latents with a slider are drawn anew, partners get the same, and locked ones stay', () => {
  const rows = [row(0, 2), row(1, 0), row(3, null)];
  const codes = [
    [1, 2, 3, 4],
    [5, 6, 7],
  ];
  let drawn = 10;
  const next = randomized({rows, codes, locked: one => one.d === 1}, () => drawn++);
  assert.deepEqual(next, [
    [10, 2, 3, 11],
    [5, 6, 10],
  ]);
  assert.deepEqual(codes[0], [1, 2, 3, 4], 'the codes in view are not touched');
});

test('seeds go round below SEEDS', () => {
  assert.equal(nextSeed(0), 1);
  assert.equal(nextSeed(SEEDS - 1), 0);
});
