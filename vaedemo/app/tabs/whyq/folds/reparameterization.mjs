/** z = mean + sigma * eps, the dice kept: z follows the hand, and gradients follow the path back. */
import {decoder, draw} from '../../../../web/engine/model-store.mjs';
import {normal} from '../../../../web/engine/normal.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {GaussianHandles} from '../lib/gaussian-handles.mjs';
import {gradients, spread} from '../lib/gradient-estimators.mjs';
import {SHOWN, arrows, scatter} from '../lib/gradient-view.mjs';
import {LatentWindow} from '../lib/latent-window.mjs';
import {MODEL} from '../lib/model.mjs';
import {choices, onDigit, paintX} from '../lib/observed-digit.mjs';
import {DIGIT, list} from '../lib/snippet.mjs';
import {SumProgress} from '../lib/sum-progress.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../../../../web/engine/live-decoder.mjs').LiveDecoder} LiveDecoder
 * @typedef {import('../lib/gaussian2d.mjs').Ellipse} Ellipse
 * @typedef {import('../lib/log-evidence.mjs').Evidence} Evidence
 * @typedef {import('../lib/observed-digit.mjs').ObservedDigit} ObservedDigit
 * @typedef {ReturnType<typeof spread>} Spread
 */

const DRAWS = 1_000;
const FIRST_SEED = 3;
const draws = DRAWS.toLocaleString('en');
/** @param {number} value */
const tidy = value => {
  const text = Math.abs(value) < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
  return text.replace('-', '−');
};

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="vd-beat">
    <figure class="vd-figure"><div data-part="board"></div>
      <figcaption data-part="caption">The posterior is being summed …</figcaption></figure>
    <div>
      <div class="vd-pictures">
        <figure class="vd-figure"><canvas class="vd-ink" data-part="x" width="28" height="28" role="img"
          aria-label="x, the digit, black and white"></canvas><figcaption>x</figcaption></figure>
        <figure class="vd-figure"><canvas class="vd-ink" data-part="z" width="28" height="28" role="img"
          aria-label="What the decoder draws for the ringed z"></canvas>
          <figcaption>the ringed z, decoded</figcaption></figure>
        <div data-part="sliders"></div></div>
      <div class="vd-row">
        <button type="button" class="vd-main" data-act="cut" aria-pressed="false">Cut the path</button>
        <button type="button" class="vd-quiet" data-act="step">Follow the arrows</button>
        <button type="button" class="vd-quiet" data-act="dice">Throw eps anew</button>
        <button type="button" class="vd-quiet" data-act="reset">Reset</button></div>
      <p class="vd-verdict" role="status" data-part="verdict"></p>
      <p class="vd-terms" data-part="terms"></p>
      <div class="vd-clouds">
        <figure class="vd-figure"><canvas data-part="path" role="img"></canvas>
          <figcaption data-part="pathWords"></figcaption></figure>
        <figure class="vd-figure"><canvas data-part="score" role="img"></canvas>
          <figcaption data-part="scoreWords"></figcaption></figure></div>
    </div>
  </div>
  <div data-part="progress"></div>
  <div class="vd-row">${takeaway('png', 'code', 'badge')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const {state, showError} = mounted;
  const trick = new Reparameterization(mounted);
  choices(mounted.part('examples')).catch(showError);
  mounted.needs(MODEL);
  mounted.badge(MODEL);
  mounted.acts({
    cut() {
      trick.cutPath(!trick.cut);
      state.set({path: trick.cut ? 'cut' : null});
    },
    step: () => trick.step(),
    dice() {
      trick.seed = nextSeed(trick.seed);
      state.set({seed: trick.seed});
      return trick.throwDice();
    },
    reset() {
      if (!trick.evidence) return;
      trick.cutPath(false);
      state.set({path: null});
      trick.putAtStart();
    },
    png: () => savePng('gradients.png', trick.view.picture(), 1),
    code: () => showCode(python(trick.handles.q, trick.seed)),
  });
  mounted.onStop(stop => trick.cutPath(stop.path === 'cut'));
  trick.cutPath(state.choice('path') === 'cut');
  trick.throwDice().catch(showError);
  onDigit(digit => trick.begin(digit).catch(showError));
}

class Reparameterization {
  /** Whether z does not follow mean and sigma. */
  cut = false;
  /** @type {Evidence | null} */
  evidence = null;
  /** @type {ObservedDigit | null} */
  #digit = null;
  /** @type {LiveDecoder | null} */
  #open = null;
  /** @type {Painter | null} */
  #painter = null;
  /** The dice. @type {number[][]} */
  #eps = [];

  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.mounted = mounted;
    this.seed = Number(mounted.state.whole('seed', FIRST_SEED));
    this.progress = new SumProgress(mounted.part('progress'));
    this.view = new LatentWindow(mounted.part('board'), '');
    this.handles = new GaussianHandles(this.view, mounted.part('sliders'), {
      label: 'q over the true posterior, and draws of it',
      turns: false,
      onMove: () => this.#follow(),
    });
  }

  /** The very dice that Python throws for the seed; of those asked for meanwhile, the last. */
  throwDice = newest(async signal => {
    const flat = await draw(DRAWS, 2, this.seed);
    signal.throwIfAborted();
    this.#eps = Array.from({length: DRAWS}, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
    this.#follow();
  });

  /** @param {ObservedDigit} digit */
  async begin(digit) {
    const {mounted, view} = this;
    this.#digit = digit;
    this.evidence = null;
    const [evidence, open] = await Promise.all([
      digit.evidence(this.progress.count),
      decoder(MODEL, 'reparameterization'),
    ]);
    if (this.#digit !== digit) return;
    this.progress.done();
    mounted.showError(null);
    this.evidence = evidence;
    this.#open = open;
    this.#painter ??= new Painter(mounted.part('z', HTMLCanvasElement), open.shape);
    paintX(mounted.part('x', HTMLCanvasElement), digit.x);
    view.zoom(evidence.mean, evidence.half);
    view.heat(evidence.surface);
    mounted.part('caption').textContent =
      `Dots: ${SHOWN} of ${draws} draws z = mean + sigma · eps. Thin arrows: where log p(x|z) rises; ` +
      'thick ones: what the mean and each sigma are told.';
    this.putAtStart();
  }

  putAtStart() {
    if (!this.evidence) return;
    const {
      mean: [a, b],
      sigma: [wide],
    } = this.evidence;
    this.handles.move({mean: [a - 2 * wide, b + 1.2 * wide], sigma: [wide * 1.5, wide * 1.1], angle: 0});
  }

  /** @param {boolean} cut */
  cutPath(cut) {
    const {mounted} = this;
    this.cut = cut;
    mounted.button('cut').setAttribute('aria-pressed', String(cut));
    mounted.button('step').disabled = cut;
    this.#follow();
  }

  /** A step up the ELBO's reconstruction term, as far as a posterior's width allows. */
  step() {
    if (!this.evidence) return;
    const {q} = this.handles;
    const [wide, narrow] = this.evidence.sigma;
    const all = gradients(q, this.evidence.surface, this.#eps);
    const byMean = spread(all.path).mean;
    const bySigma = spread(all.sigma).mean;
    const clip = (/** @type {number} */ value) => Math.max(-1, Math.min(1, value * narrow));
    const mean = q.mean.map((m, d) => m + 0.25 * wide * clip(byMean[d]));
    const sigma = q.sigma.map((s, d) => s * Math.exp(0.15 * clip(bySigma[d])));
    this.handles.move({...q, mean, sigma}, true);
  }

  /** Draws of q where it is now, and what they tell its mean and sigma. */
  #follow() {
    const {evidence} = this;
    if (!evidence || !this.#eps.length) return;
    const {mounted, view, cut} = this;
    const {q} = this.handles;
    const eps = cut ? this.#eps.map(() => [normal(), normal()]) : this.#eps;
    const all = gradients(q, evidence.surface, eps);
    const path = spread(all.path);
    const score = spread(all.score);
    const sigma = spread(all.sigma).mean;
    view.ellipses({mine: q});
    arrows(view, q, all, {mean: path.mean, sigma, unit: evidence.sigma[0], whole: !cut});
    this.#open?.show(all.z[0], planes => this.#painter?.draw(planes));
    const clouds = [mounted.part('path', HTMLCanvasElement), mounted.part('score', HTMLCanvasElement)];
    scatter(clouds, [all.path, all.score]);
    clouds.forEach((cloud, i) => cloud.setAttribute('aria-label', label([path, score][i])));
    this.#tell(path, score, sigma);
    mounted.root.dataset.gradient = [...path.mean, ...sigma, path.std, score.std]
      .map(value => value.toFixed(2))
      .join(' ');
  }

  /** @param {Spread} path @param {Spread} score @param {number[]} sigma  the gradient by sigma */
  #tell(path, score, sigma) {
    const {mounted, cut} = this;
    mounted.part('pathWords').textContent = `Pathwise: each of ${draws} draws, spread ${tidy(path.std)}`;
    mounted.part('scoreWords').textContent = `Score function, to the same scale: spread ${tidy(score.std)}`;
    mounted.part('verdict').textContent = cut
      ? 'z is a number that a die gave: it does not say how it would move with mean and sigma. No gradient comes back.'
      : `One pathwise draw is worth about ${tidy((score.std / path.std) ** 2)} draws of the score function.`;
    const [byMean, bySigma] = [path.mean, sigma].map(values => values.map(tidy).join(', '));
    mounted.part('terms').textContent = cut
      ? 'Only the score function is left, to the right below.'
      : `Gradient of E[log p(x|z)], nats a unit of z: by the mean (${byMean}), by sigma (${bySigma})`;
  }
}

/** @param {Spread} spread */
const label = ({mean: [a, b], std}) =>
  `Estimates of the gradient by the mean: average ${tidy(a)}, ${tidy(b)}; spread ${tidy(std)} nats a unit of z`;

/** @param {Ellipse} q @param {number} seed */
const python = ({mean, sigma}, seed) => `import torch, vaedemo
from vaedemo.vision import preprocessing
from vaedemo.latents import draw

${DIGIT}
eps = torch.from_numpy(draw(${DRAWS}, 2, seed=${seed}))
q = torch.tensor([${list(mean)}, ${list(sigma)}])
mean, sigma = (row.expand(${DRAWS}, 2).clone().requires_grad_() for row in q)
score = -model.distortion(x.expand(${DRAWS}, -1, -1, -1), mean + sigma * eps)  # log p(x|z)
by_mean, by_sigma = torch.autograd.grad(score.sum(), (mean, sigma))     # (${DRAWS}, 2), one a draw
reinforce = score[:, None].detach() * eps / sigma.detach()
print(by_mean.mean(0), by_sigma.mean(0), by_mean.std(0), reinforce.std(0))`;
