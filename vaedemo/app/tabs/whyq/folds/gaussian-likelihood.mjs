/** X = f(z) + eta: what sigma of the noise an error costs, and which of five trained models is the cheapest then. */
import * as address from '../../../../web/page/url-state.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {encode} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {SIDE, begun, onSubject} from '../lib/observed-digit.mjs';
import {decoder} from '../../../../web/engine/model-store.mjs';
import {normal} from '../../../../web/engine/normal.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const RUNGS = [
  ['digits-2d-beta0', '0'],
  ['digits-2d-beta025', '¼'],
  ['digits-2d', '1'],
  ['digits-2d-beta4', '4'],
  ['digits-2d-beta16', '16'],
];
const LEAST = 0.05;
const MOST = 5;
const START = 0.5;
const neat = value => (value < 0.1 ? value.toPrecision(2) : value < 10 ? value.toFixed(2) : value.toFixed(0));

const figure = (part, label, words) =>
  `<figure class="vd-figure"><canvas class="vd-ink vd-large" data-part="${part}" width="28" height="28" role="img" aria-label="${label}"></canvas><figcaption data-part="${part}Words">${words}</figcaption></figure>`;
const TEMPLATE = `
<div>
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="vd-beat">
    <div>
      <div class="vd-trio">${figure('x', 'X, the digit', 'X')}${figure('f', 'f(z), the mean of p(x|z)', 'f(z)')}${figure('noise', 'f(z) + eta, a sample of p(x|z)', 'f(z) + η')}</div>
      <label class="vd-slide">sigma of η <input type="range" min="0" max="1" step="0.005" aria-label="sigma of the noise"><output></output></label>
      <div class="vd-row"><button type="button" class="vd-main" data-act="sample">Draw η again</button><button type="button" class="vd-quiet" data-act="mean" aria-pressed="false">Show the mean only</button>
        <button type="button" class="vd-quiet" data-act="reset">Reset</button></div>
    </div>
    <div>
      <p class="vd-verdict" role="status" data-part="verdict">The encoders read the digit …</p>
      <p class="vd-terms" data-part="terms"></p>
      <div class="vd-rungs" data-part="rungs"></div>
      <p class="vd-note">Five models, trained at five prices β of a nat of rate. Dark: squared error / 2σ²; orange: KL; the shortest bar is the cheapest at this σ, and draws f(z).
        They were trained with Bernoulli pixels: here only their means and codes are priced.</p>
    </div>
  </div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button><button type="button" class="vd-quiet" data-act="code">Code</button></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const {root, find, say} = begun(element, TEMPLATE);
  const slider = root.querySelector('input');
  find('rungs').innerHTML = RUNGS.map(
    ([, label]) =>
      `<div><b>β = ${label}</b><span class="track"><i class="error"></i><i class="kl"></i></span><span class="words"></span></div>`,
  ).join('');
  let rungs = [];
  let x = null;
  let eta = noise();
  let mean = address.choice('eta', ['sample', 'mean']) === 'mean';
  let subject = null;
  const sigma = () => LEAST * (MOST / LEAST) ** Number(slider.value);
  const put = value => {
    slider.value = String(Math.log(value / LEAST) / Math.log(MOST / LEAST));
  };

  function follow(byHand = false) {
    const s = sigma();
    const weight = 1 / (2 * s * s);
    const lambda = 2 * s * s;
    slider.nextElementSibling.textContent = s.toFixed(2);
    if (byHand) address.set({noisy: s.toFixed(3)});
    find('terms').textContent =
      `1 / 2σ² = ${neat(weight)}: what the squared error weighs beside the KL. λ = 2σ² = ${neat(lambda)}: what the KL weighs beside the squared error.`;
    if (!rungs.length) return;
    const costs = rungs.map(({error, rate}) => ({error: error * weight, rate, total: error * weight + rate}));
    const best = costs.reduce((b, c, i) => (c.total < costs[b].total ? i : b), 0);
    const most = Math.max(...costs.map(({total}) => Math.min(total, 2.5 * costs[best].total)));
    costs.forEach(({error, rate}, i) => {
      const row = find('rungs').children[rungs[i].row];
      const [dark, orange] = row.querySelectorAll('i');
      dark.style.width = `${100 * Math.min(1, error / most)}%`;
      orange.style.width = `${100 * Math.min(1, rate / most)}%`;
      row.classList.toggle('best', i === best);
      row.querySelector('.words').textContent = `${neat(error)} + ${neat(rate)}${i === best ? ', the cheapest' : ''}`;
    });
    const {f, label, error, rate} = rungs[best];
    paint('x', x);
    paint('f', f);
    paint('noise', mean ? f : f.map((value, i) => Math.max(0, Math.min(255, value + 255 * s * eta[i]))));
    find('noiseWords').textContent = mean ? 'the mean of p(x|z): η = 0' : 'f(z) + η, a sample of p(x|z)';
    find('verdict').textContent =
      `At σ = ${s.toFixed(2)} the model of β = ${label} is the cheapest: an error of ${neat(error)} and a KL of ${rate.toFixed(1)} nats.`;
    root.dataset.best = label;
  }

  const paint = (name, planes) => new Painter(find(name), [1, SIDE, SIDE]).draw(Uint8Array.from(planes));

  async function show(next) {
    subject = next;
    const ended = await Promise.allSettled(RUNGS.map(([name, label]) => priced(name, label, next.blob)));
    if (subject !== next) return;
    rungs = ended.flatMap((end, row) => (end.status === 'fulfilled' ? [{...end.value, row}] : []));
    say(ended.find(end => end.status === 'rejected')?.reason ?? null);
    x = rungs[0]?.x;
    find('rungs')
      .querySelectorAll(':scope > div')
      .forEach((row, i) => {
        row.hidden = ended[i].status === 'rejected';
      });
    follow();
  }

  const showMean = on => {
    mean = on;
    root.querySelector('[data-act="mean"]').setAttribute('aria-pressed', String(on));
    follow();
  };
  slider.addEventListener('input', () => follow(true));
  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act},
      },
    }) => {
      if (act === 'sample') {
        eta = noise();
        showMean(false);
        address.set({eta: null});
      }
      if (act === 'mean') {
        showMean(!mean);
        address.set({eta: mean ? 'mean' : null});
      }
      if (act === 'reset') {
        put(START);
        showMean(false);
        address.set({noisy: null, eta: null});
      }
      if (act === 'png') savePng('sample.png', find('noise'), 16);
      if (act === 'code') showCode(python(sigma()));
    },
  );
  onStop({tab: 'whyq', fold: 'gaussian-likelihood'}, state => {
    if (Number(state.noisy)) put(Number(state.noisy));
    showMean(state.eta === 'mean');
  });
  put(Math.max(LEAST, Math.min(MOST, address.numbers('noisy', 1, MOST)?.[0] ?? START)));
  showMean(mean);
  onSubject(next => {
    show(next).catch(say);
  });
}

const noise = () => Array.from({length: SIDE * SIDE}, normal);

/** What one model makes of the digit: its squared error, of pixels from 0 to 1, and its KL. */
async function priced(name, label, blob) {
  const [{x, mean, rate}, open] = await Promise.all([encode(name, blob), decoder(name)]);
  let f = null;
  await open.batch(mean, 1, planes => {
    f = planes;
  });
  return {label, x, f, rate, error: x.reduce((sum, value, i) => sum + ((value - f[i]) / 255) ** 2, 0)};
}

const python = sigma => `import torch, vaedemo
from vaedemo.vision import preprocessing

x = torch.from_numpy(preprocessing.to_digit(preprocessing.read("digit.png")))[None]  # (1, 1, 28, 28)
for name in ("${RUNGS.map(([name]) => name).join('", "')}"):
    model = vaedemo.load(name)
    q = model.encode(x)
    f = model.render(model.decode(q.mean))
    print(name, ((x - f) ** 2).sum().item() / (2 * ${sigma.toFixed(3)} ** 2), model.rate(q).sum().item())
sample = f + ${sigma.toFixed(3)} * torch.randn_like(f)  # X = f(z) + eta`;
