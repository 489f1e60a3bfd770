/**
 * Encoders for a page: they run in the workers that decode, a model's encoder beside its decoder. What cannot be had,
 * or what no browser encodes, rejects.
 *
 * @typedef {import('./encoding.mjs').Posterior} Posterior
 */
import {lineOf, modelUrl} from './backends.mjs';
import {keepOffline} from './keep-offline.mjs';

/**
 * The posterior of a picture, and its ELBO's terms, as live/encode answers them.
 * @param {string} name
 * @param {Float32Array} planes  the picture as prepare-picture.mjs gives it for the model's data set
 * @param {number | null} [label]  what a model of labels is told; null: the label that explains the picture best
 * @param {Float32Array | null} [told]  what a model of attributes is told; null: what is read in the picture. Of
 *   `digits-quadrant`: the picture with its hidden pixels at -1; null: all are hidden
 * @returns {Promise<Posterior>}
 */
export async function encodeInBrowser(name, planes, label = null, told = null) {
  const {posterior} = await lineOf(modelUrl(name)).ask({encode: name, x: planes, label, told});
  keepOffline(modelUrl(name).replace(/\.safetensors$/, '/encoder.safetensors'));
  return posterior;
}

/**
 * What each halving stage of a plain encoder makes of a picture, after its ReLU.
 * @param {string} name
 * @param {Float32Array} planes  the picture, see encodeInBrowser
 * @returns {Promise<import('./activations.mjs').Feature[]>}
 */
export const lookIntoEncoder = async (name, planes) =>
  (await lineOf(modelUrl(name)).ask({look: name, x: planes})).features;

/**
 * What a judge (`faces-eyes`, `faces-landmarks`, `faces-reader`) says of pictures, as PyTorch's `locate` and `read`.
 * @param {string} name
 * @param {Float32Array} pictures  n pictures of 3 * 64 * 64 numbers in [0, 1], one after the other
 * @returns {Promise<{answers: Float32Array, outputs: number}>}  outputs: numbers of each picture
 */
export const judgeInBrowser = (name, pictures) => lineOf(modelUrl(name)).ask({judge: name, x: pictures});

/**
 * What a model on the image tower answers to a grey photo: see tower-work.mjs.
 * @param {import('./tower-work.mjs').ColorQuestion | import('./tower-work.mjs').MotionQuestion} question
 * @returns {Promise<import('./tower-work.mjs').Answer>}
 */
export async function askOnTower(question) {
  return (await lineOf(modelUrl(question.model)).ask({tower: question})).told;
}
