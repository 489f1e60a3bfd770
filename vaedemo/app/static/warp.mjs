/** A still set in motion along one future. `vaedemo/warping.py` says why, and does the same: a test compares them. */
import {eased, extended, grown, membersOf, movingOf, RIM} from './cutout.mjs';
import {plateOf} from './plate.mjs';
import {CELLS, GRID, TIMES} from './trajectories.mjs';

const SAME = [0.002, 0.02], FASTER = 4, COVERED = 0.25, GAPS = 2;

export class Warp {
  /** @param {Uint8Array | Uint8ClampedArray} shown  side x side pixels of red, green, blue @param {Float32Array} offsets  [x, y][16 instants][256 cells], in pixels of the still at 64 x 64 */
  constructor(shown, offsets) {
    this.side = Math.sqrt(shown.length / 3);
    const {side} = this, still = Float32Array.from(shown, value => value / 255), moving = movingOf(offsets), picture = {side, data: still};
    this.offsets = extended(offsets, moving);
    const alpha = membersOf(picture, moving), hole = grown(Uint8Array.from(alpha, value => Number(value > 0.5)), Math.max(1, RIM * side >> 8), side);
    const plate = plateOf(picture, hole);
    alpha.forEach((value, i) => {
      if (hole[i] && value) alpha[i] = value * eased([0, 1, 2].reduce((sum, c) => sum + (plate[3 * i + c] - still[3 * i + c]) ** 2, 0), ...SAME);
    });
    [this.still, this.alpha] = [still, alpha];
    this.places = Int32Array.from(hole.keys()).filter(i => hole[i] || alpha[i] > 0);
    this.corners = this.places.length ? cornersOf(this.places, side) : null;
    [this.first, this.behind] = [shown, plate].map(pixels => new ImageData(rgba(pixels, pixels === plate ? 255 : 1), side));
    this.frame = new ImageData(side, side);
    const length = (side + 2 * GAPS) ** 2;
    [this.y, this.x, this.weight, this.cover] = [0, 1, 2, 3].map(() => new Float32Array(length));
  }

  /** Paints the still at time t, from 0 to 1. @param {HTMLCanvasElement | OffscreenCanvas} canvas @param {number} t */
  paint(canvas, t) {
    if (canvas.width !== this.side || canvas.height !== this.side) [canvas.width, canvas.height] = [this.side, this.side];
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.putImageData(this.at(t), 0, 0);
  }

  /** The frame at time t; it is overwritten by the next one. @param {number} t @returns {ImageData} */
  at(t) {
    if (t <= 0 || !this.corners) return this.first;
    const {side, frame: {data}, y, x, weight} = this, wide = side + 2 * GAPS;
    data.set(this.behind.data);
    const [top, bottom] = this.#whereFrom(Math.min(1, t));
    for (let row = Math.max(0, top); row <= Math.min(side - 1, bottom); row++) for (let column = 0, k = (row + GAPS) * wide + GAPS; column < side; column++, k++)
      if (weight[k] > 0) this.#lay(data, 4 * (row * side + column), y[k] / weight[k], x[k] / weight[k]);
    return this.frame;
  }

  /** For each pixel of the frame the weighed sums of the places in the still that come to it. @param {number} t @returns {[number, number]} rows */
  #whereFrom(t) {
    const {side, places, corners: {cells, parts}, y, x, weight, cover} = this, wide = side + 2 * GAPS, scale = side / 64, n = places.length;
    for (const sums of [y, x, weight, cover]) sums.fill(0);
    const instant = t * (TIMES - 1), first = Math.min(TIMES - 2, Math.floor(instant)), part = instant - first, right = new Float32Array(n), down = new Float32Array(n);
    const [xs, ys] = [0, TIMES].map(axis => Float32Array.from({length: CELLS}, (_, i) => (1 - part) * this.offsets[(axis + first) * CELLS + i] + part * this.offsets[(axis + first + 1) * CELLS + i]));
    let fastest = 1e-6, top = side, bottom = 0;
    for (let i = 0; i < n; i++) {
      for (let c = 4 * i; c < 4 * i + 4; c++) [right[i], down[i]] = [right[i] + parts[c] * xs[cells[c]] * scale, down[i] + parts[c] * ys[cells[c]] * scale];
      fastest = Math.max(fastest, Math.hypot(right[i], down[i]));
    }
    for (let i = 0; i < n; i++) {
      const row = Math.floor(places[i] / side), column = places[i] % side, toY = row + down[i], toX = column + right[i];
      if (!(toY > -GAPS && toX > -GAPS && toY < side + GAPS - 1 && toX < side + GAPS - 1)) continue;
      const heavy = (0.1 + Math.hypot(right[i], down[i]) / fastest) ** FASTER, fromY = Math.floor(toY), fromX = Math.floor(toX), partY = toY - fromY, partX = toX - fromX;
      [top, bottom] = [Math.min(top, fromY), Math.max(bottom, fromY + 1)];
      for (let corner = 0; corner < 4; corner++) {
        const share = (corner & 2 ? partY : 1 - partY) * (corner & 1 ? partX : 1 - partX), k = (fromY + (corner >> 1) + GAPS) * wide + fromX + (corner & 1) + GAPS;
        y[k] += share * heavy * row;
        x[k] += share * heavy * column;
        weight[k] += share * heavy;
        cover[k] += share;
      }
    }
    for (let k = 0; k < cover.length; k++) if (cover[k] < COVERED) y[k] = x[k] = weight[k] = 0;
    for (let round = 0; round < GAPS; round++) this.#close(Math.max(-GAPS + 1, top - GAPS), Math.min(side + GAPS - 2, bottom + GAPS));
    return [top - GAPS, bottom + GAPS];
  }

  /** Pixels that nothing comes to, between at least five that something does: from these. */
  #close(top, bottom) {
    const {side, y, x, weight} = this, wide = side + 2 * GAPS, around = [-wide - 1, -wide, -wide + 1, -1, 1, wide - 1, wide, wide + 1], found = [];
    for (let row = top; row <= bottom; row++) for (let column = 1, k = (row + GAPS) * wide + 1; column < wide - 1; column++, k++) {
      if (weight[k]) continue;
      let count = 0;
      for (const step of around) if (weight[k + step]) count++;
      if (count >= 5) found.push([k, ...[y, x, weight].map(sums => around.reduce((sum, step) => sum + sums[k + step], 0))]);
    }
    for (const [k, ...sums] of found) [y[k], x[k], weight[k]] = sums;
  }

  /** Lays the still's color at (y, x) on a pixel, as far as it goes along. */
  #lay(data, to, y, x) {
    const {side, still, alpha} = this, last = side - 1, top = Math.min(last - 1, Math.floor(y)), left = Math.min(last - 1, Math.floor(x)), down = y - top, right = x - left;
    const i = top * side + left, a = (1 - down) * (1 - right), b = (1 - down) * right, c = down * (1 - right), d = down * right;
    const seen = a * alpha[i] + b * alpha[i + 1] + c * alpha[i + side] + d * alpha[i + side + 1];
    if (seen <= 0) return;
    for (let k = 0; k < 3; k++) {
      const color = a * still[3 * i + k] + b * still[3 * i + 3 + k] + c * still[3 * (i + side) + k] + d * still[3 * (i + side) + 3 + k];
      data[to + k] += seen * (255 * color - data[to + k]);
    }
  }
}

/** The four cells around each place and their bilinear weights; beyond the last ones they alone count. @param {Int32Array} places @param {number} side */
function cornersOf(places, side) {
  const cells = new Uint8Array(4 * places.length), parts = new Float32Array(4 * places.length), inside = value => Math.max(0, Math.min(GRID - 1, value));
  places.forEach((at, i) => {
    const y = (Math.floor(at / side) + 0.5) * GRID / side - 0.5, x = (at % side + 0.5) * GRID / side - 0.5, top = Math.floor(y), left = Math.floor(x);
    for (let corner = 0; corner < 4; corner++) {
      cells[4 * i + corner] = inside(top + (corner >> 1)) * GRID + inside(left + (corner & 1));
      parts[4 * i + corner] = Math.abs(1 - (corner >> 1) - (y - top)) * Math.abs(1 - (corner & 1) - (x - left));
    }
  });
  return {cells, parts};
}

/** Pixels as a canvas has them. @param {ArrayLike<number>} pixels @param {number} scale  to 255 */
function rgba(pixels, scale) {
  const all = new Uint8ClampedArray(pixels.length / 3 * 4).fill(255);
  for (let i = 0; i < pixels.length; i++) all[Math.floor(i / 3) * 4 + i % 3] = scale * pixels[i];
  return all;
}
