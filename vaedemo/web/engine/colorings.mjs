/**
 * Several colorings of one grey photo, in the browser: `answers` of vaedemo/models/colorization.py, the same ones.
 *
 * @typedef {{fields: Float32Array[], weights: Float32Array, z: Float32Array[]}} Colorings  fields: ab / 128,
 *   (2, 32, 32), the likeliest first; weights: their shares of the draws
 */
import {BINS, SIDE} from './color-net.mjs';
import {TorchRandom} from './torch-random.mjs';

const MANY = 128; // draws that the answers are chosen among
const CALM = 0.7; // of the tint's deviation
const APART = 0.5; // of what is one tint over the whole picture, and counts as no difference between draws
const STRETCH = 1.6; // of what a group's mean z says of things, from that of all draws; the tint, its last two, stays
const WIDE = 16 / 128; // of a bin of colors
const ROUNDS = 10;
const BLOCKS = 64; // of a field: 8 x 8

/** @typedef {import('./color-net.mjs').ColorNet} ColorNet */

/**
 * Codes of P(z, tint | grey), each tint `calm` times as far from the tints' mean.
 * @param {ColorNet} net  that has looked at a photo
 * @param {number} n
 * @param {number} seed
 * @param {number} [calm]
 */
export function drawn(net, n, seed, calm = 1) {
  const {weights, means, sigmas} = net.foretold();
  const size = net.z;
  const dice = new TorchRandom(seed);
  const which = dice.choices(weights, n);
  const noise = dice.normals(n * size);
  const middle = [2, 1].map(back =>
    weights.reduce((sum, weight, k) => sum + weight * means[(k + 1) * size - back], 0),
  );
  return which.map((k, i) => {
    const code = means.slice(k * size, (k + 1) * size);
    for (let j = 0; j < size; j++) code[j] += sigmas[k * size + j] * noise[i * size + j];
    for (const j of [0, 1]) code[size - 2 + j] = middle[j] + calm * (code[size - 2 + j] - middle[j]);
    return code;
  });
}

/**
 * At most n colorings of the photo that a net has looked at.
 * @param {ColorNet} net  that foretells codes
 * @param {number} n
 * @param {boolean} tints  they may differ by one tint over the whole picture
 * @returns {Colorings}
 */
export function answers(net, n, tints) {
  const codes = drawn(net, MANY, 0, tints ? 1 : CALM);
  const blocks = codes.map(code => blocksOf(net.painted(code)));
  const group = grouped(blocks, net.about.mixture, tints ? 0 : APART);
  const shares = new Array(net.about.mixture).fill(0);
  for (const k of group) shares[k] += 1 / codes.length;
  const order = shares.map((_, k) => k).filter(k => shares[k]);
  order.sort((a, b) => shares[b] - shares[a]);
  const middle = meanOf(codes);
  const z = order.slice(0, n).map(k => {
    const mean = meanOf(codes.filter((_, i) => group[i] === k));
    const stretchTo = tints ? 0 : mean.length - 2;
    return mean.map((value, j) => middle[j] + (j < stretchTo ? STRETCH : 1) * (value - middle[j]));
  });
  return {
    fields: z.map(code => net.painted(code)),
    weights: Float32Array.from(order.slice(0, n), k => shares[k]),
    z,
  };
}

/**
 * n fields whose cells are drawn each on its own.
 * @param {ColorNet} net  that has looked at a photo
 * @param {number} n
 * @param {number} seed
 */
export function cellsOf(net, n, seed) {
  const dice = new TorchRandom(seed);
  const fields = Array.from({length: n}, () => new Float32Array(2 * SIDE ** 2));
  net.shares().forEach((shares, cell) =>
    dice.choices(shares, n).forEach((bin, i) => {
      fields[i][cell] = (Math.floor(bin / BINS) + 0.5 - BINS / 2) * WIDE;
      fields[i][SIDE ** 2 + cell] = ((bin % BINS) + 0.5 - BINS / 2) * WIDE;
    }),
  );
  return fields;
}

/** @param {Float32Array[]} codes */
function meanOf(codes) {
  const sums = new Float64Array(codes[0].length);
  for (const code of codes) code.forEach((value, j) => (sums[j] += value));
  return Float32Array.from(sums, sum => sum / codes.length);
}

/** A field's mean over blocks of 4 x 4 cells, (2, 64). @param {Float32Array} field */
function blocksOf(field) {
  const blocks = new Float32Array(2 * BLOCKS);
  field.forEach((value, i) => {
    const [row, column] = [Math.floor(i / SIDE) % SIDE, i % SIDE];
    blocks[(i >> 10) * BLOCKS + (row >> 2) * 8 + (column >> 2)] += value / 16;
  });
  return blocks;
}

/**
 * How far apart two fields are: the mean over blocks of how far colors are, once `apart` of the mean difference, which
 * is one tint, was taken out.
 * @param {Float32Array} a @param {Float32Array} b @param {number} apart
 */
function distance(a, b, apart) {
  const away = a.map((value, i) => value - b[i]);
  const tints = [0, 1].map(c => away.subarray(c * BLOCKS, (c + 1) * BLOCKS).reduce((x, y) => x + y, 0) / BLOCKS);
  let sum = 0;
  for (let i = 0; i < BLOCKS; i++) sum += Math.hypot(away[i] - apart * tints[0], away[BLOCKS + i] - apart * tints[1]);
  return sum / BLOCKS;
}

/**
 * Which of `others` each field is nearest to.
 * @param {Float32Array[]} fields @param {Float32Array[]} others
 */
export function nearestTo(fields, others) {
  const theirs = others.map(blocksOf);
  return Uint8Array.from(fields, field => {
    const mine = blocksOf(field);
    return least(theirs.map(blocks => distance(mine, blocks, APART)));
  });
}

/** Where the least number is, the first of equals. @param {number[]} values */
const least = values => values.reduce((best, value, i) => (value < values[best] ? i : best), 0);

/**
 * Which of `many` groups each field belongs to: k-medoids (Kaufman & Rousseeuw 1990), as the model's `grouped`.
 * @param {Float32Array[]} blocks @param {number} many @param {number} apart
 */
function grouped(blocks, many, apart) {
  const away = blocks.map(() => new Array(blocks.length).fill(0));
  for (let i = 0; i < blocks.length; i++)
    for (let j = 0; j < i; j++) away[i][j] = away[j][i] = distance(blocks[i], blocks[j], apart);
  /** @param {number} i @param {number[]} others */
  const total = (i, others) => others.reduce((sum, j) => sum + away[j][i], 0);
  const all = blocks.map((_, i) => i);
  let chosen = [least(all.map(i => total(i, all)))];
  while (chosen.length < Math.min(many, all.length)) {
    const left = all.map(i => Math.min(...chosen.map(k => away[k][i])));
    const gains = all.map(i => -all.reduce((sum, j) => sum + Math.max(0, left[j] - away[i][j]), 0));
    chosen.push(least(gains));
  }
  const groups = () => all.map(i => least(chosen.map(k => away[k][i])));
  for (let round = 0; round < ROUNDS; round++) {
    const group = groups();
    const better = chosen.map((old, k) => {
      const mine = all.filter(i => group[i] === k);
      return mine.length ? mine[least(mine.map(i => total(i, mine)))] : old;
    });
    if (better.every((medoid, k) => medoid === chosen[k])) break;
    chosen = better;
  }
  return groups();
}
