/** What the darts look like and say: see hero.mjs. */
import {quantile} from '../../../../web/engine/normal.mjs';
import {takeaway} from '../../../../web/page/fold.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {MODELS, THROWS, WITHIN} from './prior-and-q-sampling.mjs';

/**
 * @typedef {import('./prior-and-q-sampling.mjs').Throwing} Throwing
 * @typedef {import('./prior-and-q-sampling.mjs').Source} Source
 */

const latents = Object.keys(MODELS).map(
  z =>
    `<button type="button" class="vd-quiet" data-act="latents" data-latents="${z}" aria-pressed="false">${z}</button>`,
);
const throws = THROWS.toLocaleString('en');

export const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <span class="vd-row" data-part="examples" role="group" aria-label="Pick an example digit"></span>
    <span class="vd-row" role="group" aria-label="How many latents">Latents: ${latents.join('')}</span>
  </div>
  <div class="vd-darts">
    <figure class="vd-figure"><div data-part="map"></div><figcaption data-part="caption"></figcaption></figure>
    <figure class="vd-figure"><div data-part="near"></div>
      <figcaption>The same darts where q(z|x) is, enlarged. <span class="vd-mark"></span> q at one sigma and two;
        in grey the true posterior p(z|x), where it can be summed.</figcaption></figure>
    <div>
      <div class="vd-target">
        <figure class="vd-figure"><canvas class="vd-ink" data-part="x" width="28" height="28" role="img"
          aria-label="x, the digit that the darts shall draw, black and white"></canvas>
          <figcaption>x: draw this</figcaption></figure>
        <div data-part="pad"></div>
      </div>
      <p class="vd-row"><button type="button" class="vd-main" data-act="prior">Throw ${throws} from p(z)</button>
        <button type="button" class="vd-main" data-act="q">Throw ${throws} from q(z|x)</button></p>
      <p class="vd-verdict" role="status" data-part="big">The encoder reads the digit …</p>
      <p class="vd-note" data-part="note"></p>
    </div>
  </div>
  <figure class="vd-figure vd-estimates"><div data-part="plot"></div>
    <figcaption><span class="vd-mark prior"></span> log of the average p(x|z) over N throws of p(z),
      <span class="vd-mark is"></span> of p(x|z) p(z) / q(z|x) over N throws of q.
      Bars: where eight in ten such estimates fall, drawn anew from the throws so far.
      Line: log p(x), <b data-part="line">…</b>.</figcaption></figure>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="reset">Reset</button>
    ${takeaway('png', 'code', 'badge')}
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** To two or three digits. @param {number} value */
const about = value =>
  Number(value.toPrecision(value < 1000 ? 3 : 2)).toLocaleString('en', {maximumFractionDigits: 0});
/** @param {number} value */
const count = value => value.toLocaleString('en');
const hits = (/** @type {{hit: boolean}[]} */ darts) => darts.filter(({hit}) => hit).length;

/** How many of the throws hit. @param {Throwing} throwing @param {Source} source @param {string} price */
function score({last, thrown: {prior}}, source, price) {
  if (source === 'q') return `q: ${count(hits(last))} of ${count(last.length)} hit.`;
  if (!hits(prior)) return `p(z): none of ${count(prior.length)} hit.`;
  return `p(z): ${count(hits(prior))} of ${count(prior.length)} hit${price && `, ${price}`}.`;
}

/** What the throws so far say: in a line, and in full. @param {Throwing} throwing @param {Source} source */
export function verdict(throwing, source) {
  const {chance, counted} = throwing.chance();
  const known = Number.isFinite(chance) && chance > 0;
  const tries = known ? about(1 / chance) : '';
  const told = `Weighed back, q's own throws tell how often p(z) hits: 1 in ${tries}. `;
  const cost = `A hit of p(z) takes ${tries} throws, and ln ${tries} = ${Math.log(1 / chance).toFixed(1)}. `;
  return {
    big: score(throwing, source, known && counted ? `1 in ${tries}` : ''),
    note: [
      known && !counted ? told : '',
      known ? cost : '',
      `KL(q ‖ p(z)) = ${throwing.q.rate.toFixed(1)} nats is that logarithm for a z as good as q's own; `,
      `a hit may be ${WITHIN} nats worse than q's average log p(x|z), `,
      `${throwing.average.toFixed(1).replace('-', '−')}, and comes cheaper.`,
    ].join(''),
  };
}

/** What the map shows. @param {number} latents @param {number[]} pair  the two that are shown */
export const caption = (latents, [a, b]) =>
  latents === 2
    ? 'p(z) covers the whole map: equal areas hold equal parts of it.'
    : `Two of the ${latents} latents, z${a} and z${b}; behind them the others are as in q's mean. ` +
      'A dart may lie in the ellipse here and miss in the others.';

const GRID = 12;

/**
 * Behind a window of two latents of many: pictures, the other latents as in q's mean.
 * @param {HTMLCanvasElement} canvas
 * @param {Throwing} throwing
 * @param {number[]} pair
 */
export async function backdrop(canvas, {open, q}, pair) {
  const painter = new Painter(canvas, open.shape, {columns: GRID, rows: GRID, crisp: false});
  const at = (/** @type {number} */ i) => quantile((i + 0.5) / GRID);
  const codes = Array.from({length: GRID ** 2}, (_, i) =>
    q.mean.with(pair[0], at(i % GRID)).with(pair[1], -at(Math.floor(i / GRID))),
  ).flat();
  canvas.classList.add('vd-ink');
  canvas.hidden = false;
  await open.batch(codes, GRID ** 2, (planes, first) => painter.draw(planes, first));
}

const PLACES = {prior: 'eps', q: 'q.mean + q.stddev * eps'};
const DENSITIES = {prior: 'p(z)', q: 'q(z|x)'};

/** @param {number} latents @param {number} seed @param {Source} source */
export const python = (latents, seed, source) => `import torch
import vaedemo
from vaedemo.vision import preprocessing
from vaedemo.latents import draw

model = vaedemo.load("${MODELS[latents]}")
x = torch.from_numpy(preprocessing.black_and_white(preprocessing.to_digit(preprocessing.read("digit.png"))))[None]
q = model.encode(x)
eps = torch.from_numpy(draw(${THROWS}, ${latents}, seed=${seed}))
z = ${PLACES[source]}  # (${THROWS}, ${latents}), from ${DENSITIES[source]}
score = -model.distortion(x.expand(${THROWS}, -1, -1, -1), z)  # log p(x|z), nats
aim = q.mean + q.stddev * torch.from_numpy(draw(256, ${latents}, seed=0))
average = -model.distortion(x.expand(256, -1, -1, -1), aim).mean()
print((score > average - ${WITHIN}).sum(), "of ${THROWS} hit; KL =", model.rate(q).sum().item())`;
