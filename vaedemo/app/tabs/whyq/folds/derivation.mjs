/** The derivation beside one picture: a line of algebra lights up the part of it that the line speaks of. */
import {draw} from '../../../../web/engine/model-store.mjs';
import {around, query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {elbo, expected, place, rate} from '../lib/gaussian2d.mjs';
import {LatentWindow} from '../lib/latent-window.mjs';
import {MODEL} from '../lib/model.mjs';
import {nats} from '../lib/nats.mjs';
import {choices, onDigit, paintX} from '../lib/observed-digit.mjs';
import {DIGIT} from '../lib/snippet.mjs';
import {SumProgress} from '../lib/sum-progress.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/gaussian2d.mjs').Ellipse} Ellipse
 * @typedef {import('../lib/observed-digit.mjs').ObservedDigit} ObservedDigit
 * @typedef {{logP: string, gap: string, elbo: string, likelihood: string, distortion: string, rate: string,
 *   loss: string, inside: string}} Figures  as they are written; inside: throws of the prior in the window
 */

const THROWS = 1_000;
const SHOWN = 60; // throws of Q that are shown

/**
 * Of each line, what it speaks of, and what to see there.
 * @type {{parts: string[], words: (n: Figures) => string}[]}
 */
const LINES = [
  {
    parts: ['darts', 'line'],
    words: n =>
      `Dots: of 1,000 throws of P(z) only ${n.inside} came as near as this window. ` +
      `The line is log P(X) = ${n.logP} nats: here, with two latents, it can be summed.`,
  },
  {
    parts: ['q', 'heat', 'gap'],
    words: n => `The ring is Q, the grey heat P(z|X). How far they are apart is the gap: ${n.gap} nats.`,
  },
  {
    parts: ['line', 'gap'],
    words: n => `log P(X) = ${n.logP} stands still, whatever the ring does: there is no z in it.`,
  },
  {
    parts: ['line', 'gap', 'elbo'],
    words: n => `${n.logP} less the gap of ${n.gap} is ${n.elbo}; so is ${n.likelihood} less ${n.rate}.`,
  },
  {parts: ['q', 'x'], words: () => 'From this X the encoder answers with this ring: a mean and two sigmas.'},
  {
    parts: ['elbo', 'line'],
    words: n => `The bar, ${n.elbo}, ends below the line, ${n.logP}. It would touch it if the ring were the heat.`,
  },
  {
    parts: ['likelihood', 'rate'],
    words: n => `Distortion ${n.distortion} plus rate ${n.rate}: ${n.loss} nats to be made small.`,
  },
  {
    parts: ['eps', 'q'],
    words: () =>
      'Dots in the ring: mean + sigma · eps, for dice eps that were thrown before. ' +
      'Move mean or sigma, and they move along: see “Reparameterize”.',
  },
];

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="vd-derived"><div data-part="board"></div>
    <div class="vd-proof">
      <div class="levels" data-part="proof">
        <i class="elbo"><span>ELBO <b></b></span></i><i class="gap"><span>gap <b></b></span></i>
        <i class="likelihood"><span>E[log P(X|z)] <b></b></span></i>
        <i class="rate"><span>KL(Q ‖ P(z)) <b></b></span></i><i class="line"><span>log P(X) <b></b></span></i></div>
      <figure class="vd-figure x"><canvas class="vd-ink" data-part="x" width="28" height="28" role="img"
        aria-label="X, the digit"></canvas><figcaption>X</figcaption></figure></div></div>
  <p class="vd-verdict" role="status" data-part="words">The posterior is being summed …</p>
  <div data-part="progress"></div>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="back" aria-label="Previous line">←</button>
    <button type="button" class="vd-main" data-act="on">Next line</button>
    <button type="button" class="vd-quiet" data-act="reset">Reset</button>
    ${takeaway('png', 'code', 'badge')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const derivation = new Derivation(mounted);
  choices(mounted.part('examples')).catch(mounted.showError);
  mounted.needs(MODEL);
  mounted.badge(MODEL);
  mounted.acts({
    on: () => derivation.goTo(derivation.line + 1),
    back: () => derivation.goTo(derivation.line - 1),
    reset: () => derivation.goTo(1),
    png: () => savePng('derivation.png', derivation.view.picture(), 1),
    code: () => showCode(PYTHON),
  });
  mounted.onStop(state => derivation.light(Number(state.line) || derivation.line));
  onDigit(digit => derivation.begin(digit).catch(mounted.showError));
}

class Derivation {
  /** The line that is lit, from 1 on. */
  line;
  #formulas;
  /** @type {ObservedDigit | null} */
  #digit = null;
  /** @type {Figures | null} */
  #figures = null;
  /** Draws of N(0, I). @type {number[][]} */
  #thrown = [];
  /** @type {Ellipse | null} */
  #q = null;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.mounted = mounted;
    this.progress = new SumProgress(mounted.part('progress'));
    this.line = Number(mounted.state.whole('line', 1));
    this.view = new LatentWindow(
      mounted.part('board'),
      'The posterior as heat, Q as a ring, throws of the prior and of Q as dots',
    );
    const fold = /** @type {HTMLElement} */ (mounted.root.closest('#fold-whyq-derivation'));
    this.#formulas = new Formulas(fold, line => this.goTo(line));
    this.light(this.line);
    new MutationObserver(() => {
      if (!this.#formulas.isLit(this.line)) this.light(this.line);
    }).observe(fold, {childList: true, subtree: true}); // Gradio writes the formulas when it likes
    new ResizeObserver(() => this.#dots()).observe(this.view.element);
  }

  /** @param {number} line */
  light(line) {
    const {mounted} = this;
    this.line = Math.max(1, Math.min(LINES.length, line));
    const {parts, words} = LINES[this.line - 1];
    mounted.root.dataset.line = String(this.line);
    mounted.root.dataset.parts = parts.join(' ');
    this.#formulas.light(this.line);
    if (this.#figures) mounted.part('words').textContent = words(this.#figures);
    this.#dots();
  }

  /** The same, by hand. @param {number} line */
  goTo(line) {
    this.light(line);
    this.mounted.state.set({line: this.line});
  }

  /** Throws of the prior for the first line, of Q for the last. */
  #dots() {
    const q = this.#q;
    if (!this.#figures || !q) return;
    const {parts} = LINES[this.line - 1];
    const places = [
      ...(parts.includes('eps') ? this.#thrown.slice(0, SHOWN).map(([u, v]) => place(q, u, v)) : []),
      ...(parts.includes('darts') ? this.#thrown : []),
    ];
    this.view.darts(places.map(z => ({z, hit: false})));
  }

  /** @param {ObservedDigit} digit */
  async begin(digit) {
    const {mounted, view} = this;
    this.#digit = digit;
    this.#figures = null;
    const [{mean, sigma}, {logP, surface, ...where}, codes] = await Promise.all([
      digit.q(),
      digit.evidence(this.progress.count),
      draw(THROWS, 2, 1),
    ]);
    if (this.#digit !== digit) return;
    this.progress.done();
    mounted.showError(null);
    const q = {mean, sigma, angle: 0};
    this.#q = q;
    this.#thrown = Array.from({length: THROWS}, (_, i) => [codes[2 * i], codes[2 * i + 1]]);
    paintX(mounted.part('x', HTMLCanvasElement), digit.x);
    view.zoom(where.mean, where.half);
    view.heat(surface);
    view.ellipses({mine: q});
    const likelihood = expected(q, surface);
    const bound = elbo(q, surface);
    const inside = this.#thrown.filter(z => view.toPlane(z).every(p => p >= 0 && p <= 1)).length;
    this.#figures = {
      logP: nats(logP),
      gap: (logP - bound).toFixed(2),
      elbo: nats(bound),
      likelihood: nats(likelihood),
      distortion: nats(-likelihood),
      rate: nats(rate(q)),
      loss: nats(-bound),
      inside: String(inside),
    };
    showLevels(mounted.part('proof'), logP, likelihood, bound, this.#figures);
    this.light(this.line);
  }
}

/** The lines of algebra, which Gradio writes beside the picture: each is a button. */
class Formulas {
  #fold;

  /** @param {HTMLElement} fold @param {(line: number) => void} choose  told which line is clicked, from 1 on */
  constructor(fold, choose) {
    this.#fold = fold;
    /** @param {Event} event */
    const lineOf = event => {
      const clicked = around(event, '.vd-line[role="button"]');
      return this.#all().findIndex(text => text === clicked) + 1;
    };
    fold.addEventListener('click', event => {
      const line = lineOf(event);
      if (line) choose(line);
    });
    fold.addEventListener('keydown', event => {
      const line = lineOf(event);
      if (!line || !['Enter', ' '].includes(event.key)) return;
      event.preventDefault();
      choose(line);
    });
  }

  /** @returns {HTMLElement[]} */
  #all() {
    // Gradio gives the class twice
    return [...this.#fold.querySelectorAll('.vd-lines .vd-line')].filter(
      /** @returns {text is HTMLElement} */
      text => text instanceof HTMLElement && !text.parentElement?.closest('.vd-line'),
    );
  }

  /** @param {number} line */
  isLit(line) {
    return this.#all()[line - 1]?.classList.contains('here') ?? false;
  }

  /** @param {number} line */
  light(line) {
    this.#all().forEach((text, i) => {
      text.classList.toggle('here', i === line - 1);
      text.tabIndex = 0;
      text.setAttribute('role', 'button');
      text.setAttribute('aria-current', i === line - 1 ? 'step' : 'false');
    });
  }
}

/**
 * The bars, all to one scale from above the highest of the three levels to below the ELBO.
 * @param {HTMLElement} proof
 * @param {number} logP
 * @param {number} likelihood
 * @param {number} bound
 * @param {Figures} figures
 */
function showLevels(proof, logP, likelihood, bound, figures) {
  const top = Math.max(logP, likelihood);
  const span = top - bound;
  const high = top + 0.12 * span;
  const low = bound - 0.6 * span;
  const y = (/** @type {number} */ value) => (100 * (high - value)) / (high - low);
  /** @param {string} name @param {number} from @param {number} to @param {string} value */
  const put = (name, from, to, value) => {
    const bar = query(proof, `.${name}`);
    bar.style.top = `${y(from)}%`;
    bar.style.height = `${y(to) - y(from)}%`;
    query(bar, 'b').textContent = value;
  };
  put('line', logP, logP, figures.logP);
  put('gap', logP, bound, figures.gap);
  put('elbo', bound, low, figures.elbo);
  put('likelihood', likelihood, low, figures.likelihood);
  put('rate', likelihood, bound, figures.rate);
}

const PYTHON = `import torch, vaedemo
from vaedemo.vision import preprocessing
from vaedemo.evaluation import evidence

${DIGIT}
score = evidence.scorer(model, x)                    # log p(x|z)
log_p = evidence.grid(score).log_p
q = evidence.of_encoder(model.encode(x))
print(log_p, evidence.elbo(score, q), evidence.gap(score, q, log_p), model.rate(model.encode(x)).sum())`;
