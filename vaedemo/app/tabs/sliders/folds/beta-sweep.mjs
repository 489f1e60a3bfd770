/** The ladder of betas: one digit through five models that differ in the price of their rate. */
import * as address from '../../../../web/page/url-state.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {pad} from '../../../../web/ui/drawing-pad.mjs';
import {legend} from '../../../../web/ui/digit-legend.mjs';
import {dom, prefersReducedMotion} from '../../../../web/page/dom.mjs';
import {onPicture, setPicture} from '../../../../web/page/picture-store.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {openWithDigit} from '../../../../web/ui/digit-examples.mjs';
import {draw as drawCodes} from '../../../../web/engine/model-store.mjs';
import {NEAR} from '../../../../web/ui/latent-scatter.mjs';
import {Rung} from '../lib/beta-model.mjs';
import {cheapest, cost, draw} from '../lib/rate-distortion-chart.mjs';

const DRAWS = 4;
const SEEDS = 1_000_000_000;
const ZOOM_MS = 600;

/** @type {import('../lib/beta-model.mjs').Step[]} */
const STEPS = [
  {name: 'digits-2d-beta0', beta: 0, label: '0', words: 'z is free'},
  {name: 'digits-2d-beta025', beta: 0.25, label: '¼', words: 'cheap'},
  {name: 'digits-2d', beta: 1, label: '1', words: 'the ELBO'},
  {name: 'digits-2d-beta4', beta: 4, label: '4', words: 'dear'},
  {name: 'digits-2d-beta16', beta: 16, label: '16', words: 'dearest'},
];

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="vd-ladder">
    <div class="vd-beside" data-part="pad"></div>
    <div class="vd-beside"><p class="vd-note">Four draws from N(0, I), the same four for every β.</p>
      <button type="button" class="vd-main" data-act="throw">Throw the dice</button></div>
    <div class="vd-beside"><p class="vd-note">The planes of z, all at one scale. Circles: one and two sigma of the prior.
      <span class="vd-mark draws"></span> the draws, <span class="vd-mark ring"></span> your digit.</p>
      <button type="button" class="vd-quiet" data-act="zoom" aria-pressed="false">Step back</button></div>
    <p class="vd-beside vd-note">What your digit costs, in nats: its pixels given z (distortion), z itself (rate), and of that each latent's part.</p>
  </div>
  <p class="vd-legend" data-part="legend"></p>
  <p class="vd-verdict" role="status">The encoders read the digit …</p>
  <div class="vd-tradeoff"><div data-part="plot"></div>
    <div><p id="vd-price">What shall a nat of rate cost?</p>
      <div class="vd-row" role="group" aria-labelledby="vd-price">${STEPS.map(
        ({beta, label}) =>
          `<button type="button" class="vd-quiet" data-price="${beta}" aria-pressed="false" aria-label="beta ${beta}">${label}</button>`,
      ).join('')}</div>
      <p class="vd-note" data-part="price"></p><p class="vd-note"><span class="vd-mark test"></span> <span data-part="tests"></span></p>
      <p class="vd-note"><span class="vd-mark mine"></span> your digit, its distortion at the mean of q(z|x)</p></div></div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="code">Code</button><span class="vd-row" data-part="badges"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const say = error => {
    root.querySelector(':scope > .vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  const box = pad(find('pad'));
  legend(find('legend'), true);
  const rungs = STEPS.map(step => new Rung(step, find('badges')));
  root.querySelector('.vd-ladder').append(...rungs.map(rung => rung.element));
  const betas = STEPS.map(({beta}) => String(beta));
  let seed = address.whole('rungs', 0, SEEDS - 1, 1);
  let beta = Number(address.choice('price', ['1', ...betas]));
  let picture = null;
  let chosen = /** @type {number | null} */ (null);

  const show = newest(async (signal, blob) => {
    picture = blob;
    if (!blob) return;
    // One rung's failure is its own; a refused picture is refused by all, and said once.
    const ended = await Promise.allSettled(rungs.map(rung => rung.show(blob, signal).then(summarize)));
    signal.throwIfAborted();
    const here = await present();
    const failed = ended.find((end, i) => end.status === 'rejected' && here.includes(rungs[i]));
    say(failed?.reason ?? null);
  });
  const go = blob => show(blob).catch(say);
  const travelled = blob => {
    address.set({ladder: chosen});
    chosen = null;
    go(blob);
  };

  const throwDice = newest(async signal => {
    const codes = await drawCodes(DRAWS, 2, seed);
    signal.throwIfAborted();
    await Promise.allSettled(rungs.map(rung => rung.throw(codes, signal)));
  });

  /** All planes at once, so far back that they hold every code; or near again. @param {boolean} far */
  async function zoom(far) {
    const button = root.querySelector('[data-act="zoom"]');
    const here = await present();
    button.setAttribute('aria-pressed', String(far));
    const from = rungs[0].plane.reach;
    const to = far ? Math.max(NEAR, ...here.map(({plane}) => 1.1 * plane.far)) : NEAR;
    const start = performance.now();
    const step = now => {
      const t = prefersReducedMotion() ? 1 : Math.min(1, (now - start) / ZOOM_MS);
      const eased = t * t * (3 - 2 * t);
      here.forEach(rung => rung.look(from * (to / from) ** eased));
      if (t < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** The rungs whose models are here. */
  const present = async () =>
    (
      await Promise.all(
        rungs.map(rung =>
          rung.ready.then(
            () => rung,
            () => null,
          ),
        ),
      )
    ).filter(Boolean);
  const point = ({step}, {rate, distortion}) => ({beta: step.beta, label: step.label, rate, distortion});

  /** All that depends on more than one rung: the bars' scale, the plot, the sentences. */
  function summarize() {
    const answered = rungs.filter(rung => rung.answer);
    const measured = rungs.filter(({test}) => Number.isFinite(test.rate + test.distortion));
    // A free z may cost a hundred times what the others do, and would leave them no bars at all.
    const dearest = answered.map(({answer}) => Math.max(...answer.rates)).sort((a, b) => b - a);
    const most = Math.max(dearest[1] ?? dearest[0] ?? 0, 0.01);
    answered.forEach(rung => rung.price(most));
    const test = measured.map(rung => point(rung, rung.test));
    const mine = answered.map(rung => point(rung, rung.answer));
    draw(find('plot'), {test, mine, beta});
    for (const button of root.querySelectorAll('[data-price]'))
      button.setAttribute('aria-pressed', String(Number(button.dataset.price) === beta));
    find('price').textContent = priced(test, beta);
    find('tests').textContent = tested(measured.map(rung => rung.test));
    root.querySelector('.vd-verdict').textContent = verdict(mine);
  }

  root.addEventListener('click', ({target}) => {
    const {act, price} = target.dataset;
    if (act === 'throw') {
      seed = (seed + 1) % SEEDS;
      address.set({rungs: seed});
      throwDice().catch(say);
    }
    if (act === 'zoom') zoom(target.getAttribute('aria-pressed') === 'false');
    if (act === 'code') showCode(python(seed));
    if (price) {
      beta = Number(price);
      address.set({price});
      summarize();
    }
  });
  new ResizeObserver(summarize).observe(find('plot').parentElement);
  onStop({tab: 'sliders', fold: 'beta-sweep'}, ({price}) => {
    if (betas.includes(price)) {
      beta = Number(price);
      summarize();
    }
  });
  present().then(summarize);
  throwDice().catch(say);

  const linked = address.whole('ladder', 0, 9, 3);
  openWithDigit(
    find('examples'),
    linked,
    blob => {
      ghost(box, blob).catch(say);
      go(blob);
    },
    (blob, digit) => {
      chosen = digit;
      setPicture(blob);
    },
  ).catch(say);
  onPicture(travelled);
  if (!picture) rungs.forEach(rung => rung.preview(linked).catch(() => {})); // the rung says by itself what it lacks
}

/** The opening example, faint, in the drawing box that waits for a hand. @param {HTMLElement} box @param {Blob} blob */
async function ghost(box, blob) {
  const canvas = /** @type {HTMLCanvasElement} */ (
    dom('<canvas class="vd-ink vd-ghost" width="28" height="28" aria-hidden="true"></canvas>')
  );
  canvas.getContext('2d').drawImage(await createImageBitmap(blob), 0, 0);
  box.querySelector('.hint').before(canvas);
}

/** Which of the models is the cheapest at this price. */
function priced(test, beta) {
  const sum =
    beta === 0
      ? 'the distortion'
      : beta === 1
        ? 'distortion + rate (that is −ELBO)'
        : `distortion + ${label(beta)} · rate`;
  const lines = `Along each grey line ${sum} is the same; lower is cheaper.`;
  if (!test.length) return lines;
  const best = cheapest(test, beta);
  return `${lines} At this price the model of β = ${best.label} is the cheapest on average: ${cost(best, beta).toFixed(1)} nats.`;
}

/** What the measured models were measured on. */
function tested([{data, split, n} = {}]) {
  return data
    ? `averages: ${data}, ${split}${n ? `, n = ${n.toLocaleString('en')}` : ''}`
    : 'not measured on test pictures';
}

const label = beta => STEPS.find(step => step.beta === beta).label;

/** What the ladder does to the digit. @param {import('../lib/rate-distortion-chart.mjs').Point[]} mine */
function verdict(mine) {
  if (mine.length < 2) return 'The encoders read the digit …';
  const first = mine[0];
  const last = mine.at(-1);
  const moved = (from, to) => `${to < from ? 'falls' : 'rises'} from ${from.toFixed(1)} to ${to.toFixed(1)} nats`;
  return `From β = ${first.label} to β = ${last.label} this digit's rate ${moved(first.rate, last.rate)}, its distortion ${moved(first.distortion, last.distortion)}.`;
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
