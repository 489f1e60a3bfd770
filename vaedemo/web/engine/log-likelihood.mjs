/**
 * log p(x|z) of a Bernoulli p(x|z), to the last nat: from the decoder's logits l, not from the bytes that are shown,
 * sum of x l - log(1 + e^l). The second part does not know x, so codes that are kept are scored anew in no time.
 *
 * @typedef {{logits: Float32Array, norms: Float64Array}} Kept  of n codes: n * size logits; sum of log(1 + e^l) of each
 */

/**
 * @param {Pick<import('./decoder.mjs').Decoder, 'form' | 'size' | 'pictures' | 'memory' | 'decode'>} decoder
 * @param {Float32Array} zs
 * @param {number} n
 * @returns {Kept}
 */
export function logitsOf(decoder, zs, n) {
  const {inputs} = decoder.form;
  const {at, room, channels, height, width, border} = decoder.pictures[decoder.pictures.length - 1];
  const area = height * width;
  if (channels * area !== decoder.size || border || channels !== 1)
    throw new Error('Only grey pictures are scored in the browser.');
  const logits = new Float32Array(n * area);
  const norms = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    decoder.decode(zs.subarray(k * inputs, (k + 1) * inputs));
    const all = new Float32Array(decoder.memory.buffer, at, area * room);
    const ofCode = logits.subarray(k * area, (k + 1) * area);
    for (let i = 0; i < area; i++) ofCode[i] = all[i * room];
    norms[k] = softplusSum(ofCode);
  }
  return {logits, norms};
}

/**
 * Sum of log(1 + e^l) = max(l, 0) + log(1 + e^-|l|). The logarithm is taken of products of 32, at most 2^32: it is
 * what costs.
 * @param {Float32Array} logits
 */
function softplusSum(logits) {
  let sum = 0;
  let product = 1;
  for (let i = 0; i < logits.length; i++) {
    const l = logits[i];
    if (l > 0) sum += l;
    product *= 1 + Math.exp(l > 0 ? -l : l);
    if ((i & 31) === 31) {
      sum += Math.log(product);
      product = 1;
    }
  }
  return sum + Math.log(product);
}

/**
 * log p(x|z) in nats of every picture for every code, pictures.length / size rows of n.
 * @param {Kept} kept
 * @param {Uint8Array} pictures  black and white, 0 or 1, one after the other
 * @param {number} size  pixels of one
 */
export function scored({logits, norms}, pictures, size) {
  const n = norms.length;
  const rows = pictures.length / size;
  const scores = new Float64Array(rows * n);
  const ink = new Uint32Array(size);
  for (let row = 0; row < rows; row++) {
    let count = 0;
    for (let i = 0; i < size; i++) if (pictures[row * size + i]) ink[count++] = i;
    for (let k = 0; k < n; k++) {
      let sum = -norms[k];
      for (let i = 0, first = k * size; i < count; i++) sum += logits[first + ink[i]];
      scores[row * n + k] = sum;
    }
  }
  return scores;
}
