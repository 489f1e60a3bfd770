/** Color fields as bytes, and figures of them, on fields whose figures are known by hand. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  CELLS,
  GREY,
  bytesOf,
  fieldOf,
  fieldsOf,
} from '../../vaedemo/app/tabs/colorization/lib/color-field-painter.mjs';
import {
  chroma,
  distance,
  farthest,
  variances,
  weightedMean,
} from '../../vaedemo/app/tabs/colorization/lib/field-statistics.mjs';

/** One color everywhere. */
const even = (a, b) => Float32Array.from({length: 2 * CELLS}, (_, i) => (i < CELLS ? a : b));
const near = (value, wanted, most = 1e-6) => assert.ok(Math.abs(value - wanted) <= most, `${value}, not ${wanted}`);

test('bytes go to fields and back', () => {
  const bytes = Uint8Array.from({length: 2 * CELLS}, (_, i) => i % 256);
  assert.deepEqual(bytesOf(fieldOf(bytes)), bytes);
  assert.deepEqual([...fieldOf(Uint8Array.of(0, 255))], [-1, 1]);
});

test('several fields lie one after another', () => {
  const bytes = new Uint8Array(3 * 2 * CELLS);
  bytes.fill(255, 2 * CELLS, 4 * CELLS);
  const fields = fieldsOf(bytes);
  assert.equal(fields.length, 3);
  assert.deepEqual(
    fields.map(field => field[7]),
    [-1, 1, -1],
  );
});

test('what lies beyond the bytes is clipped', () => {
  assert.deepEqual([...bytesOf(Float32Array.of(-2, 0, 2))], [0, 128, 255]);
});

test('chroma is the distance from grey in units of ab', () => {
  assert.equal(chroma(GREY), 0);
  near(chroma(even(0.3, 0.4)), 128 * 0.5, 1e-4); // 3, 4, 5
});

test('the distance of two fields is the mean over cells', () => {
  const half = even(0, 0);
  for (let i = 0; i < CELLS / 2; i++) [half[i], half[CELLS + i]] = [0.6, 0.8];
  near(distance(half, GREY), 0.5);
  near(distance(half, half), 0);
});

test('a mean weighs, whatever the weights sum to', () => {
  const mean = weightedMean([even(1, 0), even(0, 0.5)], [3, 1]);
  near(mean[0], 0.75);
  near(mean[CELLS], 0.125);
});

test('the two that lie farthest apart are found', () => {
  assert.deepEqual(farthest([even(0, 0), even(0.5, 0), even(-0.9, 0), even(0.4, 0)]), [1, 2]);
  assert.deepEqual(farthest([even(0, 0)]), [0, 0]);
});

test("a cell's variance is the mean of a's and b's, over n", () => {
  const found = variances([even(1, 0), even(-1, 0)]); // of a 1, of b 0
  near(found[0], 0.5);
  near(found[CELLS - 1], 0.5);
});
