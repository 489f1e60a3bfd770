/**
 * What a person in a still does next, in the browser, in the words of the server's routes below live/motion: for pages
 * without a server. Of the model `motion` alone, which is given what the page paints of a still, 256 x 256 colors.
 */
import {askOnTower} from '../engine/encoder-client.mjs';
import {saidBy} from '../engine/future-groups.mjs';
import {draw} from '../engine/model-store.mjs';
import {greyOf} from '../engine/prepare-photo.mjs';
import {onWhite} from '../engine/prepare-picture.mjs';
import {LANCZOS, resized} from '../engine/resample.mjs';
import {pixelsOfPicture} from './encode-here.mjs';
import {base64} from './request.mjs';

const MODEL = 'motion';
const [SIDE, SHOWN] = [64, 256];
const Z = 8;
const NUMBERS = 10 * 16 * 16;
const [GROUPED, WEIGHED] = [200, 512]; // draws; with arrows

/** @param {Float32Array} values */
const floats = values => base64(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));

/**
 * What live/motion/still answers.
 * @param {Blob} blob
 * @param {number[] | null} region  left, top, right, bottom in parts of the sides; null: the middle square
 */
async function stillHere(blob, region) {
  const pixels = await pixelsOfPicture(blob);
  const {width, height} = pixels;
  const side = Math.min(width, height);
  const [x, y] = [width, height].map(length => Math.floor((length - side) / 2));
  let [left, top, right, bottom] = [x, y, x + side, y + side];
  if (region) {
    [left, top] = [Math.round(region[0] * width), Math.round(region[1] * height)];
    [right, bottom] = [
      Math.max(left + 1, Math.round(region[2] * width)),
      Math.max(top + 1, Math.round(region[3] * height)),
    ];
  }
  const colors = onWhite(pixels);
  const [wide, high] = [right - left, bottom - top];
  const square = new Uint8Array(wide * high * 3);
  for (let row = 0; row < high; row++) {
    const from = ((top + row) * width + left) * 3;
    square.set(colors.subarray(from, from + wide * 3), row * wide * 3);
  }
  const small = resized(square, [wide, high], [SIDE, SIDE], LANCZOS);
  const still = Uint8Array.from(small, (_, i) => small[(i % SIDE ** 2) * 3 + Math.floor(i / SIDE ** 2)]);
  return {still: base64(still), shown: base64(resized(square, [wide, high], [SHOWN, SHOWN], LANCZOS))};
}

/**
 * What live/motion/motion/futures answers.
 * @param {Uint8Array} shown
 * @param {{n?: number, seed?: number, arrows?: import('../engine/future-groups.mjs').Arrow[], brief?: boolean}} asked
 */
async function futuresHere(shown, {n = 6, seed = 0, arrows = [], brief = false}) {
  const zs = await draw(arrows.length ? WEIGHED : GROUPED, Z, seed);
  const {trajectories: all = new Float32Array(), far} = await askOnTower({
    model: MODEL,
    grey: greyOf(shown, SHOWN),
    ask: 'moved',
    zs,
  });
  const each = Array.from({length: zs.length / Z}, (_, i) => all.subarray(i * NUMBERS, (i + 1) * NUMBERS));
  const {mode, shares, typical, spread, weights} = saidBy(each, arrows);
  const first = Array.from({length: Math.min(n, each.length)}, (_, i) => i);
  /** @param {number[]} which */
  const listed = which => ({
    trajectories: floats(Float32Array.from(which.flatMap(i => Array.from(each[i])))),
    z: floats(Float32Array.from(which.flatMap(i => Array.from(zs.subarray(i * Z, (i + 1) * Z))))),
  });
  const heaviest = weights.reduce((best, weight, i) => (weight > weights[best] ? i : best), 0);
  return {
    ...(brief ? {} : {...listed(first), typical: listed(typical)}),
    mode: first.map(i => mode[i]),
    weights: arrows.length ? first.map(i => weights[i]) : null,
    shares,
    spread: floats(spread),
    far,
    best: arrows.length ? {...listed([heaviest]), mode: mode[heaviest], weight: weights[heaviest]} : null,
    effective: arrows.length ? 1 / weights.reduce((sum, weight) => sum + weight ** 2, 0) : null,
  };
}

/** What live/motion/motion/tower answers. @param {Uint8Array} shown */
async function towerHere(shown) {
  const {file = new Uint8Array()} = await askOnTower({model: MODEL, grey: greyOf(shown, SHOWN), ask: 'decoder'});
  return file;
}

/**
 * What the routes below live/motion answer to a photo of the visitor's own; null: the browser has no answer.
 * @param {string} route  what stands behind "motion/"
 * @param {URLSearchParams} query
 * @param {Uint8Array<ArrayBuffer>} body
 * @returns {Promise<BodyInit | null>}
 */
export async function motionHere(route, query, body) {
  if (route === 'still') {
    const region = query.get('region')?.split(',').map(Number) ?? null;
    return JSON.stringify(await stillHere(new Blob([body]), region));
  }
  if (route === `${MODEL}/tower`) return /** @type {Uint8Array<ArrayBuffer>} */ (await towerHere(body));
  if (route !== `${MODEL}/futures`) return null;
  const asked = {
    n: Number(query.get('n') ?? 6),
    seed: Number(query.get('seed') ?? 0),
    brief: query.get('brief') === '1',
  };
  return JSON.stringify(await futuresHere(body, {...asked, arrows: arrowsOf(query.get('hints') ?? '')}));
}

/** Row, column, right, down of each, and a semicolon between them. @param {string} text */
const arrowsOf = text =>
  text.split(';').flatMap(each => {
    const [row, column, right, down] = each.split(',').map(Number);
    return each ? [{row, column, right, down}] : [];
  });
