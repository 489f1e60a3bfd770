/** Pictures beside each other, to be taken away. */
import {contextOf, newCanvas} from '../page/canvas-pixels.mjs';
import {saveGif} from '../page/downloads.mjs';

const GAP = 8;

/** The pictures beside each other, with a gap. @param {HTMLCanvasElement[]} canvases */
export function beside(canvases) {
  const [{width, height}] = canvases;
  const all = newCanvas(canvases.length * (width + GAP) - GAP, height);
  const context = contextOf(all);
  canvases.forEach((canvas, i) => context.drawImage(canvas, i * (width + GAP), 0));
  return all;
}

/**
 * Decoded codes, one list of planes.
 * @param {{open: import('../engine/live-decoder.mjs').LiveDecoder}} model
 * @param {number[][]} codes
 * @param {AbortSignal} [signal]
 */
export async function decoded({open}, codes, signal) {
  const size = open.shape.reduce((a, b) => a * b);
  const planes = new Uint8Array(codes.length * size);
  await open.batch(codes.flat(), codes.length, (part, first) => planes.set(part, first * size), signal);
  return planes;
}

/**
 * A GIF, there and back, of several pictures that move beside each other.
 * @param {string} name
 * @param {Uint8Array[]} parts  of each picture all frames
 * @param {[number, number, number]} shape  channels, height, width of a frame
 * @param {number} scale
 */
export async function saveBeside(name, parts, [channels, height, width], scale) {
  const rows = parts[0].length / width;
  const wide = parts.length * (width + GAP) - GAP;
  const frames = new Uint8Array(rows * wide);
  parts.forEach((planes, i) => {
    for (let y = 0; y < rows; y++)
      frames.set(planes.subarray(y * width, (y + 1) * width), y * wide + i * (width + GAP));
  });
  await saveGif(name, frames, {width: wide, height, channels, ms: 80, scale, back: true});
}
