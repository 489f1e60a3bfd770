/** Three parts of a face that move by themselves, as `parts` of vaedemo/express.py has them: a test compares them. */
import {SIDE} from './face-warp.mjs';

const CELLS = SIDE * SIDE;
const BORDER = 2.5; // pixels of 64: so much nearer a cell is e times more of a part
/** Which landmarks lie in a part, from the first to before the last. */
const GROUPS = [
  [[36, 46], [66, 82]], // brow and eye to the left in the picture
  [[46, 56], [82, 98]], // those to the right
  [[98, 138]], // the lips
]; // prettier-ignore

/**
 * How far each cell belongs to eye and brow to the left in the picture, to those to the right, and to what is below:
 * one part after the other, 1 in all.
 * @param {ArrayLike<number>} points  landmarks, x and y of each
 */
export function partsOf(points) {
  const groups = GROUPS.map(group =>
    group.flatMap(([first, end]) =>
      Array.from({length: end - first}, (_, i) => [points[2 * (first + i)], points[2 * (first + i) + 1]]),
    ),
  );
  const parts = new Float32Array(groups.length * CELLS);
  for (let cell = 0; cell < CELLS; cell++) {
    const [x, y] = [(cell % SIDE) + 0.5, Math.floor(cell / SIDE) + 0.5];
    const apart = groups.map(group => Math.min(...group.map(([px, py]) => Math.hypot(px - x, py - y))));
    const nearest = Math.min(...apart);
    const shares = apart.map(distance => Math.exp((nearest - distance) / BORDER));
    const all = shares.reduce((a, b) => a + b);
    shares.forEach((share, part) => {
      parts[part * CELLS + cell] = share / all;
    });
  }
  return parts;
}

/**
 * The flow whose parts are of several flows.
 * @param {Float32Array} parts  as partsOf() has them
 * @param {Float32Array[]} flows  one for each part, x and y of each cell
 */
export function blended(parts, flows) {
  const flow = new Float32Array(2 * CELLS);
  flows.forEach((one, part) => {
    for (let i = 0; i < flow.length; i++) flow[i] += parts[part * CELLS + (i >> 1)] * one[i];
  });
  return flow;
}
