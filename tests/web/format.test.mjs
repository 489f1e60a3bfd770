/** Numbers in words, and the dial's parts of labels. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {nats, percent, shown} from '../../vaedemo/web/page/format.mjs';
import {inWords, parts} from '../../vaedemo/web/ui/dial.mjs';

test('numbers', () => {
  assert.equal(shown([1.234, -0.5]), '1.23, −0.50');
  assert.equal(shown([2], 0), '2');
  assert.equal(nats(104.26), '104.3 nats');
});

test('a part of one: what is hardly there is not said to be nothing', () => {
  assert.deepEqual([0, 0.004, 0.005, 0.236, 1].map(percent), ['0 %', '<1 %', '1 %', '24 %', '100 %']);
});

test('a dial blends two neighbours, the last with the first', () => {
  assert.deepEqual(parts(1, 3), [0, 1, 0]);
  assert.deepEqual(parts(2.25, 3), [0.25, 0, 0.75]);
  for (const value of [0, 0.3, 1.9, 2.999]) assert.ok(Math.abs(parts(value, 3).reduce((a, b) => a + b) - 1) < 1e-12);
});

test('a blend in words', () => {
  assert.equal(inWords([0, 1, 0], ['3', '5', '8']), '5');
  assert.equal(inWords([0.25, 0, 0.75], ['3', '5', '8']), '0.25 · 3 + 0.75 · 8');
});
