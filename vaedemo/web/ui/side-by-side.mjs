/** What is taken away: pictures beside each other, and of the Sliders tab one slider's swing as a GIF, and the code. */
import {showCode} from './code-dialog.mjs';
import {saveGif} from '../page/downloads.mjs';
import {cdf, quantile} from '../engine/normal.mjs';

/**
 * @typedef {import('../../app/tabs/sliders/lib/paired-models.mjs').Shown} Shown
 * @typedef {import('../../app/tabs/sliders/lib/paired-models.mjs').Row} Row
 */

const GAP = 8;
const FRAMES = 24;
const ENDS = [0.02, 0.98];

/** The pictures beside each other, with a gap. @param {HTMLCanvasElement[]} canvases */
export function beside(canvases) {
  const [{width, height}] = canvases;
  const all = Object.assign(document.createElement('canvas'), {width: canvases.length * (width + GAP) - GAP, height});
  canvases.forEach((canvas, i) => all.getContext('2d').drawImage(canvas, i * (width + GAP), 0));
  return all;
}

/**
 * z of each model with one slider elsewhere; the others stay.
 * @param {Shown} shown
 * @param {Row} row
 * @param {number} value
 */
export function pulledTo({codes}, {d, partner}, value) {
  const move = value - codes[0][d];
  return codes.map((z, i) => z.with(i ? partner : d, i ? z[partner] + move : value));
}

/**
 * `count` values of a row's latent, evenly through the mass of its slider's Gaussian.
 * @param {number} count
 * @param {Row} row
 */
export const through = (count, {wide}) =>
  Array.from({length: count}, (_, i) => wide * quantile(ENDS[0] + ((ENDS[1] - ENDS[0]) * i) / (count - 1)));
/** Where a value lies between the ends of `through`, from 0 to 1. @param {number} value @param {Row} row */
export const along = (value, {wide}) => Math.max(0, Math.min(1, (cdf(value / wide) - ENDS[0]) / (ENDS[1] - ENDS[0])));

/**
 * Decoded codes, one list of planes.
 * @param {{open: import('../engine/live-decoder.mjs').LiveDecoder}} model
 * @param {number[][]} codes
 */
export async function decoded({open}, codes) {
  const size = open.shape.reduce((a, b) => a * b);
  const planes = new Uint8Array(codes.length * size);
  await open.batch(codes.flat(), codes.length, (part, first) => planes.set(part, first * size));
  return planes;
}

/**
 * A GIF, there and back, of several pictures that move beside each other.
 * @param {string} name @param {Uint8Array[]} parts  of each picture all frames
 * @param {[number, number, number]} shape  channels, height, width of a frame @param {number} scale
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

/** One slider there and back, all models side by side. @param {Shown} shown @param {Row} row */
export async function saveSwing(shown, row) {
  const codes = through(FRAMES, row).map(value => pulledTo(shown, row, value));
  const {shape} = shown.models[0].open;
  const parts = await Promise.all(
    shown.models.map((model, i) =>
      decoded(
        model,
        codes.map(both => both[i]),
      ),
    ),
  );
  await saveBeside(`${row.label.split(',')[0].replaceAll(' ', '-')}.gif`, parts, shape, shape[2] > 32 ? 4 : 8);
}

/** @param {Shown} shown */
export function showPython({models, codes}) {
  const one = ({name, open: {shape}}, z) => `model = vaedemo.load("${name}")
z = torch.tensor([[${z.map(value => value.toFixed(2)).join(', ')}]])
picture = model.render(model.decode(z))  # (1, ${shape.join(', ')}), the mean of p(x|z)`;
  showCode(['import torch, vaedemo', ...models.map((model, i) => one(model, codes[i]))].join('\n\n'));
}
