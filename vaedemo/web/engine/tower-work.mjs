/**
 * What a page asks of the models on the image tower, in a worker. A photo is a grey, 160 x 160 bytes of 255 * L / 100;
 * color fields come back as bytes, 127.5 * (ab / 128 + 1), (n, 2, 32, 32), trajectories as numbers, (n, 10, 16, 16):
 * those of the server's routes below live/colors and live/motion.
 *
 * @typedef {{model: string, grey: Uint8Array}} Photo
 * @typedef {{ask: 'colors', n: number, tints: boolean} | {ask: 'mean'} | {ask: 'recolor', zs: Float32Array} |
 *   {ask: 'draws', n: number, seed: number} | {ask: 'cells', n: number, seed: number} |
 *   {ask: 'object', cell: number, n: number, seed: number}} Colors
 * @typedef {Photo & Colors} ColorQuestion
 * @typedef {Photo & ({ask: 'moved', zs: Float32Array} | {ask: 'decoder'})} MotionQuestion
 *
 * @typedef {object} Answer
 * @property {Uint8Array} [fields]
 * @property {Float32Array} [weights]  of `colors`: shares of the draws
 * @property {Float32Array[]} [z]  of `colors`
 * @property {Uint8Array} [nearest]  of `draws`: which of all answers each counts to
 * @property {Uint8Array} [part]  of `object`: how much each cell belongs to the thing, 255: wholly
 * @property {Uint8Array} [colors]  of `object`: in draws the color at the cell, (256, 2), coded as fields are
 * @property {Float32Array} [trajectories]  of `moved`
 * @property {boolean} [far]  of `moved`: the still is unlike those that the model learned from
 * @property {Uint8Array} [file]  of `decoder`: what decodes any z on the still, safetensors
 */
import {ColorNet} from './color-net.mjs';
import {answers, cellsOf, drawn, nearestTo} from './colorings.mjs';
import {ImageTower} from './image-tower.mjs';
import {MotionNet} from './motion-net.mjs';
import {ofOneObject} from './one-object.mjs';

export const TOWER = 'imagenet-tower';

/** One tower, and the models that stand on it; a photo is looked at once. */
export class TowerModels {
  #tower;
  #maps = remembered();
  /** @type {Map<string, {net: ColorNet | MotionNet, seen: Uint8Array | null}>} */ #nets = new Map();
  #kernels;

  /** @param {WebAssembly.Module} kernels @param {ArrayBuffer} tower  its file */
  constructor(kernels, tower) {
    this.#kernels = kernels;
    this.#tower = new ImageTower(kernels, tower);
  }

  /** @param {string} model */
  knows(model) {
    return this.#nets.has(model);
  }

  /** @param {string} model @param {ArrayBuffer} file */
  learn(model, file) {
    const Kind = model === 'motion' ? MotionNet : ColorNet;
    this.#nets.set(model, {net: new Kind(this.#kernels, file), seen: null});
  }

  /** @param {ColorQuestion | MotionQuestion} question @returns {Answer} */
  answer(question) {
    const net = this.#looking(question.model, question.grey);
    if (question.ask === 'moved' || question.ask === 'decoder') {
      if (net instanceof MotionNet) return moves(net, question);
    } else if (net instanceof ColorNet) return colors(net, question);
    throw new Error(`${question.model} answers no such question`);
  }

  /** @param {string} model @param {Uint8Array} grey */
  #looking(model, grey) {
    const known = this.#nets.get(model);
    if (!known) throw new Error(`${model} is not here`);
    if (!known.seen || !same(known.seen, grey)) {
      const light = Float32Array.from(grey, level => level / 255);
      known.net.look(
        this.#maps(grey, () => this.#tower.maps(light)),
        light,
      );
      known.seen = grey;
    }
    return known.net;
  }
}

/** @param {MotionNet} net @param {MotionQuestion} question @returns {Answer} */
function moves(net, question) {
  if (question.ask === 'decoder') return {file: net.decoderFile()};
  const each = codes(question.zs, net.z).map(code => net.moved(code));
  const trajectories = new Float32Array(each.reduce((sum, one) => sum + one.length, 0));
  each.forEach((one, i) => trajectories.set(one, i * one.length));
  return {trajectories, far: net.far};
}

/** @param {ColorNet} net @param {ColorQuestion} question @returns {Answer} */
function colors(net, question) {
  if (question.ask === 'mean') return {fields: bytesOf([net.mean()])};
  if (question.ask === 'recolor') return {fields: bytesOf(codes(question.zs, net.z).map(code => net.painted(code)))};
  if (question.ask === 'cells') return {fields: bytesOf(cellsOf(net, question.n, question.seed))};
  if (question.ask === 'draws') {
    const fields = drawn(net, question.n, question.seed).map(code => net.painted(code));
    return {fields: bytesOf(fields), nearest: nearestTo(fields, answers(net, Infinity, false).fields)};
  }
  if (question.ask === 'object') {
    const {fields, part, colors} = ofOneObject(net, question.cell, question.n, question.seed);
    return {fields: bytesOf(fields), part: Uint8Array.from(part, share => 255 * share), colors: bytesOf([colors])};
  }
  const found = answers(net, question.n, question.tints);
  return {...found, fields: bytesOf(found.fields)};
}

/** Numbers in a row as codes of `z` each. @param {Float32Array} zs @param {number} z */
function codes(zs, z) {
  if (zs.length % z) throw new RangeError(`z: a multiple of ${z} numbers is wanted`);
  return Array.from({length: zs.length / z}, (_, i) => zs.subarray(i * z, (i + 1) * z));
}

/** Remembers the latest photo's maps: other models ask for the same. */
function remembered() {
  /** @type {Uint8Array | null} */
  let seen = null;
  /** @type {import('./image-tower.mjs').TowerMap[]} */
  let maps = [];
  return (/** @type {Uint8Array} */ grey, /** @type {() => typeof maps} */ make) => {
    if (!seen || !same(seen, grey)) [maps, seen] = [make(), grey];
    return maps;
  };
}

/** @param {Uint8Array} a @param {Uint8Array} b */
const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);

/** ab / 128 as bytes. @param {Float32Array[]} colors  as many numbers each */
function bytesOf(colors) {
  const [{length}] = colors;
  const bytes = new Uint8Array(colors.length * length);
  colors.forEach((some, n) =>
    some.forEach((value, i) => {
      bytes[n * length + i] = Math.round(127.5 * (Math.min(Math.max(value, -1), 1) + 1));
    }),
  );
  return bytes;
}
