/**
 * A face in a photo, found, cut out and encoded in the browser, or its landmarks, in the words of the server's routes
 * live/face/NAME, live/vaegan/portrait and live/express/face: for pages without a server. Eyes are [x, y] in parts of
 * the photo's sides, the left one first.
 */
import {encodeInBrowser, judgeInBrowser} from '../engine/encoder-client.mjs';
import {landmarksOf} from '../engine/face-landmarks.mjs';
import {CLOSEST, alignedFace, uprightFace} from '../engine/find-face.mjs';
import {BadPicture, onWhite} from '../engine/prepare-picture.mjs';
import {pixelsOfPicture} from './encode-here.mjs';
import {base64} from './request.mjs';

const EYES_NET = 'faces-eyes';
const LANDMARKS = 'faces-landmarks';

/** @typedef {import('../engine/find-face.mjs').Eyes} Eyes @typedef {import('../engine/find-face.mjs').Photo} Photo */

/** @param {string} name @returns {import('../engine/find-face.mjs').Judge} */
const judgeOf = name => crops => judgeInBrowser(name, crops);

/**
 * A photo and the eyes of its face, in pixels, the left one first; null: none is found as it lies, and `turned` says
 * by how many degrees it must be turned, or is null. Throws BadPicture for places that cannot be eyes.
 * @param {Blob} blob
 * @param {number[][] | null} pointed  where somebody pointed at them; null: they are looked for
 * @returns {Promise<{photo: Photo, eyes: Eyes | null, turned: number | null}>}
 */
async function eyesIn(blob, pointed) {
  const pixels = await pixelsOfPicture(blob);
  const {width, height} = pixels;
  const photo = {data: onWhite(pixels), width, height};
  const judge = judgeOf(EYES_NET);
  const {eyes, turned} = pointed ? {eyes: placesOf(pointed, photo), turned: null} : await uprightFace(photo, judge);
  return {photo, eyes: eyes && eyes[0][0] > eyes[1][0] ? [eyes[1], eyes[0]] : eyes, turned};
}

/** @param {number[][]} pointed @param {Photo} photo @returns {Eyes} */
function placesOf(pointed, {width, height}) {
  if (pointed.flat().some(part => part < 0 || part > 1)) throw new BadPicture('An eye lies outside of the photo.');
  const [one, other] = pointed.map(([x, y]) => [x * width - 0.5, y * height - 0.5]);
  if (Math.hypot(one[0] - other[0], one[1] - other[1]) < CLOSEST)
    throw new BadPicture('Both eyes are at the same place: point at one, then at the other.');
  return /** @type {Eyes} */ ([one, other]);
}

/** In parts of the photo's sides. @param {Eyes} eyes @param {Photo} photo */
const partsOf = (eyes, {width, height}) => eyes.map(([x, y]) => [(x + 0.5) / width, (y + 0.5) / height]);

/**
 * The face of a photo as models of faces see it, (3, 64, 64) in [0, 1], and its eyes, in parts of the photo's sides; or
 * null and `turned`, as eyesIn says, and throws.
 * @param {Blob} blob
 * @param {number[][] | null} pointed
 */
async function faceIn(blob, pointed) {
  const {photo, eyes, turned} = await eyesIn(blob, pointed);
  return eyes ? {planes: alignedFace(photo, eyes), eyes: partsOf(eyes, photo)} : {planes: null, turned};
}

/**
 * What live/express/face answers: where a face lies, and its landmarks. Throws as eyesIn does.
 * @param {Blob} blob
 * @param {number[][] | null} pointed
 */
export async function placedHere(blob, pointed) {
  const {photo, eyes: rough, turned} = await eyesIn(blob, pointed);
  if (!rough) return {eyes: null, turned};
  const {points, linear, offset, eyes} = await landmarksOf(photo, rough, judgeOf(LANDMARKS));
  return {
    eyes: partsOf(eyes, photo),
    points,
    linear: linear.map(row => row.map(value => value / photo.width)),
    offset: offset.map(value => value / photo.width),
  };
}

/** @param {Float32Array} planes */
const levelsOf = planes => base64(Uint8Array.from(planes, value => Math.floor(value * 255 + 0.5)));

/**
 * What live/face/NAME answers, of a model of attributes.
 * @param {string} model @param {Blob} blob @param {number[][] | null} eyes
 */
export async function faceHere(model, blob, eyes) {
  const face = await faceIn(blob, eyes);
  if (!face.planes) return {eyes: null, turned: face.turned};
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
  if (!face.planes) return {eyes: null, turned: face.turned};
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
