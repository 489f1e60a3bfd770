/** Dice in z, and in all pixels beside it. */
import {decoderOf, draw} from '../../../../web/engine/model-store.mjs';
import {contextOf} from '../../../../web/page/canvas-pixels.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {decodedGrid} from '../../../../web/ui/decoded-grid.mjs';
import {snow} from '../lib/snow.mjs';

const MODELS = ['digits', 'digits-2d', 'faces-vae'];
const SIZES = [16, 36, 64];
const SCALE = 4; // of the PNG

const options = words => words.map(word => `<option>${word}</option>`).join('');

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="throw">Throw</button>
    <label>Model <select data-set="model">${options(MODELS)}</select></label>
    <label>Pictures <select data-set="n">${options(SIZES)}</select></label>
    <label>Temperature
      <input type="range" data-set="temperature" min="0" max="1.5" step="0.05"><output></output></label>
    <label>Seed
      <input type="number" data-set="seed" min="0" max="999999999" inputmode="numeric"></label>
  </div>
  <div class="vd-pair">
    <figure class="vd-figure"><canvas class="vd-ink" data-part="z" role="img"></canvas>
      <figcaption>z from N(0, I), decoded</figcaption></figure>
    <figure class="vd-figure">
      <canvas class="vd-ink" data-part="noise" role="img" aria-label="Grids of random pixels: snow"></canvas>
      <figcaption data-part="pixels"></figcaption></figure>
  </div>
  <div class="vd-row">${takeaway('png', 'code', 'badge')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
function setup(mounted) {
  const dice = new Dice(mounted);
  mounted.acts({
    throw: () => dice.change('seed', nextSeed(dice.settings.seed)),
    png: () => dice.savePicture(),
    code: () => showCode(python(dice.settings)),
  });
  for (const key of ['model', 'n']) {
    const select = setting(mounted, key, HTMLSelectElement);
    select.addEventListener('input', () => dice.change(key, key === 'model' ? select.value : Number(select.value)));
  }
  for (const key of ['temperature', 'seed']) {
    const input = setting(mounted, key, HTMLInputElement);
    input.addEventListener('input', () => {
      if (input.value !== '' && input.checkValidity()) dice.change(key, Number(input.value));
    });
  }
  mounted.onStop(({seed}) => dice.change('seed', Number(seed)));
  dice.show();
}

/**
 * The control of a setting.
 * @template {HTMLElement} T
 * @param {import('../../../../web/page/fold.mjs').Mounted} mounted
 * @param {string} key
 * @param {new () => T} kind
 */
const setting = (mounted, key, kind) => query(mounted.root, `[data-set="${key}"]`, kind);

class Dice {
  #mounted;
  /** The draws from the prior at hand, and what they were drawn for. @type {Float32Array} */
  #codes;
  #drawn = '';

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.settings = {
      model: state.choice('model'),
      n: Number(state.choice('n')),
      temperature: Math.max(0, state.numbers('temperature')?.[0] ?? 1),
      seed: state.whole('seed', 1),
    };
  }

  /** @param {string} key  of the settings @param {string | number} value */
  change(key, value) {
    this.settings = {...this.settings, [key]: value};
    this.#mounted.state.set({[key]: value});
    this.show();
  }

  show() {
    this.#redraw().catch(this.#mounted.showError);
  }

  #redraw = newest(async signal => {
    this.#showSettings();
    const {model, n, temperature, seed} = this.settings;
    const {inputs, shape} = await decoderOf(model);
    const wanted = [n, inputs, seed].join();
    if (wanted !== this.#drawn) this.#codes = await draw(n, inputs, seed);
    this.#drawn = wanted;
    signal.throwIfAborted();
    const columns = Math.sqrt(n);
    const decoded = this.#mounted.part('z', HTMLCanvasElement);
    this.#describe(shape);
    const codes = this.#codes.map(value => value * temperature);
    await decodedGrid(model, decoded, codes, columns, signal);
    this.#snow(columns, seed, shape);
    this.#mounted.showError(null);
    this.#mounted.badge(model);
  });

  #showSettings() {
    for (const [key, value] of Object.entries(this.settings)) {
      const control = query(this.#mounted.root, `[data-set="${key}"]`);
      if (control instanceof HTMLInputElement || control instanceof HTMLSelectElement) control.value = String(value);
    }
    query(this.#mounted.root, 'output').textContent = this.settings.temperature.toFixed(2);
  }

  /** What both pictures show, in words. @param {[number, number, number]} shape  of one of them */
  #describe(shape) {
    const {model, n, seed} = this.settings;
    const isColor = shape[0] > 1;
    const numbers = shape.reduce((a, b) => a * b).toLocaleString('en');
    const kind = isColor ? 'values of red, green and blue' : 'pixels';
    for (const part of ['z', 'noise']) this.#mounted.part(part).className = isColor ? 'vd-photo' : 'vd-ink';
    this.#mounted.part('pixels').textContent = `${numbers} ${kind}, each thrown on its own`;
    this.#mounted.part('z').setAttribute('aria-label', `${n} pictures drawn by ${model}, seed ${seed}`);
  }

  /**
   * Every pixel on its own.
   * @param {number} columns
   * @param {number} seed
   * @param {[number, number, number]} shape  of one picture
   */
  #snow(columns, seed, [channels, height]) {
    const canvas = this.#mounted.part('noise', HTMLCanvasElement);
    const side = columns * height;
    canvas.width = side;
    canvas.height = side;
    contextOf(canvas).putImageData(new ImageData(snow(side ** 2, seed, channels), side), 0, 0);
  }

  savePicture() {
    const {model, seed} = this.settings;
    savePng(`${model}-seed-${seed}.png`, this.#mounted.part('z', HTMLCanvasElement), SCALE);
  }
}

/** @param {Dice['settings']} settings */
function python({model, n, temperature, seed}) {
  return `import vaedemo

model = vaedemo.load("${model}")
pictures = model.sample(${n}, temperature=${temperature}, seed=${seed})  # (${n}, C, H, W) in [0, 1]`;
}
