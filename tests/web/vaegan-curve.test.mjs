import assert from 'node:assert/strict';
import {test} from 'node:test';
import {FRAME, apart, lineOf, placeOf, topOf} from '../../vaedemo/app/tabs/vaegan/lib/error-curve.mjs';

test('a line goes from the left axis to the right as the steps do, and down as the error does', () => {
  const trail = [
    [0.1, 0.08],
    [0.05, 0.06],
    [0, 0.04],
  ];
  const most = topOf(trail);
  assert.ok(most > 0.1 && most < 0.11);
  const points = lineOf(trail, 0, 2, most)
    .split(' ')
    .map(point => point.split(',').map(Number));
  assert.deepEqual(
    points.map(([x]) => x),
    [FRAME.left, (FRAME.left + FRAME.right) / 2, FRAME.right],
  );
  assert.ok(points[0][1] < points[1][1] && points[1][1] < points[2][1]);
  assert.equal(points[2][1], FRAME.bottom);
});

test('an error above the top is drawn at the top, and no error at the foot', () => {
  assert.equal(placeOf(0, 5, 10, 1)[1], FRAME.top);
  assert.equal(placeOf(0, 0, 10, 1)[1], FRAME.bottom);
});

test('a chart without errors has a top', () => assert.ok(topOf([]) > 0));

test('labels that would overlap move up, others stay', () => {
  assert.deepEqual(apart([100, 97, 40]), [100, 88, 40]);
  assert.deepEqual(apart([]), []);
});
