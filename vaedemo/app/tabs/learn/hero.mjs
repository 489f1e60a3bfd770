/** A VAE learns in this browser: its map unfolds, its codes drift apart, and beta turns while it runs. */
import {openVae, ownVae} from '../../../web/engine/own-vae.mjs';
import {GRID, SIDE, TIMES} from '../../../web/engine/training-run.mjs';
import {writeTensors} from '../../../web/engine/safetensors.mjs';
import {prefersReducedMotion} from '../../../web/page/dom.mjs';
import {save, savePng} from '../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../web/page/fold.mjs';
import {nextSeed} from '../../../web/page/seeds.mjs';
import {showCode} from '../../../web/ui/code-dialog.mjs';
import {digitLegend} from '../../../web/ui/digit-legend.mjs';
import {LatentScatter, NEAR} from '../../../web/ui/latent-scatter.mjs';
import {Painter} from '../../../web/ui/painter.mjs';
import {History} from './lib/history.mjs';
import {LatentBars} from './lib/latent-bars.mjs';
import {Lesson, TEACHER} from './lib/lesson.mjs';
import {OwnDigits} from './lib/own-digits.mjs';
import {TEMPLATE as CHART, drawTerms} from './lib/terms-chart.mjs';
import {betaWords, noticed, python} from './lib/words.mjs';

/** @typedef {import('./lib/lesson.mjs').Shown} Shown */

const MOST_BETA = 16;
const WARMUP = 1000; // steps
const EXAMPLES = 20; // of the digits that are drawn
const RATES = ['0.0003', '0.001', '0.003', '0.01', '0.03', '0.1', '1'];
const SPEED_MS = 1000;
const FOLLOW = 0.2; // of the way to where the plane should end, at each frame
const LATENTS = Array.from({length: 15}, (_, i) => i + 2);

const TEMPLATE = `
<div class="vd-learn">
  <figure class="vd-figure">
    <canvas class="vd-ink" data-part="map" role="img"
      aria-label="The decoder's pictures on a map of two latents, as they are now"></canvas>
    <figcaption>The decoder's picture for each z, at the quantiles of N(0, I)</figcaption>
  </figure>
  <figure class="vd-figure">
    <div data-part="plane"></div>
    <div class="bars" data-part="bars" role="group" aria-label="Rates of the latents" hidden></div>
    <figcaption class="vd-legend" data-part="legend"></figcaption>
  </figure>
  <figure class="vd-figure chart">
    <div data-part="chart">${CHART}</div>
    <figcaption><output data-part="seen" role="status"></output></figcaption>
  </figure>
  <div class="turn">
    <label class="beta">beta <input type="range" data-part="beta" min="0" max="1" step="0.005">
      <output data-part="beta-now"></output></label>
    <p class="vd-note" data-part="beta-words"></p>
    <div class="vd-row vd-controls">
      <button type="button" class="vd-main" data-act="play">Play</button>
      <button type="button" class="vd-quiet" data-act="step">One step</button>
      <button type="button" class="vd-quiet" data-act="again">Again</button>
      <button type="button" class="vd-quiet" data-act="other">Another seed</button>
      <label>learning rate <select data-part="rate">${RATES.map(rate => `<option>${rate}</option>`).join('')}</select>
      </label>
      <label>latents <select data-part="z">${LATENTS.map(z => `<option>${z}</option>`).join('')}</select></label>
      <button type="button" class="vd-quiet" data-act="noise" aria-pressed="true">Noise</button>
      <button type="button" class="vd-quiet" data-act="warmup" aria-pressed="false">Warm-up</button>
      <button type="button" class="vd-quiet" data-act="model">Save model</button>
      <button type="button" class="vd-quiet" data-act="open">Open model</button>
      <input type="file" data-part="file" accept=".safetensors" hidden>
      ${takeaway('png', 'code', 'badge')}
    </div>
    <p class="vd-trouble" role="status"></p>
    <p class="vd-note" data-part="yours" hidden>It is in <b>Sample</b>, too: "Your map" there shows it.</p>
  </div>
  <details class="vd-fold">
    <summary>What it learns from</summary>
    <p class="vd-note">Every digit here was drawn in this browser by ${TEACHER}, for a random z and the labels 0 to 9 in
      turn. Nothing is sent, and no picture of a data set is here. The 500 dots are digits that it does not learn
      from.</p>
    <canvas class="vd-ink" data-part="examples" role="img" aria-label="Digits that ${TEACHER} drew"></canvas>
    <p class="vd-note">Draw some yourself: it learns from each as often as from ${TIMES} of these. They stay in this
      browser.</p>
    <div data-part="own"></div>
  </details>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../web/page/fold.mjs').Mounted} mounted */
function setup(mounted) {
  const hero = new Hero(mounted);
  mounted.acts(hero.acts());
  mounted.badge(TEACHER);
  mounted.needs(TEACHER);
  mounted.onVisible(visible => hero.look(visible));
  if (!prefersReducedMotion()) hero.lesson.play(true);
  mounted.onStop(state => hero.goTo(state));
}

/** Where a slider from 0 to 1 stands for a beta: fine below 1, coarse above. @param {number} beta */
const placeOf = beta => Math.sqrt(beta / MOST_BETA);
/** @param {number} place */
const betaOf = place => Number((MOST_BETA * place ** 2).toPrecision(2));

class Hero {
  #mounted;
  #wanted;
  #painter;
  #plane;
  #bars;
  /** @type {History<import('./lib/terms-chart.mjs').Point>} */
  #history = new History(['rate', 'distortion']);
  /** @type {Shown | null} */
  #last = null;
  #pace = {time: 0, pictures: 0, speed: 0};
  /** @type {Uint8Array | null} */
  #labels = null;
  /** What other tabs have of it. @type {Shown | null} */
  #shared = null;

  /** @param {import('../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.#wanted = {
      z: state.whole('z', 2),
      seed: state.whole('seed', 1),
      settings: {
        beta: state.given('beta') ? Math.max(0, state.numbers('beta')?.[0] ?? 1) : 1,
        rate: Number(state.choice('rate')),
        noise: state.choice('noise') === 'on',
        warmup: state.choice('warmup') === 'on' ? WARMUP : 0,
      },
    };
    const side = GRID * SIDE;
    this.#painter = new Painter(mounted.part('map', HTMLCanvasElement), [1, side, side], {crisp: false});
    this.#plane = new LatentScatter(mounted.part('plane'), 'Codes of 500 digits, colored by label, and the prior');
    this.lesson = new Lesson(this.#wanted, mounted.showError);
    this.#bars = new LatentBars(mounted.part('bars'), axes => this.lesson.show(axes));
    const words = 'Posterior means of 500 digits; the circles are the prior at 1 and 2 sigma';
    digitLegend(mounted.part('legend'), true, words);
    new OwnDigits(mounted.part('own'), own => this.lesson.learnAlso(own));
    this.#controls();
    this.#follow();
  }

  #controls() {
    const {part} = this.#parts();
    const {settings} = this.#wanted;
    part('beta', HTMLInputElement).value = String(placeOf(settings.beta));
    part('beta', HTMLInputElement).addEventListener('input', event => {
      this.#turn(betaOf(Number(/** @type {HTMLInputElement} */ (event.target).value)));
    });
    part('rate', HTMLSelectElement).addEventListener('change', event => {
      const {value} = /** @type {HTMLSelectElement} */ (event.target);
      this.#mounted.state.set({rate: value});
      this.lesson.set({rate: (settings.rate = Number(value))});
    });
    part('z', HTMLSelectElement).addEventListener('change', event => {
      this.#begin({z: Number(/** @type {HTMLSelectElement} */ (event.target).value)});
    });
    const file = part('file', HTMLInputElement);
    file.addEventListener('change', () => {
      this.#open(file.files?.[0]).catch(this.#mounted.showError);
      file.value = '';
    });
    this.#showControls();
  }

  #parts() {
    return {part: this.#mounted.part.bind(this.#mounted)};
  }

  #showControls() {
    const {part} = this.#parts();
    const {settings, z} = this.#wanted;
    part('beta', HTMLInputElement).value = String(placeOf(settings.beta));
    part('beta', HTMLInputElement).disabled = !settings.noise;
    part('beta-now').textContent = String(settings.beta);
    part('beta-words').textContent = betaWords(settings);
    part('rate', HTMLSelectElement).value = String(settings.rate);
    part('z', HTMLSelectElement).value = String(z);
    this.#mounted.button('noise').setAttribute('aria-pressed', String(settings.noise));
    this.#mounted.button('warmup').setAttribute('aria-pressed', String(settings.warmup > 0));
    part('bars').hidden = z === 2;
  }

  /** Beta, while it runs. @param {number} beta */
  #turn(beta) {
    this.#wanted.settings.beta = beta;
    this.#mounted.state.set({beta});
    this.lesson.set({beta});
    this.#showControls();
  }

  /** From the beginning. @param {{z?: number, seed?: number}} [changes] */
  #begin(changes = {}) {
    this.#anew(changes);
    this.lesson.again(changes);
  }

  /** @param {{z?: number, seed?: number}} changes */
  #anew(changes) {
    Object.assign(this.#wanted, changes);
    this.#mounted.state.set(changes);
    this.#history.clear();
    this.#pace = {time: 0, pictures: 0, speed: 0};
    this.#showControls();
  }

  /** A model that was saved goes on. @param {File | undefined} file */
  async #open(file) {
    if (!file) return;
    const vae = await openVae(file);
    this.lesson.play(false);
    this.#anew({z: vae.form.z});
    this.lesson.take(vae);
  }

  /** Nothing is trained while nobody looks; other places then have what was learned. @param {boolean} visible */
  look(visible) {
    this.lesson.look(visible);
    if (!visible) this.#share().catch(this.#mounted.showError);
  }

  async #share() {
    const last = this.#last;
    if (!last?.frame.steps || last.frame.diverged || !this.#labels || last === this.#shared) return;
    this.#shared = last;
    const vae = await this.lesson.weights();
    ownVae.publish({...vae, axes: last.frame.axes, means: last.frame.means, labels: this.#labels});
    this.#mounted.part('yours').hidden = false;
  }

  #follow() {
    const {lesson} = this;
    lesson.playing.subscribe(playing => {
      this.#mounted.button('play').textContent = playing ? 'Pause' : 'Play';
      this.#mounted.root.dataset.playing = String(playing);
      if (!playing) this.#share().catch(this.#mounted.showError);
    });
    lesson.digits.subscribe(({labels, grey}) => {
      this.#labels = labels;
      const canvas = this.#mounted.part('examples', HTMLCanvasElement);
      new Painter(canvas, [1, SIDE, SIDE], {columns: EXAMPLES}).draw(grey.subarray(0, EXAMPLES * SIDE * SIDE));
    });
    lesson.shown.subscribe(shown => this.#show(shown));
  }

  /** @param {Shown} shown */
  #show(shown) {
    const {frame} = shown;
    const {settings} = this.#wanted;
    if (this.#last && frame.steps < this.#last.frame.steps) this.#history.clear();
    this.#last = shown;
    if (!this.lesson.playing.value) this.#share().catch(this.#mounted.showError);
    this.#painter.draw(frame.map);
    this.#mounted.part('map').dataset.drawn = String(frame.steps);
    const end = Math.max(NEAR, this.#plane.far);
    this.#plane.reach += FOLLOW * (end - this.#plane.reach);
    if (this.#labels) this.#plane.points({data: frame.means}, {data: this.#labels});
    this.#bars.show(frame.rates, frame.axes);
    if (Number.isFinite(frame.rate + frame.distortion)) {
      const {pictures, distortion, beta} = frame;
      this.#history.push({pictures, distortion, beta, rate: settings.noise ? frame.rate : 0});
      if (this.#history.points.length) drawTerms(this.#mounted.part('chart'), this.#history.points);
    }
    this.#mounted.showError(noticed(frame, settings));
    this.#tell(shown);
  }

  /** @param {Shown} shown */
  #tell({frame, drawn, own, small, rested}) {
    const now = performance.now();
    const pace = this.#pace;
    if (now - pace.time > SPEED_MS) {
      const isRunning = pace.time && frame.pictures > pace.pictures;
      const speed = isRunning ? (1000 * (frame.pictures - pace.pictures)) / (now - pace.time) : 0;
      this.#pace = {time: now, pictures: frame.pictures, speed};
    }
    const speed = this.lesson.playing.value ? Math.round(this.#pace.speed / 100) * 100 : 0;
    const steps = `${frame.steps.toLocaleString('en')} ${frame.steps === 1 ? 'step' : 'steps'}`;
    const parts = [
      `${frame.pictures.toLocaleString('en')} digits seen in ${steps}`,
      speed ? `, ${speed.toLocaleString('en')} a second` : '',
      `. It learns from ${(drawn - 500).toLocaleString('en')} different ones`,
      own ? `, and ${own} that you drew.` : '.',
      small ? ' This browser is slow, so the net has 64 hidden units in place of 256.' : '',
      rested ? ' It rests now; press Play to go on.' : '',
    ];
    this.#mounted.part('seen').textContent = parts.join('');
  }

  /** The tour's stop. @param {Record<string, string>} state */
  goTo({beta, z, noise}) {
    Object.assign(this.#wanted.settings, {beta: Number(beta), noise: noise === 'on'});
    this.lesson.set(this.#wanted.settings);
    this.#mounted.state.set({beta, noise});
    if (Number(z) === this.#wanted.z) this.#showControls();
    else this.#begin({z: Number(z)});
    if (!prefersReducedMotion()) this.lesson.play(true);
  }

  /** @returns {Record<string, import('../../../web/page/fold.mjs').Act>} */
  acts() {
    const {lesson} = this;
    return {
      play: () => lesson.play(!lesson.playing.value),
      step: () => lesson.step(),
      again: () => this.#begin(),
      other: () => this.#begin({seed: nextSeed(this.#wanted.seed)}),
      noise: () => {
        const {settings} = this.#wanted;
        settings.noise = !settings.noise;
        this.#mounted.state.set({noise: settings.noise ? 'on' : 'off'});
        lesson.set({noise: settings.noise});
        this.#showControls();
      },
      warmup: () => {
        const {settings} = this.#wanted;
        settings.warmup = settings.warmup ? 0 : WARMUP;
        this.#mounted.state.set({warmup: settings.warmup ? 'on' : 'off'});
        lesson.set({warmup: settings.warmup});
        this.#begin();
      },
      png: () => savePng('map.png', this.#painter.canvas, 2),
      code: async () => showCode(python((await lesson.weights()).form, this.#wanted.settings)),
      model: () => this.#save(),
      open: () => this.#mounted.part('file', HTMLInputElement).click(),
    };
  }

  async #save() {
    const {weights, form, steps} = await this.lesson.weights();
    const {beta, noise} = this.#wanted.settings;
    const about = {
      z: String(form.z),
      hidden: String(form.hidden),
      steps: String(steps),
      beta: String(beta),
      noise: String(noise),
    };
    save('vae.safetensors', new Blob([writeTensors(weights, {...about, digits: TEACHER})]));
  }
}
