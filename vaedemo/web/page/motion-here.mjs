/**
 * What happens next in a still, in the browser, in the words of the server's routes below live/motion: for pages
 * without a server. The model `motion` of people is given what the page paints of a still, 256 x 256 colors. Of that of
 * drawn scenes the page has what decodes any z on the scenes that it offers.
 */
import {askOnTower} from '../engine/encoder-client.mjs';
import {saidBy} from '../engine/future-groups.mjs';
import {draw} from '../engine/model-store.mjs';
import {greyOf} from '../engine/prepare-photo.mjs';
import {onWhite} from '../engine/prepare-picture.mjs';
import {LANCZOS, resized} from '../engine/resample.mjs';
import {Tower} from '../engine/trajectory-decoder.mjs';
import {pixelsOfPicture} from './encode-here.mjs';
import {base64} from './request.mjs';

const [MODEL, DRAWN] = ['motion', 'motion-drawn'];
const [SIDE, SHOWN] = [64, 256];
const Z = 8; // of `motion`
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
 * Decodes futures of a still, each of z numbers.
 * @typedef {{z: number, decode: (zs: Float32Array[]) => Promise<{each: Float32Array[], far: boolean}>}} Decoder
 */

/** On a still of a person. @param {Uint8Array} shown @returns {Decoder} */
const onPeople = shown => ({
  z: Z,
  async decode(zs) {
    const all = Float32Array.from(zs.flatMap(z => Array.from(z)));
    const asked = {model: MODEL, grey: greyOf(shown, SHOWN), ask: /** @type {const} */ ('moved'), zs: all};
    const {trajectories = new Float32Array(), far = false} = await askOnTower(asked);
    return {each: zs.map((_, i) => trajectories.subarray(i * NUMBERS, (i + 1) * NUMBERS)), far};
  },
});

/** On a drawn scene, which is like those that the model learned from. @param {ArrayBuffer} file @returns {Decoder} */
function onScene(file) {
  const tower = new Tower(file);
  return {z: tower.z, decode: async zs => ({each: zs.map(z => tower.decode(z)), far: false})};
}

/**
 * What live/motion/NAME/futures answers.
 * @param {Decoder} decoder
 * @param {{n?: number, seed?: number, arrows?: import('../engine/future-groups.mjs').Arrow[], brief?: boolean}} asked
 */
async function futuresHere({z, decode}, {n = 6, seed = 0, arrows = [], brief = false}) {
  const drawn = await draw(arrows.length ? WEIGHED : GROUPED, z, seed);
  const zs = Array.from({length: drawn.length / z}, (_, i) => drawn.subarray(i * z, (i + 1) * z));
  const {each, far} = await decode(zs);
  const {mode, shares, typical, spread, weights} = saidBy(each, arrows);
  const first = Array.from({length: Math.min(n, each.length)}, (_, i) => i);
  /** @param {number[]} which */
  const listed = which => ({
    trajectories: floats(Float32Array.from(which.flatMap(i => Array.from(each[i])))),
    z: floats(Float32Array.from(which.flatMap(i => Array.from(zs[i])))),
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
 * What the routes below live/motion answer to a photo of the visitor's own, or of a scene that has a tower; null: the
 * browser has no answer.
 * @param {string} route  what stands behind "motion/"
 * @param {URLSearchParams} query
 * @param {Uint8Array<ArrayBuffer>} body
 * @param {(address: string, body: Uint8Array<ArrayBuffer>) => Promise<Response | null>} keptAnswer  what was kept of
 *   the server's answers
 * @returns {Promise<BodyInit | null>}
 */
export async function motionHere(route, query, body, keptAnswer) {
  if (route === 'still') {
    const region = query.get('region')?.split(',').map(Number) ?? null;
    return JSON.stringify(await stillHere(new Blob([body]), region));
  }
  if (route === `${MODEL}/tower`) return /** @type {Uint8Array<ArrayBuffer>} */ (await towerHere(body));
  const tower = route === `${DRAWN}/futures` ? await keptAnswer(`motion/${DRAWN}/tower`, body) : null;
  if (!tower && route !== `${MODEL}/futures`) return null;
  const asked = {
    n: Number(query.get('n') ?? 6),
    seed: Number(query.get('seed') ?? 0),
    brief: query.get('brief') === '1',
  };
  const decoder = tower ? onScene(await tower.arrayBuffer()) : onPeople(body);
  return JSON.stringify(await futuresHere(decoder, {...asked, arrows: arrowsOf(query.get('hints') ?? '')}));
}

/** Row, column, right, down of each, and a semicolon between them. @param {string} text */
const arrowsOf = text =>
  text.split(';').flatMap(each => {
    const [row, column, right, down] = each.split(',').map(Number);
    return each ? [{row, column, right, down}] : [];
  });
