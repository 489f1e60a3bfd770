/** The lecture's clock, against a lecture that is counted by hand. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {due, lasts, times, written} from '../../vaedemo/web/page/lecture-clock.mjs';

const STOPS = [{minutes: 1.5}, {minutes: 0.5}, {minutes: 2}];
const BEGUN = 1_000_000;

test('a stop is due when those before it are over', () => {
  assert.deepEqual(
    [0, 1, 2, 3].map(index => due(STOPS, index) / 1000),
    [0, 90, 120, 240],
  );
  assert.equal(lasts(STOPS), 240_000);
});

test('a time is minutes and two digits of seconds, and never negative', () => {
  assert.deepEqual([0, 999, 65_000, 4_500_000, -5_000].map(written), ['0:00', '0:00', '1:05', '75:00', '0:00']);
});

test('stop and lecture are told apart', () => {
  const shown = {at: 1, since: BEGUN + 100_000, zero: BEGUN};
  const told = times(STOPS, shown, BEGUN + 112_000);
  assert.deepEqual(told, {
    stop: '0:12 / 0:30',
    lecture: '1:52 / 4:00',
    plan: 'planned here: 1:30 to 2:00',
    isOver: false,
  });
  assert.equal(times(STOPS, shown, BEGUN + 131_000).isOver, true);
});
