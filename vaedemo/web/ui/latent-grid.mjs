/**
 * The plane of two latents as a grid of pictures, decoded live under a condition y that the hand may change at any
 * time.
 */
import {quantile} from '../engine/normal.mjs';
import {Painter} from './painter.mjs';

const PART = 20; // pictures asked for at a time: some milliseconds, so that none of them is far behind the hand
// parts of the grid from one picture to the next, so that no part of the plane lags behind another
const SPREAD = 0.618;

export class LatentGrid {
  #open;
  #painter;
  #codes;
  #stride;
  #y = /** @type {number[]} */ ([]);
  #next = 0;
  #stale = 0;
  #busy = false;

  /**
   * Paints on `canvas` what `open` decodes at grid x grid Gaussian quantiles: equal areas hold equal prior mass.
   * @param {HTMLCanvasElement} canvas
   * @param {import('../engine/live-decoder.mjs').LiveDecoder} open
   * @param {number} grid
   */
  constructor(canvas, open, grid) {
    this.#open = open;
    this.#painter = new Painter(canvas, open.shape, {columns: grid, rows: grid, crisp: false});
    /** @param {number} i */
    const middle = i => quantile((i + 0.5) / grid);
    this.#codes = Array.from({length: grid ** 2}, (_, i) => [middle(i % grid), -middle(Math.floor(i / grid))]);
    this.#stride = Math.round(SPREAD * grid ** 2);
    while (common(this.#stride, grid ** 2) > 1) this.#stride++;
  }

  /**
   * Decodes all pictures under y. Each is decoded under the newest y there is when its turn comes, so while y changes
   * they follow it one after another, and once it rests all of them have it. @param {number[]} y
   */
  show(y) {
    [this.#y, this.#stale] = [y, this.#codes.length];
    if (!this.#busy) this.#follow();
  }

  async #follow() {
    this.#busy = true;
    const {place, shape} = this.#open;
    const size = shape.reduce((a, b) => a * b);
    while (this.#stale > 0) {
      const count = Math.min(this.#stale, place === 'server' ? Infinity : PART);
      const places = Array.from({length: count}, (_, i) => ((this.#next + i) * this.#stride) % this.#codes.length);
      this.#next = (this.#next + count) % this.#codes.length;
      this.#stale -= count;
      const vectors = places.flatMap(i => [...this.#codes[i], ...this.#y]);
      await this.#open.batch(vectors, count, (planes, first, n) => {
        for (let i = 0; i < n; i++) this.#painter.draw(planes.subarray(i * size, (i + 1) * size), places[first + i]);
      });
    }
    this.#busy = false;
  }
}

/**
 * The greatest common divisor.
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
const common = (a, b) => (b ? common(b, a % b) : a);
