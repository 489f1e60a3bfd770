/** The pictures that the scorer is asked about: black and white, made of the digit at hand, the same at each visit. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {SIDE} from '../../vaedemo/app/tabs/whyq/lib/model.mjs';
import {NOTHING, PICTURES} from '../../vaedemo/app/tabs/whyq/lib/ood-pictures.mjs';

const x = Uint8Array.from({length: SIDE * SIDE}, (_, i) => Number(i % 5 === 0));
const made = new Map(PICTURES.map(([name, make]) => [name, make(x)]));
/** @param {string} name @returns {Uint8Array} */
const of = name => made.get(name) ?? new Uint8Array();
/** @param {Uint8Array} pixels */
const ink = pixels => pixels.reduce((sum, value) => sum + value, 0);

test('all are of 0 and 1, and no two are the same', () => {
  for (const pixels of made.values()) {
    assert.equal(pixels.length, SIDE * SIDE);
    assert.ok(pixels.every(value => value === 0 || value === 1));
  }
  assert.equal(new Set([...made.values()].map(String)).size, PICTURES.length);
});

test('moved by three pixels: to the right, what comes in is empty', () => {
  const moved = of('moved by three pixels');
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++)
      assert.equal(moved[row * SIDE + column], column < 3 ? 0 : x[row * SIDE + column - 3]);
});

test('upside down is turned by half a turn, and the digit itself is left as it was', () => {
  assert.deepEqual([...of('upside down')].reverse(), [...x]);
  assert.deepEqual(of('your digit'), x);
});

test('nothing is empty, a stroke is 2 by 6, noise is half ink and the same again', () => {
  assert.equal(ink(of(NOTHING)), 0);
  assert.equal(ink(of('one short stroke')), 12);
  assert.ok(Math.abs(ink(of('noise')) / SIDE ** 2 - 0.5) < 0.06);
  const again = new Map(PICTURES).get('noise');
  assert.deepEqual(again?.(x), of('noise'));
});
