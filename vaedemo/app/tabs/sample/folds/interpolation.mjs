/** From one digit to another: in pixels, along the straight line in z, and along the shell. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {lerp, slerp} from '../../../../web/engine/interpolation.mjs';
import {decoder} from '../../../../web/engine/model-store.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {saveGif, savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {onPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {examples} from '../../../../web/ui/digit-examples.mjs';
import {LatentMap} from '../../../../web/ui/latent-map.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {decoded} from '../../../../web/ui/side-by-side.mjs';
import {mixed, nearestOnLine, steps} from '../lib/ways.mjs';

/**
 * @typedef {{open: import('../../../../web/engine/live-decoder.mjs').LiveDecoder, a: number[], b: number[],
 *   planes: [Uint8Array, Uint8Array], painters: Record<string, Painter>}} Ends
 *   Both codes, their pictures, and what draws a picture between them, by the way
 */

const FLAT = 'digits-2d'; // the model that has a map
const MODELS = [FLAT, 'digits'];
const PIXELS = 28 * 28;
const FRAMES = 11;
const GIF_FRAMES = 40;
const PATH = 40; // points of a way on the map
const THERE_MS = 2500; // from one digit to the other; then back
const SCALE = 8; // of the PNG
const FIRST = {from: 3, to: 8};
const WAYS = {
  pixels: 'through the pixels',
  lerp: 'straight through z (lerp)',
  slerp: 'along the shell (slerp)',
};
const MINE = 'mine'; // of the digit to begin with: the picture that travels

const digits = Array.from({length: 10}, (_, digit) => `<option>${digit}</option>`).join('');

/** @param {[string, string]} way */
const large = ([name, words]) => `
<figure class="vd-figure">
  <canvas class="vd-ink" data-large="${name}" role="img" aria-label="The digit on its way, ${words}"></canvas>
  <figcaption>${words}</figcaption>
</figure>`;

/** @param {[string, string]} way */
const strip = ([name, words]) =>
  `<canvas class="vd-ink vd-strip" data-strip="${name}" role="img" aria-label="${FRAMES} steps ${words}"></canvas>`;

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <label>From <select data-set="from">${digits}<option value="${MINE}" disabled>yours</option></select></label>
    <label>to <select data-set="to">${digits}</select></label>
    <label>Model <select data-set="model">${MODELS.map(name => `<option>${name}</option>`).join('')}</select></label>
    <button type="button" class="vd-main" data-act="play">Play</button>
  </div>
  <div class="vd-journey">
    <div class="vd-lines">
      <div class="vd-trio">${Object.entries(WAYS).map(large).join('')}</div>
      <input type="range" data-part="t" min="0" max="1" step="0.01" value="0.5"
        aria-label="How far on the way, from 0 to 1">
      ${Object.entries(WAYS).map(strip).join('')}
    </div>
    <figure class="vd-figure" data-part="where">
      <div data-part="map"></div>
      <figcaption>The straight line and the arc on the map</figcaption>
    </figure>
  </div>
  <div class="vd-row">${takeaway('gif', 'png', 'code')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
function setup(mounted) {
  const journey = new Journey(mounted);
  mounted.acts({
    play: () => journey.play(),
    png: () => journey.savePicture(),
    gif: () => journey.saveGif(),
    code: () => journey.showPython(),
  });
  const slider = mounted.part('t', HTMLInputElement);
  slider.addEventListener('input', () => journey.goByHand(Number(slider.value)));
  for (const key of ['from', 'to', 'model'])
    setting(mounted, key).addEventListener('input', () => journey.takeSettings());
  onPicture(blob => journey.setPicture(blob), mounted.root);
  mounted.onStop(() => journey.play());
  journey.change();
}

/** The control of a setting. @param {import('../../../../web/page/fold.mjs').Mounted} mounted @param {string} key */
const setting = ({root}, key) => query(root, `[data-set="${key}"]`, HTMLSelectElement);

class Journey {
  #mounted;
  #map;
  /** @type {number | typeof MINE} */
  #from;
  #to;
  #model;
  /** @type {Ends | null} */
  #ends = null;
  /** The picture that travels. @type {Blob | null} */
  #picture = null;
  /** Counts what has been played: a newer one, or the hand, ends the one before. */
  #played = 0;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.#from = state.whole('from', FIRST.from);
    this.#to = state.whole('to', FIRST.to);
    this.#model = state.choice('model');
    setting(mounted, 'from').value = String(this.#from);
    setting(mounted, 'to').value = String(this.#to);
    setting(mounted, 'model').value = this.#model;
    this.#map = new LatentMap(mounted.part('map'), {
      label: 'The way on the map',
      picture: `${ROOT}live/models/${FLAT}/map.png`,
      onMove: z => this.#ends && this.#isFlat && this.#go(nearestOnLine(z, this.#ends.a, this.#ends.b)),
    });
  }

  get #isFlat() {
    return this.#model === FLAT;
  }

  takeSettings() {
    const from = setting(this.#mounted, 'from').value;
    this.#from = from === MINE ? MINE : Number(from);
    this.#to = Number(setting(this.#mounted, 'to').value);
    this.#model = setting(this.#mounted, 'model').value;
    this.#mounted.state.set({from: from === MINE ? null : from, to: this.#to, model: this.#model});
    this.change();
  }

  /** @param {Blob | null} blob */
  setPicture(blob) {
    this.#picture = blob;
    const choice = setting(this.#mounted, 'from');
    query(choice, `[value="${MINE}"]`, HTMLOptionElement).disabled = !blob;
    if (!blob && this.#from !== MINE) return;
    this.#from = blob ? MINE : FIRST.from;
    choice.value = String(this.#from);
    this.change();
  }

  /** Other ends, or another model. */
  change() {
    this.#change().catch(this.#mounted.showError);
  }

  #change = newest(async signal => {
    const model = this.#model;
    const open = await decoder(model, 'between');
    const codes = await examples(model);
    const a = this.#from === MINE ? (await encode(model, this.#picture, signal)).mean : codes[this.#from][0];
    const b = codes[this.#to][0];
    signal.throwIfAborted();
    const planes = await decoded({open}, [a, b], signal);
    const painters = Object.fromEntries(Object.keys(WAYS).map(way => [way, this.#painter('large', way, open)]));
    this.#ends = {open, a, b, planes: [planes.slice(0, PIXELS), planes.slice(PIXELS)], painters};
    await this.#drawStrips(this.#ends, signal);
    this.#mounted.part('where').hidden = model !== FLAT;
    if (model === FLAT) this.#drawPath(this.#ends);
    this.#go(Number(this.#mounted.part('t', HTMLInputElement).value));
    this.#mounted.showError(null);
  });

  /** @param {'large' | 'strip'} kind @param {string} way @param {Ends['open']} open */
  #painter(kind, way, open) {
    const canvas = query(this.#mounted.root, `[data-${kind}="${way}"]`, HTMLCanvasElement);
    return new Painter(canvas, open.shape, {columns: kind === 'strip' ? FRAMES : 1});
  }

  /** @param {Ends} ends @param {AbortSignal} signal */
  async #drawStrips({open, a, b, planes}, signal) {
    const pixels = this.#painter('strip', 'pixels', open);
    steps(FRAMES).forEach((t, i) => pixels.draw(mixed(planes, t), i));
    for (const [name, way] of Object.entries({lerp, slerp})) {
      const painter = this.#painter('strip', name, open);
      const codes = steps(FRAMES).flatMap(t => way(a, b, t));
      await open.batch(codes, FRAMES, (part, first) => painter.draw(part, first), signal);
    }
  }

  /** Along the arc, and back along the straight line. @param {Ends} ends */
  #drawPath({a, b}) {
    const there = steps(PATH).map(t => slerp(a, b, t));
    const back = steps(PATH).map(t => lerp(b, a, t));
    this.#map.path([...there, ...back]);
  }

  /** Shows the place t of the way, all three ways at once. @param {number} t */
  #go(t) {
    if (!this.#ends) return;
    this.#mounted.part('t', HTMLInputElement).value = String(t);
    const {a, b, open, planes, painters} = this.#ends;
    const straight = lerp(a, b, t);
    if (this.#isFlat) this.#map.place(straight);
    painters.pixels.draw(mixed(planes, t));
    const paint = both => {
      painters.lerp.draw(both.subarray(0, PIXELS));
      painters.slerp.draw(both.subarray(PIXELS));
    };
    open.show([...straight, ...slerp(a, b, t)], paint, 2);
  }

  /** @param {number} t */
  goByHand(t) {
    this.#played++;
    this.#go(t);
  }

  /** There and back. */
  play() {
    const start = performance.now();
    const own = ++this.#played;
    const step = now => {
      if (own !== this.#played) return;
      const ways = (now - start) / THERE_MS;
      this.#go(0.5 - 0.5 * Math.cos(Math.PI * ways));
      if (ways < 2) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  savePicture() {
    if (this.#ends)
      savePng('between.png', query(this.#mounted.root, '[data-strip="slerp"]', HTMLCanvasElement), SCALE);
  }

  async saveGif() {
    if (!this.#ends) return;
    const {open, a, b} = this.#ends;
    const codes = steps(GIF_FRAMES).map(t => slerp(a, b, t));
    await saveGif('between.gif', await decoded({open}, codes), {back: true});
  }

  showPython() {
    if (this.#ends) showCode(python(this.#model, this.#ends));
  }
}

/** @param {string} model @param {Ends} ends */
function python(model, {a, b}) {
  const tensor = z => `torch.tensor([${z.map(value => value.toFixed(3)).join(', ')}])`;
  return `import torch, vaedemo
from vaedemo.latents import slerp

model = vaedemo.load("${model}")
a = ${tensor(a)}
b = ${tensor(b)}
z = torch.from_numpy(slerp(a.numpy(), b.numpy(), ${FRAMES}))
pictures = model.render(model.decode(z))  # (${FRAMES}, 1, 28, 28)`;
}
