/**
 * The posterior of colorings once colors were told at some places, by importance sampling: draws of P(z|grey), each
 * of which
 * counts by how well it agrees (`hinted` of vaedemo/models/colorization.py).
 */
import {CELLS, SIDE} from './color-field-painter.mjs';

export const SIGMA = 10 / 128; // of what is told: so far, in ab / 128, a draw may be off and still agree
const LITTLE = 1e-4; // of a component's heaviest draw: what weighs less is not seen in a mean

/**
 * @typedef {{x: number, y: number, ab: [number, number]}} Dab  where in parts of the photo's sides; a and b over 128
 */
/** @typedef {{weights: number[], agreement: number[], draws: Float64Array, effective: number, nearest: number}} Weighed
 *   weights: of the components; agreement: of each its draws' mean likelihood, over that of the best component;
 *   effective: as how many draws of one weight these count; nearest: how far the best draw is off, in sigmas, root
 *   mean square over the dabs */

/** The cell of a place. @param {{x: number, y: number}} place */
export const cellOf = ({x, y}) =>
  [y, x]
    .map(part => Math.max(0, Math.min(SIDE - 1, Math.floor(part * SIDE))))
    .reduce((row, column) => row * SIDE + column);

export class Posterior {
  #components;
  #fields;
  #count;
  #n;

  /** @param {{components: Uint8Array, fields: Uint8Array}} draws @param {number} count  of components */
  constructor({components, fields}, count) {
    [this.#components, this.#fields, this.#count, this.#n] = [components, fields, count, components.length];
  }

  /** @param {Dab[]} dabs @returns {Weighed} */
  weigh(dabs) {
    const log = new Float64Array(this.#n);
    const places = dabs.map(dab => ({cell: cellOf(dab), ab: dab.ab}));
    for (let i = 0; i < this.#n; i++) {
      for (const {cell, ab} of places) {
        const [a, b] = [0, CELLS].map(plane => this.#fields[2 * CELLS * i + plane + cell] / 127.5 - 1);
        log[i] -= ((a - ab[0]) ** 2 + (b - ab[1]) ** 2) / (2 * SIGMA ** 2);
      }
    }
    const best = Math.max(...log);
    const draws = log.map(value => Math.exp(value - best)); // the nearest counts, however far it is
    const total = draws.reduce((sum, weight) => sum + weight, 0);
    const sums = Array(this.#count).fill(0);
    const sizes = Array(this.#count).fill(0);
    draws.forEach((weight, i) => {
      sums[this.#components[i]] += weight;
      sizes[this.#components[i]]++;
    });
    const means = sums.map((sum, k) => (sizes[k] ? sum / sizes[k] : 0));
    const most = Math.max(...means);
    return {
      weights: sums.map(sum => sum / total),
      agreement: means.map(mean => mean / most),
      draws: log,
      effective: total ** 2 / draws.reduce((sum, weight) => sum + weight ** 2, 0),
      nearest: Math.sqrt((-2 * best) / Math.max(1, dabs.length)),
    };
  }

  /**
   * A component's coloring: the mean of its draws, weighed; null where it has none.
   * @param {Weighed} weighed
   * @param {number} k
   * @returns {Float32Array | null}
   */
  coloring({draws: log}, k) {
    let best = -Infinity;
    let total = 0;
    for (let i = 0; i < this.#n; i++) if (this.#components[i] === k && log[i] > best) best = log[i];
    if (best === -Infinity) return null;
    const sum = new Float32Array(2 * CELLS);
    const fields = this.#fields;
    for (let i = 0; i < this.#n; i++) {
      const weight = this.#components[i] === k ? Math.exp(log[i] - best) : 0;
      if (weight < LITTLE) continue;
      total += weight;
      for (let c = 0, at = 2 * CELLS * i; c < 2 * CELLS; c++) sum[c] += weight * fields[at + c];
    }
    return sum.map(value => value / total / 127.5 - 1);
  }
}
