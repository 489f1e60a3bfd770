/** Throws of z at one digit, from the prior and from q: where they fall, what they score, and what a hit costs. */
import {MODEL} from './observed-digit.mjs';
import {decoderOf} from '../../../../web/engine/model-store.mjs';
import {draw} from '../../../../web/engine/model-store.mjs';

export const THROWS = 1_000;
export const WITHIN = 5; // a hit: within so many nats of q's average log p(x|z)
const AIMED = 256;
const ENOUGH = 5; // throws of q that make its average; hits that make a chance

/** The models by their number of latents. @type {Record<number, string>} */
export const MODELS = {2: MODEL, 4: 'digits-4d', 8: 'digits-8d', 16: 'digits-16d'};

/** @typedef {{z: number[], score: number, hit: boolean}} Dart  score: log p(x|z) in nats */
/** @typedef {'prior' | 'q'} Hand */

const square = (sum, value) => sum + value * value;

export class Throwing {
  /** @type {Record<Hand, Dart[]>} */ thrown = {prior: [], q: []};
  /** @type {Dart[]} */ last = [];

  /** @param {number} latents @param {import('./observed-digit.mjs').Subject} subject */
  static async at(latents, subject) {
    const name = MODELS[latents];
    const [open, q] = await Promise.all([decoderOf(name, 'darts'), subject.q(name)]);
    await subject.q(); // it gives x
    const throwing = Object.assign(new Throwing(), {latents, subject, name, open, q});
    const aimed = await throwing.#score('q', 0, AIMED);
    throwing.average = aimed.reduce((sum, {score}) => sum + score, 0) / AIMED;
    return throwing;
  }

  async #score(hand, seed, n, onPart = (/** @type {Dart[]} */ darts) => {}) {
    const {latents, q, open, subject} = this;
    const noise = await draw(n, latents, seed);
    const codes = hand === 'q' ? noise.map((value, i) => q.mean[i % latents] + q.sigma[i % latents] * value) : noise;
    const darts = (from, to, scores) =>
      Array.from({length: to - from}, (_, i) => {
        const k = from + i;
        return {
          z: [...codes.subarray(k * latents, (k + 1) * latents)],
          score: scores[k],
          hit: scores[k] > this.average - WITHIN,
        };
      });
    let told = 0;
    const scores = await open.scores(subject.x, codes, n, {
      keep: hand === 'prior' ? `darts ${seed}` : undefined,
      signal: subject.gone.signal,
      onPart: (done, scores) => {
        onPart(darts(told, done, scores));
        told = done;
      },
    });
    return darts(0, n, scores);
  }

  /**
   * A thousand z of the prior or of q; `onPart` hears of them as they land. The same seed draws the same in Python.
   * @param {Hand} hand @param {number} seed @param {(darts: Dart[]) => void} [onPart]
   */
  async throw(hand, seed, onPart) {
    this.last = await this.#score(hand, seed, THROWS, onPart);
    this.thrown[hand].push(...this.last);
    return this.last;
  }

  /** log p(z) - log q(z). @param {number[]} z */
  #ratio(z) {
    const {mean, sigma} = this.q;
    const eps = z.map((value, i) => (value - mean[i]) / sigma[i]);
    return (eps.reduce(square, 0) - z.reduce(square, 0)) / 2 + sigma.reduce((sum, s) => sum + Math.log(s), 0);
  }

  /** Weights whose mean is p(x), as logarithms. @param {Hand} hand */
  weights(hand) {
    return this.thrown[hand].map(({z, score}) => (hand === 'q' ? score + this.#ratio(z) : score));
  }

  /** Of the prior's throws the part that hits: counted, or where too few did, told by q's own throws, weighed. */
  chance() {
    const {prior, q} = this.thrown;
    const hits = prior.filter(({hit}) => hit).length;
    if (hits >= ENOUGH) return {chance: hits / prior.length, counted: true};
    const told = q.reduce((sum, {z, hit}) => sum + (hit ? Math.exp(this.#ratio(z)) : 0), 0) / q.length;
    return {chance: q.length ? told : NaN, counted: false};
  }

  /** The two latents of which q says most: what a board of more than two shows. */
  shown() {
    return [...this.q.sigma.keys()]
      .sort((a, b) => this.q.sigma[a] - this.q.sigma[b])
      .slice(0, 2)
      .sort((a, b) => a - b);
  }
}
