/** A drawing as MNIST has its digits: 20 pixels tall or wide, its center of mass in the middle of 28 x 28. */
import {SIDE} from '../../../../web/engine/training-run.mjs';

const LONGEST = 20;
const INK = 16; // grey levels from which a pixel belongs to the digit

/**
 * @param {Uint8Array} bytes  grey levels, white on black, row by row
 * @param {number} side  of that square
 * @returns {Uint8Array | null}  28 x 28; null: nothing is drawn
 */
export function asDigit(bytes, side) {
  const box = boxOf(bytes, side);
  if (!box) return null;
  const {left, top, width, height} = box;
  const scale = LONGEST / Math.max(width, height);
  const columns = Math.max(1, Math.round(width * scale));
  const rows = Math.max(1, Math.round(height * scale));
  const small = Float64Array.from({length: rows * columns}, (_, i) => {
    const [x, y] = [i % columns, Math.floor(i / columns)];
    const across = /** @type {[number, number]} */ ([
      left + (x * width) / columns,
      left + ((x + 1) * width) / columns,
    ]);
    const down = /** @type {[number, number]} */ ([top + (y * height) / rows, top + ((y + 1) * height) / rows]);
    return averageOf(bytes, side, across, down);
  });
  return centered(small, columns);
}

/** The least rectangle that holds all ink; null: there is none. @param {Uint8Array} bytes @param {number} side */
function boxOf(bytes, side) {
  let [left, top, right, floor] = [side, side, -1, -1];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] < INK) continue;
    const [x, y] = [i % side, Math.floor(i / side)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, floor] = [Math.min(top, y), Math.max(floor, y)];
  }
  return right < 0 ? null : {left, top, width: right - left + 1, height: floor - top + 1};
}

/**
 * The average of a rectangle, pixels at its edges by the part that it covers.
 * @param {Uint8Array} bytes @param {number} side @param {[number, number]} across @param {[number, number]} down
 */
function averageOf(bytes, side, [left, right], [top, floor]) {
  let sum = 0;
  let area = 0;
  for (let y = Math.floor(top); y < floor; y++)
    for (let x = Math.floor(left); x < right; x++) {
      const covered = (Math.min(right, x + 1) - Math.max(left, x)) * (Math.min(floor, y + 1) - Math.max(top, y));
      sum += covered * bytes[y * side + x];
      area += covered;
    }
  return sum / area;
}

/** With its center of mass in the middle, as far as it fits. @param {Float64Array} small @param {number} columns */
function centered(small, columns) {
  const rows = small.length / columns;
  let [mass, x, y] = [0, 0, 0];
  small.forEach((value, i) => {
    mass += value;
    x += value * ((i % columns) + 0.5);
    y += value * (Math.floor(i / columns) + 0.5);
  });
  const left = Math.max(0, Math.min(SIDE - columns, Math.round(SIDE / 2 - x / mass)));
  const top = Math.max(0, Math.min(SIDE - rows, Math.round(SIDE / 2 - y / mass)));
  const digit = new Uint8Array(SIDE * SIDE);
  small.forEach((value, i) => {
    digit[(top + Math.floor(i / columns)) * SIDE + left + (i % columns)] = Math.round(value);
  });
  return digit;
}
