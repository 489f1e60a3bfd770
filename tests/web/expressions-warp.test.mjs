/** What the tab Expressions computes in the page, against the numbers of vaedemo.express: see fixtures/. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {EXPRESSIONS, ExpressionCodes, vectorOf} from '../../vaedemo/app/tabs/expressions/lib/expression-codes.mjs';
import {blended, partsOf} from '../../vaedemo/app/tabs/expressions/lib/face-parts.mjs';
import {FaceWarp, boxOf, inverse, readFlow} from '../../vaedemo/app/tabs/expressions/lib/face-warp.mjs';
import {PulledFace, carried, fittedCode, solve, spread} from '../../vaedemo/app/tabs/expressions/lib/fitted-code.mjs';
import {opened, paintMouth} from '../../vaedemo/app/tabs/expressions/lib/opened-mouth.mjs';

const fixture = JSON.parse(readFileSync(new URL('fixtures/expressions.json', import.meta.url)).toString());
const {width, height, linear, offset} = fixture;
const AREA = width * height;

/** @param {string} text */
const bytes = text => Uint8Array.from(Buffer.from(text, 'base64'));
/** @param {string} text */
const numbers = text => new Float32Array(bytes(text).buffer);
const points = numbers(fixture.points);

/** Red, green, blue, alpha of a picture. @param {(i: number, k: number) => number} level  of a pixel, and a channel */
function pixels(level) {
  const data = Uint8ClampedArray.from({length: 4 * AREA}, (_, i) => (i % 4 === 3 ? 255 : level(i >> 2, i % 4)));
  return {data, width, height};
}

/** The picture of make_expressions.py. */
const photograph = () =>
  pixels((i, k) => 28 + Math.abs(((9 * (i % width) + 5 * (k + 1) * Math.floor(i / width) + 90 * k) % 400) - 200));

/** A picture of the fixture. @param {string} text */
function stored(text) {
  const rgb = bytes(text);
  return pixels((i, k) => rgb[3 * i + k]);
}

/** x and y of each cell. @param {(x: number, y: number) => number[]} at */
const flowOf = at => Float32Array.from({length: 2 * 64 * 64}, (_, i) => at((i >> 1) % 64, i >> 7)[i % 2]);
/** The flows of make_expressions.py. */
const waves = flowOf((x, y) => [2.5 * Math.sin(x / 9 + y / 14), 1.5 * Math.cos(y / 11 - x / 17) + 0.5]);
const openingAt = (/** @type {number} */ between) =>
  flowOf((x, y) => [0, Math.abs(x + 0.5 - 31.5) < 6 ? -4 * Math.max(0, Math.min(1, (y + 0.5 - between) / 4)) : 0]);
const opening = openingAt(fixture.between);

/** All x, then all y, of every so many cells across and down. @param {number} step @param {Float32Array} flow */
const flowOfEvery = (step, flow) =>
  [0, 1].flatMap(k =>
    Array.from({length: (64 / step) ** 2}, (_, i) => {
      const [x, y] = [step * (i % (64 / step)), step * Math.floor(i / (64 / step))];
      return flow[2 * (64 * y + x) + k];
    }),
  );

/** The cells of a plane where mouths are painted. @param {Float32Array} plane */
function mouthOf(plane) {
  const [[left, top], [right, bottom]] = fixture.box;
  const rows = Array.from({length: bottom - top}, (_, i) => [
    ...plane.slice((top + i) * 64 + left, (top + i) * 64 + right),
  ]);
  return rows.flat();
}

/** The mean and the greatest difference. @param {ArrayLike<number>} got @param {ArrayLike<number>} wanted */
function apart(got, wanted) {
  assert.equal(got.length, wanted.length);
  const all = Array.from(wanted, (value, i) => Math.abs(value - got[i]));
  return [all.reduce((a, b) => a + b) / all.length, all.reduce((a, b) => Math.max(a, b))];
}

test('bicubically it is what Python makes of the photo', () => {
  const photo = photograph();
  const wanted = stored(fixture.warped).data;
  const found = new FaceWarp(photo, {linear, offset}).at(waves, true);
  const [, most] = apart(found, wanted);
  assert.ok(most <= 1, `${most} levels apart`);
  assert.ok(apart(photo.data, wanted)[0] > 3); // else there were nothing to compare
});

test('bilinearly it is nearly that', () => {
  const warp = new FaceWarp(photograph(), {linear, offset});
  const [mean] = apart(warp.at(waves), stored(fixture.warped).data);
  assert.ok(mean < 1.5, `${mean} levels apart on average`);
});

test('where cells are wide, the flow between pixels is nearly linear', () => {
  const [wide, high] = [400, 380];
  const data = Uint8ClampedArray.from({length: 4 * wide * high}, (_, i) => {
    const pixel = Math.floor(i / 4);
    return i % 4 === 3 ? 255 : 128 + 100 * Math.sin(((pixel % wide) + 2 * Math.floor(pixel / wide)) / 9 + (i % 4));
  });
  const wideFace = {linear: [[5, 0], [0, 5]], offset: [30, 30]}; // prettier-ignore
  const photo = {data, width: wide, height: high};
  const coarse = new FaceWarp(photo, wideFace).at(waves);
  const fine = new FaceWarp(photo, wideFace).at(waves, true);
  const [mean, most] = apart(coarse, fine);
  assert.ok(mean < 1 && most < 8, `${mean} and ${most} levels apart`);
  assert.ok(apart(data, fine)[0] > 10);
});

test('no flow leaves the photo as it is, whatever was drawn before', () => {
  const photo = photograph();
  const warp = new FaceWarp(photo, {linear, offset});
  warp.at(waves, true);
  assert.deepEqual(warp.at(new Float32Array(2 * 64 * 64)), photo.data);
});

test('a mouth that opens is painted as Python paints it', () => {
  const mouth = opened(opening, points);
  assert.ok(mouth);
  assert.ok(apart(mouthOf(mouth.share), numbers(fixture.share))[1] < 1e-4);
  assert.ok(apart(mouthOf(mouth.teeth), numbers(fixture.teeth))[1] < 1e-4);
  const photo = photograph();
  const before = photo.data.slice();
  const wanted = stored(fixture.painted).data;
  paintMouth(photo, {linear, offset}, mouth);
  const [, most] = apart(photo.data, wanted);
  assert.ok(most <= 1, `${most} levels apart`);
  assert.ok(apart(before, wanted)[1] > 60);
});

test('what moves nothing opens no mouth, and a mouth that is open in the photo is not painted', () => {
  assert.equal(opened(new Float32Array(2 * 64 * 64), points), null);
  const open = [...points];
  for (let k = 118; k < 128; k++) open[2 * k + 1] += 3; // the lower lip
  assert.equal(opened(opening, open), null);
  paintMouth(photograph(), {linear, offset}, null); // paints nothing, and throws nothing
});

test('condition and codes are those of Python, and blendshapes go before photographs', () => {
  const {names, tensors, points: face, y, codes} = fixture.codebook;
  assert.deepEqual(EXPRESSIONS, names);
  for (const tensor of Object.values(tensors)) tensor.data = numbers(tensor.data);
  const book = new ExpressionCodes(tensors);
  assert.ok(apart(book.condition(numbers(face)), y)[1] < 1e-4);
  for (const [name, code] of Object.entries(codes)) assert.ok(apart(book.code(name, y), code)[1] < 1e-4);
});

test('codes add up, each times its strength, and y follows', () => {
  const parts = [
    {code: [1, 2], strength: 2},
    {code: [10, -10], strength: -0.5},
  ];
  assert.deepEqual([...vectorOf([7, 8, 9], parts)], [-3, 9, 7, 8, 9]);
});

test('parts of the face are those of Python, and make up the whole', () => {
  const parts = partsOf(points);
  const every = Array.from(
    {length: 3 * 64},
    (_, i) => parts[64 * 64 * (i >> 6) + 8 * 64 * ((i >> 3) % 8) + 8 * (i % 8)],
  );
  assert.ok(apart(every, numbers(fixture.parts))[1] < 1e-5);
  const same = blended(parts, [waves, waves, waves]);
  assert.ok(apart(same, waves)[1] < 1e-5); // the parts' weights are 1 in all
  const still = new Float32Array(waves.length);
  const left = blended(parts, [waves, still, still]);
  const at = (/** @type {number} */ landmark) =>
    64 * Math.floor(points[2 * landmark + 1]) + Math.floor(points[2 * landmark]);
  assert.ok(parts[at(40)] > 0.9 && parts[at(50)] < 0.1); // a landmark of each brow
  assert.ok(Math.abs(left[2 * at(40)] / waves[2 * at(40)] - parts[at(40)]) < 1e-5);
});

test('a code is fitted to moves as Python fits it', () => {
  const {places, moves, code} = fixture.fit;
  const opens = openingAt(40);
  const decode = (/** @type {Float32Array} */ [a, b, c]) =>
    waves.map((value, i) => a * value + b * opens[i] + 0.3 * c * a * a * waves[i ^ 1]);
  assert.ok(apart(fittedCode(decode, 3, places, moves), code)[1] < 1e-3);
  assert.ok(Math.min(...code.map(Math.abs)) > 0.01); // each number has something to say
});

test('a hand that pulls gets the same code where the decoder is linear, and nearly the same where it bends', () => {
  const {places, moves} = fixture.fit;
  const opens = openingAt(40);
  const decode =
    (/** @type {number} */ bend) =>
    (/** @type {Float32Array} */ [a, b, c]) =>
      waves.map((value, i) => a * value + b * opens[i] + c * waves[i ^ 1] + bend * a * a * opens[i]);
  const apartIn = (/** @type {number} */ bend) =>
    apart(new PulledFace(decode(bend), 3).code(places, moves), fittedCode(decode(bend), 3, places, moves))[1];
  assert.ok(apartIn(0) < 1e-4);
  assert.ok(apartIn(0.02) < 0.05 && apartIn(0.02) > 1e-6);
  assert.deepEqual([...new PulledFace(decode(0), 3).code([], [])], [0, 0, 0]); // nothing is pulled
});

test('a place of the photo is found in the edit, where the flow reads it', () => {
  const way = new Float64Array(2);
  for (const [x, y] of [[20, 30], [40.5, 50.25]]) {
    const [toX, toY] = carried(waves, x, y);
    assert.ok(readFlow(waves, toX, toY, way));
    assert.ok(Math.hypot(toX + way[0] - x, toY + way[1] - y) < 0.02);
    assert.ok(Math.hypot(toX - x, toY - y) > 0.5);
  }
}); // prettier-ignore

test('moves are spread around their places as Python spreads them', () => {
  const flow = spread(fixture.fit.places, fixture.fit.moves);
  const every = flowOfEvery(8, flow);
  const wanted = numbers(fixture.fit.spread);
  assert.ok(apart(every, wanted)[1] < 1e-4);
  assert.ok(Math.max(...wanted) > 0.5);
});

test('a symmetric system is solved, for several right sides', () => {
  const matrix = [[4, 1, -1], [1, 3, 2], [-1, 2, 5]]; // prettier-ignore
  const wanted = [[1, -2], [0.5, 3], [-4, 0]]; // prettier-ignore
  const right = matrix.map(row => [0, 1].map(k => row.reduce((sum, value, i) => sum + value * wanted[i][k], 0)));
  const rows = (/** @type {number[][]} */ lists) => lists.map(list => Float64Array.from(list));
  assert.ok(
    apart(
      solve(rows(matrix), rows(right)).flatMap(row => [...row]),
      wanted.flat(),
    )[1] < 1e-12,
  );
});

test('the inverse, and a box that stays within the photo', () => {
  const [[a, b], [c, d]] = inverse(linear);
  const product = [a * linear[0][0] + b * linear[1][0], c * linear[0][1] + d * linear[1][1]];
  assert.ok(apart(product, [1, 1])[1] < 1e-12);
  const square = {linear: [[2, 0], [0, 2]], offset: [-10, 30]}; // prettier-ignore
  const photo = {data: new Uint8ClampedArray(0), width: 100, height: 90};
  assert.deepEqual(boxOf(square, photo, [0, 0], [64, 64]), {left: 0, top: 30, right: 100, bottom: 90});
});
