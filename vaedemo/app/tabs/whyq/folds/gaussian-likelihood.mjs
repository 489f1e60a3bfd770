/** X = f(z) + eta: what sigma of the noise an error costs, and which of five trained models is the cheapest then. */
import {decoder} from '../../../../web/engine/model-store.mjs';
import {normal} from '../../../../web/engine/normal.mjs';
import {query, queryAll} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {encode} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {SIDE} from '../lib/model.mjs';
import {choices, onDigit} from '../lib/observed-digit.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/observed-digit.mjs').ObservedDigit} ObservedDigit
 * @typedef {{label: string, x: Uint8Array, f: Uint8Array, error: number, rate: number, row: number}} Rung
 *   label: beta; f: the mean of p(x|z), from 0 to 255; error: squared, of pixels from 0 to 1; rate: KL in nats; row: of
 *   RUNGS
 */

const RUNGS = [
  ['digits-2d-beta0', '0'],
  ['digits-2d-beta025', '¼'],
  ['digits-2d', '1'],
  ['digits-2d-beta4', '4'],
  ['digits-2d-beta16', '16'],
];
const LEAST = 0.05;
const MOST = 5; // sigma
const START = 0.5;

/** @param {number} value */
function tidy(value) {
  if (value < 0.1) return value.toPrecision(2);
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}

const figure = (/** @type {string} */ part, /** @type {string} */ label, /** @type {string} */ words) =>
  `<figure class="vd-figure"><canvas class="vd-ink vd-large" data-part="${part}" width="28" height="28" role="img"
    aria-label="${label}"></canvas><figcaption data-part="${part}Words">${words}</figcaption></figure>`;

const rungs = RUNGS.map(
  ([, label]) => `<div><b>β = ${label}</b>
    <span class="track"><i class="error"></i><i class="kl"></i></span><span class="words"></span></div>`,
);

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="vd-beat">
    <div>
      <div class="vd-trio">
        ${figure('x', 'X, the digit', 'X')}
        ${figure('f', 'f(z), the mean of p(x|z)', 'f(z)')}
        ${figure('noise', 'f(z) + eta, a sample of p(x|z)', 'f(z) + η')}</div>
      <label class="vd-slide">sigma of η <input type="range" min="0" max="1" step="0.005"
        aria-label="sigma of the noise"><output></output></label>
      <div class="vd-row"><button type="button" class="vd-main" data-act="sample">Draw η again</button>
        <button type="button" class="vd-quiet" data-act="mean" aria-pressed="false">Show the mean only</button>
        <button type="button" class="vd-quiet" data-act="reset">Reset</button></div>
    </div>
    <div>
      <p class="vd-verdict" role="status" data-part="verdict">The encoders read the digit …</p>
      <p class="vd-terms" data-part="terms"></p>
      <div class="vd-rungs" data-part="rungs">${rungs.join('')}</div>
      <p class="vd-note">Five models, trained at five prices β of a nat of rate. Dark: squared error / 2σ²; orange: KL;
        the shortest bar is the cheapest at this σ, and draws f(z).
        They were trained with Bernoulli pixels: here only their means and codes are priced.</p>
    </div>
  </div>
  <div class="vd-row">${takeaway('png', 'code')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const {state} = mounted;
  const noise = new GaussianNoise(mounted);
  choices(mounted.part('examples')).catch(mounted.showError);
  mounted.acts({
    sample() {
      noise.drawAgain();
      state.set({eta: null});
    },
    mean() {
      noise.showMean(!noise.mean);
      state.set({eta: noise.mean ? 'mean' : null});
    },
    reset() {
      noise.put(START);
      noise.showMean(false);
      state.set({sigma: null, eta: null});
    },
    png: () => savePng('sample.png', mounted.part('noise', HTMLCanvasElement), 16),
    code: () => showCode(python(noise.sigma())),
  });
  mounted.onStop(stop => {
    if (Number(stop.sigma)) noise.put(Number(stop.sigma));
    noise.showMean(stop.eta === 'mean');
  });
  noise.put(Math.max(LEAST, Math.min(MOST, state.numbers('sigma')?.[0] ?? START)));
  noise.showMean(state.choice('eta') === 'mean');
  onDigit(digit => noise.begin(digit).catch(mounted.showError));
}

class GaussianNoise {
  /** Whether the mean of p(x|z) is shown instead of a sample. */
  mean = false;
  /** @type {ObservedDigit | null} */
  #digit = null;
  /** The models that answered. @type {Rung[]} */
  #rungs = [];
  #eta = eta();
  #slider;
  #output;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.mounted = mounted;
    this.#slider = query(mounted.root, '.vd-slide input', HTMLInputElement);
    this.#output = query(mounted.root, '.vd-slide output');
    this.#slider.addEventListener('input', () => this.#follow(true));
  }

  sigma() {
    return LEAST * (MOST / LEAST) ** Number(this.#slider.value);
  }

  /** Moves the slider; what it means is not shown yet. @param {number} sigma */
  put(sigma) {
    this.#slider.value = String(Math.log(sigma / LEAST) / Math.log(MOST / LEAST));
  }

  /** @param {boolean} mean */
  showMean(mean) {
    this.mean = mean;
    this.mounted.button('mean').setAttribute('aria-pressed', String(mean));
    this.#follow(false);
  }

  drawAgain() {
    this.#eta = eta();
    this.showMean(false);
  }

  /** @param {ObservedDigit} digit */
  async begin(digit) {
    this.#digit = digit;
    const ended = await Promise.allSettled(RUNGS.map((_, row) => priced(row, digit.blob)));
    if (this.#digit !== digit) return;
    this.#rungs = ended.flatMap(end => (end.status === 'fulfilled' ? [end.value] : []));
    this.mounted.showError(ended.find(end => end.status === 'rejected')?.reason ?? null);
    queryAll(this.mounted.part('rungs'), ':scope > div').forEach((row, i) => {
      row.hidden = ended[i].status === 'rejected';
    });
    this.#follow(false);
  }

  /** @param {boolean} byHand */
  #follow(byHand) {
    const {mounted} = this;
    const s = this.sigma();
    const weight = 1 / (2 * s * s);
    const lambda = 2 * s * s;
    this.#output.textContent = s.toFixed(2);
    if (byHand) mounted.state.set({sigma: s.toFixed(3)});
    mounted.part('terms').textContent =
      `1 / 2σ² = ${tidy(weight)}: what the squared error weighs beside the KL. ` +
      `λ = 2σ² = ${tidy(lambda)}: what the KL weighs beside the squared error.`;
    if (!this.#rungs.length) return;
    const best = this.#showBars(weight);
    this.#paint(best, s);
    mounted.part('noiseWords').textContent = this.mean ? 'the mean of p(x|z): η = 0' : 'f(z) + η, a sample of p(x|z)';
    mounted.part('verdict').textContent =
      `At σ = ${s.toFixed(2)} the model of β = ${best.label} is the cheapest: ` +
      `an error of ${tidy(best.error)} and a KL of ${best.rate.toFixed(1)} nats.`;
    mounted.root.dataset.best = best.label;
  }

  /** What each model costs; the cheapest. @param {number} weight  of the squared error */
  #showBars(weight) {
    const costs = this.#rungs.map(rung => ({
      rung,
      error: rung.error * weight,
      total: rung.error * weight + rung.rate,
    }));
    const best = costs.reduce((least, cost) => (cost.total < least.total ? cost : least));
    const most = Math.max(...costs.map(({total}) => Math.min(total, 2.5 * best.total)));
    for (const {rung, error} of costs) {
      const row = /** @type {HTMLElement} */ (this.mounted.part('rungs').children[rung.row]);
      const [dark, orange] = queryAll(row, 'i');
      dark.style.width = `${100 * Math.min(1, error / most)}%`;
      orange.style.width = `${100 * Math.min(1, rung.rate / most)}%`;
      row.classList.toggle('best', rung === best.rung);
      const cheapest = rung === best.rung ? ', the cheapest' : '';
      query(row, '.words').textContent = `${tidy(error)} + ${tidy(rung.rate)}${cheapest}`;
    }
    return best.rung;
  }

  /** X, and what the cheapest model draws. @param {Rung} rung @param {number} sigma */
  #paint({f}, sigma) {
    const noisy = f.map((value, i) => Math.max(0, Math.min(255, value + 255 * sigma * this.#eta[i])));
    /** @type {[string, Uint8Array][]} */
    const pictures = [
      ['x', this.#rungs[0].x],
      ['f', f],
      ['noise', this.mean ? f : noisy],
    ];
    for (const [name, planes] of pictures)
      new Painter(this.mounted.part(name, HTMLCanvasElement), [1, SIDE, SIDE]).draw(planes);
  }
}

/** A draw of N(0, I) for each pixel. */
const eta = () => Array.from({length: SIDE * SIDE}, normal);

/** What one model makes of the digit. @param {number} row  of RUNGS @param {Blob} blob @returns {Promise<Rung>} */
async function priced(row, blob) {
  const [name, label] = RUNGS[row];
  const [{x, mean, rate}, open] = await Promise.all([encode(name, blob), decoder(name)]);
  let f = new Uint8Array();
  await open.batch(mean, 1, planes => {
    f = Uint8Array.from(planes);
  });
  const error = x.reduce((sum, value, i) => sum + ((value - f[i]) / 255) ** 2, 0);
  return {label, x, f, rate, error, row};
}

/** @param {number} sigma */
const python = sigma => `import torch, vaedemo
from vaedemo.vision import preprocessing

x = torch.from_numpy(preprocessing.to_digit(preprocessing.read("digit.png")))[None]  # (1, 1, 28, 28)
for name in ("${RUNGS.map(([name]) => name).join('", "')}"):
    model = vaedemo.load(name)
    q = model.encode(x)
    f = model.render(model.decode(q.mean))
    print(name, ((x - f) ** 2).sum().item() / (2 * ${sigma.toFixed(3)} ** 2), model.rate(q).sum().item())
sample = f + ${sigma.toFixed(3)} * torch.randn_like(f)  # X = f(z) + eta`;
