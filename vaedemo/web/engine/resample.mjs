/**
 * Pictures in other sizes, by Pillow's arithmetic: each side on its own, first the width, then the height, by a filter
 * that widens where the picture shrinks. Bytes are rounded after each side, as Pillow rounds them.
 *
 * @typedef {{support: number, at: (x: number) => number}} Filter
 * @typedef {{starts: Int32Array, weights: Float64Array[]}} Taps  of each place: the first place it is made of, and how
 *   much of each
 */

/** @param {number} x */
const sinc = x => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Keys (1981), a = -1/2. @param {number} x */
function cubic(x) {
  const far = Math.abs(x);
  if (far < 1) return (1.5 * far - 2.5) * far * far + 1;
  return far < 2 ? ((far - 5) * far + 8) * far * -0.5 + 2 : 0;
}

export const BOX = {support: 0.5, at: (/** @type {number} */ x) => (x > -0.5 && x <= 0.5 ? 1 : 0)};
export const BICUBIC = {support: 2, at: cubic};
export const LANCZOS = {
  support: 3,
  at: (/** @type {number} */ x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0),
};

/**
 * How `size` places are made of those from `from` to `to`, of `most` that there are.
 * @param {number} most @param {number} from @param {number} to @param {number} size @param {Filter} filter
 * @returns {Taps}
 */
function tapsOf(most, from, to, size, filter) {
  const scale = (to - from) / size;
  const wide = Math.max(scale, 1);
  const support = filter.support * wide;
  const starts = new Int32Array(size);
  const weights = Array.from({length: size}, (_, place) => {
    const centre = from + (place + 0.5) * scale;
    const start = Math.max(Math.trunc(centre - support + 0.5), 0);
    const end = Math.min(Math.trunc(centre + support + 0.5), most);
    const taps = Float64Array.from({length: end - start}, (_, i) => filter.at((i + start - centre + 0.5) / wide));
    const sum = taps.reduce((a, b) => a + b, 0);
    starts[place] = start;
    return taps.map(weight => weight / sum);
  });
  return {starts, weights};
}

const FIXED = 2 ** 22; // Pillow's weights for bytes are whole numbers of these parts

/** @param {number} sum */
const byte = sum => Math.min(Math.max(Math.floor((sum + FIXED / 2) / FIXED), 0), 255);

/**
 * One side in another size. Of numbers (outer, length, inner) to (outer, size, inner).
 * @template {Float32Array | Uint8Array} Numbers
 * @param {Numbers} values @param {number} length @param {number} inner @param {Taps} taps
 * @returns {Numbers}
 */
function resampled(values, length, inner, {starts, weights}) {
  const size = starts.length;
  const outer = values.length / (length * inner);
  const bytes = values instanceof Uint8Array;
  const found = bytes ? new Uint8Array(outer * size * inner) : new Float32Array(outer * size * inner);
  for (let place = 0; place < size; place++) {
    const exact = weights[place];
    const taps = bytes ? exact.map(weight => Math.trunc(weight * FIXED + Math.sign(weight) / 2)) : exact;
    for (let o = 0; o < outer; o++)
      for (let k = 0; k < inner; k++) {
        let sum = 0;
        for (let i = 0, at = (o * length + starts[place]) * inner + k; i < taps.length; i++, at += inner)
          sum += values[at] * taps[i];
        found[(o * size + place) * inner + k] = bytes ? byte(sum) : sum;
      }
  }
  return /** @type {Numbers} */ (found);
}

/**
 * A picture, row by row and pixel by pixel, or the `box` of it (left, top, right, bottom), in another size.
 * @template {Float32Array | Uint8Array} Numbers
 * @param {Numbers} values  height * width * channels
 * @param {[number, number]} size  width and height
 * @param {[number, number]} wanted  width and height
 * @param {Filter} filter
 * @param {[number, number, number, number]} [box]
 */
export function resized(values, [width, height], [columns, rows], filter, box = [0, 0, width, height]) {
  const channels = values.length / (width * height);
  const [left, top, right, bottom] = box;
  let found = values;
  if (columns !== width || left || right !== width)
    found = resampled(found, width, channels, tapsOf(width, left, right, columns, filter));
  if (rows !== height || top || bottom !== height)
    found = resampled(found, height, columns * channels, tapsOf(height, top, bottom, rows, filter));
  return found;
}

/**
 * The size of a picture that is brought to at most `most` pixels a side, as Pillow's `thumbnail` rounds it.
 * @param {number} width @param {number} height @param {number} most
 * @returns {[number, number]}
 */
export function fitted(width, height, most) {
  if (most >= width && most >= height) return [width, height];
  const aspect = width / height;
  /** @param {number} side @param {(n: number) => number} away */
  const nearest = (side, away) => {
    const [low, high] = [Math.floor(side), Math.ceil(side)];
    return Math.max(away(high) < away(low) ? high : low, 1);
  };
  if (aspect <= 1) return [nearest(most * aspect, n => Math.abs(aspect - n / most)), most];
  return [most, nearest(most / aspect, n => (n === 0 ? 0 : Math.abs(aspect - most / n)))];
}
