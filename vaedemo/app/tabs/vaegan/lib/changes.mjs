/**
 * What a hand does to a face of 3 * 64 * 64 bytes: shifted, blurred and brightened as vaedemo/vision/picture_errors.py
 * does it, and one eye painted over. Pure: nothing here touches the page.
 */
import {SHAPE} from './models.mjs';

const [CHANNELS, HEIGHT, WIDTH] = SHAPE;
const AREA = HEIGHT * WIDTH;
const EYE = {x: 21.7, y: 33.1, wide: 8, high: 5.5}; // where an aligned face has its left eye, and how far it reaches
const CHEEK = 10; // pixels below it, whose skin covers it

/**
 * @typedef {{right: number, down: number, blur: number, light: number, eye: number}} Change
 *   whole pixels to the right and down; sigma of a Gaussian in pixels; what every value in [0, 1] is raised by; how
 *   much of the eye is painted over, from 0 to 1
 */

/** @type {Change} */
export const NONE = {right: 0, down: 0, blur: 0, light: 0, eye: 0};
export const MOST = {shift: 4, blur: 3, light: 0.4};

/** What a link or a hand asked for, within what is possible. @param {Change} change @returns {Change} */
export function within({right, down, blur, light, eye}) {
  const clip = (/** @type {number} */ value, /** @type {number} */ least, /** @type {number} */ most) =>
    Math.max(least, Math.min(most, value)) + 0; // no -0
  return {
    right: clip(Math.round(right), -MOST.shift, MOST.shift),
    down: clip(Math.round(down), -MOST.shift, MOST.shift),
    blur: clip(blur, 0, MOST.blur),
    light: clip(light, -MOST.light, MOST.light),
    eye: clip(eye, 0, 1),
  };
}

/** The whole change, in this order. @param {Uint8Array} x @param {Change} change */
export const changed = (x, {right, down, blur, light, eye}) =>
  brightened(blurred(shifted(withoutEye(x, eye), right, down), blur), light);

/**
 * Moved by whole pixels; what comes in repeats the edge.
 * @param {Uint8Array} x
 * @param {number} right
 * @param {number} down
 */
export function shifted(x, right, down) {
  if (!right && !down) return x;
  return each(
    x,
    (plane, row, column) => x[plane + inside(row - down, HEIGHT) * WIDTH + inside(column - right, WIDTH)],
  );
}

/** Under a Gaussian of sigma pixels; the edge is repeated outside. @param {Uint8Array} x @param {number} sigma */
export function blurred(x, sigma) {
  if (sigma <= 0) return x;
  const reach = Math.max(1, Math.round(3 * sigma));
  const bell = Array.from({length: 2 * reach + 1}, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)));
  const whole = bell.reduce((a, b) => a + b);
  const sum = (/** @type {(offset: number) => number} */ at) =>
    bell.reduce((total, weight, i) => total + weight * at(i - reach), 0) / whole;
  const rows = new Float32Array(x.length);
  forEach((plane, row, column) => {
    rows[plane + row * WIDTH + column] = sum(offset => x[plane + row * WIDTH + inside(column + offset, WIDTH)]);
  });
  return each(x, (plane, row, column) =>
    Math.round(sum(offset => rows[plane + inside(row + offset, HEIGHT) * WIDTH + column])),
  );
}

/** Every value raised, and clipped. @param {Uint8Array} x @param {number} by  of 1 */
export const brightened = (x, by) =>
  by ? x.map(value => Math.max(0, Math.min(255, Math.round(value + 255 * by)))) : x;

/** The left eye of the picture under skin from below it, softly. @param {Uint8Array} x @param {number} amount */
export function withoutEye(x, amount) {
  if (amount <= 0) return x;
  return each(x, (plane, row, column) => {
    const away = ((column - EYE.x) / EYE.wide) ** 2 + ((row - EYE.y) / EYE.high) ** 2;
    const share = amount * Math.max(0, Math.min(1, 2 * (1 - away)));
    const own = x[plane + row * WIDTH + column];
    return Math.round(own + share * (x[plane + inside(row + CHEEK, HEIGHT) * WIDTH + column] - own));
  });
}

/** @param {number} at @param {number} size */
const inside = (at, size) => Math.max(0, Math.min(size - 1, at));

/** @param {(plane: number, row: number, column: number) => void} visit  plane: where it begins */
function forEach(visit) {
  for (let plane = 0; plane < CHANNELS * AREA; plane += AREA)
    for (let row = 0; row < HEIGHT; row++) for (let column = 0; column < WIDTH; column++) visit(plane, row, column);
}

/**
 * A new face of a value for every place.
 * @param {Uint8Array} x
 * @param {(plane: number, row: number, column: number) => number} value
 */
function each(x, value) {
  const made = new Uint8Array(x.length);
  forEach((plane, row, column) => {
    made[plane + row * WIDTH + column] = value(plane, row, column);
  });
  return made;
}
