/**
 * Trajectories of a still's cells: offsets of their coefficients, how far and where cells go, and how far apart two
 * futures are.
 */

export const GRID = 16;
export const CELLS = GRID * GRID;
export const TIMES = 16;
export const KEPT = 5;
export const PLANES = 2 * KEPT;

/**
 * The orthonormal DCT-II over the instants, less its value at the first: what is left there is taken off everywhere.
 */
const BASIS = Array.from({length: KEPT}, (_, k) => {
  const row = Array.from(
    {length: TIMES},
    (_, t) => Math.sqrt((k ? 2 : 1) / TIMES) * Math.cos((Math.PI * (t + 0.5) * k) / TIMES),
  );
  return row.map(value => value - row[0]);
});

/**
 * Offsets in pixels of the 64-pixel still, [x, y][instant][cell], of coefficients [x's five, y's five][cell].
 * @param {Float32Array} coefficients
 */
export function offsetsOf(coefficients) {
  const offsets = new Float32Array(2 * TIMES * CELLS);
  for (let axis = 0; axis < 2; axis++)
    for (let k = 0; k < KEPT; k++)
      for (let t = 1; t < TIMES; t++) {
        const from = (axis * KEPT + k) * CELLS;
        const to = (axis * TIMES + t) * CELLS;
        const part = BASIS[k][t];
        for (let i = 0; i < CELLS; i++) offsets[to + i] += part * coefficients[from + i];
      }
  return offsets;
}

/**
 * Where a cell is at a time t from 0 to 1, off its place, in pixels of the still: [right, down].
 * @param {Float32Array} offsets
 * @param {number} cell
 * @param {number} t
 */
export function offsetAt(offsets, cell, t) {
  const at = t * (TIMES - 1);
  const i = Math.min(TIMES - 2, Math.floor(at));
  const part = at - i;
  return [0, TIMES].map(
    axis => (1 - part) * offsets[(axis + i) * CELLS + cell] + part * offsets[(axis + i + 1) * CELLS + cell],
  );
}

/** How far each cell gets from its place, in pixels. @param {Float32Array} offsets @returns {Float32Array} */
export const reachOf = offsets =>
  Float32Array.from({length: CELLS}, (_, i) => {
    let most = 0;
    for (let t = 1; t < TIMES; t++)
      most = Math.max(most, Math.hypot(offsets[t * CELLS + i], offsets[(TIMES + t) * CELLS + i]));
    return most;
  });

/** Root mean square of two trajectories' difference. @param {Float32Array} one @param {Float32Array} other */
export const apart = (one, other) =>
  Math.sqrt(one.reduce((sum, value, i) => sum + (value - other[i]) ** 2, 0) / one.length);

/** @param {Float32Array<ArrayBuffer>[]} all */
export const meanOf = all => all[0].map((_, i) => all.reduce((sum, one) => sum + one[i] / all.length, 0));

/** Which of several trajectories one is nearest to. @param {Float32Array} one @param {Float32Array[]} others */
export function nearest(one, others) {
  const away = others.map(other => apart(one, other));
  return away.indexOf(Math.min(...away));
}

/**
 * The two futures whose cells end farthest apart.
 * @param {Float32Array[]} all  offsets of each
 * @returns {[number, number]}
 */
export function farthest(all) {
  const ends = all.map(endsOf);
  /** @type {[number, number]} */
  let pair = [0, Math.min(1, all.length - 1)];
  let most = -1;
  ends.forEach((one, i) =>
    ends.slice(0, i).forEach((other, k) => {
      const far = apart(one, other);
      if (far <= most) return;
      pair = [k, i];
      most = far;
    }),
  );
  return pair;
}

/** Where each cell ends, [x, y][cell]. @param {Float32Array} offsets */
export function endsOf(offsets) {
  const last = (TIMES - 1) * CELLS;
  const ends = new Float32Array(2 * CELLS);
  ends.set(offsets.subarray(last, last + CELLS));
  ends.set(offsets.subarray(last + TIMES * CELLS, last + TIMES * CELLS + CELLS), CELLS);
  return ends;
}
