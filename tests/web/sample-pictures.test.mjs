/** The Sample tab's mathematics of pictures and codes: doubt, holes, ways, coins, oddities, feature maps. */
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {average, sample} from '../../vaedemo/app/tabs/sample/lib/coin-flips.mjs';
import {sentence as cost, total} from '../../vaedemo/app/tabs/sample/lib/cost-bars.mjs';
import {liveliest} from '../../vaedemo/web/ui/feature-map-grid.mjs';
import {doubt, findHoles, nearest} from '../../vaedemo/app/tabs/sample/lib/latent-holes.mjs';
import {sentence} from '../../vaedemo/app/tabs/sample/lib/opening-training.mjs';
import {
  inverted,
  noise,
  onItsSide,
  scribble,
  two,
} from '../../vaedemo/app/tabs/sample/lib/out-of-distribution-digits.mjs';
import {snow} from '../../vaedemo/app/tabs/sample/lib/snow.mjs';
import {mixed, nearestOnLine, steps} from '../../vaedemo/app/tabs/sample/lib/ways.mjs';

const SIDE = 28;
const UNMEASURED = /** @type {import('../../vaedemo/app/tabs/sample/lib/cost-bars.mjs').Metrics} */ ({});
/** A picture whose pixel at (x, y) is level(x, y). */
const picture = level => Uint8Array.from({length: SIDE ** 2}, (_, i) => level(i % SIDE, Math.floor(i / SIDE)));
const at = (pixels, x, y) => pixels[y * SIDE + x];

test('ink that is sure is in no doubt; a grey pixel is as doubtful as it is far from white', () => {
  assert.equal(doubt([255, 0, 255]), 0);
  assert.ok(Math.abs(doubt([51]) - 0.8) < 1e-12); // 1 - 51 / 255
  assert.ok(Math.abs(doubt([255, 51]) - (0.2 * 0.8) / 1.2) < 1e-12);
  assert.equal(doubt([0, 0]), 1, 'a picture without ink');
});

test('the nearest code, in standard deviations', () => {
  assert.equal(nearest([0, 0], [3, 4, 6, 8]), 5);
  assert.equal(nearest([0, 0], [3, 4, 6, 8], [3, 8]), Math.sqrt(1.25));
  assert.equal(nearest([6, 8], [3, 4, 6, 8]), 0);
});

test('holes are far from every code, in more doubt than the other map, the worst first, and apart', () => {
  const side = 24;
  const codes = [0, 0.5]; // at the left edge: the eighth of the plane that is farthest is at the right
  const here = Array(side ** 2).fill(0.05);
  const put = (x, y, value) => {
    here[y * side + x] = value;
  };
  put(23, 2, 0.5);
  put(23, 4, 0.4); // closer than four cells to the worse one
  put(23, 12, 0.3);
  put(23, 20, 0.9); // but the other map is no better there
  put(2, 12, 0.9); // beside the code
  const there = here.map(() => 0);
  there[20 * side + 23] = 0.85;
  const holes = findHoles(here, there, codes);
  assert.deepEqual(
    holes.map(({place: [x, y]}) => [x * side - 0.5, y * side - 0.5].map(Math.round)),
    [
      [23, 2],
      [23, 12],
    ],
  );
  assert.deepEqual(findHoles(there, there, codes), []);
});

test('a double exposure passes linearly, and the nearest place on a line is its projection', () => {
  const both = /** @type {[Uint8Array, Uint8Array]} */ ([Uint8Array.of(0, 100), Uint8Array.of(200, 100)]);
  assert.deepEqual([...mixed(both, 0.25)], [50, 100]);
  assert.deepEqual([...mixed(both, 1)], [200, 100]);
  assert.deepEqual(steps(5), [0, 0.25, 0.5, 0.75, 1]);
  assert.equal(nearestOnLine([1, 5], [0, 0], [4, 0]), 0.25);
  assert.equal(nearestOnLine([-1, 5], [0, 0], [4, 0]), 0);
  assert.equal(nearestOnLine([9, 5], [0, 0], [4, 0]), 1);
  assert.equal(nearestOnLine([9, 5], [2, 2], [2, 2]), 0, 'both ends at one place');
});

test('a coin for each pixel is black or white, never the other one where the mean is sure', () => {
  const mean = Uint8Array.from({length: 2000}, (_, i) => [0, 255, 102][i % 3]);
  const one = sample(mean);
  assert.ok(one.every((value, i) => (i % 3 === 2 ? value === 0 || value === 255 : value === mean[i])));
  const grey = average(mean, 64).filter((_, i) => i % 3 === 2);
  const middle = grey.reduce((a, b) => a + b) / grey.length;
  // The standard deviation of this average is 255 sqrt(0.4 * 0.6 / (64 * 666)) = 0.6.
  assert.ok(Math.abs(middle - 102) < 4, `${middle}`);
});

test('snow is the same for a seed, grey or in color, and opaque', () => {
  assert.deepEqual(snow(50, 7, 1), snow(50, 7, 1));
  assert.notDeepEqual(snow(50, 7, 1), snow(50, 8, 1));
  const grey = snow(4000, 1, 1);
  assert.ok(grey.every((value, i) => (i % 4 === 3 ? value === 255 : value === grey[i - (i % 4)])));
  const mean = grey.filter((_, i) => i % 4 === 0).reduce((a, b) => a + b) / 4000;
  assert.ok(Math.abs(mean - 127.5) < 6, `${mean}`); // five standard deviations of 256 / sqrt(12 * 4000)
  const color = snow(4000, 1, 3);
  assert.ok(color.some((value, i) => i % 4 === 0 && value !== color[i + 1]));
});

test('oddities fill their box and leave the edge black', () => {
  const edge = (x, y) => Math.min(x, y) < 4 || Math.max(x, y) >= 24;
  const digit = picture((x, y) => (edge(x, y) ? 0 : (x * 7 + y) & 255));
  for (const odd of [noise(), inverted(digit)])
    odd.forEach((value, i) => edge(i % SIDE, Math.floor(i / SIDE)) && assert.equal(value, 0));
  assert.equal(at(inverted(digit), 4, 4), 255 - at(digit, 4, 4));
  assert.ok(noise().every(value => value === 0 || value === 255));
  const drawn = scribble();
  assert.ok(drawn.some(value => value === 255));
  assert.ok(drawn.every((value, i) => !value || (i % SIDE >= 3 && i % SIDE < 25)));
});

test('a digit on its side is turned a quarter clockwise; four turns bring it back', () => {
  const digit = picture((x, y) => (x === 3 && y === 5 ? 200 : 0));
  assert.equal(at(onItsSide(digit), SIDE - 1 - 5, 3), 200);
  assert.deepEqual(onItsSide(onItsSide(onItsSide(onItsSide(digit)))), digit);
});

test('two digits stand beside each other, each pixel the mean of four', () => {
  const both = two(
    picture(x => 2 * x),
    picture(() => 100),
  );
  assert.equal(at(both, 0, 7), 1); // of 0, 2, 0, 2
  assert.equal(at(both, 13, 20), 53); // of 52 and 54
  assert.equal(at(both, 14, 13), 100);
  for (const y of [0, 6, 21, 27]) assert.equal(at(both, 20, y), 0);
});

test('the liveliest maps vary inside their edge, and keep their order', () => {
  const [channels, height, width] = [3, 4, 4];
  const planes = new Uint8Array(channels * 16);
  planes[0] = 255; // the first varies at its edge alone
  planes[16 + 5] = 10; // the second a little inside
  planes[32 + 5] = 255; // the third much
  const feature = {channels, height, width, planes, peaks: Float32Array.of(1, 1, 1)};
  assert.deepEqual(liveliest(feature, 1), [2]);
  assert.deepEqual(liveliest(feature, 2), [1, 2]);
});

test('costs in words', () => {
  assert.equal(total({distortion: 90, rate: 7}), 97);
  assert.equal(
    cost('digits', {distortion: 1234.4, rate: 7}, UNMEASURED).slice(13),
    'this picture costs 1,241 nats: 1,234 for its pixels, 7 for z.',
  );
  assert.match(
    cost('a', {distortion: 1, rate: 1}, {distortion: 80, rate: 20, split: 'test', n: 10000}),
    /test set cost 100 on average \(n = 10,000\)/,
  );
});

test('the training is told as far as it is known', () => {
  assert.equal(sentence('m', {}), 'Looking for the weights …');
  assert.match(
    sentence('m', {state: 'training', source: 'synthetic digits', seconds_left: 9}),
    /from synthetic digits \(drawn digits, not real ones\)\. About 9 s left\.$/,
  );
  assert.equal(sentence('m', {state: 'failed', notes: ['No', 'room.']}), 'The training failed: No room.');
});
