/** log p(x|z) of one picture over the plane, from exact scores on grids: between them by cubic interpolation. */

/** Lagrange's weights of the nodes -1, 0, 1, 2 for t in [0, 1]. @param {number} t */
const weights = t => [
  (-t * (t - 1) * (t - 2)) / 6,
  ((t * t - 1) * (t - 2)) / 2,
  (-t * (t + 1) * (t - 2)) / 2,
  (t * (t * t - 1)) / 6,
];
/** Their derivatives by t. @param {number} t */
const slopes = t => [
  -(3 * t * t - 6 * t + 2) / 6,
  (3 * t * t - 4 * t - 1) / 2,
  -(3 * t * t - 2 * t - 2) / 2,
  (3 * t * t - 1) / 6,
];

/** Exact values at the middles of side x side cells of a square around `middle`. */
export class Patch {
  #step;

  /**
   * @param {Float64Array} values  first latent outer, second inner
   * @param {number[]} middle
   * @param {number} half
   * @param {number} side
   */
  constructor(values, middle, half, side) {
    this.values = values;
    this.middle = middle;
    this.half = half;
    this.side = side;
    this.#step = (2 * half) / side;
  }

  /** @param {number} a @param {number} b */
  holds(a, b) {
    return Math.abs(a - this.middle[0]) <= this.half && Math.abs(b - this.middle[1]) <= this.half;
  }

  /** The four nodes' first index, and how far z is beyond the second of them. @param {number} z @param {0 | 1} d */
  #place(z, d) {
    const at = (z - this.middle[d] + this.half) / this.#step - 0.5;
    const first = Math.max(0, Math.min(this.side - 4, Math.floor(at) - 1));
    return [first, at - first - 1];
  }

  /**
   * Values of 4 x 4 nodes from (i, j) on, weighed.
   * @param {number} i @param {number} j @param {number[]} u @param {number[]} v
   */
  #sum(i, j, u, v) {
    const {values} = this;
    let sum = 0;
    for (let p = 0; p < 4; p++) {
      const row = (i + p) * this.side + j;
      sum += u[p] * (v[0] * values[row] + v[1] * values[row + 1] + v[2] * values[row + 2] + v[3] * values[row + 3]);
    }
    return sum;
  }

  /** @param {number} a @param {number} b */
  at(a, b) {
    const [i, s] = this.#place(a, 0);
    const [j, t] = this.#place(b, 1);
    return this.#sum(i, j, weights(s), weights(t));
  }

  /** @param {number} a @param {number} b */
  slope(a, b) {
    const [i, s] = this.#place(a, 0);
    const [j, t] = this.#place(b, 1);
    return [this.#sum(i, j, slopes(s), weights(t)) / this.#step, this.#sum(i, j, weights(s), slopes(t)) / this.#step];
  }
}

/** A fine patch where the posterior is, and the whole plane around it. */
export class Surface {
  /** @param {Patch} fine @param {Patch} plane */
  constructor(fine, plane) {
    this.fine = fine;
    this.plane = plane;
  }

  /** @param {number} a @param {number} b */
  #patch(a, b) {
    return this.fine.holds(a, b) ? this.fine : this.plane;
  }

  /** log p(x|z) in nats. @param {number} a @param {number} b */
  at(a, b) {
    return this.#patch(a, b).at(a, b);
  }

  /** Its gradient by z. @param {number} a @param {number} b @returns {number[]} */
  slope(a, b) {
    return this.#patch(a, b).slope(a, b);
  }
}
