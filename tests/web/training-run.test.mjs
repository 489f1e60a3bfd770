/** What the page shows of a training: frames, dots, rates, a loss that runs away; and what its chart keeps. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {History} from '../../vaedemo/app/tabs/learn/lib/history.mjs';
import {spanOf} from '../../vaedemo/app/tabs/learn/lib/curves.mjs';
import {rangeOf} from '../../vaedemo/app/tabs/learn/lib/terms-chart.mjs';
import {betaWords, noticed} from '../../vaedemo/app/tabs/learn/lib/words.mjs';
import {quantile} from '../../vaedemo/web/engine/normal.mjs';
import {SeededRandom} from '../../vaedemo/web/engine/seeded-random.mjs';
import {DrawnDigits, GRID, SHOWN, SIDE, TrainingRun, ratesOf, tiled} from '../../vaedemo/web/engine/training-run.mjs';

const kernels = new WebAssembly.Module(
  readFileSync(new URL('../../vaedemo/web/engine/training-kernels.wasm', import.meta.url)),
);
const PIXELS = SIDE * SIDE;
const SETTINGS = {beta: 1, rate: 3e-3, noise: true, warmup: 0};

/** Draws for label y a bar at column 2 y + 4, as wide as the first latent says. @type {string[]} */
const asked = [];
/** @param {Float32Array} vectors @param {number} n */
function bars(vectors, n) {
  const grey = new Uint8Array(n * PIXELS);
  for (let i = 0; i < n; i++) {
    const vector = vectors.subarray(i * 11, (i + 1) * 11);
    const label = vector.subarray(1).indexOf(1);
    asked.push(String(label));
    const wide = vector[0] > 0 ? 3 : 2;
    for (let y = 4; y < 24; y++)
      grey.fill(255, i * PIXELS + y * SIDE + 2 * label + 4, i * PIXELS + y * SIDE + 2 * label + 4 + wide);
  }
  return grey;
}

/** @param {number} [most] */
function drawn(most = 900) {
  const digits = new DrawnDigits(bars, 11, {most});
  while (digits.grow(97));
  return digits;
}

/** @param {Partial<import('../../vaedemo/web/engine/vae-trainer.mjs').Settings>} [settings] @param {number} [z] */
const run = (settings = {}, z = 2) =>
  new TrainingRun(kernels, drawn(), {z, hidden: 16, batch: 16}, {...SETTINGS, ...settings}, 1);

test('digits are drawn for the labels in turn, and no more than wanted', () => {
  asked.length = 0;
  const digits = drawn(523);
  assert.equal(digits.n, 523);
  assert.deepEqual(asked.slice(0, 12).join(''), '012345678901');
  assert.deepEqual(Array.from(digits.labels.subarray(520)), [0, 1, 2]);
  assert.equal(digits.shown.length, SHOWN * PIXELS);
  for (const i of [0, 7, 499])
    assert.equal(digits.shown.subarray(i * PIXELS, (i + 1) * PIXELS).indexOf(1), 4 * SIDE + 2 * (i % 10) + 4);
});

test('batches hold none of the shown digits', () => {
  const digits = drawn();
  digits.grey.fill(255, 0, SHOWN * PIXELS);
  digits.grey.fill(0, SHOWN * PIXELS);
  assert.equal(digits.batch(400, new SeededRandom(1)).indexOf(1), -1);
});

test('a digit of the visitor counts as twenty, until it is taken out', () => {
  const digits = drawn(); // 900, of which it learns from 400
  digits.own = [new Uint8Array(PIXELS).fill(255)];
  const rows = 20_000;
  const share = () => {
    const x = digits.batch(rows, new SeededRandom(1));
    let full = 0;
    for (let i = 0; i < rows; i++) full += x[i * PIXELS]; // no bar begins at the corner
    return full / rows;
  };
  assert.ok(Math.abs(share() - 20 / 420) < 0.005);
  digits.own = [];
  assert.equal(share(), 0);
});

test('a frame is the decoder at the quantiles of the prior, and the codes of the shown digits', () => {
  const lesson = run();
  for (let i = 0; i < 30; i++) lesson.step();
  const {map, means, rates, steps, pictures, axes} = lesson.frame();
  assert.deepEqual([steps, pictures, axes], [30, 480, [0, 1]]);
  const [row, column] = [3, 12];
  const z = Float32Array.from([quantile((column + 0.5) / GRID), quantile(1 - (row + 0.5) / GRID)]);
  const wanted = lesson.trainer.decode(z);
  const there = Uint8Array.from({length: PIXELS}, (_, i) => {
    const [y, x] = [Math.floor(i / SIDE), i % SIDE];
    return map[(row * SIDE + y) * GRID * SIDE + column * SIDE + x];
  });
  assert.deepEqual(there, wanted);
  const {mean, sigma} = lesson.trainer.encode(drawn().shown);
  assert.deepEqual(means, mean);
  assert.deepEqual(rates, ratesOf(mean, sigma, 2));
});

test('the terms of a frame are the averages since the last', () => {
  const lesson = run();
  assert.ok(Number.isNaN(lesson.frame().rate));
  const terms = [lesson.step(), lesson.step(), lesson.step()];
  const frame = lesson.frame();
  for (const key of /** @type {const} */ (['rate', 'distortion'])) {
    const average = terms.reduce((sum, term) => sum + term[key], 0) / 3;
    assert.ok(Math.abs(frame[key] - average) < 1e-9);
  }
  const {distortion} = lesson.step();
  assert.equal(lesson.frame().distortion, distortion);
});

test('of many latents the map shows those that carry most, unless told', () => {
  const lesson = run({}, 6);
  for (let i = 0; i < 200; i++) lesson.step();
  const {rates, axes} = lesson.frame();
  const least = Math.min(rates[axes[0]], rates[axes[1]]);
  assert.ok(rates.every((rate, i) => axes.includes(i) || rate <= least));
  lesson.axes = [5, 1];
  const told = lesson.frame();
  assert.deepEqual(told.axes, [5, 1]);
  const {mean} = lesson.trainer.encode(drawn().shown);
  assert.deepEqual(Array.from(told.means.subarray(0, 2)), [mean[5], mean[1]]);
});

test('a learning rate of 1 runs away, and that is noticed; one of 0.003 does not', () => {
  const [wild, calm] = [run({rate: 1}), run()];
  for (let i = 0; i < 60; i++) for (const lesson of [wild, calm]) if (!lesson.diverged) lesson.step();
  assert.ok(wild.diverged);
  assert.ok(!calm.diverged);
  assert.match(noticed(wild.frame(), {...SETTINGS, rate: 1}), /ran away: at learning rate 1 .*smaller/);
  assert.equal(noticed(calm.frame(), SETTINGS), '');
});

test('dead latents are counted, and all dead is named', () => {
  const frame = {...run().frame(), steps: 500, rates: Float32Array.from([2, 0.001, 0, 1])};
  assert.match(noticed(frame, SETTINGS), /^2 of 4 latents are dead/);
  const none = {...frame, rates: new Float32Array(4)};
  assert.match(noticed(none, SETTINGS), /posterior collapse.*begin again with warm-up/);
  assert.match(noticed(none, {...SETTINGS, warmup: 9}), /Lower beta\.$/);
  assert.equal(noticed(none, {...SETTINGS, noise: false}), '');
  assert.match(betaWords({...SETTINGS, beta: 4}), /as much as 4 nats/);
});

test("the rate of a latent is the Gaussians' KL", () => {
  const rates = ratesOf(Float32Array.from([1, 0, 3, 0]), Float32Array.from([1, 1, 0.5, 1]), 2);
  // KL(N(1, 1) || N(0, 1)) = 1/2; KL(N(3, 1/4) || N(0, 1)) = (9 + 1/4 - 1) / 2 + log 2
  assert.ok(Math.abs(rates[0] - (0.5 + 4.125 + Math.log(2)) / 2) < 1e-6);
  assert.equal(rates[1], 0);
});

test('pictures lie row by row on the plane', () => {
  const planes = new Uint8Array(GRID * GRID * PIXELS).map((_, i) => Math.floor(i / PIXELS) % 251);
  const plane = tiled(planes);
  for (const [row, column] of [
    [0, 0],
    [2, 5],
    [15, 15],
  ])
    assert.equal(plane[(row * SIDE + 9) * GRID * SIDE + column * SIDE + 27], (row * GRID + column) % 251);
});

test('a long history keeps few points, whose averages are right', () => {
  const history = new History(['rate', 'distortion'], 8);
  for (let i = 1; i <= 100; i++) history.push({pictures: i, rate: i, distortion: 2 * i, beta: 1});
  assert.ok(history.points.length >= 4 && history.points.length <= 8);
  const [first, second] = history.points;
  const each = second.pictures - first.pictures;
  assert.equal(first.pictures, each);
  assert.equal(first.rate, (each + 1) / 2);
  assert.equal(second.distortion, 2 * (each + (each + 1) / 2));
});

test('the range of a chart leaves the fall at the beginning out', () => {
  const [least, most] = rangeOf([540, 300, 200, 180, 170, 165, 161, 160]);
  assert.ok(least < 160 && least > 150 && most > 200 && most < 210);
});

test('curves share one scale, which begins once they have settled, and is never empty', () => {
  const points = Array.from({length: 20}, (_, i) => ({steps: i, a: i < 2 ? 1000 : 5, b: i === 10 ? -1 : 2}));
  const [least, most] = spanOf(points, ['a', 'b']);
  assert.ok(Math.abs(least + 1.3) < 1e-9 && Math.abs(most - 5.3) < 1e-9);
  assert.deepEqual(
    spanOf([{steps: 1, a: 3}], ['a']).map(value => Math.round(100 * value)),
    [299, 301],
  );
});
