/**
 * What no warp can show: where closed lips come apart, a dark mouth with a hint of teeth is painted. As `opened` and
 * `painted` of vaedemo/data/flow.py and vaedemo/express.py: a test compares them.
 */
import {SIDE, boxOf, cubic, inverse} from './face-warp.mjs';

/** @typedef {import('./face-warp.mjs').Placement} Placement @typedef {import('./face-warp.mjs').Pixels} Pixels */

const LOW = /** @type {[number, number]} */ ([14, 44]); // of the box in cells where mouths are painted
const HIGH = /** @type {[number, number]} */ ([49, 64]);
const LOWER = 2 * (118 + 5) + 1; // where the landmarks hold y of the lower lip's edge, in the middle of the mouth,
const UPPER = 2 * (118 + 15) + 1; // and of the upper lip's
const CLOSED = 2; // pixels between lips that are closed in the photo
const APART = 1; // that are to be painted in the edit
const STRETCHED = 0.4; // so few rows of the photo fill a row
const SOFT = 0.2;
const TEETH_END = 0.45; // of an open mouth, from above
const DARK = [46, 20, 22];
const TEETH = [170, 156, 146];

/** @param {number} value */
const share01 = value => Math.max(0, Math.min(1, value));

/**
 * How far each cell lies between lips that come apart, and how far it shows teeth; null: nowhere.
 * @param {Float32Array} flow  x and y of each cell
 * @param {ArrayLike<number>} points  the photo's landmarks, x and y of each
 * @returns {{share: Float32Array, teeth: Float32Array} | null}
 */
export function opened(flow, points) {
  if (points[LOWER] - points[UPPER] >= CLOSED) return null;
  const share = new Float32Array(SIDE * SIDE);
  const heights = new Float32Array(SIDE);
  for (let y = LOW[1]; y < HIGH[1]; y++)
    for (let x = LOW[0]; x < HIGH[0]; x++) {
      const above = Math.max(0, y - 1);
      const below = Math.min(SIDE - 1, y + 1);
      const slope = (flow[2 * (below * SIDE + x) + 1] - flow[2 * (above * SIDE + x) + 1]) / (below - above);
      const value = share01((STRETCHED - 1 - slope) / SOFT);
      share[y * SIDE + x] = value;
      heights[x] += value;
    }
  if (!(Math.max(...heights) > APART)) return null;
  return {share, teeth: teethOf(share, heights)};
}

/** @param {Float32Array} share @param {Float32Array} heights  of the opening, in each column */
function teethOf(share, heights) {
  const teeth = new Float32Array(SIDE * SIDE);
  for (let x = LOW[0]; x < HIGH[0]; x++) {
    if (heights[x] <= APART) continue;
    let passed = 0;
    for (let y = 0; y < SIDE; y++) {
      passed += share[y * SIDE + x];
      teeth[y * SIDE + x] = share01((TEETH_END - passed / heights[x]) / SOFT);
    }
  }
  return teeth;
}

/**
 * Paints an opened mouth onto a warped photo.
 * @param {Pixels} photo @param {Placement} placement
 * @param {{share: Float32Array, teeth: Float32Array} | null} mouth
 */
export function paintMouth(photo, placement, mouth) {
  if (!mouth) return;
  const {data, width} = photo;
  const {offset} = placement;
  const [[a, b], [c, d]] = inverse(placement.linear);
  const {left, top, right, bottom} = boxOf(placement, photo, LOW, HIGH);
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const [px, py] = [x + 0.5 - offset[0], y + 0.5 - offset[1]];
      const [ownX, ownY] = [a * px + b * py - 0.5, c * px + d * py - 0.5];
      const share = share01(read(mouth.share, ownX, ownY));
      if (share === 0) continue;
      const teeth = share01(read(mouth.teeth, ownX, ownY));
      const i = 4 * (y * width + x);
      for (let k = 0; k < 3; k++) {
        const color = DARK[k] + teeth * (TEETH[k] - DARK[k]);
        data[i + k] += share * (color - data[i + k]);
      }
    }
}

/**
 * Bicubically between cells; beyond them is nothing.
 * @param {Float32Array} plane @param {number} x @param {number} y
 */
function read(plane, x, y) {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const across = cubic(x - left);
  const down = cubic(y - top);
  let sum = 0;
  for (let row = 0; row < 4; row++)
    for (let column = 0; column < 4; column++) {
      const [cellX, cellY] = [left - 1 + column, top - 1 + row];
      if (cellX < 0 || cellY < 0 || cellX >= SIDE || cellY >= SIDE) continue;
      sum += down[row] * across[column] * plane[cellY * SIDE + cellX];
    }
  return sum;
}
