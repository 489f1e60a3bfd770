/**
 * The posterior of colorings once colors were told at some places, by importance sampling: draws of P(z|grey), each of
 * which counts by how well it agrees (`hinted` of vaedemo/models/colorization.py).
 */
import {CELLS, SIDE} from './color-field-painter.mjs';

export const SIGMA = 10 / 128; // of what is told: as far, in ab / 128, a draw may be off and still agree
const LITTLE = 1e-4; // of an answer's heaviest draw: what weighs less is not seen in a mean

/**
 * @typedef {{x: number, y: number, ab: [number, number]}} Dab  where in parts of the photo's sides; a and b over 128
 * @typedef {{weights: number[], agreement: number[], logs: Float64Array, effective: number, nearest: number}} Weighed
 *   weights: of the answers; agreement: of each its draws' mean likelihood, over that of the best answer;
 *   logs: of each draw its log likelihood; effective: as how many draws of one weight these count; nearest: how far the
 *   best draw is off, in sigmas, root mean square over the dabs
 */

/** The cell of a place. @param {{x: number, y: number}} place */
export const cellOf = ({x, y}) =>
  [y, x]
    .map(part => Math.max(0, Math.min(SIDE - 1, Math.floor(part * SIDE))))
    .reduce((row, column) => row * SIDE + column);

export class Posterior {
  #answers;
  #fields;
  #count;

  /** @param {{answers: Uint8Array, fields: Uint8Array}} draws @param {number} count  of answers */
  constructor({answers, fields}, count) {
    this.#answers = answers;
    this.#fields = fields;
    this.#count = count;
  }

  /** @param {Dab[]} dabs @returns {Weighed} */
  weigh(dabs) {
    const logs = this.#logLikelihoods(dabs);
    const best = Math.max(...logs);
    const likelihoods = logs.map(value => Math.exp(value - best)); // the nearest counts, however far it is
    const total = likelihoods.reduce((sum, one) => sum + one, 0);
    const sums = Array(this.#count).fill(0);
    const sizes = Array(this.#count).fill(0);
    likelihoods.forEach((one, i) => {
      sums[this.#answers[i]] += one;
      sizes[this.#answers[i]]++;
    });
    const means = sums.map((sum, k) => (sizes[k] ? sum / sizes[k] : 0));
    const most = Math.max(...means);
    return {
      weights: sums.map(sum => sum / total),
      agreement: means.map(mean => mean / most),
      logs,
      effective: total ** 2 / likelihoods.reduce((sum, one) => sum + one ** 2, 0),
      nearest: Math.sqrt((-2 * best) / Math.max(1, dabs.length)),
    };
  }

  /** Of each draw, up to a constant. @param {Dab[]} dabs */
  #logLikelihoods(dabs) {
    const logs = new Float64Array(this.#answers.length);
    const places = dabs.map(dab => ({cell: cellOf(dab), ab: dab.ab}));
    for (let i = 0; i < logs.length; i++) {
      for (const {cell, ab} of places) {
        const [a, b] = [0, CELLS].map(plane => this.#fields[2 * CELLS * i + plane + cell] / 127.5 - 1);
        logs[i] -= ((a - ab[0]) ** 2 + (b - ab[1]) ** 2) / (2 * SIGMA ** 2);
      }
    }
    return logs;
  }

  /**
   * An answer's coloring: the mean of its draws, weighed; null where it has none.
   * @param {Weighed} weighed
   * @param {number} k
   * @returns {Float32Array | null}
   */
  coloring({logs}, k) {
    const own = [...logs.keys()].filter(i => this.#answers[i] === k);
    if (!own.length) return null;
    const best = Math.max(...own.map(i => logs[i]));
    const sum = new Float32Array(2 * CELLS);
    let total = 0;
    for (const i of own) {
      const weight = Math.exp(logs[i] - best);
      if (weight < LITTLE) continue;
      total += weight;
      for (let c = 0, at = 2 * CELLS * i; c < 2 * CELLS; c++) sum[c] += weight * this.#fields[at + c];
    }
    return sum.map(value => value / total / 127.5 - 1);
  }
}
