/** Random numbers that the same seed gives again: in a Worker, in Node, in every browser. Not those of PyTorch. */

export class SeededRandom {
  #state;
  /** The second of a pair of normal numbers. @type {number | null} */
  #spare = null;

  /** @param {number} seed  a whole number from 0 */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A number in [0, 1), uniform: mulberry32, 32 bits of state. */
  uniform() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from 0, below `n`. @param {number} n */
  below(n) {
    return Math.floor(this.uniform() * n);
  }

  /** A number from N(0, 1) (Box-Muller). */
  normal() {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** `n` numbers from N(0, 1). @param {number} n */
  normals(n) {
    return Float32Array.from({length: n}, () => this.normal());
  }
}
