/** A still set in motion along one future. `vaedemo/warping.py` says why, and does the same: a test compares them. */
import {Cutout} from './motion-layers.mjs';
import {joined} from './foreground-matting.mjs';
import {CELLS, TIMES} from './trajectory-decoder.mjs';

const COVERED = 0.25;
const GAPS = 2;

export class Warp {
  /**
   * @param {Uint8Array | Uint8ClampedArray} shown  side x side pixels of red, green, blue
   * @param {Float32Array} offsets  [x, y][16 instants][256 cells], in pixels of the still at 64 x 64
   * @param {Cutout} [cutout]  of this and other futures of the still: it takes most of the time, and serves them all
   */
  constructor(shown, offsets, cutout = new Cutout(shown, [offsets])) {
    const {side, places} = cutout;
    [this.side, this.cutout, this.offsets] = [side, cutout, joined(offsets, cutout)];
    this.frame = new ImageData(side, side);
    [this.y, this.x, this.weight, this.cover] = [0, 1, 2, 3].map(() => new Float32Array((side + 2 * GAPS) ** 2));
    [this.right, this.down] = [0, 1].map(() => new Float32Array(places.length));
  }

  /** Paints the still at time t, from 0 to 1. @param {HTMLCanvasElement | OffscreenCanvas} canvas @param {number} t */
  paint(canvas, t) {
    if (canvas.width !== this.side || canvas.height !== this.side)
      [canvas.width, canvas.height] = [this.side, this.side];
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.putImageData(this.at(t), 0, 0);
  }

  /** The frame at time t; it is overwritten by the next one. @param {number} t @returns {ImageData} */
  at(t) {
    if (t <= 0 || !this.cutout.corners) return this.cutout.first;
    const {
      side,
      cutout: {behind},
      frame: {data},
      y,
      x,
      weight,
    } = this;
    const wide = side + 2 * GAPS;
    data.set(behind.data);
    const {top, bottom, left, end} = this.#whereFrom(Math.min(1, t));
    for (let row = top; row <= bottom; row++)
      for (let column = left, k = (row + GAPS) * wide + GAPS + left; column <= end; column++, k++)
        if (weight[k] > 0) this.#lay(data, 4 * (row * side + column), y[k] / weight[k], x[k] / weight[k]);
    return this.frame;
  }

  /**
   * For each pixel of the frame the weighed sums of the places in the still that come to it.
   * @param {number} t
   * @returns the rows and columns it concerns
   */
  #whereFrom(t) {
    const {
      side,
      cutout: {
        places,
        corners: {cells, parts},
      },
      y,
      x,
      weight,
      cover,
      right,
      down,
    } = this;
    const wide = side + 2 * GAPS;
    const scale = side / 64;
    const n = places.length;
    for (const sums of [y, x, weight, cover]) sums.fill(0);
    const [xs, ys] = this.#cellsAt(t * (TIMES - 1));
    const box = {top: side, bottom: 0, left: side, end: 0};
    let fastest = 1e-12;
    for (let i = 0; i < n; i++) {
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
    for (let i = 0; i < n; i++) {
      const row = Math.floor(places[i] / side);
      const column = places[i] - row * side;
      const toY = row + down[i];
      const toX = column + right[i];
      if (!(toY > -GAPS && toX > -GAPS && toY < side + GAPS - 1 && toX < side + GAPS - 1)) continue;
      const speed = 0.1 + Math.sqrt((right[i] * right[i] + down[i] * down[i]) / fastest);
      const heavy = speed * speed * speed * speed; // the faster covers the slower
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
    const inside = {
      top: Math.max(0, box.top - GAPS),
      bottom: Math.min(side - 1, box.bottom + GAPS + 1),
      left: Math.max(0, box.left - GAPS),
      end: Math.min(side - 1, box.end + GAPS + 1),
    };
    for (let k = Math.max(0, box.top + GAPS) * wide; k < Math.min(cover.length, (box.bottom + GAPS + 2) * wide); k++)
      if (cover[k] < COVERED) y[k] = x[k] = weight[k] = 0;
    for (let round = 0; round < GAPS; round++) this.#close(inside);
    return inside;
  }

  /** Offsets of the cells, [xs, ys], at an instant between two. @param {number} instant */
  #cellsAt(instant) {
    const first = Math.min(TIMES - 2, Math.floor(instant));
    const part = instant - first;
    return [0, TIMES].map(axis =>
      Float32Array.from(
        {length: CELLS},
        (_, i) =>
          (1 - part) * this.offsets[(axis + first) * CELLS + i] + part * this.offsets[(axis + first + 1) * CELLS + i],
      ),
    );
  }

  /** Pixels that nothing comes to, between at least five that something does: from these. */
  #close({top, bottom, left, end}) {
    const {side, y, x, weight} = this;
    const wide = side + 2 * GAPS;
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

  /** Lays the still's color at (y, x) on a pixel, as far as it goes along. */
  #lay(data, to, y, x) {
    const {
      side,
      cutout: {still, alpha},
    } = this;
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
      data[to + k] += seen * (255 * color - data[to + k]);
    }
  }
}
