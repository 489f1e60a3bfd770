/** A still set in motion along one future, as `vaedemo/vision/image_warping.py` does: a test compares them. */
import {Cutout} from './motion-layers.mjs';
import {joined} from './foreground-matting.mjs';
import {CELLS, TIMES} from '../../../../web/engine/trajectories.mjs';

const COVERED = 0.25;
const GAPS = 2;

/** @typedef {{top: number, bottom: number, left: number, end: number}} Box  rows and columns, the last ones included */

export class Warp {
  #side;
  #cutout;
  #offsets;
  #frame;
  /** Of each pixel of the frame and of a rim around it: the weighed sums of the rows and columns that come to it. */
  #y;
  #x;
  #weight;
  #cover;
  /** How far each place of the cutout has gone, in pixels of the frame. */
  #right;
  #down;

  /**
   * @param {Uint8Array | Uint8ClampedArray} shown  side x side pixels of red, green, blue
   * @param {Float32Array} offsets  [x, y][16 instants][256 cells], in pixels of the still at 64 x 64
   * @param {Cutout} [cutout]  of this and other futures of the still: it takes most of the time, and serves them all
   */
  constructor(shown, offsets, cutout = new Cutout(shown, [offsets])) {
    const {side, places} = cutout;
    const sums = () => new Float32Array((side + 2 * GAPS) ** 2);
    this.#side = side;
    this.#cutout = cutout;
    this.#offsets = joined(offsets, cutout);
    this.#frame = new Uint8ClampedArray(4 * side * side);
    this.#y = sums();
    this.#x = sums();
    this.#weight = sums();
    this.#cover = sums();
    this.#right = new Float32Array(places.length);
    this.#down = new Float32Array(places.length);
  }

  /**
   * The frame at time t, from 0 to 1: red, green, blue, alpha of each pixel. The next one overwrites it.
   * @param {number} t
   * @returns {Uint8ClampedArray<ArrayBuffer>}
   */
  at(t) {
    const {first, behind, corners} = this.#cutout;
    if (t <= 0 || !corners) return first;
    const side = this.#side;
    const frame = this.#frame;
    const y = this.#y;
    const x = this.#x;
    const weight = this.#weight;
    const wide = side + 2 * GAPS;
    frame.set(behind);
    const {top, bottom, left, end} = this.#sumUp(corners, Math.min(1, t));
    for (let row = top; row <= bottom; row++)
      for (let column = left, k = (row + GAPS) * wide + GAPS + left; column <= end; column++, k++)
        if (weight[k] > 0) this.#blend(4 * (row * side + column), y[k] / weight[k], x[k] / weight[k]);
    return frame;
  }

  /**
   * For each pixel of the frame the weighed sums of the places in the still that come to it.
   * @param {import('./motion-layers.mjs').Corners} corners
   * @param {number} t
   * @returns {Box} where any come
   */
  #sumUp(corners, t) {
    const side = this.#side;
    const wide = side + 2 * GAPS;
    const cover = this.#cover;
    for (const sums of [this.#y, this.#x, this.#weight, cover]) sums.fill(0);
    const box = this.#splat(this.#movePlaces(corners, t));
    const last = Math.min(cover.length, (box.bottom + GAPS + 2) * wide);
    for (let k = Math.max(0, box.top + GAPS) * wide; k < last; k++)
      if (cover[k] < COVERED) this.#y[k] = this.#x[k] = this.#weight[k] = 0;
    const inside = {
      top: Math.max(0, box.top - GAPS),
      bottom: Math.min(side - 1, box.bottom + GAPS + 1),
      left: Math.max(0, box.left - GAPS),
      end: Math.min(side - 1, box.end + GAPS + 1),
    };
    for (let round = 0; round < GAPS; round++) this.#closeGaps(inside);
    return inside;
  }

  /**
   * How far each place of the cutout has gone by the time t, bilinearly between its cells.
   * @param {import('./motion-layers.mjs').Corners} corners
   * @param {number} t
   * @returns {number} the farthest, squared
   */
  #movePlaces({cells, parts}, t) {
    const right = this.#right;
    const down = this.#down;
    const scale = this.#side / 64;
    const [xs, ys] = this.#cellsAt(t * (TIMES - 1));
    let fastest = 1e-12;
    for (let i = 0; i < right.length; i++) {
      let dx = 0;
      let dy = 0;
      for (let c = 4 * i; c < 4 * i + 4; c++) {
        dx += parts[c] * xs[cells[c]];
        dy += parts[c] * ys[cells[c]];
      }
      right[i] = dx * scale;
      down[i] = dy * scale;
      fastest = Math.max(fastest, right[i] * right[i] + down[i] * down[i]);
    }
    return fastest;
  }

  /**
   * Adds each place to the four pixels around where it is now; the faster covers the slower.
   * @param {number} fastest  of the places' ways, squared
   * @returns {Box} where any come
   */
  #splat(fastest) {
    const side = this.#side;
    const {places} = this.#cutout;
    const right = this.#right;
    const down = this.#down;
    const y = this.#y;
    const x = this.#x;
    const weight = this.#weight;
    const cover = this.#cover;
    const wide = side + 2 * GAPS;
    const box = {top: side, bottom: 0, left: side, end: 0};
    for (let i = 0; i < places.length; i++) {
      const row = Math.floor(places[i] / side);
      const column = places[i] - row * side;
      const toY = row + down[i];
      const toX = column + right[i];
      if (!(toY > -GAPS && toX > -GAPS && toY < side + GAPS - 1 && toX < side + GAPS - 1)) continue;
      const speed = 0.1 + Math.sqrt((right[i] * right[i] + down[i] * down[i]) / fastest);
      const heavy = speed * speed * speed * speed;
      const fromY = Math.floor(toY);
      const fromX = Math.floor(toX);
      const partY = toY - fromY;
      const partX = toX - fromX;
      if (fromY < box.top) box.top = fromY;
      if (fromY > box.bottom) box.bottom = fromY;
      if (fromX < box.left) box.left = fromX;
      if (fromX > box.end) box.end = fromX;
      for (let corner = 0; corner < 4; corner++) {
        const share = (corner & 2 ? partY : 1 - partY) * (corner & 1 ? partX : 1 - partX);
        const k = (fromY + (corner >> 1) + GAPS) * wide + fromX + (corner & 1) + GAPS;
        y[k] += share * heavy * row;
        x[k] += share * heavy * column;
        weight[k] += share * heavy;
        cover[k] += share;
      }
    }
    return box;
  }

  /** Offsets of the cells, [xs, ys], at an instant between two. @param {number} instant */
  #cellsAt(instant) {
    const offsets = this.#offsets;
    const first = Math.min(TIMES - 2, Math.floor(instant));
    const part = instant - first;
    return [0, TIMES].map(axis => {
      const from = (axis + first) * CELLS;
      return Float32Array.from(
        {length: CELLS},
        (_, i) => (1 - part) * offsets[from + i] + part * offsets[from + CELLS + i],
      );
    });
  }

  /** Fills pixels that nothing comes to, between at least five that something does: from these. @param {Box} inside */
  #closeGaps({top, bottom, left, end}) {
    const y = this.#y;
    const x = this.#x;
    const weight = this.#weight;
    const wide = this.#side + 2 * GAPS;
    const around = [-wide - 1, -wide, -wide + 1, -1, 1, wide - 1, wide, wide + 1];
    const found = [];
    for (let row = top - 1; row <= bottom + 1; row++)
      for (let k = (row + GAPS) * wide + left + GAPS - 1, last = k + end - left + 2; k <= last; k++) {
        if (weight[k]) continue;
        let count = 0;
        for (let step = 0; step < 8; step++) if (weight[k + around[step]]) count++;
        if (count >= 5) found.push(k);
      }
    const sums = found.map(k =>
      [y, x, weight].map(values => around.reduce((sum, step) => sum + values[k + step], 0)),
    );
    found.forEach((k, i) => {
      [y[k], x[k], weight[k]] = sums[i];
    });
  }

  /**
   * Lays the still's color at (y, x) on a pixel of the frame, as far as it goes along.
   * @param {number} to  where the pixel begins in the frame
   * @param {number} y
   * @param {number} x
   */
  #blend(to, y, x) {
    const side = this.#side;
    const frame = this.#frame;
    const {still, alpha} = this.#cutout;
    const last = side - 1;
    const top = Math.min(last - 1, Math.floor(y));
    const left = Math.min(last - 1, Math.floor(x));
    const down = y - top;
    const right = x - left;
    const i = top * side + left;
    const a = (1 - down) * (1 - right);
    const b = (1 - down) * right;
    const c = down * (1 - right);
    const d = down * right;
    const seen = a * alpha[i] + b * alpha[i + 1] + c * alpha[i + side] + d * alpha[i + side + 1];
    if (seen <= 0) return;
    for (let k = 0; k < 3; k++) {
      const color =
        a * still[3 * i + k] +
        b * still[3 * i + 3 + k] +
        c * still[3 * (i + side) + k] +
        d * still[3 * (i + side) + 3 + k];
      frame[to + k] += seen * (255 * color - frame[to + k]);
    }
  }
}
