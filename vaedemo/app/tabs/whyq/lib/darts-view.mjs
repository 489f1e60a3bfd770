/** What the darts look like and say: see whyq.mjs. */
import {MODELS, THROWS, WITHIN} from './prior-and-q-sampling.mjs';
import {quantile} from '../../../../web/engine/normal.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

/** @typedef {import('./prior-and-q-sampling.mjs').Throwing} Throwing */

export const TEMPLATE = `
<div>
  <div class="vd-row vd-controls"><span class="vd-row" data-part="examples" role="group" aria-label="Pick an example digit"></span>
    <span class="vd-row" role="group" aria-label="How many latents">Latents: ${Object.keys(MODELS)
      .map(z => `<button type="button" class="vd-quiet" data-latents="${z}" aria-pressed="false">${z}</button>`)
      .join('')}</span></div>
  <div class="vd-darts">
    <figure class="vd-figure"><div data-part="map"></div><figcaption data-part="caption"></figcaption></figure>
    <figure class="vd-figure"><div data-part="near"></div>
      <figcaption>The same darts where q(z|x) is, enlarged. <span class="vd-mark"></span> q at one sigma and two; in grey the true posterior p(z|x), where it can be summed.</figcaption></figure>
    <div>
      <div class="vd-target"><figure class="vd-figure"><canvas class="vd-ink" data-part="x" width="28" height="28" role="img" aria-label="x, the digit that the darts shall draw, black and white"></canvas>
        <figcaption>x: draw this</figcaption></figure><div data-part="pad"></div></div>
      <p class="vd-row"><button type="button" class="vd-main" data-act="prior">Throw ${THROWS.toLocaleString('en')} from p(z)</button>
        <button type="button" class="vd-main" data-act="q">Throw ${THROWS.toLocaleString('en')} from q(z|x)</button></p>
      <p class="vd-verdict" role="status" data-part="big">The encoder reads the digit …</p>
      <p class="vd-note" data-part="note"></p>
    </div>
  </div>
  <figure class="vd-figure vd-estimates"><div data-part="plot"></div>
    <figcaption><span class="vd-mark prior"></span> log of the average p(x|z) over N throws of p(z), <span class="vd-mark is"></span> of p(x|z) p(z) / q(z|x) over N throws of q.
      Bars: where eight in ten such estimates fall, drawn anew from the throws so far. Line: log p(x), <b data-part="line">…</b>.</figcaption></figure>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="reset">Reset</button><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

const whole = value =>
  Number(value.toPrecision(value < 1000 ? 3 : 2)).toLocaleString('en', {maximumFractionDigits: 0});

/** @param {Throwing} throwing @param {import('./prior-and-q-sampling.mjs').Hand} hand */
export function verdict(throwing, hand) {
  const {last, thrown, q} = throwing;
  const hits = last.filter(({hit}) => hit).length;
  const all = thrown.prior.length;
  const ever = thrown.prior.filter(({hit}) => hit).length;
  const {chance, counted} = throwing.chance();
  const so = Number.isFinite(chance) && chance > 0;
  const price = so ? `1 in ${whole(1 / chance)}` : '';
  const big =
    hand === 'q'
      ? `q: ${hits.toLocaleString('en')} of ${last.length.toLocaleString('en')} hit.`
      : ever
        ? `p(z): ${ever.toLocaleString('en')} of ${all.toLocaleString('en')} hit${counted ? `, ${price}` : ''}.`
        : `p(z): none of ${all.toLocaleString('en')} hit.`;
  const told = so && !counted ? `Weighed back, q's own throws tell how often p(z) hits: ${price}. ` : '';
  const cost = so
    ? `A hit of p(z) takes ${whole(1 / chance)} throws, and ln ${whole(1 / chance)} = ${Math.log(1 / chance).toFixed(1)}. `
    : '';
  return {
    big,
    note:
      `${told}${cost}KL(q ‖ p(z)) = ${q.rate.toFixed(1)} nats is that logarithm for a z as good as q's own; ` +
      `a hit may be ${WITHIN} nats worse than q's average log p(x|z), ${throwing.average.toFixed(1).replace('-', '−')}, and comes cheaper.`,
  };
}

const GRID = 12;

/**
 * Behind a board of two latents of many: pictures, the other latents as in q's mean.
 * @param {HTMLCanvasElement} canvas
 * @param {Throwing} throwing
 * @param {number[]} pair
 */
export async function backdrop(canvas, {open, q}, pair) {
  const painter = new Painter(canvas, open.shape, {columns: GRID, rows: GRID, crisp: false});
  const at = i => quantile((i + 0.5) / GRID);
  const codes = Array.from({length: GRID ** 2}, (_, i) =>
    q.mean.with(pair[0], at(i % GRID)).with(pair[1], -at(Math.floor(i / GRID))),
  ).flat();
  canvas.classList.add('vd-ink');
  canvas.hidden = false;
  await open.batch(codes, GRID ** 2, (planes, first) => painter.draw(planes, first));
}

export const python = (name, latents, seed, hand) => `import torch
import vaedemo
from vaedemo.vision import preprocessing
from vaedemo.latents import draw

model = vaedemo.load("${name}")
x = torch.from_numpy(preprocessing.black_and_white(preprocessing.to_digit(preprocessing.read("digit.png"))))[None]
q = model.encode(x)
eps = torch.from_numpy(draw(${THROWS}, ${latents}, seed=${seed}))
z = ${hand === 'q' ? 'q.mean + q.stddev * eps' : 'eps'}                        # (${THROWS}, ${latents}), from ${hand === 'q' ? 'q(z|x)' : 'p(z)'}
score = -model.distortion(x.expand(${THROWS}, -1, -1, -1), z)  # log p(x|z), nats
aim = q.mean + q.stddev * torch.from_numpy(draw(256, ${latents}, seed=0))
average = -model.distortion(x.expand(256, -1, -1, -1), aim).mean()
print((score > average - ${WITHIN}).sum(), "of ${THROWS} hit; KL =", model.rate(q).sum().item())`;
