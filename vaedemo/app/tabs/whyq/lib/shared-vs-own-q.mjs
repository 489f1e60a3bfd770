/** Ten digits under one Gaussian, and under one each: their ELBOs. */
import {greatest, place, rate} from './gaussian2d.mjs';
import {REACH, SIDE as CELLS} from './log-evidence.mjs';
import {askEncoder, bytes} from '../../../../web/page/request.mjs';
import {examples} from '../../../../web/ui/digit-examples.mjs';
import {MODEL} from './observed-digit.mjs';
import {decoder} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

export const LEAST = 0.4;
export const MOST = 1.6; // sigma of the one q: of a narrower one the plane's cells tell less than a tenth of a nat
const NODES = 9; // of an axis, where a digit's own narrow q is summed

export const mean = values => values.reduce((a, b) => a + b, 0) / values.length;

/** ELBO of each digit under one wide q: its density at the middles of the plane's cells weighs their scores. */
export function bounds(scores, q) {
  const step = (2 * REACH) / CELLS;
  const at = i => (i + 0.5) * step - REACH;
  const weight = d => Array.from({length: CELLS}, (_, i) => Math.exp(-(((at(i) - q.mean[d]) / q.sigma[d]) ** 2) / 2));
  const rows = weight(0);
  const columns = weight(1);
  const total = rows.reduce((a, b) => a + b) * columns.reduce((a, b) => a + b);
  const price = rate(q);
  return scores.map(values => {
    let sum = 0;
    for (let i = 0; i < CELLS; i++)
      for (let j = 0, row = i * CELLS; j < CELLS; j++) sum += rows[i] * columns[j] * values[row + j];
    return sum / total - price;
  });
}

/** The one isotropic q of the greatest average ELBO: its mean and sigma. @param {Float64Array[]} scores */
export function bestSingle(scores) {
  const q = ([a, b, log]) => ({mean: [a, b], sigma: Array(2).fill(Math.max(LEAST, Math.min(MOST, Math.exp(log))))});
  const {
    mean: [a, b],
    sigma: [sigma],
  } = q(greatest(at => mean(bounds(scores, q(at))), [0, 0, Math.log(0.6)], [0.3, 0.3, 0.3], 90).at);
  return [a, b, sigma];
}

/** The ten example digits, black and white: each one's encoder's q with its ELBO, and its scores over the plane. */
export async function tenDigits(count) {
  const [pictures, open, codes] = await Promise.all([decoder('digits'), decoder(MODEL, 'whyq'), examples('digits')]);
  const asked = await Promise.all(
    codes.map(async ([code]) => {
      const canvas = document.createElement('canvas');
      const painter = new Painter(canvas, pictures.shape);
      await pictures.batch(code, 1, planes => painter.draw(planes));
      /** @type {Blob} */
      const blob = await new Promise(resolve => {
        canvas.toBlob(resolve);
      });
      return askEncoder(MODEL, blob, undefined, {binary: 1});
    }),
  );
  const xs = asked.map(({x}) => bytes(x).map(value => Number(value > 127)));
  const qs = asked.map(({mean, log_var: logVar}) => ({mean, sigma: logVar.map(v => Math.exp(v / 2)), angle: 0}));
  const step = (2 * REACH) / CELLS;
  const at = i => (i + 0.5) * step - REACH;
  const plane = Array.from({length: CELLS ** 2}, (_, k) => [at(Math.floor(k / CELLS)), at(k % CELLS)]).flat();
  const all = await open.scores(Uint8Array.from(xs.flatMap(x => [...x])), plane, CELLS ** 2, {
    keep: 'plane',
    onPart: count,
  });
  const nodes = Array.from({length: NODES ** 2}, (_, k) =>
    [k % NODES, Math.floor(k / NODES)].map(i => ((i - (NODES - 1) / 2) * 8) / (NODES - 1)),
  );
  const weights = nodes.map(([u, v]) => Math.exp(-(u * u + v * v) / 2));
  const total = weights.reduce((a, b) => a + b);
  const own = [];
  for (const [i, q] of qs.entries()) {
    // the trapezoid rule, a sigma from node to node
    const scores = await open.scores(
      xs[i],
      nodes.flatMap(([u, v]) => place(q, u, v)),
      NODES ** 2,
    );
    own.push(scores.reduce((sum, value, k) => sum + weights[k] * value, 0) / total - rate(q));
  }
  return {
    xs,
    qs,
    own,
    rates: qs.map(rate),
    scores: xs.map((_, i) => all.subarray(i * CELLS ** 2, (i + 1) * CELLS ** 2)),
  };
}
