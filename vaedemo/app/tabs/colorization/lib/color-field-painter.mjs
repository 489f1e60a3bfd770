/**
 * Paints a color field on its grey photo, fast enough to follow a hand: `spread` and `to_rgb` of vision/cielab.py.
 * Each cell's color is a linear function of the lightness around it; the functions are enlarged, and the pixels'
 * edges are the photo's own (fast guided filter: He & Sun 2015).
 * @typedef {Float32Array} Field  a of SIDE x SIDE cells row by row, then b, both over 128
 */
import {contextOf} from '../../../../web/page/canvas-pixels.mjs';
import {CURVE, KNEE, LEVELS, RGB, linear} from './cielab.mjs';

export const SIDE = 32;
export const CELLS = SIDE * SIDE;
const SMALL = 320; // px: the larger side of a picture among others
const FLAT = 2e-4;
const WIDE = 4 * (SIDE + 1); // a row of cells: four numbers each, the last twice
// the cube root of Y, of a byte of L
const HEIGHT = Float32Array.from({length: 256}, (_, light) => (light / 255 + 0.16) / 1.16);
const LUMINANCE = HEIGHT.map(linear);

/** @param {Uint8Array} bytes  of a color field, as the server sends it @returns {Field} */
export const fieldOf = bytes => Float32Array.from(bytes, byte => byte / 127.5 - 1);
/** Several of them, one after another. @param {Uint8Array} bytes @returns {Field[]} */
export const fieldsOf = bytes =>
  Array.from({length: bytes.length / (2 * CELLS)}, (_, i) =>
    fieldOf(bytes.subarray(i * 2 * CELLS, (i + 1) * 2 * CELLS)),
  );
/** The other way. @param {Field} field */
export const bytesOf = field =>
  Uint8Array.from(field, value => Math.round(127.5 * Math.max(-1, Math.min(1, value)) + 127.5));
export const GREY = new Float32Array(2 * CELLS);

/** The mean over the 3x3 cells around each, of those that there are. @param {Float32Array} cells */
function around(cells) {
  const rows = new Float32Array(CELLS);
  const all = new Float32Array(CELLS);
  for (const [from, to, step] of /** @type {[Float32Array, Float32Array, number][]} */ ([
    [cells, rows, 1],
    [rows, all, SIDE],
  ])) {
    for (let i = 0; i < CELLS; i++) {
      const place = step === 1 ? i % SIDE : Math.floor(i / SIDE);
      let sum = from[i];
      let count = 1;
      if (place > 0) {
        sum += from[i - step];
        count++;
      }
      if (place < SIDE - 1) {
        sum += from[i + step];
        count++;
      }
      to[i] = sum / count;
    }
  }
  return all;
}

/**
 * Means of bytes over `columns` x `rows` parts, as PyTorch's adaptive average pooling cuts them.
 * @param {Uint8Array} light
 * @param {number} width
 * @param {number} height
 * @param {number} columns
 * @param {number} rows
 */
function pooled(light, width, height, columns, rows) {
  const means = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const top = Math.floor((row * height) / rows);
    const bottom = Math.ceil(((row + 1) * height) / rows);
    for (let column = 0; column < columns; column++) {
      const left = Math.floor((column * width) / columns);
      const right = Math.ceil(((column + 1) * width) / columns);
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += light[y * width + x];
      means[row * columns + column] = sum / (bottom - top) / (right - left);
    }
  }
  return means;
}

/**
 * Where a pixel lies between the cells' middles: the cell before it, and the part of the way to the next.
 * @param {number} i
 * @param {number} size
 */
const between = (i, size) => {
  const at = Math.max(0, ((i + 0.5) * SIDE) / size - 0.5);
  const cell = Math.min(SIDE - 1, Math.floor(at));
  return [cell, at - cell];
};

/** A byte of sRGB for linear light. @param {number} value */
const byte = value => CURVE[Math.max(0, Math.min(LEVELS, (value * LEVELS + 0.5) | 0))];

/**
 * @typedef {{light: Uint8Array, width: number, height: number, cells: Int32Array, parts: Float32Array, image:
 *   ImageData}} Sheet
 */
/** @param {Uint8Array} light @param {number} width @param {number} height @returns {Sheet} */
function sheet(light, width, height) {
  const places = Array.from({length: width}, (_, x) => between(x, width));
  return {
    light,
    width,
    height,
    image: new ImageData(width, height),
    cells: Int32Array.from(places, ([cell]) => 4 * cell),
    parts: Float32Array.from(places, ([, part]) => part),
  };
}

export class Coloring {
  /** @type {Sheet} */ #large;
  /** @type {Sheet} */ #small;
  #light;
  #mean;
  #gain;

  /** @param {{light: Uint8Array, width: number, height: number}} photo  light: a byte a pixel, 255 * L / 100 */
  constructor({light, width, height}) {
    const part = Math.min(1, SMALL / Math.max(width, height));
    const size = [width, height].map(side => Math.max(1, Math.round(side * part)));
    this.#large = sheet(light, width, height);
    this.#small =
      part < 1
        ? sheet(Uint8Array.from(pooled(light, width, height, size[0], size[1]), Math.round), size[0], size[1])
        : this.#large;
    this.#light = pooled(light, width, height, SIDE, SIDE).map(value => value / 255);
    this.#mean = around(this.#light);
    this.#gain = around(this.#light.map(value => value * value)).map(
      (square, i) => 1 / (square - this.#mean[i] ** 2 + FLAT),
    );
  }

  get width() {
    return this.#large.width;
  }
  get height() {
    return this.#large.height;
  }
  /** The lightness of a cell, from 0 to 1. @param {number} cell */
  lightAt(cell) {
    return this.#light[cell];
  }

  /**
   * Colors as linear functions of lightness, a row of cells after another: slopes of a and b, then what they start
   * from.
   * @param {Field} field
   */
  #lines(field) {
    const lines = new Float32Array(WIDE * SIDE);
    for (const channel of [0, 1]) {
      const ab = field.subarray(channel * CELLS, (channel + 1) * CELLS);
      const mean = around(ab);
      const slope = around(ab.map((value, i) => value * this.#light[i])).map(
        (value, i) => (value - this.#mean[i] * mean[i]) * this.#gain[i],
      );
      const parts = [around(slope), around(mean.map((value, i) => value - slope[i] * this.#mean[i]))];
      parts.forEach((cells, which) => {
        for (let i = 0; i < CELLS; i++)
          lines[Math.floor(i / SIDE) * WIDE + 4 * (i % SIDE) + 2 * which + channel] = cells[i];
      });
    }
    for (let row = 0; row < SIDE; row++)
      lines.copyWithin((row + 1) * WIDE - 4, (row + 1) * WIDE - 8, (row + 1) * WIDE - 4);
    return lines;
  }

  /**
   * Paints the photo with these colors; the canvas takes its size.
   * @param {HTMLCanvasElement} canvas
   * @param {Field} field
   * @param {boolean} [small]  one picture among others
   */
  paint(canvas, field, small = false) {
    this.#show(canvas, small ? this.#small : this.#large, this.#lines(field));
  }

  /**
   * Paints the photo with each cell's color as it is, whatever the edges and the neighbours.
   * @param {HTMLCanvasElement} canvas
   * @param {Field} field
   */
  paintCells(canvas, field) {
    const lines = new Float32Array(WIDE * SIDE);
    for (let i = 0; i < CELLS; i++)
      lines.set([0, 0, field[i], field[CELLS + i]], Math.floor(i / SIDE) * WIDE + 4 * (i % SIDE));
    this.#show(canvas, this.#large, lines, true);
  }

  /** @param {HTMLCanvasElement} canvas @param {Sheet} sheet @param {Float32Array} lines @param {boolean} [flat] */
  #show(canvas, sheet, lines, flat = false) {
    const {image, width, height} = sheet;
    this.#fill(sheet, lines, flat);
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    contextOf(canvas).putImageData(image, 0, 0);
    canvas.dataset.drawn = 'colors';
  }

  /** @param {Sheet} sheet @param {Float32Array} lines @param {boolean} flat  each cell in its own color */
  #fill({light, width, height, cells, parts, image}, lines, flat) {
    const row = new Float32Array(WIDE);
    const pixels = new Uint32Array(image.data.buffer);
    const low = 3 * KNEE * KNEE;
    const [redX, redY, redZ, greenX, greenY, greenZ, blueX, blueY, blueZ] = RGB;
    for (let y = 0, n = 0; y < height; y++) {
      const [cell, down] = flat ? [Math.floor(((y + 0.5) * SIDE) / height), 0] : between(y, height);
      const above = cell * WIDE;
      const below = Math.min(SIDE - 1, cell + 1) * WIDE;
      for (let k = 0; k < WIDE; k++) row[k] = lines[above + k] + down * (lines[below + k] - lines[above + k]);
      for (let x = 0; x < width; x++, n++) {
        const k = flat ? 4 * Math.floor(((x + 0.5) * SIDE) / width) : cells[x];
        const part = flat ? 0 : parts[x];
        const l = light[n];
        const level = l / 255;
        const slopeA = row[k] + part * (row[k + 4] - row[k]);
        const slopeB = row[k + 1] + part * (row[k + 5] - row[k + 1]);
        const startA = row[k + 2] + part * (row[k + 6] - row[k + 2]);
        const startB = row[k + 3] + part * (row[k + 7] - row[k + 3]);
        let u = HEIGHT[l] + (slopeA * level + startA) * 0.256;
        let w = HEIGHT[l] - (slopeB * level + startB) * 0.64;
        u = u > KNEE ? u * u * u : low * (u - 4 / 29);
        w = w > KNEE ? w * w * w : low * (w - 4 / 29);
        const v = LUMINANCE[l];
        pixels[n] =
          0xff000000 |
          (byte(blueX * u + blueY * v + blueZ * w) << 16) | // little-endian, as every browser's machine is
          (byte(greenX * u + greenY * v + greenZ * w) << 8) |
          byte(redX * u + redY * v + redZ * w);
      }
    }
  }
}
