/** The same smile along a flow and by two models of pixels, and how far each leaves the photo: measured at hand. */
import {decoderOf, facts} from '../../../../web/engine/model-store.mjs';
import {contextOf, fileOf, newCanvas} from '../../../../web/page/canvas-pixels.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest, request} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {FaceView} from '../lib/face-view.mjs';
import {flowEditor} from '../lib/flow-editor.mjs';
import {drawSquare} from '../lib/own-square.mjs';
import {face} from '../lib/portrait.mjs';
import {pixelsOf} from '../lib/python.mjs';

/** @typedef {import('../lib/portrait.mjs').Face} Face */
/** @typedef {{z: number[], y: number[], figures: Record<string, {sharpness: number, distance: number}>}} Compared */

const MODELS = /** @type {const} */ (['faces-cvae', 'faces-sharp']); // both draw the same z and y
const SHAPE = /** @type {[number, number, number]} */ ([3, 64, 64]);
const REST_MS = 250; // after which a hand has come to rest
const SIDE = 256; // pixels of a picture of the photo
const LONGEST_BAR = 2; // of sharpness and distance

/** @param {string} name @param {string} words */
const bar = (name, words) => `
<div class="bar" data-bar="${name}"><span>${words}</span><i><b></b></i><output>…</output></div>`;

/** @param {string} name @param {number} side @param {string} title @param {string} caption @param {string} bars */
const figure = (name, side, title, caption, bars) => `
<figure class="vd-figure">
  <canvas class="vd-photo" data-part="${name}" width="${side}" height="${side}" role="img"
    aria-label="${title}"></canvas>
  <figcaption><b>${title}</b> ${caption}</figcaption>
  <div data-figures="${name}">${bars}</div>
</figure>`;

const BARS = bar('sharpness', 'sharpness') + bar('distance', 'distance');
const TEMPLATE = `
<div class="vd-pixels">
  <label class="strength">Smile <output data-part="told"></output>
    <input type="range" min="0" max="1" step="0.01" data-part="smile"></label>
  <div class="four">
    ${figure('photo', SIDE, 'The photo', 'cut out as models of faces see it', '')}
    ${figure('flow', SIDE, 'Along the flow', 'the photo’s own pixels, moved', BARS)}
    ${figure(MODELS[0], 64, 'Pixels: the mean', 'faces-cvae draws all of it from z and y', BARS)}
    ${figure(MODELS[1], 64, 'Pixels: for a critic', 'faces-sharp draws the same z and y', BARS)}
  </div>
  <p class="vd-note">Sharpness: gradient energy at 64 × 64 pixels; the photo has 1. Distance: how far the features of
    faces-reader have moved from the photo’s; other portraits lie at 1 on average. A smile itself moves them, too.</p>
  <div class="vd-row">${takeaway('png', 'code')}</div>
</div>`;

class Comparison {
  #mounted;
  #editor;
  #decoders;
  #smiling;
  #slider;
  #view = new FaceView();
  #painters;
  /** @type {Blob | null} */ #photo = null;
  /** @type {Compared | null} */ #told = null;
  #frame = 0;
  #rest = 0;
  #visible = false;
  #asked = false;

  /**
   * @param {import('../../../../web/page/fold.mjs').Mounted} mounted
   * @param {import('../lib/flow-editor.mjs').FlowEditor} editor
   * @param {import('../../../../web/engine/live-decoder.mjs').LiveDecoder[]} decoders  of MODELS
   * @param {number} smiling  which number of y is Smiling
   */
  constructor(mounted, editor, decoders, smiling) {
    this.#mounted = mounted;
    this.#editor = editor;
    this.#decoders = decoders;
    this.#smiling = smiling;
    this.#painters = MODELS.map(name => new Painter(mounted.part(name, HTMLCanvasElement), SHAPE, {crisp: false}));
    this.#slider = mounted.part('smile', HTMLInputElement);
    this.#slider.addEventListener('keydown', event => event.stopPropagation()); // the presenter's arrows turn stops
    this.#slider.addEventListener('input', () => this.pull(Number(this.#slider.value)));
    this.#slider.value = String(Math.max(0, mounted.state.numbers('smile')?.[0] ?? 1));
    face.subscribe(found => {
      this.#view.take(found);
      this.#photo = null;
      this.#told = null;
      drawSquare(this.#view.canvas, this.#placement, mounted.part('photo', HTMLCanvasElement));
      this.#show();
    });
    mounted.onVisible(visible => {
      this.#visible = visible;
      if (visible && !this.#asked) this.#ask().catch(mounted.showError);
    });
  }

  get #placement() {
    return /** @type {import('../lib/face-warp.mjs').Placement} */ (this.#view.placement);
  }

  get #smile() {
    return Number(this.#slider.value);
  }

  /** @param {number} smile */
  pull(smile) {
    this.#slider.value = String(smile);
    this.#mounted.state.set({smile: this.#smile.toFixed(2)});
    this.#show();
  }

  acts() {
    const pictures = () => ['photo', 'flow', ...MODELS].map(name => this.#mounted.part(name, HTMLCanvasElement));
    return {
      png: () => savePng('pixels-or-flow.png', beside(pictures().map(enlarged)), 1),
      code: () => face.value && showCode(pixelsOf(face.value, this.#smile)),
    };
  }

  /** Draws at the next frame; figures follow when the hand rests. */
  #show() {
    this.#mounted.part('told').textContent = this.#smile.toFixed(2);
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#rest);
    this.#asked = false;
    for (const output of this.#mounted.all('.bar output')) output.textContent = '…';
    this.#frame = requestAnimationFrame(() => this.#paint());
    this.#rest = window.setTimeout(() => {
      if (this.#visible) this.#ask().catch(this.#mounted.showError);
    }, REST_MS);
  }

  #paint() {
    if (!face.value) return;
    this.#view.draw(this.#editor.flow(face.value, [{expression: 'smile', strength: this.#smile}]), true);
    drawSquare(this.#view.canvas, this.#placement, this.#mounted.part('flow', HTMLCanvasElement));
    if (!this.#told) return;
    const {z, y} = this.#told;
    const asked = y.map((value, i) => (i === this.#smiling ? value + this.#smile * (1 - value) : value));
    this.#decoders.forEach((open, i) => open.show([...z, ...asked], planes => this.#painters[i].draw(planes)));
  }

  /** The pixel models' code of the photo, and the figures of this smile. */
  #ask = newest(async signal => {
    const one = face.value;
    if (!one) return;
    this.#asked = true;
    this.#photo ??= await photoOf(one);
    signal.throwIfAborted();
    const eyes = one.eyes.flat().map(value => value.toFixed(5));
    const answer = await request('express/compared', {
      purpose: 'compare models',
      body: this.#photo,
      query: {eyes: eyes.join(), smile: this.#smile.toFixed(2)},
      signal,
    });
    const told = /** @type {Compared} */ (await answer.json());
    signal.throwIfAborted();
    this.#told = told;
    this.#mounted.root.dataset.told = '';
    this.#paint();
    this.#tell(told.figures);
    this.#mounted.showError(null);
  });

  /** @param {Compared['figures']} figures */
  #tell(figures) {
    for (const element of this.#mounted.all('[data-figures] .bar')) {
      const name = element.parentElement?.dataset.figures ?? '';
      const kind = /** @type {'sharpness' | 'distance'} */ (element.dataset.bar);
      const value = figures[name][kind];
      const [line, output] = ['b', 'output'].map(tag => /** @type {HTMLElement} */ (element.querySelector(tag)));
      line.style.width = `${(100 * Math.min(value, LONGEST_BAR)) / LONGEST_BAR}%`;
      output.textContent = value.toFixed(2);
    }
  }
}

/** The photo as a file, no larger than the page shows it. @param {Face} one */
async function photoOf(one) {
  const view = new FaceView();
  view.take(one);
  return fileOf(view.canvas);
}

/** All pictures at one size. @param {HTMLCanvasElement} canvas */
function enlarged(canvas) {
  const large = newCanvas(SIDE, SIDE);
  contextOf(large).drawImage(canvas, 0, 0, SIDE, SIDE);
  return large;
}

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
async function setup(mounted) {
  const [editor, {recipe}, ...decoders] = await Promise.all([
    flowEditor(),
    facts(MODELS[0]),
    ...MODELS.map(name => decoderOf(name, 'pixels-or-flow')),
  ]);
  const smiling = recipe.net.attributes.indexOf('Smiling');
  const comparison = new Comparison(mounted, editor, decoders, smiling);
  mounted.acts(comparison.acts());
  mounted.onStop(({smile}) => smile && comparison.pull(Number(smile)));
}

export const mount = mountFold({template: TEMPLATE, setup});
