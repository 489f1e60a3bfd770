/**
 * What a page asks of an encoder, in a worker: the posterior of a picture and its ELBO's terms in nats, as the server's
 * route live/encode answers them, and what judges of faces say.
 *
 * @typedef {import('./decoder.mjs').Decoder} Decoder
 * @typedef {import('./encoder.mjs').Form} Form
 *
 * @typedef {object} Posterior
 * @property {Float32Array} mean
 * @property {Float32Array} logVar
 * @property {Float32Array | null} rates  KL of each latent; null of a plain autoencoder, which has no prior
 * @property {number | null} rate
 * @property {number | null} distortion  -log p(x|z) at the posterior's mean; null of a model that draws layers
 * @property {number | null} label  that a model of labels was told, or under which it explains the picture best
 * @property {Float32Array | null} attributes  that a model of attributes was told, or what was read in the picture
 * @property {number | null} noise  sigma of a Gaussian p(x|z)
 */
import {answerOf, momentsOf} from './encoder.mjs';

/** @typedef {import('./encoder.mjs').Encoder} Encoder */

/**
 * @param {Encoder} encoder
 * @param {Decoder | null} decoder  null: of a model that draws layers
 * @param {Float32Array} x  C * H * W numbers in [0, 1]
 * @param {{label?: number | null, told?: Float32Array | null}} given  told: a condition that is a description, or a
 *   picture whose hidden pixels are -1
 * @returns {Posterior}
 */
export function posteriorOf(encoder, decoder, x, {label = null, told = null}) {
  const {form} = encoder;
  if (form.told === 'label') return best(encoder, decoder, x, label);
  if (form.told === 'attributes' && !told) throw new Error('a description of the picture is wanted');
  const hidden = form.told === 'picture' ? (told ?? new Float32Array(x.length).fill(-1)) : null;
  const condition = hidden ?? (form.told ? told : null);
  const numbers = hidden ? encoder.encode(joined(x, hidden)) : encoder.encode(x, condition ?? undefined);
  const attributes = form.told === 'attributes' ? told : null;
  return {...priced(form, numbers, decoder, x, condition, hidden), label: null, attributes};
}

/**
 * Of the labels that a model can be told, or of one alone, that with the greatest ELBO.
 * @param {Encoder} encoder @param {Decoder | null} decoder @param {Float32Array} x @param {number | null} label
 * @returns {Posterior}
 */
function best(encoder, decoder, x, label) {
  const many = (decoder?.form.inputs ?? 0) - (encoder.form.z ?? 0);
  if (label !== null && !(label >= 0 && label < many)) throw new RangeError(`label: ${label} is unknown`);
  const asked = label === null ? Array.from({length: many}, (_, i) => i) : [label];
  /** @type {Posterior | undefined} */
  let found;
  asked.forEach((some, i) => {
    const y = new Float32Array(many);
    y[some] = 1;
    const numbers = i ? encoder.retell(y) : encoder.encode(x, y);
    const terms = priced(encoder.form, numbers, decoder, x, y, null);
    if (!found || nats(terms) < nats(found)) found = {...terms, label: some, attributes: null};
  });
  return /** @type {Posterior} */ (found);
}

/** @param {{rate: number | null, distortion: number | null}} terms */
const nats = ({rate, distortion}) => (rate ?? 0) + (distortion ?? 0);

/** @param {Float32Array} a @param {Float32Array | null} b */
function joined(a, b) {
  const both = new Float32Array(a.length + (b?.length ?? 0));
  both.set(a);
  if (b) both.set(b, a.length);
  return both;
}

/**
 * @param {Form} form
 * @param {Float32Array} numbers  of the encoder
 * @param {Decoder | null} decoder
 * @param {Float32Array} x
 * @param {Float32Array | null} y
 * @param {Float32Array | null} hidden  the picture's pixels that are priced are -1 in it; null: all are
 */
function priced(form, numbers, decoder, x, y, hidden) {
  const moments = momentsOf(form, numbers);
  const rate = moments.rates && moments.rates.reduce((a, b) => a + b, 0);
  const noise = form.noise ?? null;
  if (!decoder) return {...moments, rate, distortion: null, noise};
  const logits = decoder.logits(joined(moments.mean, y));
  const distortion = noise === null ? bernoulli(logits, x, hidden) : gaussian(logits, x, noise);
  return {...moments, rate, distortion, noise};
}

/**
 * -log p(x|z) in nats of a Bernoulli; of an x between 0 and 1 its expectation over binarizations.
 * @param {Float32Array} logits @param {Float32Array} x @param {Float32Array | null} hidden
 */
function bernoulli(logits, x, hidden) {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    if (hidden && hidden[i] >= 0) continue;
    const l = logits[i];
    sum += Math.max(l, 0) - l * x[i] + Math.log1p(Math.exp(-Math.abs(l)));
  }
  return sum;
}

/**
 * -log N(x; sigmoid(logits), noise^2) in nats.
 * @param {Float32Array} logits @param {Float32Array} x @param {number} noise
 */
function gaussian(logits, x, noise) {
  let error = 0;
  for (let i = 0; i < x.length; i++) error += (1 / (1 + Math.exp(-logits[i])) - x[i]) ** 2;
  return 0.5 * (error / noise ** 2 + x.length * Math.log(2 * Math.PI * noise ** 2));
}

/**
 * What a judge says of pictures, one after the other: `outputs` numbers of each.
 * @param {Encoder} judge
 * @param {Float32Array} pictures
 */
export function judged(judge, pictures) {
  const {shape, outputs} = judge.form;
  const size = shape.reduce((a, b) => a * b);
  const count = pictures.length / size;
  const answers = new Float32Array(count * outputs);
  for (let i = 0; i < count; i++) {
    const picture = pictures.subarray(i * size, (i + 1) * size);
    answers.set(answerOf(judge.form, judge.encode(picture)), i * outputs);
  }
  return answers;
}

/**
 * A picture's description for a model of attributes: of each p(there) - p(not there), where both are equally likely.
 * @param {Encoder} reader  `faces-reader`
 * @param {Float32Array} x
 * @param {string[]} attributes  of the model, in its order
 */
export function descriptionOf(reader, x, attributes) {
  const read = judged(reader, x);
  const known = reader.form.attributes ?? [];
  return Float32Array.from(attributes, name => Math.tanh(read[known.indexOf(name)] / 2));
}
