/**
 * The label and the style of digits by M2 or M1+M2, read in the browser, in the words of the server's route
 * live/learn/styles/NAME: for pages without a server. As `read` of vaedemo/models/semisupervised.py.
 *
 * @typedef {import('../engine/model-store.mjs').Tensors} Tensors
 */
import {encodeInBrowser} from '../engine/encoder-client.mjs';
import {readTensors} from '../engine/safetensors.mjs';
import {request} from './request.mjs';

const PIXELS = 28 * 28;
const CODES = 'digits'; // whose codes M1+M2 reads

/** @param {number} x */
const softplus = x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * @param {string} model
 * @param {Uint8Array} x  digits of 28 x 28, one after the other
 */
export async function stylesHere(model, x) {
  const answer = await request(`learn/reader/${model}`, {purpose: 'read a style', model});
  const tensors = readTensors(await answer.arrayBuffer());
  /** @type {{labels: number[], mean: number[][], sigma: number[][]}} */
  const read = {labels: [], mean: [], sigma: []};
  for (let at = 0; at < x.length; at += PIXELS) {
    const pixels = Float32Array.from(x.subarray(at, at + PIXELS), level => level / 255);
    const ofPixels = tensors['of_x.weight'].shape[1] === PIXELS;
    const seen = ofPixels ? pixels : (await encodeInBrowser(CODES, pixels)).mean;
    const {label, mean, sigma} = styleOf(tensors, seen);
    read.labels.push(label);
    read.mean.push(mean);
    read.sigma.push(sigma);
  }
  return read;
}

/** The likeliest label, and q(z|x, y) under it. @param {Tensors} tensors @param {Float32Array} seen */
function styleOf(tensors, seen) {
  /** @param {string} layer @param {ArrayLike<number>} x */
  const linear = (layer, x) => {
    const {data, shape} = tensors[`${layer}.weight`];
    const bias = tensors[`${layer}.bias`].data;
    return Array.from({length: shape[0]}, (_, row) => {
      let sum = bias[row];
      for (let i = 0; i < x.length; i++) sum += data[row * x.length + i] * x[i];
      return sum;
    });
  };
  const scores = linear('classifier.2', linear('classifier.0', seen).map(softplus));
  const label = scores.indexOf(Math.max(...scores));
  const {data: ofLabel, shape} = tensors['of_y.weight'];
  const hidden = linear('of_x', seen).map((sum, row) => softplus(sum + ofLabel[row * shape[1] + label]));
  const numbers = linear('posterior', hidden);
  const z = numbers.length / 2;
  const sigma = numbers.slice(z).map(logVar => Math.exp(Math.min(Math.max(logVar, -12), 6) / 2));
  return {label, mean: numbers.slice(0, z), sigma};
}
