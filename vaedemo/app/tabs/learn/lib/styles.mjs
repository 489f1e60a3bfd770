/** What M2 and M1+M2 read in digits: their labels and styles; and the Python that draws a style under every label. */
import {request} from '../../../../web/page/request.mjs';

/** @typedef {{labels: number[], mean: number[][], sigma: number[][]}} Read  a row for each digit: q(z|x, y) */

/**
 * The styles of digits.
 * @param {string} model @param {Uint8Array<ArrayBuffer>} x  digits of 28 x 28 @param {AbortSignal} signal
 * @returns {Promise<Read>}
 */
export async function readStyles(model, x, signal) {
  const answer = await request(`learn/styles/${model}`, {purpose: 'read a style', body: x, model, signal});
  return answer.json();
}

/** KL of each latent in nats, on average over the digits that were read. @param {Read} read */
export function ratesOf({mean, sigma}) {
  return mean[0].map((_, d) => {
    const sum = mean.reduce((total, means, i) => {
      const variance = sigma[i][d] ** 2;
      return total + (means[d] ** 2 + variance - 1 - Math.log(variance)) / 2;
    }, 0);
    return sum / mean.length;
  });
}

const OF_PIXELS = {
  ten: 'ten = model.mean(model.generator.decode(z.expand(10, -1), torch.eye(10))).view(10, 1, 28, 28)',
  x: 'x.flatten(1)',
};
const OF_CODES = {
  ten: `codes = model.mean(model.generator.decode(z.expand(10, -1), torch.eye(10)))  # (10, 32): means of p(code|z, y)
    ten = vaedemo.load("digits").decode(codes).sigmoid()  # (10, 1, 28, 28)`,
  x: 'vaedemo.load("digits").encode(x).mean',
};

/** @param {string} model @param {number[]} z  of the chosen row */
export function python(model, z) {
  const {ten, x} = model === 'digits-m1m2' ? OF_CODES : OF_PIXELS;
  return `import torch
import vaedemo

model = vaedemo.load_net("${model}")
z = torch.tensor([[${z.map(value => value.toFixed(3)).join(', ')}]])  # the row's style
with torch.no_grad():
    ${ten}

# The style of pictures x (B, 1, 28, 28): labels, q = model.read(${x})
`;
}
