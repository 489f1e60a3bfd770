/** The ten example digits, black and white: each one's encoder's q with its ELBO, and its scores over the plane. */
import {decoder} from '../../../../web/engine/model-store.mjs';
import {askEncoder, bytes} from '../../../../web/page/request.mjs';
import {exampleDigit} from './example-digits.mjs';
import {place, rate} from './gaussian2d.mjs';
import {REACH, SIDE as CELLS, cells} from './log-evidence.mjs';
import {MODEL} from './model.mjs';

/**
 * @typedef {import('./gaussian2d.mjs').Ellipse} Ellipse
 * @typedef {{xs: Uint8Array[], qs: Ellipse[], own: number[], rates: number[], scores: Float64Array[]}} TenDigits
 *   own: each one's ELBO under its own q; rates: KL(q || p(z)) of each; scores: of each, over the plane; all in nats
 */

const NODES = 9; // of an axis, where a digit's own narrow q is summed

/** @param {(scored: number) => void} onCount @returns {Promise<TenDigits>} */
export async function tenDigits(onCount) {
  const asked = await Promise.all(
    Array.from({length: 10}, async (_, digit) =>
      askEncoder(MODEL, await exampleDigit(digit), undefined, {binary: 1}),
    ),
  );
  const open = await decoder(MODEL, 'whyq');
  const xs = asked.map(({x}) => bytes(x).map(value => Number(value > 127)));
  const qs = asked.map(({mean, log_var: logVar}) => ({
    mean,
    sigma: logVar.map((/** @type {number} */ value) => Math.exp(value / 2)),
    angle: 0,
  }));
  const all = await open.scores(Uint8Array.from(xs.flatMap(x => [...x])), cells([0, 0], REACH, CELLS), CELLS ** 2, {
    keep: 'plane',
    onPart: onCount,
  });
  const own = [];
  for (const [i, q] of qs.entries()) own.push((await expected(open, xs[i], q)) - rate(q));
  return {
    xs,
    qs,
    own,
    rates: qs.map(rate),
    scores: xs.map((_, i) => all.subarray(i * CELLS ** 2, (i + 1) * CELLS ** 2)),
  };
}

/**
 * E_q[log p(x|z)] by the trapezoid rule, a sigma from node to node.
 * @param {import('../../../../web/engine/live-decoder.mjs').LiveDecoder} open
 * @param {Uint8Array} x
 * @param {Ellipse} q
 */
async function expected(open, x, q) {
  const node = (/** @type {number} */ i) => ((i - (NODES - 1) / 2) * 8) / (NODES - 1);
  const nodes = Array.from({length: NODES ** 2}, (_, k) => [node(k % NODES), node(Math.floor(k / NODES))]);
  const weights = nodes.map(([u, v]) => Math.exp(-(u * u + v * v) / 2));
  const codes = nodes.flatMap(([u, v]) => place(q, u, v));
  const scores = await open.scores(x, codes, NODES ** 2);
  return scores.reduce((sum, value, k) => sum + weights[k] * value, 0) / weights.reduce((a, b) => a + b);
}
