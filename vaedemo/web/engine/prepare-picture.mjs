/**
 * A picture as a model's training pictures were, in the browser: what vaedemo/vision/preprocessing.py does, step by
 * step, for drawn digits and shapes, and for photos of things and of lit faces.
 *
 * @typedef {{data: Uint8ClampedArray | Uint8Array, width: number, height: number}} Pixels  red, green, blue, alpha
 */
import {BICUBIC, BOX, LANCZOS, fitted, resized} from './resample.mjs';

/** What a person can mend: its message is one plain sentence, the server's. */
export class BadPicture extends Error {}

const BLANK = 'The picture is blank: nothing in it differs from its border by a tenth of white.';
const THIN = 'The shape is too thin or too small: of 64 x 64 pixels it fills none by half.';
const INK = Math.fround(0.1);

/** @type {Record<string, (pixels: Pixels) => Float32Array>} */
const READERS = {digits: toDigit, sprites: toSprite, turntable: toThing, lighting: toFace};

/** The data sets that pictures are prepared for here. */
export const PREPARED = Object.keys(READERS);

/**
 * Planes (C, H, W) in [0, 1]. Throws a BadPicture.
 * @param {string} data  one of PREPARED
 * @param {Pixels} pixels
 */
export function prepare(data, pixels) {
  const read = READERS[data];
  if (!read) throw new Error(`pictures of ${data} are prepared by the server`);
  return read(pixels);
}

/** x with every pixel 0 or 1, whichever is nearer. @param {Float32Array} x */
export const blackAndWhite = x => x.map(value => (value > 0.5 ? 1 : 0));

/** What lies before white, of each pixel's three colors, as bytes. @param {Pixels} pixels */
export function onWhite({data, width, height}) {
  const colors = new Uint8Array(width * height * 3);
  for (let i = 0, at = 0; i < data.length; i += 4)
    for (let c = 0; c < 3; c++) {
      const alpha = data[i + 3];
      colors[at++] = alpha === 255 ? data[i + c] : Math.round((data[i + c] * alpha + 255 * (255 - alpha)) / 255);
    }
  return colors;
}

/** Lightness by ITU-R 601, as Pillow's "L". @param {Pixels} pixels */
function greyOf(pixels) {
  const colors = onWhite(pixels);
  const grey = new Uint8Array(pixels.width * pixels.height);
  for (let i = 0; i < grey.length; i++)
    grey[i] = (colors[3 * i] * 19595 + colors[3 * i + 1] * 38470 + colors[3 * i + 2] * 7471 + 0x8000) >> 16;
  return grey;
}

/** @param {number[]} values */
function median(values) {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Half to the even number, as Python rounds. @param {number} value */
function rounded(value) {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 ? floor + 1 : floor;
}

/** The least and the greatest of numbers. @param {ArrayLike<number>} values @returns {[number, number]} */
function span(values) {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return [low, high];
}

/**
 * How far each pixel is from paper towards ink, in [0, 1]; at most 512 pixels a side.
 * @param {Pixels} pixels
 */
function inkOf(pixels) {
  const [width, height] = fitted(pixels.width, pixels.height, 512);
  const levels = resized(greyOf(pixels), [pixels.width, pixels.height], [width, height], BOX);
  const border = [];
  for (let x = 0; x < width; x++) border.push(levels[x], levels[(height - 1) * width + x]);
  for (let y = 0; y < height; y++) border.push(levels[y * width], levels[(y + 1) * width - 1]);
  const paper = median(border);
  const [low, high] = span(levels);
  const sign = paper - low > high - paper ? -1 : 1;
  // A photo's paper is shaded: as much of it as the border shows is no ink.
  const shade = 2.5 * median(border.map(level => Math.abs(level - paper)));
  const ink = new Float32Array(levels.length);
  for (let i = 0; i < ink.length; i++) ink[i] = sign * (levels[i] - paper) - shade;
  const most = span(ink)[1];
  if (most < 25) throw new BadPicture(BLANK);
  for (let i = 0; i < ink.length; i++) ink[i] = Math.min(Math.max(ink[i] / most, 0), 1);
  return {ink, width, height};
}

/** The box that holds all ink. @param {Float32Array} ink @param {number} width */
function boxOf(ink, width) {
  let [left, top, right, bottom] = [width, Infinity, 0, 0];
  for (let i = 0; i < ink.length; i++) {
    if (ink[i] <= INK) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    if (x < left) left = x;
    if (x >= right) right = x + 1;
    if (y < top) top = y;
    bottom = y + 1;
  }
  return [left, top, right, bottom];
}

/** Rows or columns of a box of a picture. @param {Float32Array} values @param {number} width @param {number[]} box */
function cut(values, width, [left, top, right, bottom]) {
  const found = new Float32Array((right - left) * (bottom - top));
  for (let y = top; y < bottom; y++)
    found.set(values.subarray(y * width + left, y * width + right), (y - top) * (right - left));
  return found;
}

/**
 * Where numbers begin along an axis of 28 pixels, their centre of mass in the middle and no pixel outside.
 * @param {Float32Array} mass
 */
function start(mass) {
  let sum = 0;
  let moment = 0;
  mass.forEach((value, i) => {
    sum += value;
    moment += value * (i + 0.5);
  });
  return Math.min(Math.max(rounded(28 / 2 + 0.5 - moment / sum), 0), 28 - mass.length);
}

/** MNIST's geometry, 28 x 28, ink white on black. @param {Pixels} pixels */
function toDigit(pixels) {
  const {ink, width} = inkOf(pixels);
  const [left, top, right, bottom] = boxOf(ink, width);
  const scale = 20 / Math.max(bottom - top, right - left);
  const [high, wide] = [bottom - top, right - left].map(side => Math.max(1, rounded(scale * side)));
  const box = cut(ink, width, [left, top, right, bottom]);
  const small = resized(box, [right - left, bottom - top], [wide, high], BICUBIC).map(value => Math.max(value, 0));
  const most = span(small)[1]; // a thin pen fades where many pixels become one
  const across = new Float32Array(wide);
  const along = new Float32Array(high);
  small.forEach((value, i) => {
    across[i % wide] += value / most;
    along[Math.floor(i / wide)] += value / most;
  });
  const [x, y] = [start(across), start(along)];
  const digit = new Float32Array(28 * 28);
  small.forEach((value, i) => {
    digit[(y + Math.floor(i / wide)) * 28 + x + (i % wide)] = value / most;
  });
  return digit;
}

/** The whole picture as a sprite, 64 x 64, 0 or 1, padded with paper to a square. @param {Pixels} pixels */
function toSprite(pixels) {
  const {ink, width, height} = inkOf(pixels);
  const side = Math.max(width, height);
  const [top, left] = [height, width].map(length => Math.floor((side - length) / 2));
  const square = new Float32Array(side * side);
  for (let y = 0; y < height; y++) square.set(ink.subarray(y * width, (y + 1) * width), (top + y) * side + left);
  const sprite = resized(square, [side, side], [64, 64], BOX).map(value => (value >= 0.5 ? 1 : 0));
  if (!sprite.includes(1)) throw new BadPicture(THIN);
  return sprite;
}

/**
 * The largest centred square in 64 x 64, pixel by pixel, as Pillow's `ImageOps.fit` cuts it.
 * @param {Uint8Array} values @param {Pixels} pixels
 */
function squared(values, {width, height}) {
  const side = Math.min(width, height);
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  return resized(values, [width, height], [64, 64], LANCZOS, [left, top, left + side, top + side]);
}

/** 3 planes of 64 x 64. @param {Pixels} pixels */
function toThing(pixels) {
  const square = squared(onWhite(pixels), pixels);
  return Float32Array.from(square, (_, i) => square[(i % 4096) * 3 + Math.floor(i / 4096)] / 255);
}

/** One plane of 64 x 64. @param {Pixels} pixels */
function toFace(pixels) {
  return Float32Array.from(squared(greyOf(pixels), pixels), level => level / 255);
}
