/**
 * A picture file encoded in the browser, in the words of the server's route live/encode: for pages without a server,
 * and where a hand draws and every stroke would be a question.
 */
import {encodeInBrowser, lookIntoEncoder} from '../engine/encoder-client.mjs';
import {facts} from '../engine/model-store.mjs';
import {PREPARED, blackAndWhite, prepare} from '../engine/prepare-picture.mjs';
import {contextOf, newCanvas, pixelsOf} from './canvas-pixels.mjs';
import {base64, encode, encodedFrom} from './request.mjs';

const MOST_SIDE = 2048; // pixels, as the server reads pictures

/**
 * The pixels of a picture, upright, at most `most` a side. Rejects where the browser cannot read it, and in plain
 * words where it hands out noise for its pixels.
 * @param {Blob | ImageBitmap | HTMLCanvasElement} picture
 * @param {number} [most]
 */
export async function pixelsOfPicture(picture, most = MOST_SIDE) {
  const image = picture instanceof Blob ? await createImageBitmap(picture) : picture;
  const scale = Math.min(1, most / Math.max(image.width, image.height));
  const [width, height] = [image.width, image.height].map(side => Math.max(1, Math.round(side * scale)));
  const canvas = newCanvas(width, height);
  const context = contextOf(canvas, {willReadFrequently: true});
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, width, height);
  return {data: pixelsOf(canvas), width, height};
}

/**
 * A picture as a model sees it: C * H * W numbers in [0, 1]. Rejects as encodeHere does.
 * @param {string} model
 * @param {Blob} blob
 */
async function preparedFor(model, blob) {
  const {data} = (await facts(model)).recipe;
  if (!PREPARED.includes(data)) throw new Error(`pictures of ${data} are not prepared in the browser`);
  return prepare(data, await pixelsOfPicture(blob));
}

/** @param {Float32Array} x */
const bytesOf = x => Uint8Array.from(x, value => Math.floor(value * 255 + 0.5));

/** In base64, as the server sends it. @param {Float32Array} x */
const levelsOf = x => base64(bytesOf(x));

/**
 * A picture as a model sees it, in bytes, for what asks nothing of the encoder. Rejects as encodeHere does.
 * @param {string} model
 * @param {Blob} blob
 */
export const seenHere = async (model, blob) => bytesOf(await preparedFor(model, blob));

/**
 * What live/activations answers: the picture, the encoder's feature maps, mean and sigma. Rejects as encodeHere does.
 * @param {string} model
 * @param {Blob} blob
 */
export async function lookHere(model, blob) {
  const x = await preparedFor(model, blob);
  const [{mean, logVar}, stages] = await Promise.all([encodeInBrowser(model, x), lookIntoEncoder(model, x)]);
  return {
    x: levelsOf(x),
    stages: stages.map(({planes, peaks, ...sizes}) => ({...sizes, planes: base64(planes), peaks: Array.from(peaks)})),
    mean: Array.from(mean),
    sigma: Array.from(logVar, value => Math.exp(value / 2)),
  };
}

/**
 * What live/encode answers: x in base64, mean, log_var and so on. Rejects, in a sentence for people where the picture
 * is at fault (a BadPicture); also for pictures of faces and photos, which are not prepared here.
 * @param {string} model
 * @param {Blob} blob
 * @param {{label?: number | null, binary?: boolean}} [asked]  see live/encode
 */
export async function encodeHere(model, blob, {label = null, binary = false} = {}) {
  const seen = await preparedFor(model, blob);
  const x = binary ? blackAndWhite(seen) : seen;
  const {mean, logVar, rates, rate, distortion, label: read, noise} = await encodeInBrowser(model, x, label);
  return {
    x: levelsOf(x),
    mean: Array.from(mean),
    log_var: Array.from(logVar),
    rates: rates && Array.from(rates),
    rate,
    distortion,
    label: read,
    noise,
  };
}

/** Models that were asked about here before. @type {Map<string, 'asked' | 'fetching' | 'ready'>} */
const known = new Map();

/**
 * As `encode` of request.mjs, for a hand that draws: the server answers first, at once, and where the hand goes on, the
 * encoder is fetched; from then on each stroke is encoded here. Of what fails here, the server is asked.
 * @param {string} model
 * @param {Blob} blob
 * @param {AbortSignal} signal
 * @returns {Promise<import('./request.mjs').Encoded>}
 */
export async function encodeDrawn(model, blob, signal) {
  const stage = known.get(model);
  if (stage === 'ready') {
    const answer = await encodeHere(model, blob).catch(() => null); // the server says what is wrong
    signal.throwIfAborted();
    if (answer) return encodedFrom(answer, model);
  }
  if (!stage) known.set(model, 'asked');
  if (stage === 'asked') {
    known.set(model, 'fetching');
    encodeHere(model, blob).then(
      () => known.set(model, 'ready'),
      () => known.delete(model),
    );
  }
  return encode(model, blob, signal);
}
