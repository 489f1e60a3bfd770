/**
 * A photo as the models that color and move photos see it, in the browser: what `photo` of vaedemo/colorize.py reads.
 *
 * @typedef {object} SeenPhoto  all as bytes
 * @property {number} width  of `light`
 * @property {number} height
 * @property {Uint8Array} light  255 * L / 100 of the photo, at most 640 pixels a side
 * @property {Uint8Array} grey  of the photo squeezed to 160 x 160
 * @property {Uint8Array | null} field  its colors, 127.5 * (ab / 128 + 1), (2, 32, 32); null: it is grey
 */
import {BICUBIC, LANCZOS, fitted, resized} from './resample.mjs';

const SHOWN = 640; // pixels a side
const SEEN = 160;
const SIDE = 32;
const CELL = SEEN / SIDE;
const NEUTRAL = 2 / 128; // mean chroma under which a photo counts as grey
const KNEE = 6 / 29;
/** X, Y, Z of linear red, green, blue, each over its value for white (vision/cielab.py). */
const XYZ = [0.412453, 0.35758, 0.180423, 0.212671, 0.71516, 0.072169, 0.019334, 0.119193, 0.950227].map(
  (value, i) => value / [0.95047, 1, 1.08883][Math.floor(i / 3)],
);
const LINEAR = Float64Array.from({length: 256}, (_, i) =>
  i / 255 > 0.04045 ? ((i / 255 + 0.055) / 1.055) ** 2.4 : i / 255 / 12.92,
);

/** CIE's cube root, straight near black. @param {number} value */
const root = value => (value > KNEE ** 3 ? Math.cbrt(value) : value / (3 * KNEE * KNEE) + 4 / 29);

/** X, Y or Z of a pixel. @param {Uint8Array} colors @param {number} at @param {number} row */
const part = (colors, at, row) =>
  root(XYZ[row] * LINEAR[colors[at]] + XYZ[row + 1] * LINEAR[colors[at + 1]] + XYZ[row + 2] * LINEAR[colors[at + 2]]);

/** 255 * L / 100 of red, green, blue. @param {Uint8Array} colors */
function lightOf(colors) {
  const light = new Uint8Array(colors.length / 3);
  for (let i = 0; i < light.length; i++)
    light[i] = Math.round(255 * Math.max(0, 1.16 * part(colors, 3 * i, 3) - 0.16));
  return light;
}

/**
 * @param {Uint8Array} colors  red, green, blue, row by row: what people see of the photo
 * @param {[number, number]} size  width and height
 * @returns {SeenPhoto}
 */
export function photoOf(colors, size) {
  const shown = fitted(...size, SHOWN);
  const small = resized(colors, size, shown, LANCZOS);
  const square = resized(small, shown, [SEEN, SEEN], LANCZOS);
  const [width, height] = shown;
  return {width, height, light: lightOf(small), grey: lightOf(square), field: fieldOf(square)};
}

/** The mean color of each cell. @param {Uint8Array} square  160 x 160 */
function fieldOf(square) {
  const ab = new Float64Array(2 * SIDE * SIDE);
  for (let i = 0; i < SEEN * SEEN; i++) {
    const cell = Math.floor(i / SEEN / CELL) * SIDE + Math.floor((i % SEEN) / CELL);
    const [x, y, z] = [0, 3, 6].map(row => part(square, 3 * i, row));
    ab[cell] += ((500 / 128) * (x - y)) / CELL ** 2;
    ab[SIDE * SIDE + cell] += ((200 / 128) * (y - z)) / CELL ** 2;
  }
  const field = Uint8Array.from(ab, value => Math.round(255 * (value / 2 + 0.5)));
  let chroma = 0;
  for (let i = 0; i < SIDE * SIDE; i++)
    chroma += Math.hypot(field[i] / 127.5 - 1, field[SIDE * SIDE + i] / 127.5 - 1) / SIDE ** 2;
  return chroma > NEUTRAL ? field : null;
}

/**
 * The grey of a square of colors: its lightness, brought to 160 x 160.
 * @param {Uint8Array} colors  red, green, blue, row by row
 * @param {number} side
 */
export function greyOf(colors, side) {
  const light = new Float32Array(side * side);
  for (let i = 0; i < light.length; i++) light[i] = 1.16 * part(colors, 3 * i, 3) - 0.16;
  const small = resized(light, [side, side], [SEEN, SEEN], BICUBIC);
  return Uint8Array.from(small, value => Math.round(255 * Math.min(Math.max(value, 0), 1)));
}
