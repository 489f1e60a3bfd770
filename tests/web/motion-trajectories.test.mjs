/** Trajectories: the cosine transform by its definition, distances by hand, and the decoder tower of a small net. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {flowColor} from '../../vaedemo/app/tabs/motion/lib/flow-legend.mjs';
import {Tower, pulled} from '../../vaedemo/web/engine/trajectory-decoder.mjs';
import {
  CELLS,
  GRID,
  KEPT,
  PLANES,
  TIMES,
  apart,
  endsOf,
  farthest,
  meanOf,
  nearest,
  offsetAt,
  offsetsOf,
  reachOf,
} from '../../vaedemo/web/engine/trajectories.mjs';

/** @param {number} found @param {number} wanted */
const near = (found, wanted, by = 1e-4) => assert.ok(Math.abs(found - wanted) < by, `${found} is not ${wanted}`);

/** A way that five coefficients hold wholly: a sum of their cosines. @param {number} t */
const way = t =>
  3 + 2 * Math.cos((Math.PI * (2 * t + 1)) / (2 * TIMES)) - 4 * Math.cos((4 * Math.PI * (2 * t + 1)) / (2 * TIMES));

/** Coefficient k of the orthonormal DCT-II of a way, by its definition. @param {number} k */
function coefficient(k) {
  let sum = 0;
  for (let t = 0; t < TIMES; t++) sum += way(t) * Math.cos((Math.PI * k * (2 * t + 1)) / (2 * TIMES));
  return Math.sqrt((k ? 2 : 1) / TIMES) * sum;
}

test('offsets of coefficients are the way, less where it begins', () => {
  const coefficients = new Float32Array(PLANES * CELLS);
  const [right, down] = [17, 200]; // the cells that go this way, one to the right, one down and back to front
  for (let k = 0; k < KEPT; k++) {
    coefficients[k * CELLS + right] = coefficient(k);
    coefficients[(KEPT + k) * CELLS + down] = -coefficient(k);
  }
  const offsets = offsetsOf(coefficients);
  for (let t = 0; t < TIMES; t++) {
    near(offsets[t * CELLS + right], way(t) - way(0));
    near(offsets[(TIMES + t) * CELLS + down], way(0) - way(t));
    assert.equal(offsets[t * CELLS + down], 0);
    assert.equal(offsets[t * CELLS], 0);
  }
});

test('the first coefficient, a place, moves nothing', () => {
  const coefficients = new Float32Array(PLANES * CELLS);
  coefficients.fill(7, 0, CELLS);
  for (const offset of offsetsOf(coefficients)) near(offset, 0, 1e-6);
});

/** One cell goes to (3, 4) at instant 8, and ends at (-1, 2). */
function there() {
  const offsets = new Float32Array(2 * TIMES * CELLS);
  const cell = 5;
  offsets[8 * CELLS + cell] = 3;
  offsets[(TIMES + 8) * CELLS + cell] = 4;
  offsets[(TIMES - 1) * CELLS + cell] = -1;
  offsets[(2 * TIMES - 1) * CELLS + cell] = 2;
  return offsets;
}

test('how far a cell gets, where it ends, and where it is between two instants', () => {
  const offsets = there();
  assert.equal(reachOf(offsets)[5], 5);
  assert.equal(reachOf(offsets)[6], 0);
  assert.deepEqual([endsOf(offsets)[5], endsOf(offsets)[CELLS + 5]], [-1, 2]);
  assert.deepEqual(offsetAt(offsets, 5, 0), [0, 0]);
  assert.deepEqual(offsetAt(offsets, 5, 1), [-1, 2]);
  const [right, down] = offsetAt(offsets, 5, 7.25 / (TIMES - 1));
  near(right, 0.75);
  near(down, 1);
});

test('how far futures are apart', () => {
  const all = [
    [0, 0],
    [3, 4],
    [-1, 1],
  ].map(values => Float32Array.from(values));
  near(apart(all[0], all[1]), Math.sqrt(12.5)); // root mean square of 3 and 4
  assert.deepEqual([...meanOf(all.slice(0, 2))], [1.5, 2]);
  assert.equal(nearest(Float32Array.from([-2, 2]), all), 2);
});

test('the two that differ most by where their cells end', () => {
  const still = new Float32Array(2 * TIMES * CELLS);
  const left = still.slice();
  left[(TIMES - 1) * CELLS] = -3;
  const right = still.slice();
  right[(TIMES - 1) * CELLS] = 2;
  assert.deepEqual(farthest([still, left, right]), [1, 2]);
  assert.deepEqual(farthest([still]), [0, 0]);
});

test('flow: white stands still, right is red, and the three thirds of the circle are red, green and blue', () => {
  assert.deepEqual(flowColor(0, 0), [255, 255, 255]);
  const thirds = [0, 1, 2].map(third => (third * 2 * Math.PI) / 3);
  thirds.forEach((angle, full) => {
    flowColor(16 * Math.cos(angle), 16 * Math.sin(angle)).forEach(
      (value, c) => near(value, c === full ? 255 : 63.75), // 1 - (1 - cos 120°) / 2 of 255
    );
  });
  flowColor(4, 0, 8).forEach((value, c) => near(value, c ? 159.375 : 255)); // half as far, half as pale
  assert.deepEqual(flowColor(100, 0), flowColor(16, 0));
});

/** Lays tensors out as a safetensors file. @param {Record<string, {shape: number[], data: number[]}>} tensors */
function fileOf(tensors) {
  const all = Object.values(tensors).flatMap(({data}) => data);
  let at = 0;
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, {shape, data}]) => {
      const from = at;
      at += 4 * data.length;
      return [name, {dtype: 'F32', shape, data_offsets: [from, at]}];
    }),
  );
  const text = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + at);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(new Uint8Array(Float32Array.from(all).buffer), 8 + text.length);
  return file.buffer;
}

const TYPICAL = 2;
const [ROW, COLUMN] = [5, 7];

/**
 * A tower of one map and one latent: its feature is 1 at the cell (5, 7) and at the corner (0, 0), z scales it by
 * 1 + z/2, the first layer's kernel is 1 to 9, the last one points 3 right and 4 down, with a magnitude of three times
 * the map. Given the logits of what moves, z adds a tenth of the map to them.
 * @param {Map<number, number>} [moves]  logits of some cells; that of the others is 0
 */
function tower(moves) {
  const features = Array(CELLS).fill(0);
  features[ROW * GRID + COLUMN] = 1;
  features[0] = 1;
  const last = Array(PLANES + 1).fill(0);
  last[1] = 3; // x's second coefficient: the first one moves nothing
  last[KEPT + 1] = 4;
  last[PLANES] = 3;
  if (moves) last.push(0.1);
  return new Tower(
    fileOf({
      features: {shape: [1, GRID, GRID], data: features},
      typical: {shape: [1], data: [TYPICAL]},
      'tower.scale.weight': {shape: [1, 1], data: [0.5]},
      'tower.scale.bias': {shape: [1], data: [0]},
      'tower.shift.weight': {shape: [1, 1], data: [0]},
      'tower.shift.bias': {shape: [1], data: [0]},
      'tower.cells.1.weight': {shape: [1, 1, 3, 3], data: [1, 2, 3, 4, 5, 6, 7, 8, 9]},
      'tower.cells.1.bias': {shape: [1], data: [0]},
      'tower.cells.3.weight': {shape: [1, 1, 1, 1], data: [1]},
      'tower.cells.3.bias': {shape: [1], data: [0]},
      'tower.cells.5.weight': {shape: [last.length, 1, 1, 1], data: last},
      'tower.cells.5.bias': {shape: [last.length], data: Array(last.length).fill(0)},
      ...(moves && {
        moves: {shape: [1, GRID, GRID], data: Array.from({length: CELLS}, (_, i) => moves.get(i) ?? 0)},
      }),
    }),
  );
}

/** @param {number} value */
const softplus = value => Math.log1p(Math.exp(value));

test('the tower scales its features by z, convolves them, and gives directions times magnitudes', () => {
  const found = tower().decode([2]);
  /** @param {number} row @param {number} column @param {number} weight  the kernel's that reaches from the feature */
  const isThere = (row, column, weight) => {
    const magnitude = TYPICAL * softplus(3 * 2 * weight);
    near(found[CELLS + row * GRID + column], 0.6 * magnitude);
    near(found[(KEPT + 1) * CELLS + row * GRID + column], 0.8 * magnitude);
  };
  isThere(ROW, COLUMN, 5);
  isThere(ROW - 1, COLUMN - 1, 9); // the feature lies below it and to its right
  isThere(ROW + 1, COLUMN, 2);
  isThere(0, 0, 5);
  isThere(0, 1, 4);
  assert.equal(found[CELLS + 15], 0); // nothing wraps around an edge
  assert.equal(found[CELLS + 15 * GRID + 15], 0);
  assert.equal(found[0], 0);
});

test('a cell moves as far as it is likely to move at all: below a fifth not, from four fifths on fully', () => {
  const middle = ROW * GRID + COLUMN;
  const [half, full, none] = [middle, middle - GRID - 1, middle + GRID]; // where the map is 10, 18 and 4
  const logits = new Map([
    [half, -1],
    [full, Math.log(4) - 1.8],
    [none, Math.log(1 / 4) - 0.4],
  ]);
  const [free, gated] = [tower(), tower(logits)].map(each => each.decode([2]));
  near(gated[CELLS + half], free[CELLS + half] / 2);
  near(gated[CELLS + full], free[CELLS + full]);
  near(gated[CELLS + none], 0);
});

test('how far a latent pulls the cell that it moves most', () => {
  // Its end is c1 sqrt(2/16) (cos(15.5 pi/16) - cos(0.5 pi/16)); z of -1 and 1 scale the map by 0.5 and 1.5.
  const end = 2 * Math.sqrt(1 / 8) * Math.cos(Math.PI / 32);
  near(pulled(tower(), 0), end * TYPICAL * (softplus(3 * 9 * 1.5) - softplus(3 * 9 * 0.5)), 1e-3);
});
