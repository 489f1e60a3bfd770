/**
 * One thing of a grey photo in other colors, all else in those of its first coloring, in the browser: `of_one_object`
 * of vaedemo/models/colorization.py and vaedemo/models/one_object.py, which tell how it is found.
 *
 * @typedef {import('./color-net.mjs').ColorNet} ColorNet
 * @typedef {Float64Array[]} Matrix  rows
 * @typedef {{covariance: Matrix, slopes: Matrix}} Response  of the codes, Z rows of Z; and how fields follow them, Z
 *   rows of 2 * 32 * 32
 */
import {SIDE, TINT} from './color-net.mjs';
import {answers, drawn} from './colorings.mjs';

const DRAWN = 256; // draws that tell how colors at a place are distributed
const AGREE = 64; // places elsewhere that must agree: neighbors say the same
const SIGMA = 10 / 128; // of ab / 128: as far off elsewhere a color may be, and still agrees
const NEAR = 2 / 128; // of ab / 128: as far off at the cell itself
const LITTLE = 1e-3; // of the codes' variance, added to each
const CELLS = SIDE ** 2;

/**
 * The colors at the cell are the quantiles of `DRAWN` draws by hue.
 * @param {ColorNet} net  that has looked at a photo and foretells codes
 * @param {number} cell  row * 32 + column
 * @param {number} n
 * @param {number} seed
 * @returns {{fields: Float32Array[], part: Float64Array, colors: Float32Array}} part: from 0 to 1, how much each cell
 *   belongs to the thing; colors: ab / 128 at the cell in the draws, (DRAWN, 2)
 */
export function ofOneObject(net, cell, n, seed) {
  const codes = drawn(net, DRAWN, seed);
  const fields = codes.map(code => net.painted(code));
  const {
    fields: [field],
    z: [base],
  } = answers(net, 1, false);
  const size = net.z - 2; // the last two are the tint, which is no thing's
  const untinted = fields.map((one, i) => one.map((value, j) => value - codes[i][size + (j < CELLS ? 0 : 1)] / TINT));
  const known = responseOf(
    codes.map(code => code.subarray(0, size)),
    untinted,
  );
  const part = belonging(known, cell);
  const colors = fields.map(one => [one[cell], one[CELLS + cell]]);
  const hues = [...colors].sort(([a0, b0], [a1, b1]) => Math.atan2(b0, a0) - Math.atan2(b1, a1));
  const away = Array.from({length: n}, (_, i) => {
    const [a, b] = hues[Math.floor(((i + 0.5) * DRAWN) / n)];
    return [a - field[cell], b - field[CELLS + cell]];
  });
  const moves = recolored(known, cell, part, away);
  const painted = moves.map(move => net.painted(base.map((value, j) => value + (move[j] ?? 0))));
  return {fields: painted, part, colors: Float32Array.from(colors.flat())};
}

/**
 * The linear map from codes to their fields that is nearest by squared error.
 * @param {Float32Array[]} codes
 * @param {Float32Array[]} fields
 * @returns {Response}
 */
function responseOf(codes, fields) {
  const away = centred(codes);
  const covariance = pairs(away, away).map(row => row.map(sum => sum / codes.length));
  const mean = covariance.reduce((sum, row, i) => sum + row[i], 0) / covariance.length;
  covariance.forEach((row, i) => (row[i] += LITTLE * mean));
  const shared = pairs(away, centred(fields)).map(row => row.map(sum => sum / codes.length));
  return {covariance, slopes: times(inverse(covariance), shared)};
}

/**
 * How much of each cell's variance the color at one cell foretells, from 0 to 1.
 * @param {Response} known
 * @param {number} cell
 */
function belonging({covariance, slopes}, cell) {
  const here = at(slopes, cell);
  const spread = pairs(here, times(covariance, here));
  for (const i of [0, 1]) spread[i][i] += 1e-8;
  const followed = times(covariance, slopes);
  const shared = pairs(here, followed);
  const known = times(inverse(spread), shared);
  /** @param {Matrix} one @param {Matrix} other @param {number} column */
  const sum = (one, other, column) => one.reduce((all, row, i) => all + row[column] * other[i][column], 0);
  return Float64Array.from({length: CELLS}, (_, i) => {
    const told = sum(shared, known, i) + sum(shared, known, CELLS + i);
    const total = sum(slopes, followed, i) + sum(slopes, followed, CELLS + i);
    return Math.min(Math.max(told / (total + 1e-8), 0), 1);
  });
}

/**
 * How the likeliest codes lie from the first coloring's whose color at a cell is `away` from its own, and whose fields
 * are its field wherever `part` is 0.
 * @param {Response} known
 * @param {number} cell
 * @param {Float64Array} part
 * @param {number[][]} away  a and b
 * @returns {Matrix}
 */
function recolored({covariance, slopes}, cell, part, away) {
  const weights = part.map(share => Math.sqrt((AGREE / CELLS) * (1 - share)) / SIGMA);
  const held = transposed(slopes.map(row => row.map((value, i) => value * weights[i % CELLS])));
  const here = at(slopes, cell).map(row => row.map(value => value / NEAR));
  const [agreed, met] = [pairs(held, held), pairs(transposed(here), transposed(here))];
  const precision = inverse(covariance).map((row, i) => row.map((value, j) => value + agreed[i][j] + met[i][j]));
  const pull = times(inverse(precision), here);
  return away.map(color => Float64Array.from(pull, row => (row[0] * color[0] + row[1] * color[1]) / NEAR));
}

/** The rows' numbers for the two planes of one cell, Z rows of 2. @param {Matrix} slopes @param {number} cell */
const at = (slopes, cell) => slopes.map(row => Float64Array.of(row[cell], row[CELLS + cell]));

/** @param {Float32Array[]} rows @returns {Matrix} */
function centred(rows) {
  const mean = new Float64Array(rows[0].length);
  for (const row of rows) row.forEach((value, j) => (mean[j] += value / rows.length));
  return rows.map(row => Float64Array.from(row, (value, j) => value - mean[j]));
}

/** The transposed one times the other. @param {Matrix} one @param {Matrix} other @returns {Matrix} */
function pairs(one, other) {
  const sums = Array.from(one[0], () => new Float64Array(other[0].length));
  one.forEach((row, n) => row.forEach((value, i) => other[n].forEach((theirs, j) => (sums[i][j] += value * theirs))));
  return sums;
}

/** @param {Matrix} matrix @returns {Matrix} */
const transposed = matrix => Array.from(matrix[0], (_, j) => Float64Array.from(matrix, row => row[j]));

/** @param {Matrix} one @param {Matrix} other */
const times = (one, other) => pairs(transposed(one), other);

/**
 * By Gauss and Jordan; of a symmetric positive matrix, whose pivots need no search.
 * @param {Matrix} matrix
 * @returns {Matrix}
 */
function inverse(matrix) {
  const size = matrix.length;
  const rows = matrix.map((row, i) =>
    Float64Array.from({length: 2 * size}, (_, j) => (j < size ? row[j] : +(j === size + i))),
  );
  for (let k = 0; k < size; k++) {
    const pivot = rows[k][k];
    rows[k].forEach((value, j) => (rows[k][j] = value / pivot));
    for (let i = 0; i < size; i++) {
      const factor = rows[i][k];
      if (i !== k) rows[i].forEach((value, j) => (rows[i][j] = value - factor * rows[k][j]));
    }
  }
  return rows.map(row => row.slice(size));
}
