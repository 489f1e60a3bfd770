/** Labels handed on along neighbours: closed forms, and clusters made by hand. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  differingBits,
  hops,
  mostReaching,
  mostUnsure,
  nearestLabel,
  neighbourGraph,
  spread,
  squaredDistances,
} from '../../vaedemo/web/engine/label-spreading.mjs';
import {SeededRandom} from '../../vaedemo/web/engine/seeded-random.mjs';

/** Two half rings, each of 100 points: a straight line between two labelled points would cut both. */
function halfRings() {
  const angles = Array.from({length: 100}, (_, i) => (Math.PI * i) / 99);
  return new Float32Array([
    ...angles.flatMap(a => [Math.cos(a), Math.sin(a)]),
    ...angles.flatMap(a => [1 - Math.cos(a), 0.3 - Math.sin(a)]),
  ]);
}

/** A graph as a dense matrix. @param {import('../../vaedemo/web/engine/label-spreading.mjs').Graph} graph */
function dense({starts, ends, weights}) {
  const n = starts.length - 1;
  const matrix = Array.from({length: n}, () => new Float64Array(n));
  for (let i = 0; i < n; i++) for (let e = starts[i]; e < starts[i + 1]; e++) matrix[i][ends[e]] = weights[e];
  return matrix;
}

test('squared distances are those of Pythagoras', () => {
  const distances = squaredDistances(new Float32Array([0, 0, 3, 4, 0, 1]), 3);
  assert.deepEqual([...distances], [0, 25, 1, 25, 0, 18, 1, 18, 0]);
});

test('bits that differ are the squared distances of black and white pictures', () => {
  const random = new SeededRandom(2);
  const x = Uint8Array.from({length: 20 * 75}, () => random.below(2));
  assert.deepEqual(differingBits(x, 20), squaredDistances(x, 20));
});

test('a graph is symmetric, and its largest eigenvalue is 1', () => {
  const x = new SeededRandom(1).normals(60 * 3);
  const matrix = dense(neighbourGraph(squaredDistances(x, 60), 60, 5));
  for (let i = 0; i < 60; i++) {
    assert.equal(matrix[i][i], 0);
    assert.ok(matrix[i].filter(weight => weight > 0).length >= 5);
    for (let j = 0; j < 60; j++) assert.ok(Math.abs(matrix[i][j] - matrix[j][i]) < 1e-7);
  }
  let v = new Float64Array(60).fill(1);
  let size = 0;
  for (let step = 0; step < 2000; step++) {
    const image = Float64Array.from(matrix, row => row.reduce((sum, weight, j) => sum + weight * v[j], 0));
    size = Math.hypot(...image);
    v = image.map(value => value / size);
  }
  assert.ok(Math.abs(size - 1) < 1e-3, String(size));
});

test('weights are those of the definition: three points in a row, one neighbour each', () => {
  // 0 - 1 - 3: the first two choose each other, the third the second; every chosen one is the middle one.
  const {weights, ends} = neighbourGraph(squaredDistances(new Float32Array([0, 1, 3]), 3), 3, 1);
  const w = Math.exp(-1 / 2);
  const degrees = [2 * w, 3 * w, w];
  assert.deepEqual([...ends], [1, 0, 2, 1]);
  const wanted = [2, 2, 1, 1].map((times, i) => {
    const from = [0, 1, 1, 2][i];
    return (times * w) / Math.sqrt(degrees[from] * degrees[ends[i]]);
  });
  weights.forEach((weight, i) => assert.ok(Math.abs(weight - wanted[i]) < 1e-6));
});

test('labels spread within a cluster and not beyond, where the nearest label errs', () => {
  const distances = squaredDistances(halfRings(), 200);
  const graph = neighbourGraph(distances, 200, 4);
  const known = [
    {point: 0, label: 0},
    {point: 199, label: 1},
  ];
  const reached = spread(graph, known, 3);
  const answers = mostReaching(reached, 3);
  const wrong = (/** @type {Int8Array} */ said) => said.filter((label, i) => label !== Math.floor(i / 100)).length;
  assert.equal(wrong(answers), 0);
  assert.ok(wrong(nearestLabel(distances, 200, known)) > 20);
  assert.ok(reached.every((value, i) => (i % 3 === 2 ? value === 0 : value >= 0)));
  const far = hops(graph, known);
  assert.equal(far[0], 0);
  assert.equal(far[199], 0);
  assert.ok(far[99] >= 99 / 4);
  assert.ok(far.every(steps => steps >= 0));
});

test('a point that no way leads to has no label, and is the most unsure', () => {
  const x = new Float32Array([0, 0.1, 0.2, 0.3, 9, 9.1, 9.2, 9.3]);
  const graph = neighbourGraph(squaredDistances(x, 8), 8, 2);
  const known = [{point: 1, label: 1}];
  const reached = spread(graph, known, 2);
  assert.deepEqual([...mostReaching(reached, 2)], [1, 1, 1, 1, -1, -1, -1, -1]);
  assert.deepEqual([...hops(graph, known)].slice(4), [-1, -1, -1, -1]);
  assert.ok(mostUnsure(graph, reached, 2, known) >= 4);
});

test('between two labels the middle is the most unsure', () => {
  const x = Float32Array.from({length: 21}, (_, i) => i);
  const graph = neighbourGraph(squaredDistances(x, 21), 21, 2);
  const known = [
    {point: 0, label: 0},
    {point: 20, label: 1},
  ];
  assert.equal(mostUnsure(graph, spread(graph, known, 2), 2, known), 10);
  const all = Array.from(x, (_, point) => ({point, label: 0}));
  assert.equal(mostUnsure(graph, spread(graph, all, 2), 2, all), -1);
});

test('nothing known, nothing said', () => {
  const distances = squaredDistances(new Float32Array([0, 1, 2, 3]), 4);
  const graph = neighbourGraph(distances, 4, 2);
  assert.deepEqual([...mostReaching(spread(graph, [], 10), 10)], [-1, -1, -1, -1]);
  assert.deepEqual([...nearestLabel(distances, 4, [])], [-1, -1, -1, -1]);
});

test('after a hundred steps the closed form is approached as its own powers say', () => {
  // F* = (1 - a) (I - a S)^-1 Y, here by 5,000 steps; what is left of the start is (a S)^100 (Y - F*).
  const n = 30;
  const x = new SeededRandom(3).normals(n * 2);
  const graph = neighbourGraph(squaredDistances(x, n), n, 4);
  const matrix = dense(graph);
  const times = (/** @type {Float64Array} */ v) =>
    Float64Array.from(matrix, row => 0.99 * row.reduce((sum, weight, j) => sum + weight * v[j], 0));
  const given = new Float64Array(n);
  given[7] = 1;
  let closed = new Float64Array(n);
  for (let step = 0; step < 5000; step++) closed = times(closed).map((value, i) => value + 0.01 * given[i]);
  let rest = given.map((value, i) => value - closed[i]);
  for (let step = 0; step < 100; step++) rest = times(rest);
  const reached = spread(graph, [{point: 7, label: 0}], 1);
  reached.forEach((value, i) => assert.ok(Math.abs(value - closed[i] - rest[i]) < 1e-5));
});
