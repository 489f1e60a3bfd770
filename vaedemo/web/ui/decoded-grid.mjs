/** A grid of decoded pictures. */
import {decoder} from '../engine/model-store.mjs';
import {Painter} from './painter.mjs';

/**
 * Pictures of a model (white on black; the page's CSS inverts them in light mode): decoded codes on a canvas of
 * `columns`. Resolves when all are painted.
 * @param {string} model
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} codes  one after the other
 * @param {number} columns
 * @param {AbortSignal} [signal]
 */
export async function decodedGrid(model, canvas, codes, columns, signal) {
  const open = await decoder(model);
  const n = codes.length / open.inputs;
  const painter = new Painter(canvas, open.shape, {columns, rows: Math.ceil(n / columns)});
  await open.batch(codes, n, (planes, first) => painter.draw(planes, first), signal);
  return painter;
}
