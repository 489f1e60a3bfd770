/**
 * What a picture costs in nats, computed from a decoded mean's bytes: distortion -log p(x|z), and the rate of q. Pure:
 * nothing here touches the page.
 */

/** log p for a byte of p; half a level from 0 and 1, which bytes cannot tell from what is nearly so. */
const LOG = Float64Array.from({length: 256}, (_, level) => Math.log((level + 0.5) / 256));

/** Of one pixel under a Bernoulli, both in levels from 0 to 255. @param {number} x @param {number} p */
const logLikelihood = (x, p) => (x * LOG[p] + (255 - x) * LOG[255 - p]) / 255;

/**
 * -log p(x|z) in nats.
 * @param {Uint8Array} x
 * @param {Uint8Array} planes  the decoded mean
 * @param {number | null} noise  sigma of a Gaussian p(x|z); null: it is a Bernoulli
 */
export function distortion(x, planes, noise) {
  if (noise === null) return x.reduce((sum, level, i) => sum - logLikelihood(level, planes[i]), 0);
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

/** In words, without the unit. @param {number} value */
export const nats = value => value.toFixed(1).replace('-', '−');

/** Times the test pictures' distortion (for a Gaussian: their squared error) from which a picture is called far. */
const FAR = 2.5;

/**
 * Says so where a picture is unlike those of the training; '' where it is not.
 * @param {{title: string, metrics: Record<string, any>}} model
 * @param {Pick<import('../../../../web/page/request.mjs').Encoded, 'x' | 'distortion' | 'noise'>} encoded
 * @param {Uint8Array} planes  its reconstruction
 */
export function far({title, metrics}, {x, distortion: cost, noise}, planes) {
  const words = `Far from what ${title} was trained on:`;
  if (noise !== null) {
    const times = squaredError(x, planes) / x.length / noise ** 2;
    if (times <= FAR) return '';
    return `${words} the squared error is ${times.toFixed(1)} times that of its training pictures.`;
  }
  const average = metrics.distortion;
  if (!(cost > FAR * average)) return '';
  return `${words} ${nats(cost)} nats of distortion, on average ${nats(average)} over ${metrics.split} pictures.`;
}
