/** Samples of a Bernoulli p(x|z): a coin for each pixel. Pure: nothing here touches the page. */

/**
 * One picture: each pixel white with the probability that its byte of the mean says.
 * @param {Uint8Array} mean
 */
export const sample = mean => mean.map(byte => (Math.random() * 255 < byte ? 255 : 0));

/** The average of n samples. @param {Uint8Array} mean @param {number} n */
export function average(mean, n) {
  const sum = new Float32Array(mean.length);
  for (let i = 0; i < n; i++) for (const [k, byte] of sample(mean).entries()) sum[k] += byte;
  return Uint8Array.from(sum, value => value / n + 0.5);
}
