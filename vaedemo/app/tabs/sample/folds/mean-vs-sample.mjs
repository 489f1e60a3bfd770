/** The mean of p(x|z), samples of it (a coin for each pixel), and their average. */
import {decoder, draw} from '../../../../web/engine/model-store.mjs';
import {around, prefersReducedMotion, query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {onPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../../web/page/request.mjs';
import {SEEDS} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {onDrag} from '../../../../web/ui/drag.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {decoded} from '../../../../web/ui/side-by-side.mjs';
import {average, sample} from '../lib/coin-flips.mjs';

const MODEL = 'digits';
const COUNTS = [1, 4, 16, 64, 256]; // of samples that are averaged
const USUAL = 16;
const SEED = 4;
const EVERY_MS = 300;
const SCALE = 16; // of the PNG

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="toggle" aria-pressed="false">Show samples</button>
    <button type="button" class="vd-quiet" data-act="freeze" aria-pressed="false">Freeze</button>
    <button type="button" class="vd-quiet" data-act="random">Random z</button>
    <label>Average of <input type="range" data-part="count" min="0" max="${COUNTS.length - 1}" step="1"
      aria-label="How many samples are averaged"><output></output></label>
  </div>
  <div class="vd-means" tabindex="0" role="group" aria-label="Space freezes the samples">
    <figure class="vd-figure">
      <canvas class="vd-ink" data-part="shown" role="img"></canvas>
      <figcaption><b data-part="what"></b> <span data-part="whence"></span><br>
        Press and hold the picture for the other one.</figcaption>
    </figure>
    <figure class="vd-figure">
      <canvas class="vd-ink" data-part="average" role="img"></canvas>
      <figcaption data-part="averaged"></figcaption>
    </figure>
  </div>
  <div class="vd-row">${takeaway('png', 'code', 'badge')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
function setup(mounted) {
  const {root, showError} = mounted;
  const coins = new Coins(mounted);
  mounted.acts({
    toggle: () => coins.setSampling(!coins.isSampling),
    freeze: () => coins.freeze(),
    random: () => coins.randomize(),
    png: () => coins.savePicture(),
    code: () => coins.showPython(),
  });
  mounted.onStop(() => coins.setSampling(true));
  onPicture(blob => coins.take(blob).catch(showError), mounted.root);

  const count = mounted.part('count', HTMLInputElement);
  count.addEventListener('input', () => coins.setCount(COUNTS[Number(count.value)]));
  count.addEventListener('keydown', event => event.stopPropagation()); // the presenter's arrows turn stops
  const canvas = mounted.part('shown');
  onDrag(canvas, {start: () => coins.hold(true), move: () => {}, end: () => coins.hold(false)});
  canvas.addEventListener('contextmenu', event => event.preventDefault()); // a thumb that rests asks for no menu
  root.addEventListener('keydown', event => {
    if (event.key !== ' ' || around(event, 'button, input')) return;
    event.preventDefault();
    coins.freeze();
  });
  setInterval(() => {
    if (!document.hidden && root.offsetParent) coins.tossUnlessFrozen();
  }, EVERY_MS);
  coins.open();
  mounted.needs(MODEL);
  mounted.badge(MODEL);
}

class Coins {
  /** Whether samples are shown, not the mean. */
  isSampling = false;
  #mounted;
  #seed;
  #count;
  /** Held down, the picture is the other one. */
  #isHeld = false;
  #isFrozen = prefersReducedMotion();
  /** Of the picture that travels; null: z is drawn from the prior. @type {number[] | null} */
  #posterior = null;
  /** @type {{mean: Uint8Array, sample: Uint8Array, average: Uint8Array} | null} */
  #pictures = null;
  /** @type {{shown: Painter, average: Painter}} */
  #painters;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.#seed = mounted.state.whole('seed', SEED);
    const count = mounted.state.whole('count', USUAL);
    this.#count = COUNTS.includes(count) ? count : USUAL;
  }

  open() {
    this.#paint();
    if (!this.#posterior) this.#decode().catch(this.#mounted.showError);
  }

  /** Whether a sample is seen now. */
  get #seesSample() {
    return this.isSampling !== this.#isHeld;
  }

  #decode = newest(async signal => {
    const open = await decoder(MODEL);
    const z = this.#posterior ?? (await draw(1, open.inputs, this.#seed));
    const mean = await decoded({open}, [[...z]], signal);
    signal.throwIfAborted();
    this.#painters ??= {
      shown: new Painter(this.#mounted.part('shown', HTMLCanvasElement), open.shape),
      average: new Painter(this.#mounted.part('average', HTMLCanvasElement), open.shape),
    };
    this.#mounted.showError(null);
    this.#toss(mean);
  });

  /** The picture that travels; null: a z from the prior instead. */
  take = newest(async (signal, /** @type {Blob | null} */ blob) => {
    const answer = blob && (await encode(MODEL, blob, signal));
    this.#posterior = answer && answer.mean;
    await this.#decode();
  });

  /** @param {Uint8Array} mean */
  #toss(mean) {
    this.#pictures = {mean, sample: sample(mean), average: average(mean, this.#count)};
    this.#paint();
  }

  tossUnlessFrozen() {
    if (this.#pictures && !this.#isFrozen) this.#toss(this.#pictures.mean);
  }

  #paint() {
    this.#label();
    if (!this.#pictures) return;
    const {mean, sample: one, average: averaged} = this.#pictures;
    const isSample = this.#seesSample;
    const canvas = this.#mounted.part('shown');
    this.#painters.shown.draw(isSample ? one : mean);
    this.#painters.average.draw(averaged);
    canvas.dataset.shown = isSample ? 'sample' : 'mean';
    canvas.setAttribute(
      'aria-label',
      isSample ? 'A sample of the digit: every pixel black or white' : 'The mean of the digit: smooth',
    );
    this.#mounted.part('average').setAttribute('aria-label', `The average of ${this.#count} samples`);
  }

  #label() {
    const {root} = this.#mounted;
    this.#mounted.part('count', HTMLInputElement).value = String(COUNTS.indexOf(this.#count));
    query(root, 'output').textContent = String(this.#count);
    press(this.#mounted.button('toggle'), this.isSampling, 'Show the mean', 'Show samples');
    press(this.#mounted.button('freeze'), this.#isFrozen, 'Run', 'Freeze');
    const say = (part, words) => {
      this.#mounted.part(part).textContent = words;
    };
    say('what', this.#seesSample ? 'A sample of p(x|z):' : 'The mean of p(x|z):');
    say(
      'whence',
      this.#posterior ? 'z is the mean of q(z|x) of your picture.' : `z is from N(0, I), seed ${this.#seed}.`,
    );
    say('averaged', ofAverage(this.#count));
  }

  #keep() {
    this.#mounted.state.set({seed: this.#seed, count: this.#count});
  }

  /** @param {number} count  of samples that are averaged */
  setCount(count) {
    this.#count = count;
    this.#keep();
    if (this.#pictures) this.#toss(this.#pictures.mean);
  }

  /** @returns {Promise<void>} */
  randomize() {
    this.#seed = Math.floor(Math.random() * SEEDS);
    this.#keep();
    return this.take(null); // a picture that is being encoded comes too late
  }

  /** @param {boolean} isSampling */
  setSampling(isSampling) {
    this.isSampling = isSampling;
    this.#paint();
  }

  freeze() {
    this.#isFrozen = !this.#isFrozen;
    this.#paint();
  }

  /** @param {boolean} isHeld */
  hold(isHeld) {
    this.#isHeld = isHeld;
    this.#paint();
  }

  savePicture() {
    const name = this.#seesSample ? 'sample.png' : 'mean.png';
    savePng(name, this.#mounted.part('shown', HTMLCanvasElement), SCALE);
  }

  showPython() {
    showCode(python(this.#seed, this.#count, this.#posterior));
  }
}

/** @param {HTMLButtonElement} button @param {boolean} isPressed @param {string} pressed @param {string} otherwise */
function press(button, isPressed, pressed, otherwise) {
  button.textContent = isPressed ? pressed : otherwise;
  button.setAttribute('aria-pressed', String(isPressed));
}

/** @param {number} n */
function ofAverage(n) {
  if (n === 1) return 'One sample. Average more of them: it nears the mean.';
  return `The average of ${n} samples${n < COUNTS.at(-1) ? '' : ': nearly the mean'}.`;
}

/** @param {number} seed @param {number} n @param {number[] | null} posterior */
function python(seed, n, posterior) {
  const z = posterior
    ? `tensor([[${posterior.map(value => value.toFixed(3)).join(', ')}]])`
    : `from_numpy(draw(1, model.z, seed=${seed}))`;
  return `import torch, vaedemo
from vaedemo.latents import draw

model = vaedemo.load("${MODEL}")
z = torch.${z}
mean = model.render(model.decode(z))                            # (1, 1, 28, 28), the mean of p(x|z)
sample = torch.bernoulli(mean)                                  # a coin for each pixel
average = torch.bernoulli(mean.expand(${n}, -1, -1, -1)).mean(0)  # of ${n} samples`;
}
