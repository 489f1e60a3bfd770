/** The doubt of every picture on a model's map, which the server has drawn. */
import {contextOf, newCanvas, pixelsOf} from '../../../../web/page/canvas-pixels.mjs';
import {doubt} from './latent-holes.mjs';

const GRID = 24;
const SIDE = 28; // the map's picture: see vaedemo/release/export.py

/** Row by row. Throws an Error in plain words where the map cannot be read. @param {HTMLImageElement} map */
export function doubtOfMap(map) {
  const canvas = newCanvas(GRID * SIDE, GRID * SIDE);
  contextOf(canvas, {willReadFrequently: true}).drawImage(map, 0, 0);
  const data = pixelsOf(canvas);
  return Array.from({length: GRID ** 2}, (_, i) => {
    const left = (i % GRID) * SIDE;
    const top = Math.floor(i / GRID) * SIDE;
    const picture = Uint8Array.from({length: SIDE ** 2}, (_, k) => {
      const [x, y] = [left + (k % SIDE), top + Math.floor(k / SIDE)];
      return data[4 * (y * GRID * SIDE + x)];
    });
    return doubt(picture);
  });
}
