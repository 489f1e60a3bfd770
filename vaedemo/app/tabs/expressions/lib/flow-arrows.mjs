/** A flow drawn over the face: as arrows, or as the grid that it bends. */
import {SIDE} from './face-warp.mjs';

/** @typedef {import('./face-warp.mjs').Placement} Placement */
/** @typedef {{from: number[], to: number[]}} Arrow  in the face's own square */

const EVERY = 4; // cells between arrows, and between lines of the grid
const LEAST = 0.15; // pixels of 64: a shorter arrow is not drawn
const HEAD = 5; // pixels of the canvas

/**
 * Where the face's parts go: a flow says where each pixel of the edit comes *from*, so arrows are drawn from there.
 * @param {Float32Array} flow  x and y of each cell
 * @returns {Arrow[]}
 */
export function arrowsOf(flow) {
  const found = [];
  for (let row = EVERY / 2; row < SIDE; row += EVERY)
    for (let column = EVERY / 2; column < SIDE; column += EVERY) {
      const i = 2 * (row * SIDE + column);
      if (Math.hypot(flow[i], flow[i + 1]) < LEAST) continue;
      const to = [column + 0.5, row + 0.5];
      found.push({from: [to[0] + flow[i], to[1] + flow[i + 1]], to});
    }
  return found;
}

/**
 * The lines of an even grid on the edited face, as they lie on the photo: places in the face's own square.
 * @param {Float32Array} flow
 * @returns {number[][][]}
 */
export function gridOf(flow) {
  const at = (/** @type {number} */ column, /** @type {number} */ row) => {
    const i = 2 * (row * SIDE + column);
    return [column + 0.5 + flow[i], row + 0.5 + flow[i + 1]];
  };
  const along = Array.from({length: SIDE}, (_, k) => k);
  const lines = Array.from({length: SIDE / EVERY}, (_, k) => k * EVERY + EVERY / 2);
  return [
    ...lines.map(row => along.map(column => at(column, row))),
    ...lines.map(column => along.map(row => at(column, row))),
  ];
}

/** @param {Placement} placement @param {number[]} place */
const onPhoto = ({linear, offset}, [x, y]) =>
  [0, 1].map(axis => linear[axis][0] * x + linear[axis][1] * y + offset[axis]);

/**
 * @param {CanvasRenderingContext2D} context @param {Placement} placement @param {Arrow[]} arrows
 */
export function drawArrows(context, placement, arrows) {
  Object.assign(context, {strokeStyle: '#ff922b', lineWidth: 2, lineCap: 'round'});
  context.beginPath();
  for (const arrow of arrows) {
    const [fromX, fromY] = onPhoto(placement, arrow.from);
    const [toX, toY] = onPhoto(placement, arrow.to);
    const angle = Math.atan2(toY - fromY, toX - fromX);
    const head = Math.min(HEAD, 0.6 * Math.hypot(toX - fromX, toY - fromY));
    context.moveTo(fromX, fromY);
    context.lineTo(toX, toY);
    for (const side of [angle + 2.6, angle - 2.6]) {
      context.moveTo(toX, toY);
      context.lineTo(toX + head * Math.cos(side), toY + head * Math.sin(side));
    }
  }
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context @param {Placement} placement @param {number[][][]} lines
 */
export function drawLines(context, placement, lines) {
  Object.assign(context, {strokeStyle: 'rgb(255 255 255 / 75%)', lineWidth: 1});
  context.beginPath();
  for (const line of lines)
    line.forEach((place, i) => {
      const [x, y] = onPhoto(placement, place);
      if (i) context.lineTo(x, y);
      else context.moveTo(x, y);
    });
  context.stroke();
}
