/**
 * Labels of a few points handed on to their neighbours (Zhou 2004), as vaedemo/models/label_spreading.py does; and the
 * answer of the nearest labelled point, beside it. No page, no worker: numbers in, numbers out.
 */

const KEEP = 0.99; // of what the neighbours say, in each step; the rest is what is known
const STEPS = 100;
const LEAST = 1e-9; // of a distance that others are divided by

/**
 * @typedef {{starts: Int32Array, ends: Int32Array, weights: Float32Array}} Graph  a sparse matrix: the neighbours of
 *   point i are ends[starts[i]] to ends[starts[i + 1]], that excluded
 * @typedef {{point: number, label: number}} Labelled
 */

/**
 * Squared distances of all pairs, (n, n).
 * @param {ArrayLike<number>} x  (n, d), one after the other @param {number} n
 */
export function squaredDistances(x, n) {
  const d = x.length / n;
  const distances = new Float32Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = 0, a = i * d, b = j * d; k < d; k++, a++, b++) sum += (x[a] - x[b]) * (x[a] - x[b]);
      distances[i * n + j] = distances[j * n + i] = sum;
    }
  return distances;
}

/**
 * The number of bits in which pairs of rows differ, (n, n): the squared distances of black and white pictures, quickly.
 * @param {Uint8Array} x  zeros and ones, (n, d) @param {number} n
 */
export function differingBits(x, n) {
  const d = x.length / n;
  const words = Math.ceil(d / 32);
  const packed = new Int32Array(n * words);
  for (let i = 0; i < x.length; i++)
    if (x[i]) packed[Math.floor(i / d) * words + ((i % d) >> 5)] |= 1 << ((i % d) & 31);
  const distances = new Float32Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = 0, a = i * words, b = j * words; k < words; k++, a++, b++) sum += ones(packed[a] ^ packed[b]);
      distances[i * n + j] = distances[j * n + i] = sum;
    }
  return distances;
}

/** How many of 32 bits are 1. @param {number} bits */
function ones(bits) {
  let v = bits - ((bits >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * The nearest `count` points of a row of squared distances, the nearest first; not point `self`.
 * @param {Float32Array} row @param {number} self @param {number} count
 */
function nearestOf(row, self, count) {
  const near = /** @type {number[]} */ ([]);
  for (let j = 0; j < row.length; j++) {
    if (j === self || (near.length === count && row[j] >= row[near[count - 1]])) continue;
    let at = near.length;
    while (at && row[near[at - 1]] > row[j]) at--;
    near.splice(at, 0, j);
    near.length = Math.min(near.length, count);
  }
  return near;
}

/**
 * D^-1/2 W D^-1/2, symmetric, with weights W of each point's nearest `neighbours`. A weight falls with the distance,
 * relative to that of the point's middle neighbour.
 * @param {Float32Array} distances  squared, (n, n) @param {number} n @param {number} neighbours
 * @returns {Graph}
 */
export function neighbourGraph(distances, n, neighbours) {
  const rows = Array.from({length: n}, () => /** @type {Map<number, number>} */ (new Map()));
  for (let i = 0; i < n; i++) {
    const row = distances.subarray(i * n, (i + 1) * n);
    const near = nearestOf(row, i, neighbours);
    const middle = Math.max(row[near[Math.floor(neighbours / 2)]], LEAST ** 2);
    for (const j of near) {
      const weight = Math.exp(-row[j] / middle / 2);
      rows[i].set(j, (rows[i].get(j) ?? 0) + weight);
      rows[j].set(i, (rows[j].get(i) ?? 0) + weight);
    }
  }
  const scale = rows.map(row => 1 / Math.sqrt([...row.values()].reduce((a, b) => a + b, 0)));
  const starts = new Int32Array(n + 1);
  rows.forEach((row, i) => (starts[i + 1] = starts[i] + row.size));
  return {
    starts,
    ends: Int32Array.from(rows.flatMap(row => [...row.keys()])),
    weights: Float32Array.from(rows.flatMap((row, i) => [...row].map(([j, weight]) => weight * scale[i] * scale[j]))),
  };
}

/**
 * How much of each of `count` labels reaches each point, (n, count); none of any where the row is 0.
 * @param {Graph} graph @param {Labelled[]} known @param {number} count
 */
export function spread({starts, ends, weights}, known, count) {
  const n = starts.length - 1;
  const given = new Float64Array(n * count); // of 32 bits those far away would be denormal numbers, which are slow
  for (const {point, label} of known) given[point * count + label] = 1;
  let reached = given.slice();
  let next = new Float64Array(n * count);
  for (let step = 0; step < STEPS; step++) {
    for (let i = 0; i < given.length; i++) next[i] = (1 - KEEP) * given[i];
    for (let i = 0, at = 0; i < n; i++, at += count)
      for (let e = starts[i]; e < starts[i + 1]; e++) {
        const from = ends[e] * count;
        const weight = KEEP * weights[e];
        for (let c = 0; c < count; c++) next[at + c] += weight * reached[from + c];
      }
    [reached, next] = [next, reached];
  }
  return reached;
}

/**
 * The label of which most reaches each point, (n,); -1: none does.
 * @param {Float64Array} reached  (n, count) @param {number} count
 */
export function mostReaching(reached, count) {
  return Int8Array.from({length: reached.length / count}, (_, i) => {
    const row = reached.subarray(i * count, (i + 1) * count);
    const most = Math.max(...row);
    return most > 0 ? row.indexOf(most) : -1;
  });
}

/**
 * The label of the nearest known point, (n,); -1: none is known.
 * @param {Float32Array} distances  squared, (n, n) @param {number} n @param {Labelled[]} known
 */
export function nearestLabel(distances, n, known) {
  return Int8Array.from({length: n}, (_, i) => {
    let best = -1;
    let least = Infinity;
    for (const {point, label} of known)
      if (distances[i * n + point] < least) {
        least = distances[i * n + point];
        best = label;
      }
    return best;
  });
}

/**
 * How many neighbours a label passes on its way from the nearest known point, (n,); -1: no way leads there.
 * @param {Graph} graph @param {Labelled[]} known
 */
export function hops({starts, ends}, known) {
  const far = new Int16Array(starts.length - 1).fill(-1);
  const queue = known.map(({point}) => point);
  for (const point of queue) far[point] = 0;
  for (let head = 0; head < queue.length; head++)
    for (let e = starts[queue[head]]; e < starts[queue[head] + 1]; e++)
      if (far[ends[e]] < 0) {
        far[ends[e]] = far[queue[head]] + 1;
        queue.push(ends[e]);
      }
  return far;
}

/**
 * The point of whose label least is known: one that no label reaches, the first in the densest place, else that where
 * the two strongest labels are most alike. -1: all points are known.
 * @param {Graph} graph @param {Float64Array} reached  (n, count) @param {number} count
 * @param {Labelled[]} known
 */
export function mostUnsure({starts}, reached, count, known) {
  const isKnown = new Set(known.map(({point}) => point));
  let best = -1;
  let least = Infinity;
  for (let i = 0; i < starts.length - 1; i++) {
    if (isKnown.has(i)) continue;
    const row = Array.from(reached.subarray(i * count, (i + 1) * count)).sort((a, b) => b - a);
    const total = row.reduce((a, b) => a + b, 0);
    // Where nothing arrives a point that many others count among their nearest comes first.
    const doubt = total > 0 ? (row[0] - row[1]) / total : starts[i] - starts[i + 1];
    if (doubt < least) [best, least] = [i, doubt];
  }
  return best;
}
