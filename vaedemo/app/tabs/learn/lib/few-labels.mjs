/**
 * What a few labels tell of many digits: in pixels, on the map of two latents, in 32 latents, in the latents of the VAE
 * that the visitor trained; by the nearest label, or handed on from neighbour to neighbour. No page, no worker.
 */
import {
  differingBits,
  hops,
  mostReaching,
  mostUnsure,
  nearestLabel,
  neighbourGraph,
  spread,
  squaredDistances,
} from '../../../../web/engine/label-spreading.mjs';
import {SeededRandom} from '../../../../web/engine/seeded-random.mjs';

export const LABELS = 10;
export const NEIGHBOURS = 5;
/** @type {Space[]} */
export const SPACES = ['pixels', 'plane', 'codes', 'yours'];
/** @type {Way[]} */
export const WAYS = ['nearest', 'spread'];
/** Numbers of labels that are tried, and how often each. */
export const COUNTS = [10, 20, 50, 100];
export const CHOICES = 50;

/**
 * @typedef {'pixels' | 'plane' | 'codes' | 'yours'} Space
 * @typedef {'nearest' | 'spread'} Way
 * @typedef {'each' | 'any'} Mode  which digits are labelled: as many of each label, or any
 * @typedef {import('../../../../web/engine/label-spreading.mjs').Labelled} Labelled
 * @typedef {import('../../../../web/engine/label-spreading.mjs').Graph} Graph
 * @typedef {Record<Way, Int8Array>} Answers  a label for each digit, or -1
 * @typedef {{answers: Partial<Record<Space, Answers>>, hops: Int16Array, unsure: number}} Told
 * @typedef {Record<string, number>} Errors  by `keyOf`
 */

/** @param {Space} space @param {Way} way */
export const keyOf = (space, way) => `${space}-${way}`;

/** What the decoder was asked to draw: the labels 0 to 9 in turn. @param {number} point */
export const askedFor = point => point % LABELS;

/**
 * The share of digits that get a wrong label, or none, of those that are not labelled themselves.
 * @param {Int8Array} answers @param {Labelled[]} known
 */
export function errorOf(answers, known) {
  const isKnown = new Set(known.map(({point}) => point));
  let wrong = 0;
  answers.forEach((label, point) => {
    if (!isKnown.has(point) && label !== askedFor(point)) wrong += 1;
  });
  return wrong / (answers.length - isKnown.size);
}

/**
 * A random choice of digits, labelled as they were asked for; the first ten of twenty are a choice of ten.
 * @param {number} n  digits @param {number} count @param {Mode} mode @param {number} seed
 * @returns {Labelled[]}
 */
export function chosen(n, count, mode, seed) {
  const random = new SeededRandom(seed);
  const order = Int32Array.from({length: n}, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  const taken = new Int32Array(LABELS);
  const rounds = mode === 'each' ? Array.from(order, point => taken[askedFor(point)]++) : null;
  const points = Array.from(order.keys()).filter(i => !rounds || rounds[i] * LABELS < count);
  // In turns, so that a choice of ten holds one of each.
  if (rounds) points.sort((a, b) => rounds[a] - rounds[b] || a - b);
  return points.slice(0, count).map(i => ({point: order[i], label: askedFor(order[i])}));
}

export class FewLabels {
  n;
  /** @type {Partial<Record<Space, {distances: Float32Array, graph: Graph}>>} */
  #spaces = {};

  /** @param {number} n  digits */
  constructor(n) {
    this.n = n;
  }

  /** @param {Space} space @param {Float32Array | Uint8Array} x  of pixels: zeros and ones */
  add(space, x) {
    const distances = x instanceof Uint8Array ? differingBits(x, this.n) : squaredDistances(x, this.n);
    this.#spaces[space] = {distances, graph: neighbourGraph(distances, this.n, NEIGHBOURS)};
  }

  get spaces() {
    return SPACES.filter(space => this.#spaces[space]);
  }

  /** @param {Space} space */
  #space(space) {
    const found = this.#spaces[space];
    if (!found) throw new RangeError(`${space} is not here yet`);
    return found;
  }

  /** @param {Space} space @param {Labelled[]} known @returns {Answers} */
  answers(space, known) {
    const {distances, graph} = this.#space(space);
    const spreading = mostReaching(spread(graph, known, LABELS), LABELS);
    return {nearest: nearestLabel(distances, this.n, known), spread: spreading};
  }

  /**
   * What `known` tell in all spaces; hops and the most unsure digit are those of 32 latents.
   * @param {Labelled[]} known
   */
  tell(known) {
    const {graph} = this.#space('codes');
    const answers = Object.fromEntries(this.spaces.map(space => [space, this.answers(space, known)]));
    const unsure = mostUnsure(graph, spread(graph, known, LABELS), LABELS, known);
    return /** @type {Told} */ ({answers, hops: hops(graph, known), unsure});
  }

  /**
   * Errors of one random choice, by `keyOf`.
   * @param {Mode} mode @param {number} count  of labels @param {number} seed @returns {Errors}
   */
  tryOut(mode, count, seed) {
    const known = chosen(this.n, count, mode, seed);
    const entries = this.spaces.flatMap(space => {
      const answers = this.answers(space, known);
      return WAYS.map(way => [keyOf(space, way), errorOf(answers[way], known)]);
    });
    return Object.fromEntries(entries);
  }
}

/** Mean and standard deviation. @param {number[]} values  at least one */
export function summary(values) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0};
}
