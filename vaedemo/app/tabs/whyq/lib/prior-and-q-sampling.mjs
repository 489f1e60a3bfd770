/** Throws of z at one digit, from the prior and from q: where they fall, what they score, and what a hit costs. */
import {decoderOf, draw} from '../../../../web/engine/model-store.mjs';
import {MODEL} from './model.mjs';

export const THROWS = 1_000;
export const WITHIN = 5; // a hit: within so many nats of q's average log p(x|z)
const AIMED = 256;
const ENOUGH = 5; // hits that make a chance

/** The models by their number of latents. @type {Record<number, string>} */
export const MODELS = {2: MODEL, 4: 'digits-4d', 8: 'digits-8d', 16: 'digits-16d'};

/**
 * @typedef {{z: number[], score: number, hit: boolean}} Dart  score: log p(x|z) in nats
 * @typedef {'prior' | 'q'} Source  what the z are drawn from
 * @typedef {import('./observed-digit.mjs').Posterior} Posterior
 * @typedef {import('./observed-digit.mjs').ObservedDigit} ObservedDigit
 * @typedef {import('../../../../web/engine/live-decoder.mjs').LiveDecoder} LiveDecoder
 */

/** @param {number} sum @param {number} value */
const square = (sum, value) => sum + value * value;

/** What many throws at one digit tell: how often a z of the prior hits it, and weights whose mean is p(x). */
export class Throws {
  /** @type {Record<Source, Dart[]>} */
  thrown = {prior: [], q: []};

  /** @param {Posterior} q  as the encoder answers */
  constructor(q) {
    this.q = q;
  }

  /** log p(z) - log q(z). @param {number[]} z */
  logRatio(z) {
    const {mean, sigma} = this.q;
    const eps = z.map((value, i) => (value - mean[i]) / sigma[i]);
    return (eps.reduce(square, 0) - z.reduce(square, 0)) / 2 + sigma.reduce((sum, s) => sum + Math.log(s), 0);
  }

  /** Weights whose mean is p(x), as logarithms. @param {Source} source */
  weights(source) {
    return this.thrown[source].map(({z, score}) => (source === 'q' ? score + this.logRatio(z) : score));
  }

  /** Of the prior's throws the part that hits: counted, or where too few did, told by q's own throws, weighed. */
  chance() {
    const {prior, q} = this.thrown;
    const hits = prior.filter(({hit}) => hit).length;
    if (hits >= ENOUGH) return {chance: hits / prior.length, counted: true};
    const told = q.reduce((sum, {z, hit}) => sum + (hit ? Math.exp(this.logRatio(z)) : 0), 0) / q.length;
    return {chance: q.length ? told : NaN, counted: false};
  }

  /** The two latents of which q says most: what a window of more than two shows. */
  shown() {
    const {sigma} = this.q;
    return [...sigma.keys()]
      .sort((a, b) => sigma[a] - sigma[b])
      .slice(0, 2)
      .sort((a, b) => a - b);
  }
}

/** Throws at a digit with one model: see at(). */
export class Throwing extends Throws {
  /** @type {Dart[]} */
  last = [];
  /** q's average log p(x|z), in nats. */
  average = NaN;
  #digit;

  /**
   * Not to be called: at() does.
   * @param {number} latents @param {ObservedDigit} digit @param {LiveDecoder} open @param {Posterior} q
   */
  constructor(latents, digit, open, q) {
    super(q);
    this.latents = latents;
    this.open = open;
    this.#digit = digit;
  }

  /** @param {number} latents @param {ObservedDigit} digit */
  static async at(latents, digit) {
    const name = MODELS[latents];
    const [open, q] = await Promise.all([decoderOf(name, 'darts'), digit.q(name)]);
    await digit.q(); // it gives x
    const throwing = new Throwing(latents, digit, open, q);
    const aimed = await throwing.#score('q', 0, AIMED);
    throwing.average = aimed.reduce((sum, {score}) => sum + score, 0) / AIMED;
    return throwing;
  }

  /**
   * @param {Source} source @param {number} seed @param {number} n
   * @param {(darts: Dart[]) => void} [onPart]
   */
  async #score(source, seed, n, onPart) {
    const {latents, q, open} = this;
    const noise = await draw(n, latents, seed);
    const aimed = (/** @type {number} */ value, /** @type {number} */ i) =>
      q.mean[i % latents] + q.sigma[i % latents] * value;
    const codes = source === 'q' ? noise.map(aimed) : noise;
    /** @param {number} from @param {number} to @param {Float64Array} scores @returns {Dart[]} */
    const darts = (from, to, scores) =>
      Array.from(scores.subarray(from, to), (score, i) => ({
        z: [...codes.subarray((from + i) * latents, (from + i + 1) * latents)],
        score,
        hit: score > this.average - WITHIN,
      }));
    let told = 0;
    const scores = await open.scores(this.#digit.x, codes, n, {
      keep: source === 'prior' ? `darts ${seed}` : undefined,
      signal: this.#digit.gone.signal,
      onPart: (done, scores) => {
        onPart?.(darts(told, done, scores));
        told = done;
      },
    });
    return darts(0, n, scores);
  }

  /**
   * A thousand z of the prior or of q; `onPart` hears of them as they land. The same seed draws the same in Python.
   * @param {Source} source @param {number} seed @param {(darts: Dart[]) => void} [onPart]
   */
  async throw(source, seed, onPart) {
    this.last = await this.#score(source, seed, THROWS, onPart);
    this.thrown[source].push(...this.last);
    return this.last;
  }
}
