/** A still that is set in motion: what moves, what lies behind it, and where it arrives. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {partsOf, plateOf} from '../../vaedemo/app/tabs/motion/lib/background-inpainting.mjs';
import {eased, grown, joined, movingOf} from '../../vaedemo/app/tabs/motion/lib/foreground-matting.mjs';
import {halfPlanes} from '../../vaedemo/app/tabs/motion/lib/future-renderer.mjs';
import {Warp} from '../../vaedemo/app/tabs/motion/lib/image-warp.mjs';
import {Cutout} from '../../vaedemo/app/tabs/motion/lib/motion-layers.mjs';
import {CELLS, GRID, TIMES} from '../../vaedemo/web/engine/trajectories.mjs';

const SIDE = 256;
const GREY = [90, 100, 110];
const RED = [220, 30, 20];
/** A square of 3 x 3 cells, in cells: rows and columns 6 to 8. */
const [FIRST, LAST] = [6, 8];
const FROM = (FIRST * SIDE) / GRID;
const TO = ((LAST + 1) * SIDE) / GRID;

/** @param {number} row @param {number} column */
const inSquare = (row, column) => row >= FROM && row < TO && column >= FROM && column < TO;

/** A red square on grey, side x side pixels of red, green, blue. */
function still() {
  const shown = new Uint8Array(3 * SIDE * SIDE);
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++)
      shown.set(inSquare(row, column) ? RED : GREY, 3 * (row * SIDE + column));
  return shown;
}

/**
 * The square goes evenly to (right, down), in pixels of a still of 64.
 * @param {number} right
 * @param {number} down
 */
function offsetsTo(right, down) {
  const offsets = new Float32Array(2 * TIMES * CELLS);
  for (let t = 0; t < TIMES; t++)
    for (let row = FIRST; row <= LAST; row++)
      for (let column = FIRST; column <= LAST; column++) {
        const cell = row * GRID + column;
        offsets[t * CELLS + cell] = (right * t) / (TIMES - 1);
        offsets[(TIMES + t) * CELLS + cell] = (down * t) / (TIMES - 1);
      }
  return offsets;
}

/** @param {ArrayLike<number>} pixels  RGBA @param {number} row @param {number} column */
const at = (pixels, row, column) => [0, 1, 2].map(c => pixels[4 * (row * SIDE + column) + c]);

/** @param {number[]} found @param {number[]} wanted */
const isColor = (found, wanted, by = 2) =>
  found.forEach((value, c) => assert.ok(Math.abs(value - wanted[c]) <= by, `${found} is not ${wanted}`));

test('smoothly from 0 to 1', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 9].map(value => eased(value, 1, 3)),
    [0, 0, 0.5, 1, 1],
  );
  assert.equal(eased(1.5, 1, 3), 0.15625); // 3/16 - 2/64
});

test('a mask grows to all sides, and stops at its edges', () => {
  const mask = new Uint8Array(36);
  mask[0] = 1;
  mask[2 * 6 + 4] = 1;
  const large = grown(mask, 1, 6);
  const wanted = ['110000', '110111', '000111', '000111', '000000', '000000'].join('');
  assert.equal([...large].join(''), wanted);
});

test('the connected parts of a mask, corners included', () => {
  const mask = [1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0];
  assert.deepEqual(partsOf(mask, 4), [[0, 5], [3], [12, 13]]);
});

test('cells move that go farther than a tenth of what is around them', () => {
  const offsets = offsetsTo(10, 0);
  offsets[(TIMES - 1) * CELLS + FIRST * GRID + FIRST - 1] = 0.9; // beside the square: more than 0.75, but dragged along
  const moving = movingOf(offsets);
  assert.equal(
    moving.reduce((sum, value) => sum + value, 0),
    9,
  );
  assert.equal(moving[FIRST * GRID + FIRST], 1);
});

test('what moves as a whole is joined as a whole, its rim too', () => {
  const offsets = offsetsTo(6, -3);
  const moving = movingOf(offsets);
  const found = joined(offsets, {moving, covered: Float32Array.from(moving)});
  for (let row = FIRST - 1; row <= LAST + 1; row++)
    for (let column = FIRST - 1; column <= LAST + 1; column++) {
      const cell = row * GRID + column;
      assert.ok(Math.abs(found[(TIMES - 1) * CELLS + cell] - 6) < 1e-4);
      assert.ok(Math.abs(found[(2 * TIMES - 1) * CELLS + cell] + 3) < 1e-4);
    }
  assert.equal(found[(TIMES - 1) * CELLS], 0);
});

test('what lies in a hole on even ground is the ground', () => {
  const hole = Uint8Array.from({length: SIDE * SIDE}, (_, i) => Number(inSquare(Math.floor(i / SIDE), i % SIDE)));
  const data = Float32Array.from(still(), value => value / 255);
  const plate = plateOf({side: SIDE, data}, hole);
  plate.forEach((value, k) => assert.ok(Math.abs(value - GREY[k % 3] / 255) < 1e-3));
});

test('stripes go on through a hole', () => {
  const data = Float32Array.from({length: 3 * SIDE * SIDE}, (_, k) => (Math.floor(k / 3) % 32 < 16 ? 0.2 : 0.8));
  const hole = Uint8Array.from({length: SIDE * SIDE}, (_, i) => Number(inSquare(Math.floor(i / SIDE), i % SIDE)));
  const plate = plateOf({side: SIDE, data}, hole);
  plate.forEach((value, k) => assert.ok(Math.abs(value - data[k]) < 1e-6));
});

test('a square arrives, and its place is ground again', () => {
  const offsets = offsetsTo(12, 8); // 48 and 32 pixels of 256
  const shown = still();
  const cutout = new Cutout(shown, [offsets]);
  const warp = new Warp(shown, offsets, cutout);
  assert.equal(warp.at(0), cutout.first);
  isColor(at(cutout.first, FROM, FROM), RED, 0);
  const end = warp.at(1);
  const middle = (FROM + TO) / 2;
  isColor(at(end, middle + 32, middle + 48), RED);
  isColor(at(end, FROM + 4, FROM + 4), GREY);
  isColor(at(end, 10, 10), GREY, 0);
  let red = 0;
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) red += Number(at(end, row, column)[0] > 155);
  assert.ok(Math.abs(red / (TO - FROM) ** 2 - 1) < 0.1, `${red} red pixels`); // whole, and once
  isColor(at(warp.at(0.5), middle + 16, middle + 24), RED);
});

test('where nothing moves it is the still', () => {
  const shown = still();
  const warp = new Warp(shown, offsetsTo(0.1, 0));
  const last = warp.at(1);
  for (const [row, column] of [
    [0, 0],
    [FROM, FROM],
    [TO, TO],
  ])
    assert.deepEqual(at(last, row, column), inSquare(row, column) ? RED : GREY);
});

test('a frame half as large: each pixel the mean of four, in planes', () => {
  const pixels = new Uint8ClampedArray(4 * SIDE * SIDE).fill(255);
  [0, 1, SIDE, SIDE + 1].forEach((i, n) => {
    pixels.set([10 * n, 100, 0], 4 * i); // 0, 10, 20, 30: 15 on average
  });
  const film = /** @type {import('../../vaedemo/app/tabs/motion/lib/future-renderer.mjs').Film} */ (
    /** @type {unknown} */ ({frame: () => pixels})
  );
  const planes = halfPlanes(film);
  const size = (SIDE / 2) ** 2;
  assert.deepEqual(
    [planes.length, planes[0], planes[size], planes[2 * size], planes[1]],
    [3 * size, 15, 100, 0, 255],
  );
});
