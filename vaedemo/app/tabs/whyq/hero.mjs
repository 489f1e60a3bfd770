/** The tab's opening: a thousand darts at the latent space, thrown blindly from the prior, or aimed by the encoder. */
import {ROOT} from '../../../web/engine/root.mjs';
import {savePng} from '../../../web/page/downloads.mjs';
import {query} from '../../../web/page/dom.mjs';
import {mountFold} from '../../../web/page/fold.mjs';
import {nextSeed} from '../../../web/page/seeds.mjs';
import {showCode} from '../../../web/ui/code-dialog.mjs';
import {drawingPad} from '../../../web/ui/drawing-pad.mjs';
import {beside} from '../../../web/ui/side-by-side.mjs';
import {TEMPLATE, backdrop, caption, python, verdict} from './lib/darts-view.mjs';
import {estimates, plot} from './lib/estimator-chart.mjs';
import {LatentWindow} from './lib/latent-window.mjs';
import {logSum} from './lib/log-evidence.mjs';
import {choices, onDigit, paintX} from './lib/observed-digit.mjs';
import {MODELS, Throwing} from './lib/prior-and-q-sampling.mjs';

/**
 * @typedef {import('../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('./lib/observed-digit.mjs').ObservedDigit} ObservedDigit
 * @typedef {import('./lib/prior-and-q-sampling.mjs').Source} Source
 */

const FIRST_SEED = 1;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const darts = new Darts(mounted);
  drawingPad(mounted.part('pad'));
  choices(mounted.part('examples')).catch(mounted.showError);
  mounted.acts({
    prior: () => darts.again('prior'),
    q: () => darts.again('q'),
    latents: button => darts.dial(Number(button.dataset.latents)),
    reset: () => darts.reset(),
    png: () => savePng('darts.png', beside([darts.map.picture(), darts.near.picture()]), 1),
    code: () => showCode(python(darts.latents, darts.seed, darts.source)),
  });
  mounted.onStop(async ({source, latents}) => {
    if (source && latents) await darts.goTo(/** @type {Source} */ (source), Number(latents));
  });
  new ResizeObserver(() => darts.tell()).observe(query(mounted.root, '.vd-estimates'));
  onDigit(digit => darts.aimAt(digit).catch(mounted.showError));
}

class Darts {
  /** @type {ObservedDigit | null} */
  #digit = null;
  /** @type {Throwing | null} */
  #throwing = null;
  /** log p(x), where the plane can be summed. @type {number | null} */
  #exact = null;
  /** Counts digits and models: what was begun for an earlier one is left. */
  #token = 0;
  #busy = false;
  /** What is thrown next. @type {null | (() => Promise<void>)} */
  #next = null;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    const {state} = mounted;
    this.mounted = mounted;
    this.latents = Number(state.choice('latents'));
    this.seed = Number(state.whole('seed', FIRST_SEED));
    this.source = /** @type {Source} */ (state.choice('source'));
    this.map = new LatentWindow(mounted.part('map'), 'The latent space, with the darts on it');
    this.near = new LatentWindow(mounted.part('near'), 'The surroundings of q, enlarged');
    this.behind = new Image();
    this.behind.alt = '';
    this.behind.className = 'behind';
    this.behind.src = `${ROOT}live/models/${MODELS[2]}/map.png`;
    mounted.part('map').prepend(this.behind);
  }

  /** @param {ObservedDigit} digit */
  aimAt(digit) {
    this.#digit = digit;
    return this.#begin();
  }

  /** @param {number} latents */
  dial(latents) {
    this.latents = latents;
    this.mounted.state.set({latents});
    return this.#begin();
  }

  reset() {
    this.seed = FIRST_SEED;
    this.source = 'prior';
    this.mounted.state.set({seed: null, source: null});
    return this.#begin();
  }

  /** What a stop of the tour asks for. @param {Source} source @param {number} latents */
  async goTo(source, latents) {
    const same = this.latents === latents;
    this.source = source;
    if (!this.#digit) this.latents = latents;
    else if (same && this.#throwing) await this.again(source);
    else await this.dial(latents);
  }

  /** Throws with the next seed. @param {Source} source */
  again(source) {
    return this.#queue(async () => {
      this.seed = nextSeed(this.seed);
      this.source = source;
      this.mounted.state.set({seed: this.seed, source});
      if (this.#throwing) await this.#toss(source); // else it begins with them
    });
  }

  /** One throw at a time; of those asked for meanwhile, the last. @param {() => Promise<void>} work */
  async #queue(work) {
    this.#next = work;
    if (this.#busy) return;
    this.#busy = true;
    while (this.#next) {
      const now = this.#next;
      this.#next = null;
      await now().catch(this.mounted.showError);
    }
    this.#busy = false;
  }

  /** Another digit, or another number of latents: thrown anew at once. */
  async #begin() {
    const {mounted, latents} = this;
    const digit = this.#digit;
    const token = ++this.#token;
    this.#throwing = null;
    this.#exact = null;
    for (const button of mounted.all('[data-latents]'))
      button.setAttribute('aria-pressed', String(Number(button.dataset.latents) === latents));
    if (!digit) return; // it begins with the first
    const opened = await Throwing.at(latents, digit);
    if (token !== this.#token) return;
    this.#throwing = opened;
    mounted.showError(null);
    paintX(mounted.part('x', HTMLCanvasElement), digit.x);
    mounted.badge(MODELS[latents]);
    this.#showPlace(opened);
    if (latents === 2) this.#sum(digit, token).catch(mounted.showError);
    await this.#toss(this.source);
    // unseen: what the estimates stand beside
    if (this.source !== 'prior' || token !== this.#token) return;
    await opened.throw('q', this.seed + 1);
    this.tell();
  }

  /** Where q is on the map, and what lies behind. @param {Throwing} opened */
  #showPlace(opened) {
    const {map, near, mounted} = this;
    const flat = opened.latents === 2;
    const pair = opened.shown();
    const [mean, sigma] = [opened.q.mean, opened.q.sigma].map(values => pair.map(d => values[d]));
    mounted.part('caption').textContent = caption(opened.latents, pair);
    this.behind.hidden = !flat;
    near.zoom(mean, 5 * Math.max(...sigma));
    near.clearHeat();
    for (const view of [map, near]) {
      view.ellipses({encoder: {mean, sigma, angle: 0}});
      view.darts([]);
    }
    if (flat) map.clearHeat();
    else backdrop(map.heatCanvas, opened, pair).catch(mounted.showError);
  }

  /** log p(x), exactly. @param {ObservedDigit} digit @param {number} token */
  async #sum(digit, token) {
    const {logP, surface} = await digit.evidence();
    if (token !== this.#token) return;
    this.#exact = logP;
    this.near.heat(surface);
    this.tell();
  }

  /** A thousand darts, as they land. @param {Source} source */
  async #toss(source) {
    this.source = source;
    const {root} = this.mounted;
    const throwing = this.#throwing;
    if (!throwing) return;
    const start = performance.now();
    const pair = throwing.shown();
    /** @type {import('./lib/latent-window.mjs').Dart[]} */
    const landed = [];
    await throwing.throw(source, this.seed, darts => {
      landed.push(...darts.map(({z, hit}) => ({z: pair.map(d => z[d]), hit})));
      if (throwing === this.#throwing) [this.map, this.near].forEach(view => view.darts(landed));
    });
    if (throwing !== this.#throwing) return;
    root.dataset.thrown = `${source} ${this.seed} ${throwing.last.filter(({hit}) => hit).length}`;
    root.dataset.ms = (performance.now() - start).toFixed(0);
    this.tell();
  }

  /** What the throws so far say. */
  tell() {
    const throwing = this.#throwing;
    if (!throwing?.last.length) return;
    const {mounted} = this;
    const {big, note} = verdict(throwing, this.source);
    mounted.part('big').textContent = big;
    mounted.part('note').textContent = note;
    const prior = throwing.weights('prior');
    const q = throwing.weights('q');
    const exact = this.#exact;
    const line = exact ?? (q.length ? logSum(q) - Math.log(q.length) : NaN);
    const by = exact === null ? `by ${q.length.toLocaleString('en')} throws of q` : 'summed exactly';
    const known = Number.isFinite(line);
    mounted.part('line').textContent = known ? `${line.toFixed(1).replace('-', '−')} nats, ${by}` : '…';
    if (!known) return;
    const [ofPrior, ofQ] = [prior, q].map(weights => (weights.length ? estimates(weights) : []));
    plot(mounted.part('plot'), {prior: ofPrior, q: ofQ, exact, line});
  }
}
