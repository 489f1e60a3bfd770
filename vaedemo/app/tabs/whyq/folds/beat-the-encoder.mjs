/** Beat the encoder: your ellipse over the true posterior, and how far its ELBO is below log p(x). */
import {decoder} from '../../../../web/engine/model-store.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {showBound} from '../lib/elbo-gap-chart.mjs';
import {GaussianHandles} from '../lib/gaussian-handles.mjs';
import {best, elbo, expected, rate} from '../lib/gaussian2d.mjs';
import {LatentWindow} from '../lib/latent-window.mjs';
import {MODEL} from '../lib/model.mjs';
import {gapOf, nats} from '../lib/nats.mjs';
import {choices, onDigit, paintX} from '../lib/observed-digit.mjs';
import {DIGIT, list} from '../lib/snippet.mjs';
import {SumProgress} from '../lib/sum-progress.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../../../../web/engine/live-decoder.mjs').LiveDecoder} LiveDecoder
 * @typedef {import('../lib/gaussian2d.mjs').Ellipse} Ellipse
 * @typedef {import('../lib/log-evidence.mjs').Evidence} Evidence
 * @typedef {import('../lib/observed-digit.mjs').ObservedDigit} ObservedDigit
 * @typedef {Ellipse & {elbo: number}} Rival
 */

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
        <figure class="vd-figure"><canvas class="vd-ink" data-part="mean" width="28" height="28" role="img"
          aria-label="What the decoder draws at your mean"></canvas><figcaption>your mean, decoded</figcaption></figure>
        <div data-part="sliders"></div></div>
      <div class="vd-bound" data-part="bound"></div>
      <p class="vd-terms" data-part="terms"></p>
      <p class="vd-verdict" role="status" data-part="verdict"></p>
      <div class="vd-row">
        <button type="button" class="vd-main" data-act="encoder" aria-pressed="false">Reveal the encoder</button>
        <button type="button" class="vd-quiet" data-act="upright" aria-pressed="false">Best upright Gaussian</button>
        <button type="button" class="vd-quiet" data-act="take">Put mine on the encoder's</button>
        <button type="button" class="vd-quiet" data-act="reset">Reset</button></div>
    </div>
  </div>
  <div data-part="progress"></div>
  <div class="vd-row">${takeaway('png', 'code', 'badge')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const contest = new Contest(mounted);
  choices(mounted.part('examples')).catch(mounted.showError);
  mounted.needs(MODEL);
  mounted.badge(MODEL);
  mounted.acts({
    encoder: () => contest.reveal(contest.revealed === 'none' ? 'encoder' : 'none'),
    upright: () => contest.reveal(contest.revealed === 'upright' ? 'encoder' : 'upright'),
    take: () => contest.takeEncoders(),
    reset: () => contest.reset(),
    png: () => savePng('posterior.png', contest.view.picture(), 1),
    code: () => showCode(python(contest.handles.q)),
  });
  mounted.onStop(state => contest.reveal(state.revealed ?? 'none'));
  onDigit(digit => contest.begin(digit).catch(mounted.showError));
}

class Contest {
  /** Which rivals are shown: none, the encoder, or the best upright Gaussian too. */
  revealed = 'none';
  /** @type {ObservedDigit | null} */
  #digit = null;
  /** @type {Evidence | null} */
  #evidence = null;
  /** @type {LiveDecoder | null} */
  #open = null;
  /** @type {Painter | null} */
  #painter = null;
  /** @type {Rival | null} */
  #encoder = null;
  /** @type {Rival | null} */
  #upright = null;
  /** A link's ellipse, for the first digit alone. @type {number[] | null} */
  #linked;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.mounted = mounted;
    this.view = new LatentWindow(mounted.part('board'), '');
    this.handles = new GaussianHandles(this.view, mounted.part('sliders'), {
      label: 'The true posterior, and your q over it',
      onMove: (q, byHand) => this.#follow(q, byHand),
    });
    this.progress = new SumProgress(mounted.part('progress'));
    this.#linked = mounted.state.numbers('mine');
    this.reveal(mounted.state.choice('revealed'));
  }

  /** @param {string} revealed */
  reveal(revealed) {
    const {mounted} = this;
    this.revealed = revealed;
    mounted.button('encoder').setAttribute('aria-pressed', String(revealed !== 'none'));
    mounted.button('upright').setAttribute('aria-pressed', String(revealed === 'upright'));
    mounted.state.set({revealed: revealed === 'none' ? null : revealed});
    if (this.#evidence) this.#follow(this.handles.q, false);
  }

  takeEncoders() {
    if (!this.#encoder) return;
    this.reveal(this.revealed === 'none' ? 'encoder' : this.revealed);
    this.handles.move(this.#encoder, true);
  }

  reset() {
    if (!this.#evidence) return;
    this.mounted.state.set({mine: null});
    this.reveal('none');
    this.handles.move(start(this.#evidence));
  }

  /** @param {ObservedDigit} digit */
  async begin(digit) {
    const {mounted, view} = this;
    const linked = this.#linked;
    if (this.#digit) mounted.state.set({mine: null}); // that was of another digit
    this.#linked = null;
    this.#digit = digit;
    this.#evidence = null;
    mounted.part('caption').textContent = 'The posterior is being summed …';
    const [q, evidence, open] = await Promise.all([
      digit.q(),
      digit.evidence(this.progress.count),
      decoder(MODEL, 'beat'),
    ]);
    if (this.#digit !== digit) return;
    this.progress.done();
    mounted.showError(null);
    this.#evidence = evidence;
    this.#open = open;
    this.#painter ??= new Painter(mounted.part('mean', HTMLCanvasElement), open.shape);
    paintX(mounted.part('x', HTMLCanvasElement), digit.x);
    view.zoom(evidence.mean, evidence.half);
    view.heat(evidence.surface);
    const rival = (/** @type {Ellipse} */ ellipse) => ({...ellipse, elbo: elbo(ellipse, evidence.surface)});
    this.#encoder = rival({mean: q.mean, sigma: q.sigma, angle: 0});
    this.#upright = rival(best(evidence.surface, evidence));
    mounted.part('caption').textContent = caption(evidence, q.mean);
    this.handles.move(linked ? ellipseOf(linked) : start(evidence));
  }

  /** What your ellipse is worth. @param {Ellipse} q @param {boolean} byHand */
  #follow(q, byHand) {
    if (!this.#evidence) return;
    const {mounted} = this;
    const {surface, logP} = this.#evidence;
    const likelihood = expected(q, surface);
    const price = rate(q);
    const mine = likelihood - price;
    const encoder = this.revealed === 'none' ? null : this.#encoder;
    const upright = this.revealed === 'upright' ? this.#upright : null;
    this.view.ellipses({mine: q, encoder, upright});
    const bars = [{name: 'mine', label: 'yours', elbo: mine}];
    if (encoder) bars.push({name: 'encoder', label: 'the encoder', elbo: encoder.elbo});
    if (upright) bars.push({name: 'upright', label: 'best upright', elbo: upright.elbo});
    showBound(mounted.part('bound'), logP, bars);
    mounted.part('terms').textContent = `ELBO = E[log p(x|z)] − KL(q ‖ p(z)) = ${nats(likelihood)} − ${nats(price)}`;
    mounted.part('verdict').textContent = verdict(logP, mine, encoder, upright);
    this.#open?.show(q.mean, planes => this.#painter?.draw(planes));
    mounted.root.dataset.elbo = `${logP.toFixed(4)} ${mine.toFixed(4)}`;
    if (byHand) mounted.state.set({mine: [...q.mean, ...q.sigma, q.angle].map(v => v.toFixed(4)).join()});
  }
}

/** Wide and beside the peak: something to do. @param {Evidence} evidence @returns {Ellipse} */
const start = ({mean: [a, b], sigma: [wide]}) => ({
  mean: [a + 2 * wide, b - 2 * wide],
  sigma: [2.4 * wide, 1.6 * wide],
  angle: 0.5,
});

/** Of five numbers of a link. @param {number[]} linked @returns {Ellipse} */
const ellipseOf = linked => ({
  mean: linked.slice(0, 2),
  sigma: linked.slice(2, 4).map(Math.abs),
  angle: linked[4],
});

/** What the window shows. @param {Evidence} evidence @param {number[]} encoder  the encoder's mean */
function caption({mean, half, codes, here}, encoder) {
  const side = (2 * half).toFixed(2);
  const away = Math.max(...encoder.map((value, d) => Math.abs(value - mean[d]))) > half;
  return [
    `A window of ${side} by ${side} of the plane; ${codes.toLocaleString('en')} z were decoded and scored.`,
    here < 0.99 ? ` ${(100 * (1 - here)).toFixed(0)} % of the posterior lie elsewhere.` : '',
    away ? " The encoder's mean lies outside of it!" : '',
  ].join('');
}

/**
 * Who leads, and what the encoder's gap is made of.
 * @param {number} logP
 * @param {number} mine  nats
 * @param {Rival | null} encoder
 * @param {Rival | null} upright
 */
function verdict(logP, mine, encoder, upright) {
  if (!encoder) return `KL(q ‖ p(z|x)) = ${gapOf(logP - mine)}: what your q misses.`;
  const lead = mine - encoder.elbo;
  const yours = lead > 0 ? `You beat the encoder by ${gapOf(lead)}.` : `The encoder leads by ${gapOf(-lead)}.`;
  if (!upright) return yours;
  return (
    `${yours} Of its gap ${gapOf(logP - upright.elbo)} are approximation (no upright Gaussian does better), ` +
    `${gapOf(upright.elbo - encoder.elbo)} amortization (one net for all digits).`
  );
}

/** @param {Ellipse} q */
const python = ({mean, sigma, angle}) => `import math, torch, vaedemo
from vaedemo.vision import preprocessing
from vaedemo.evaluation import evidence

${DIGIT}
score = evidence.scorer(model, x)
log_p = evidence.grid(score).log_p
c, s = math.cos(${angle.toFixed(4)}), math.sin(${angle.toFixed(4)})
axes = torch.tensor([[c, -s], [s, c]]) @ torch.diag(torch.tensor(${list(sigma)}))
q = evidence.gaussian(torch.tensor(${list(mean)}), axes @ axes.T)
print(log_p, evidence.elbo(score, q), evidence.gap(score, q, log_p))  # nats`;
