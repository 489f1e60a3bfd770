/**
 * A face in a photo, found, cut out and encoded in the browser, in the words of the server's routes live/face/NAME and
 * live/vaegan/portrait: for pages without a server. Eyes are [x, y] in parts of the photo's sides, the left one first.
 */
import {encodeInBrowser, judgeInBrowser} from '../engine/encoder-client.mjs';
import {alignedFace, findFace} from '../engine/find-face.mjs';
import {onWhite} from '../engine/prepare-picture.mjs';
import {pixelsOfPicture} from './encode-here.mjs';
import {base64} from './request.mjs';

/**
 * The face of a photo as models of faces see it, (3, 64, 64) in [0, 1], and its eyes; null: none is found.
 * @param {Blob} blob
 * @param {number[][] | null} eyes  where somebody pointed at them; null: they are looked for
 */
export async function faceIn(blob, eyes) {
  const pixels = await pixelsOfPicture(blob);
  const {width, height} = pixels;
  const photo = {data: onWhite(pixels), width, height};
  const judge = (/** @type {Float32Array} */ crops) => judgeInBrowser('faces-eyes', crops);
  const pointed =
    eyes && /** @type {import('../engine/find-face.mjs').Eyes} */ (eyes.map(eye => placeOf(eye, photo)));
  const found = pointed ?? (await findFace(photo, judge));
  if (!found) return null;
  const planes = alignedFace(photo, found[0][0] > found[1][0] ? [found[1], found[0]] : found);
  return {planes, eyes: found.map(([x, y]) => [(x + 0.5) / width, (y + 0.5) / height])};
}

/** @param {number[]} eye @param {{width: number, height: number}} photo @returns {[number, number]} */
const placeOf = ([x, y], {width, height}) => [x * width - 0.5, y * height - 0.5];

/** @param {Float32Array} planes */
const levelsOf = planes => base64(Uint8Array.from(planes, value => Math.floor(value * 255 + 0.5)));

/**
 * What live/face/NAME answers, of a model of attributes.
 * @param {string} model @param {Blob} blob @param {number[][] | null} eyes
 */
export async function faceHere(model, blob, eyes) {
  const face = await faceIn(blob, eyes);
  if (!face) return {eyes: null};
  const {mean, attributes} = await encodeInBrowser(model, face.planes);
  return {
    eyes: face.eyes,
    x: levelsOf(face.planes),
    mean: Array.from(mean),
    attributes: Array.from(attributes ?? []),
  };
}

/**
 * What the route of a portrait answers: its posterior by several models.
 * @param {string[]} models @param {Blob} blob @param {number[][] | null} eyes
 */
export async function portraitHere(models, blob, eyes) {
  const face = await faceIn(blob, eyes);
  if (!face) return {eyes: null};
  /** @type {Record<string, object>} */
  const codes = {};
  for (const model of models) {
    const begun = performance.now();
    const {mean, logVar, rate, distortion} = await encodeInBrowser(model, face.planes);
    const sigma = Array.from(logVar, value => Math.exp(value / 2));
    codes[model] = {mean: Array.from(mean), sigma, rate, distortion, ms: Math.round(performance.now() - begun)};
  }
  return {eyes: face.eyes, x: levelsOf(face.planes), codes, missing: {}};
}
