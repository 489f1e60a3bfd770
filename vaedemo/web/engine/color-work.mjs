/**
 * What a page asks of the models that color photos, in a worker. A photo is a grey, 160 x 160 bytes of 255 * L / 100;
 * fields come back as bytes, 127.5 * (ab / 128 + 1), (n, 2, 32, 32): those of the server's routes below live/colors.
 *
 * @typedef {{model: string, grey: Uint8Array} & ({ask: 'colors', n: number, tints: boolean} | {ask: 'mean'} |
 *   {ask: 'recolor', zs: Float32Array} | {ask: 'draws', n: number, seed: number})} Question
 *
 * @typedef {object} Answer
 * @property {Uint8Array} fields
 * @property {Float32Array} [weights]  of `colors`: shares of the draws
 * @property {Float32Array[]} [z]  of `colors`
 * @property {Uint8Array} [nearest]  of `draws`: which of all answers each counts to
 */
import {ColorNet, SIDE} from './color-net.mjs';
import {answers, drawn, nearestTo} from './colorings.mjs';
import {ImageTower} from './image-tower.mjs';

export const TOWER = 'imagenet-tower';
const FIELD = 2 * SIDE ** 2;

/** One tower, and the models that stand on it; a photo is looked at once. */
export class Colorist {
  #tower;
  #maps = remembered();
  /** @type {Map<string, {net: ColorNet, seen: Uint8Array | null}>} */ #nets = new Map();
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
    this.#nets.set(model, {net: new ColorNet(this.#kernels, file), seen: null});
  }

  /** @param {Question} question @returns {Answer} */
  answer(question) {
    const net = this.#looking(question.model, question.grey);
    if (question.ask === 'mean') return {fields: bytesOf([net.mean()])};
    if (question.ask === 'recolor') {
      const {zs} = question;
      if (zs.length % net.z) throw new RangeError(`z: a multiple of ${net.z} numbers is wanted`);
      const codes = Array.from({length: zs.length / net.z}, (_, i) => zs.subarray(i * net.z, (i + 1) * net.z));
      return {fields: bytesOf(codes.map(code => net.painted(code)))};
    }
    if (question.ask === 'draws') {
      const fields = drawn(net, question.n, question.seed).map(code => net.painted(code));
      return {fields: bytesOf(fields), nearest: nearestTo(fields, answers(net, Infinity, false).fields)};
    }
    const found = answers(net, question.n, question.tints);
    return {...found, fields: bytesOf(found.fields)};
  }

  /** @param {string} model @param {Uint8Array} grey */
  #looking(model, grey) {
    const known = this.#nets.get(model);
    if (!known) throw new Error(`${model} is not here`);
    if (!known.seen || !same(known.seen, grey)) {
      const light = Float32Array.from(grey, level => level / 255);
      known.net.look(
        light,
        this.#maps(grey, () => this.#tower.maps(light)),
      );
      known.seen = grey;
    }
    return known.net;
  }
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

/** @param {Float32Array[]} fields  (2, 32, 32) each */
function bytesOf(fields) {
  const bytes = new Uint8Array(fields.length * FIELD);
  fields.forEach((field, n) =>
    field.forEach((value, i) => {
      bytes[n * FIELD + i] = Math.round(127.5 * (Math.min(Math.max(value, -1), 1) + 1));
    }),
  );
  return bytes;
}
