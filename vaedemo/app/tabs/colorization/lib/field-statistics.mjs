/** Figures of color fields: a weighted mean, how colorful one is, how far two lie apart, how much several differ. */
import {CELLS} from './color-field-painter.mjs';

/** @typedef {import('./color-field-painter.mjs').Field} Field */

/** The mean of colorings, weighed. @param {Field[]} fields @param {number[]} weights @returns {Field} */
export function weightedMean(fields, weights) {
  const sum = new Float32Array(2 * CELLS);
  const total = weights.reduce((a, b) => a + b, 0);
  fields.forEach((field, i) =>
    field.forEach((value, k) => {
      sum[k] += (weights[i] / total) * value;
    }),
  );
  return sum;
}

/** How far a coloring's colors lie from grey, on average over its cells, in units of ab. @param {Field} field */
export function chroma(field) {
  let sum = 0;
  for (let i = 0; i < CELLS; i++) sum += Math.hypot(field[i], field[CELLS + i]);
  return (128 * sum) / CELLS;
}

/**
 * How far two colorings lie apart: the mean over cells of the distance of their ab / 128.
 * @param {Field} one
 * @param {Field} other
 */
export function distance(one, other) {
  let sum = 0;
  for (let i = 0; i < CELLS; i++) sum += Math.hypot(one[i] - other[i], one[CELLS + i] - other[CELLS + i]);
  return sum / CELLS;
}

/** Which of several colorings is nearest to one, by its number. @param {Field[]} fields @param {Field} to */
export function nearest(fields, to) {
  const away = fields.map(field => distance(field, to));
  return away.indexOf(Math.min(...away));
}

/** The two colorings that lie farthest apart, by their numbers. @param {Field[]} fields @returns {[number, number]} */
export function farthest(fields) {
  /** @type {[number, number]} */
  let pair = [0, Math.min(1, fields.length - 1)];
  let most = -1;
  fields.forEach((one, i) =>
    fields.slice(0, i).forEach((other, k) => {
      const far = distance(one, other);
      if (far > most) [pair, most] = [[k, i], far];
    }),
  );
  return pair;
}

/** The variance of each cell's color over colorings, the mean of a's and b's, (ab / 128)^2. @param {Field[]} fields */
export function variances(fields) {
  const mean = weightedMean(
    fields,
    fields.map(() => 1),
  );
  const cells = new Float32Array(CELLS);
  for (const field of fields) {
    for (let i = 0; i < CELLS; i++) {
      const [a, b] = [field[i] - mean[i], field[CELLS + i] - mean[CELLS + i]];
      cells[i] += (a ** 2 + b ** 2) / 2 / fields.length;
    }
  }
  return cells;
}
