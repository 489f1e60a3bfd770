/** What a picture costs in nats, computed from a decoded mean's bytes: distortion -log p(x|z), and the rate of q. */

/** log p for a byte of p; half a level from 0 and 1, which bytes cannot tell from what is nearly so. */
const LOG = Float64Array.from({length: 256}, (_, level) => Math.log((level + 0.5) / 256));

/**
 * @param {Uint8Array} x
 * @param {Uint8Array} planes
 * @param {number | null} noise  sigma of a Gaussian p(x|z); null: it is a Bernoulli
 */
export function distortion(x, planes, noise) {
  if (noise === null) {
    let nats = 0;
    for (let i = 0; i < x.length; i++) nats -= (x[i] * LOG[planes[i]] + (255 - x[i]) * LOG[255 - planes[i]]) / 255;
    return nats;
  }
  return 0.5 * (squaredError(x, planes) / noise ** 2 + x.length * Math.log(2 * Math.PI * noise ** 2));
}

/** Of levels in [0, 1], summed over the picture. @param {Uint8Array} x @param {Uint8Array} planes */
export function squaredError(x, planes) {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] - planes[i]) ** 2;
  return sum / 255 ** 2;
}

/** KL(N(mean, sigma^2) || N(0, 1)) in nats, over all latents. @param {number[]} mean @param {number[]} sigma */
export const rate = (mean, sigma) =>
  mean.reduce((sum, value, d) => sum + 0.5 * (value ** 2 + sigma[d] ** 2 - 1) - Math.log(sigma[d]), 0);

export const nats = value => value.toFixed(1).replace('-', '−');

/** Times the test pictures' distortion (for a Gaussian: their squared error) from which a picture is called far. */
const FAR = 2.5;

/**
 * Says so where a picture is unlike those of the training; '' where it is not.
 * @param {import('./paired-models.mjs').Model} model
 * @param {import('../../../../web/page/request.mjs').Encoded} encoded
 * @param {Uint8Array} planes  its reconstruction
 */
export function far({title, facts: {metrics}}, {x, distortion: cost, noise}, planes) {
  if (noise !== null) {
    const times = squaredError(x, planes) / x.length / noise ** 2;
    return times > FAR
      ? `Far from what ${title} was trained on: the squared error is ${times.toFixed(1)} times that of its training pictures.`
      : '';
  }
  const average = metrics.distortion;
  if (!(cost > FAR * average)) return '';
  return `Far from what ${title} was trained on: ${nats(cost)} nats of distortion, on average ${nats(average)} over ${metrics.split} pictures.`;
}
