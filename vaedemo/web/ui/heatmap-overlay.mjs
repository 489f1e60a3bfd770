/** A number for each cell as a glow on a picture: dark where it is 0, bright where it is large. */

import {contextOf, newCanvas} from '../page/canvas-pixels.mjs';

/** From 0 to the most: luminance rises all along, so that the map is read without its hues. */
export const HEAT = [
  [16, 12, 30],
  [92, 28, 92],
  [190, 58, 60],
  [242, 140, 40],
  [255, 240, 160],
];
const HIGH = 0.98; // the quantile that counts as the most
const GROUND = 0.3; // how much of the photo is seen where nothing glows

/** @param {number} part  from 0 to 1 */
function heat(part) {
  const at = Math.max(0, Math.min(1, part)) * (HEAT.length - 1);
  const i = Math.min(HEAT.length - 2, Math.floor(at));
  return HEAT[i].map((value, c) => value + (at - i) * (HEAT[i + 1][c] - value));
}

/**
 * A glow of a square of cells, over what the canvas shows.
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array} cells
 * @param {number} least  what is brightest is no less
 * @returns {number} the value from which on it is brightest
 */
export function heatmapOverlay(canvas, cells, least) {
  const side = Math.sqrt(cells.length);
  const most = Math.max(least, [...cells].sort((a, b) => a - b)[Math.floor(HIGH * cells.length)]);
  const small = newCanvas(side, side);
  const image = new ImageData(side, side);
  cells.forEach((value, i) => image.data.set([...heat(value / most), 255], 4 * i));
  contextOf(small).putImageData(image, 0, 0);
  const context = contextOf(canvas);
  context.globalAlpha = 1 - GROUND;
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = 'high';
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
  context.globalAlpha = 1;
  return most;
}
