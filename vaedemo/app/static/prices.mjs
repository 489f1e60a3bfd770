/** What a picture costs in nats, computed from a decoded mean's bytes: distortion -log p(x|z), and the rate of q. */

/** log p for a byte of p; half a level from 0 and 1, which bytes cannot tell from what is nearly so. */
const LOG = Float64Array.from({length: 256}, (_, level) => Math.log((level + 0.5) / 256));

/** @param {Uint8Array} x @param {Uint8Array} planes @param {number | null} noise  sigma of a Gaussian p(x|z); null: it is a Bernoulli */
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
export const rate = (mean, sigma) => mean.reduce((sum, value, d) => sum + 0.5 * (value ** 2 + sigma[d] ** 2 - 1) - Math.log(sigma[d]), 0);
