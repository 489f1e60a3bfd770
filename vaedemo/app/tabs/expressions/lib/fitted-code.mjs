/**
 * From places that are to move to a code and a flow, as `fitted_code` of vaedemo/express.py and `spread` of
 * vaedemo/data/flow.py do it: a test compares them.
 */
import {SIDE, readFlow} from './face-warp.mjs';

const UNSURE = 0.5; // pixels of 64: so exactly moves are known
const ROUNDS = 3;
const STEP = 0.25; // in z, along which the decoder is taken for linear
const NEAR = 5; // pixels: how far a landmark's move reaches, as a standard deviation
const LOOSE = 0.1; // how much of a move may be noise, as a share of its variance

/** @typedef {(z: Float32Array) => Float32Array} Decode  the flow of a face that a code makes */

/**
 * A flow at places of the face's own square, x and y of each in a row.
 * @param {Float32Array} flow @param {ArrayLike<number>} places
 */
export function flowAt(flow, places) {
  const found = new Float64Array(places.length);
  const way = new Float64Array(2);
  for (let i = 0; i < places.length; i += 2) {
    if (!readFlow(flow, places[i], places[i + 1], way)) way.fill(0);
    found.set(way, i);
  }
  return found;
}

/**
 * x of matrix x = right, for a symmetric matrix without zeros on the way: by elimination.
 * @param {Float64Array[]} matrix  its rows, which are overwritten
 * @param {Float64Array[]} right  for each row its right sides, overwritten by x
 */
export function solve(matrix, right) {
  const n = matrix.length;
  /** @param {number} row @param {number} other @param {number} share */
  const take = (row, other, share) => {
    for (let k = other; k < n; k++) matrix[row][k] -= share * matrix[other][k];
    for (let k = 0; k < right[row].length; k++) right[row][k] -= share * right[other][k];
  };
  for (let i = 0; i < n; i++) for (let row = i + 1; row < n; row++) take(row, i, matrix[row][i] / matrix[i][i]);
  for (let i = n - 1; i >= 0; i--)
    for (let k = 0; k < right[i].length; k++) {
      for (let j = i + 1; j < n; j++) right[i][k] -= matrix[i][j] * right[j][k];
      right[i][k] /= matrix[i][i];
    }
  return right;
}

/** @param {ArrayLike<number>} one @param {ArrayLike<number>} other */
function dot(one, other) {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += one[i] * other[i];
  return sum;
}

/**
 * How what is read at places changes with each number of z, and what is read there.
 * @param {Decode} decode @param {ArrayLike<number>} places @param {Float32Array} z
 */
export function slopesAt(decode, places, z) {
  const read = flowAt(decode(z), places);
  const slopes = Array.from(z, (_, d) => {
    const moved = z.slice();
    moved[d] += STEP;
    return flowAt(decode(moved), places).map((value, i) => (value - read[i]) / STEP);
  });
  return {read, slopes};
}

/**
 * The code near z that is most probable for moves at places, where the decoder is linear with these slopes: one step of
 * Gauss-Newton on log p(moves | z) + log p(z), with the prior N(0, I).
 * @param {{read: Float64Array, slopes: Float64Array[]}} linear @param {ArrayLike<number>} moves @param {Float32Array} z
 */
export function stepTo({read, slopes}, moves, z) {
  const wanted = read.map((value, i) => moves[i] - value);
  slopes.forEach((slope, d) => slope.forEach((value, i) => (wanted[i] += z[d] * value)));
  const matrix = slopes.map((one, d) =>
    Float64Array.from(slopes, (other, e) => dot(one, other) + (d === e ? UNSURE ** 2 : 0)),
  );
  const right = slopes.map(slope => Float64Array.of(dot(slope, wanted)));
  return Float32Array.from(solve(matrix, right), ([value]) => value);
}

/**
 * The most probable code whose flow has these moves at these places, x and y of each in a row.
 * @param {Decode} decode @param {number} width  of a code
 * @param {ArrayLike<number>} places @param {ArrayLike<number>} moves
 */
export function fittedCode(decode, width, places, moves) {
  let z = new Float32Array(width);
  for (let round = 0; round < ROUNDS; round++) z = stepTo(slopesAt(decode, places, z), moves, z);
  return z;
}

/** How near two places are, from 0 to 1. @param {number} x @param {number} y  how far apart */
const kernel = (x, y) => Math.exp((-0.5 * (x * x + y * y)) / NEAR ** 2);

/**
 * The smooth flow that has these moves at these places, and none far from all of them: x and y of each cell.
 * @param {ArrayLike<number>} places @param {ArrayLike<number>} moves
 */
export function spread(places, moves) {
  const count = places.length / 2;
  const near = (/** @type {number} */ x, /** @type {number} */ y) =>
    Float64Array.from({length: count}, (_, i) => kernel(x - places[2 * i], y - places[2 * i + 1]));
  const matrix = Array.from({length: count}, (_, i) => near(places[2 * i], places[2 * i + 1]));
  matrix.forEach((row, i) => (row[i] += LOOSE));
  const right = Array.from({length: count}, (_, i) => Float64Array.of(moves[2 * i], moves[2 * i + 1]));
  const weights = solve(matrix, right);
  const flow = new Float32Array(2 * SIDE * SIDE);
  for (let cell = 0; cell < SIDE * SIDE; cell++)
    near((cell % SIDE) + 0.5, Math.floor(cell / SIDE) + 0.5).forEach((share, i) => {
      flow[2 * cell] += share * weights[i][0];
      flow[2 * cell + 1] += share * weights[i][1];
    });
  return flow;
}

/** Codes for a face that a hand pulls: quick ones, since the decoder's slopes are known once for all places. */
export class PulledFace {
  #decode;
  #slopes;

  /** @param {Decode} decode @param {number} width  of a code */
  constructor(decode, width) {
    this.#decode = decode;
    const rest = decode(new Float32Array(width));
    this.#slopes = Array.from({length: width}, (_, d) => {
      const z = new Float32Array(width);
      z[d] = STEP;
      return decode(z).map((value, i) => (value - rest[i]) / STEP);
    });
  }

  /**
   * Nearly what fittedCode() answers: the slopes are those at z = 0.
   * @param {ArrayLike<number>} places @param {ArrayLike<number>} moves
   */
  code(places, moves) {
    const slopes = this.#slopes.map(flow => flowAt(flow, places));
    let z = new Float32Array(slopes.length);
    for (let round = 0; round < ROUNDS; round++)
      z = stepTo({read: flowAt(this.#decode(z), places), slopes}, moves, z);
    return z;
  }
}

/**
 * Where a flow takes a place of the photo: the place of the edit that is read from there.
 * @param {Float32Array} flow @param {number} x @param {number} y
 */
export function carried(flow, x, y) {
  let [toX, toY] = [x, y];
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const [wayX, wayY] = flowAt(flow, [toX, toY]);
    [toX, toY] = [x - wayX, y - wayY];
  }
  return [toX, toY];
}
