/** The chart of the best of K, and the arrows of a link. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {apartBy, scalesOf} from '../../vaedemo/app/tabs/motion/lib/best-of-k-chart.mjs';
import {arrowsOf, counted, numbersOf} from '../../vaedemo/app/tabs/motion/lib/motion-hints-editor.mjs';

const FRAME = {left: 40, right: 240, top: 10, bottom: 210};
const ours = [1, 10, 100].map((k, i) => ({k, value: 2 - 0.5 * i}));
const theirs = [1, 5].map(k => ({k, value: 3}));

test('K lies on a log scale from 1 to the most, of all methods', () => {
  const {ks, x} = scalesOf([ours, theirs], FRAME);
  assert.deepEqual(ks, [1, 5, 10, 100]);
  assert.deepEqual([x(1), x(10), x(100)], [40, 140, 240]);
});

test('errors lie between a quarter of their range below the least and 5 % above the most', () => {
  const {y, lines, digits} = scalesOf([ours, theirs], FRAME);
  const low = 1 - 0.25 * 2 - 0.02;
  assert.ok(Math.abs(y(low) - 210) < 1e-9);
  assert.ok(Math.abs(y(3.15) - 10) < 1e-9);
  assert.deepEqual(lines, [0.5, 1, 1.5, 2, 2.5, 3]); // 2.67 in steps of 0.5: at most six
  assert.equal(digits, 1);
});

test('small errors get lines that two digits tell apart, large ones whole numbers', () => {
  /** @param {number} most */
  const scaled = most => scalesOf([[1, 2].map(k => ({k, value: (most * k) / 2}))], FRAME);
  assert.deepEqual([scaled(0.3).digits, scaled(3).digits, scaled(30).digits], [2, 1, 0]);
});

test('labels that would lie over one another make room, in their order', () => {
  assert.deepEqual(apartBy(15, [100, 90, 95, 300]), [120, 90, 105, 300]);
  assert.deepEqual(apartBy(15, [10, 40]), [10, 40]);
});

test('arrows of a link and back, cells within the grid', () => {
  const arrows = [
    {row: 9, column: 4, right: -8, down: -6.3},
    {row: 15, column: 0, right: 0, down: 64},
  ];
  assert.deepEqual(arrowsOf(numbersOf(arrows)), arrows);
  assert.deepEqual(arrowsOf([99, -3, 1, 2, 7]), [{row: 15, column: 0, right: 1, down: 2}]);
  assert.deepEqual([counted(1), counted(3)], ['one arrow', '3 arrows']);
});
