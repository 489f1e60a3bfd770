/** One digit through five models that differ in beta, the price of their rate. */
import {dom, prefersReducedMotion, query} from '../../../../web/page/dom.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {onPicture, setPicture} from '../../../../web/page/picture-store.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {draw as drawCodes} from '../../../../web/engine/model-store.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {openWithDigit} from '../../../../web/ui/digit-examples.mjs';
import {digitLegend} from '../../../../web/ui/digit-legend.mjs';
import {drawingPad} from '../../../../web/ui/drawing-pad.mjs';
import {NEAR} from '../../../../web/ui/latent-scatter.mjs';
import {BetaModel} from '../lib/beta-model.mjs';
import {cheapest, cost, draw} from '../lib/rate-distortion-chart.mjs';

/** @typedef {import('../lib/rate-distortion-chart.mjs').Point} Point */

const DRAWS = 4;
const ZOOM_MS = 600;
const OPENING = 3; // the digit that the fold opens with

/** @type {import('../lib/beta-model.mjs').Step[]} */
const STEPS = [
  {name: 'digits-2d-beta0', beta: 0, label: '0', words: 'z is free'},
  {name: 'digits-2d-beta025', beta: 0.25, label: '¼', words: 'cheap'},
  {name: 'digits-2d', beta: 1, label: '1', words: 'the ELBO'},
  {name: 'digits-2d-beta4', beta: 4, label: '4', words: 'dear'},
  {name: 'digits-2d-beta16', beta: 16, label: '16', words: 'dearest'},
];

const priceButtons = STEPS.map(
  ({beta, label}) => `
  <button type="button" class="vd-quiet" data-act="price" data-price="${beta}" aria-pressed="false"
    aria-label="beta ${beta}">${label}</button>`,
);

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="vd-ladder" data-part="models">
    <div class="vd-beside" data-part="pad"></div>
    <div class="vd-beside"><p class="vd-note">Four draws from N(0, I), the same four for every β.</p>
      <button type="button" class="vd-main" data-act="throw">Throw the dice</button></div>
    <div class="vd-beside"><p class="vd-note">The planes of z, all at one scale. Circles: one and two sigma of the
      prior. <span class="vd-mark draws"></span> the draws, <span class="vd-mark ring"></span> your digit.</p>
      <button type="button" class="vd-quiet" data-act="zoom" aria-pressed="false">Step back</button></div>
    <p class="vd-beside vd-note">What your digit costs, in nats: its pixels given z (distortion), z itself (rate), and
      of that each latent's part.</p>
  </div>
  <p class="vd-legend" data-part="legend"></p>
  <p class="vd-verdict" role="status" data-part="verdict">The encoders read the digit …</p>
  <div class="vd-tradeoff"><div data-part="plot"></div>
    <div><p id="vd-price">What shall a nat of rate cost?</p>
      <div class="vd-row" role="group" aria-labelledby="vd-price">${priceButtons.join('')}</div>
      <p class="vd-note" data-part="price"></p>
      <p class="vd-note"><span class="vd-mark test"></span> <span data-part="tests"></span></p>
      <p class="vd-note"><span class="vd-mark mine"></span> your digit, its distortion at the mean of q(z|x)</p></div>
  </div>
  <div class="vd-row">${takeaway('code')}<span class="vd-row" data-part="badges"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
function setup(mounted) {
  const {state, showError} = mounted;
  const box = drawingPad(mounted.part('pad'));
  digitLegend(mounted.part('legend'), true);
  const sweep = new Sweep(mounted);
  mounted.acts({
    throw: () => sweep.throwDice(),
    zoom: button => sweep.zoom(button),
    price: button => {
      sweep.setBeta(button.dataset.price);
      state.set({beta: button.dataset.price});
    },
    code: () => showCode(python(sweep.seed)),
  });
  mounted.onStop(({beta}) => beta && sweep.setBeta(beta));
  sweep.summarizeOnceOpen();
  sweep.showDraws().catch(showError);

  const linked = state.whole('digit', OPENING);
  openWithDigit(
    mounted.part('examples'),
    linked,
    blob => {
      ghost(box, blob).catch(showError);
      sweep.show(blob).catch(showError);
    },
    (blob, digit) => {
      sweep.pressed = digit;
      setPicture(blob);
    },
  ).catch(showError);
  onPicture(blob => sweep.take(blob), mounted.root);
  if (!sweep.picture) sweep.preview(linked);
}

/** The five models, the digit that goes through them, and what they have in common. */
class Sweep {
  /** The digit that was sent last. @type {Blob | null} */
  picture = null;
  /** The example digit that was pressed last, until its picture arrives. @type {number | null} */
  pressed = null;
  #mounted;
  #models;
  #beta;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.seed = mounted.state.whole('seed', 1);
    this.#beta = Number(mounted.state.choice('beta'));
    this.#models = STEPS.map(step => new BetaModel(step, mounted.part('badges')));
    mounted.part('models').append(...this.#models.map(({element}) => element));
  }

  /** The picture that travels: an example digit, or another one. @param {Blob | null} blob */
  take(blob) {
    this.#mounted.state.set({digit: this.pressed});
    this.pressed = null;
    this.show(blob).catch(this.#mounted.showError);
  }

  /** The digit through all models. */
  show = newest(async (signal, /** @type {Blob | null} */ blob) => {
    this.picture = blob;
    if (!blob) return;
    // One model's failure is its own; a refused picture is refused by all, and said once.
    const ended = await Promise.allSettled(
      this.#models.map(model => model.show(blob, signal).then(() => this.#summarize())),
    );
    signal.throwIfAborted();
    const here = await this.#present();
    const failed = ended.find((end, i) => end.status === 'rejected' && here.includes(this.#models[i]));
    this.#mounted.showError(failed?.status === 'rejected' ? failed.reason : null);
  });

  /** Before the encoders have answered. @param {number} digit */
  preview(digit) {
    for (const model of this.#models) model.preview(digit).catch(() => {}); // it says by itself what it lacks
  }

  /** The same draws from the prior, decoded by all models. */
  showDraws = newest(async signal => {
    const codes = await drawCodes(DRAWS, 2, this.seed);
    signal.throwIfAborted();
    await Promise.allSettled(this.#models.map(model => model.showDraws(codes, signal)));
  });

  throwDice() {
    this.seed = nextSeed(this.seed);
    this.#mounted.state.set({seed: this.seed});
    return this.showDraws();
  }

  /** All planes at once, so far back that they hold every code; or near again. @param {HTMLElement} button */
  async zoom(button) {
    const far = button.getAttribute('aria-pressed') === 'false';
    button.setAttribute('aria-pressed', String(far));
    const here = await this.#present();
    const from = this.#models[0].plane.reach;
    const to = far ? Math.max(NEAR, ...here.map(({plane}) => 1.1 * plane.far)) : NEAR;
    const start = performance.now();
    const step = now => {
      const t = prefersReducedMotion() ? 1 : Math.min(1, (now - start) / ZOOM_MS);
      const eased = t * t * (3 - 2 * t);
      for (const model of here) model.look(from * (to / from) ** eased);
      if (t < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** @param {string} beta  what a nat of rate costs */
  setBeta(beta) {
    this.#beta = Number(beta);
    this.#summarize();
  }

  async summarizeOnceOpen() {
    await this.#present();
    this.#summarize();
    new ResizeObserver(() => this.#summarize()).observe(this.#mounted.part('plot').parentElement);
  }

  /** The models that are here. */
  async #present() {
    const opened = await Promise.allSettled(this.#models.map(({ready}) => ready));
    return this.#models.filter((_, i) => opened[i].status === 'fulfilled');
  }

  /** Shows all that depends on more than one model: the bars' scale, the chart, the sentences. */
  #summarize() {
    const answered = this.#models.filter(({answer}) => answer);
    const measured = this.#models.filter(({test}) => Number.isFinite(test.rate + test.distortion));
    // A free z may cost a hundred times what the others do, and would leave them no bars at all.
    const dearest = answered.map(({answer}) => Math.max(...answer.rates)).sort((a, b) => b - a);
    const most = Math.max(dearest[1] ?? dearest[0] ?? 0, 0.01);
    for (const model of answered) model.showCosts(most);
    const test = measured.map(model => point(model, model.test));
    const mine = answered.map(model => point(model, model.answer));
    draw(this.#mounted.part('plot'), {test, mine, beta: this.#beta});
    for (const button of this.#mounted.all('[data-price]'))
      button.setAttribute('aria-pressed', String(Number(button.dataset.price) === this.#beta));
    this.#mounted.part('price').textContent = priced(test, this.#beta);
    this.#mounted.part('tests').textContent = tested(measured[0]?.test);
    this.#mounted.part('verdict').textContent = verdict(mine);
  }
}

/** @param {BetaModel} model @param {Record<string, any>} costs @returns {Point} */
const point = ({step}, {rate, distortion}) => ({beta: step.beta, label: step.label, rate, distortion});

/** The opening example, faint, in the drawing box that waits for a hand. @param {HTMLElement} box @param {Blob} blob */
async function ghost(box, blob) {
  const canvas = /** @type {HTMLCanvasElement} */ (
    dom('<canvas class="vd-ink vd-ghost" width="28" height="28" aria-hidden="true"></canvas>')
  );
  canvas.getContext('2d').drawImage(await createImageBitmap(blob), 0, 0);
  query(box, '.hint').before(canvas);
}

/** What is the same along a line of the chart. @param {number} beta */
function sumAt(beta) {
  if (beta === 0) return 'the distortion';
  if (beta === 1) return 'distortion + rate (that is −ELBO)';
  return `distortion + ${STEPS.find(step => step.beta === beta).label} · rate`;
}

/** Which of the models is the cheapest at this price. @param {Point[]} test @param {number} beta */
function priced(test, beta) {
  const lines = `Along each grey line ${sumAt(beta)} is the same; lower is cheaper.`;
  if (!test.length) return lines;
  const best = cheapest(test, beta);
  const nats = cost(best, beta).toFixed(1);
  return `${lines} At this price the model of β = ${best.label} is the cheapest on average: ${nats} nats.`;
}

/** What the measured models were measured on. @param {Record<string, any>} [metrics] */
function tested({data, split, n} = {}) {
  if (!data) return 'not measured on test pictures';
  return `averages: ${data}, ${split}${n ? `, n = ${n.toLocaleString('en')}` : ''}`;
}

/** What becomes of the digit as beta rises. @param {Point[]} mine */
function verdict(mine) {
  if (mine.length < 2) return 'The encoders read the digit …';
  const [first, last] = [mine[0], mine.at(-1)];
  const moved = (from, to) => `${to < from ? 'falls' : 'rises'} from ${from.toFixed(1)} to ${to.toFixed(1)} nats`;
  return (
    `From β = ${first.label} to β = ${last.label} this digit's rate ${moved(first.rate, last.rate)}, ` +
    `its distortion ${moved(first.distortion, last.distortion)}.`
  );
}

const python = seed => `import torch
import vaedemo
from vaedemo.vision import preprocessing

x = torch.from_numpy(preprocessing.to_digit(preprocessing.read("digit.png")))[None]  # (1, 1, 28, 28)
for name in ("${STEPS.map(({name}) => name).join('", "')}"):
    model = vaedemo.load(name)
    q = model.encode(x)
    redrawn = model.render(model.decode(q.mean))  # (1, 1, 28, 28)
    draws = model.sample(${DRAWS}, seed=${seed})            # (${DRAWS}, 1, 28, 28)
    print(name, model.distortion(x, q.mean).item(), model.rate(q).sum().item())  # nats`;
