/**
 * Photos colored in the browser, in the words of the server's routes live/photo and live/colors, /mean, /recolor,
 * /cells, /draws and /object: for pages without a server. Fields of color are bytes there and here.
 */
import {SIDE} from '../engine/color-net.mjs';
import {askOnTower} from '../engine/encoder-client.mjs';
import {draw} from '../engine/model-store.mjs';
import {photoOf} from '../engine/prepare-photo.mjs';
import {onWhite} from '../engine/prepare-picture.mjs';
import {pixelsOfPicture} from './encode-here.mjs';
import {base64} from './request.mjs';

const MOST_SIDE = 1280; // pixels that a photo is brought to by the browser, before it is squeezed
const CODES = /** @type {Record<string, number>} */ ({'colorization-cvae': 26}); // numbers in a code of N(0, I)

/** What live/photo answers. Rejects where the browser cannot read the file. @param {Blob} blob */
export async function photoHere(blob) {
  const whole = await createImageBitmap(blob);
  const pixels = await pixelsOfPicture(whole, MOST_SIDE);
  const {width, height, light, grey, field} = photoOf(onWhite(pixels), [pixels.width, pixels.height]);
  return {
    width: whole.width,
    height: whole.height,
    shown: [width, height],
    light: base64(light),
    grey: base64(grey),
    field: field && base64(field),
  };
}

/**
 * What live/colors/NAME answers.
 * @param {string} model
 * @param {Uint8Array} grey
 * @param {{n?: number, seed?: number, tints?: boolean}} asked
 */
export async function colorsHere(model, grey, {n = 8, seed = 0, tints = false}) {
  const size = CODES[model];
  if (size) {
    const zs = await draw(n, size, seed);
    const z = Array.from({length: n}, (_, i) => Array.from(zs.subarray(i * size, (i + 1) * size)));
    return {fields: base64(await recolorHere(model, grey, zs)), weights: null, z};
  }
  const {fields = new Uint8Array(), weights, z} = await askOnTower({model, grey, ask: 'colors', n, tints});
  return {fields: base64(fields), weights: Array.from(weights ?? []), z: (z ?? []).map(code => Array.from(code))};
}

/** What live/mean/NAME answers. @param {string} model @param {Uint8Array} grey */
export const meanHere = (model, grey) => fieldsOf({model, grey, ask: 'mean'});

/** What live/recolor/NAME answers. @param {string} model @param {Uint8Array} grey @param {Float32Array} zs */
export const recolorHere = (model, grey, zs) => fieldsOf({model, grey, ask: 'recolor', zs});

/** @param {import('../engine/tower-work.mjs').ColorQuestion} question */
async function fieldsOf(question) {
  const {fields = new Uint8Array()} = await askOnTower(question);
  return fields;
}

/**
 * What live/cells/NAME answers.
 * @param {string} model @param {Uint8Array} grey @param {number} n @param {number} seed
 */
export const cellsHere = (model, grey, n, seed) => fieldsOf({model, grey, ask: 'cells', n, seed});

/**
 * What live/draws/NAME answers: which answer each draw counts to, then their fields.
 * @param {string} model @param {Uint8Array} grey @param {number} n @param {number} seed
 */
export async function drawsHere(model, grey, n, seed) {
  const {fields = new Uint8Array(), nearest = new Uint8Array()} = await askOnTower({
    model,
    grey,
    ask: 'draws',
    n,
    seed,
  });
  const all = new Uint8Array(nearest.length + fields.length);
  all.set(nearest);
  all.set(fields, nearest.length);
  return all;
}

/**
 * What live/object/NAME answers.
 * @param {string} model
 * @param {Uint8Array} grey
 * @param {{n: number, seed: number, row: number, column: number}} asked
 */
export async function objectHere(model, grey, {n, seed, row, column}) {
  const found = await askOnTower({model, grey, ask: 'object', cell: row * SIDE + column, n, seed});
  const {fields = new Uint8Array(), part = new Uint8Array(), colors = new Uint8Array()} = found;
  return {fields: base64(fields), part: base64(part), colors: base64(colors)};
}
