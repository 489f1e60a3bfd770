/** Two photos blended: along z in every model, beside the cross-fade of their pixels. */
import {lerp, slerp} from '../../../../web/engine/interpolation.mjs';
import {contextOf, newCanvas} from '../../../../web/page/canvas-pixels.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {FacePhotoInput} from '../../../../web/ui/face-photo-input.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {decoded, saveBeside} from '../../../../web/ui/side-by-side.mjs';
import {BADGES, openAll} from '../lib/decoders.mjs';
import {Ends, WAYS} from '../lib/ends.mjs';
import {EXAMPLES} from '../lib/examples.mjs';
import {GAN, SHAPE} from '../lib/models.mjs';
import {encodePortrait, found, portrait} from '../lib/portrait.mjs';
import {faded, steps} from '../lib/ways.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/decoders.mjs').LiveDecoder} LiveDecoder
 */

const PLACES = 7; // of a strip
const FRAMES = 16; // of the GIF, one way
const GIF_SCALE = 3;
const SCALE = 2; // of the PNG
const GAP = 4; // between strips of the PNG
const REST_MS = 300;
const SECOND = 'author';
const POINT = 'No face was found. Click the two eyes in the second photo, one after the other.';
const PATHS = {arc: slerp, line: lerp};

/** @param {{name: string, title: string}} way */
const large = ({name, title}) => `
<section data-model="${name}">
  <h3>${title}</h3>
  <canvas class="vd-photo" data-part="large-${name}" width="64" height="64" role="img"
    aria-label="Between the two photos, ${title}"></canvas>
  <p class="vd-note" role="status" data-part="said-${name}"></p>
</section>`;

/** @param {{name: string, title: string}} way */
const strip = ({name, title}) => `
<div class="strip">
  <span>${title}</span>
  <canvas class="vd-photo" data-part="strip-${name}" width="448" height="64" role="img"
    aria-label="${PLACES} steps from the portrait to the second photo, ${title}"></canvas>
</div>`;

const TEMPLATE = `
<div class="vd-blend">
  <div class="stage">
    <div data-part="box"></div>
    <div>
      <div class="vd-row vd-controls">
        <label>Path <select data-set="path">
          <option value="arc">along the shell (slerp)</option><option value="line">straight (lerp)</option>
        </select></label>
        <button type="button" class="vd-main" data-act="search" disabled>Search for the GAN’s ends</button>
        <button type="button" class="vd-quiet" data-act="stop" hidden>Stop</button>
        <progress data-part="progress" max="1" value="0" hidden aria-label="How much of the search is done"></progress>
      </div>
      <div class="vd-racers">${WAYS.map(large).join('')}</div>
      <input type="range" data-part="t" min="0" max="100" step="1"
        aria-label="How far on the way from the portrait to the second photo, in percent">
    </div>
  </div>
  <div class="strips">${WAYS.map(strip).join('')}</div>
  <div class="vd-row">${takeaway('gif', 'png', 'code')}${BADGES}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  const blend = new Blend(mounted);
  mounted.acts({
    search: () => blend.search(),
    stop: () => blend.stop(),
    png: () => blend.savePicture(),
    gif: () => blend.saveGif(),
    code: () => blend.showPython(),
  });
  const slider = mounted.part('t', HTMLInputElement);
  slider.addEventListener('input', () => blend.goByHand(Number(slider.value)));
  const path = query(mounted.root, '[data-set="path"]', HTMLSelectElement);
  path.addEventListener('input', () => blend.take(path.value));
  mounted.followConnection();
  blend.openBox();
  await blend.open();
  blend.change();
  portrait.subscribe(() => blend.change());
  let timer = 0;
  found.subscribe(() => {
    clearTimeout(timer); // a search tells of every step, and its own pictures come first
    timer = window.setTimeout(() => blend.change(), REST_MS);
  });
  mounted.onStop(({t}) => blend.goByHand(Number(t)));
}

class Blend {
  #mounted;
  #ends = new Ends();
  /** @type {Map<string, LiveDecoder>} */
  #decoders = new Map();
  /** Of the large pictures, and of the strips. */
  #large;
  #strips;
  /** @type {AbortController | null} */
  #running = null;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    const {state} = mounted;
    this.settings = {t: state.whole('t', 50), path: /** @type {keyof typeof PATHS} */ (state.choice('path'))};
    query(mounted.root, '[data-set="path"]', HTMLSelectElement).value = this.settings.path;
    mounted.part('t', HTMLInputElement).value = String(this.settings.t);
    this.#large = this.#painters('large', 1);
    this.#strips = this.#painters('strip', PLACES);
  }

  /** @param {string} part @param {number} columns @returns {Record<string, Painter>} */
  #painters(part, columns) {
    const canvas = (/** @type {string} */ name) => this.#mounted.part(`${part}-${name}`, HTMLCanvasElement);
    return Object.fromEntries(
      WAYS.map(({name}) => [name, new Painter(canvas(name), SHAPE, {columns, crisp: false})]),
    );
  }

  async open() {
    this.#decoders = await openAll(this.#mounted, 'vaegan-blend');
  }

  /** The box of the second photo, which stays in this fold. */
  openBox() {
    const mounted = this.#mounted;
    const first = mounted.state.choice('second', NAMES);
    const box = new FacePhotoInput(
      mounted.part('box'),
      mounted.root,
      EXAMPLES,
      async (blob, eyes, example) => {
        try {
          await this.#read(blob, eyes, box);
          mounted.state.set({second: example === SECOND ? null : example});
          return true;
        } catch (error) {
          mounted.showError(/** @type {Error} */ (error));
          return false;
        }
      },
      first,
      false,
    );
  }

  #read = newest(async (signal, blob, eyes, box) => {
    const face = await encodePortrait(blob, eyes, signal);
    signal.throwIfAborted();
    if (!face) {
      box.ask();
      this.#mounted.showError(POINT);
      return;
    }
    this.#mounted.showError(null);
    box.mark(face.eyes);
    this.stop();
    this.#ends.second = face;
    this.change();
  });

  /** Another photo at one of the ends, or another path. */
  change() {
    const {first, second} = this.#ends;
    for (const name of this.#decoders.keys()) this.#mounted.part(`said-${name}`).textContent = this.#ends.why(name);
    const isKnown = this.#ends.codes(GAN) !== null;
    this.#mounted.button('search').disabled = !first || !second || isKnown || !this.#decoders.has(GAN);
    this.#show();
    this.#drawStrips().catch(this.#mounted.showError);
  }

  /** @param {string} path */
  take(path) {
    this.settings.path = /** @type {keyof typeof PATHS} */ (path);
    this.#mounted.state.set({path});
    this.change();
  }

  /** A model's code at a place of the way, or null. @param {string} name @param {number} t  in [0, 1] */
  #code(name, t) {
    const codes = this.#ends.codes(name);
    return codes && PATHS[this.settings.path](...codes, t);
  }

  /** Goes to a place of the way. @param {number} t  in percent */
  goByHand(t) {
    this.settings.t = t;
    this.#mounted.state.set({t});
    this.#mounted.part('t', HTMLInputElement).value = String(t);
    this.#show();
  }

  /** Shows the place of the way in all models. */
  #show() {
    const {t} = this.settings;
    const fade = this.#fade(t / 100);
    if (fade) this.#large.pixels.draw(fade);
    for (const [name, open] of this.#decoders) {
      const z = this.#code(name, t / 100);
      this.#large[name].canvas.classList.toggle('empty', !z);
      if (z) open.show(z, planes => this.#large[name].draw(planes));
    }
  }

  /** @param {number} t */
  #fade(t) {
    const {first, second} = this.#ends;
    return first && second && faded(first.x, second.x, t);
  }

  #drawStrips = newest(async signal => {
    const {first, second} = this.#ends;
    if (!first || !second) return;
    steps(PLACES).forEach((t, i) => this.#strips.pixels.draw(faded(first.x, second.x, t), i));
    for (const [name, open] of this.#decoders) {
      const codes = steps(PLACES).map(t => this.#code(name, t));
      this.#strips[name].canvas.classList.toggle('empty', !codes[0]);
      if (codes[0]) await open.batch(codes.flat(), PLACES, (part, at) => this.#strips[name].draw(part, at), signal);
    }
  });

  stop() {
    this.#running?.abort();
  }

  async search() {
    const [progress, stop] = [this.#mounted.part('progress', HTMLProgressElement), this.#mounted.button('stop')];
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.#mounted.button('search').disabled = true;
    [progress.hidden, stop.hidden] = [false, false];
    try {
      await this.#ends.search(done => {
        progress.value = done;
        this.#show();
      }, running.signal);
    } finally {
      [progress.hidden, stop.hidden] = [true, true];
      this.change();
    }
  }

  /** The strips below each other. */
  savePicture() {
    const canvases = Object.values(this.#strips).map(({canvas}) => canvas);
    const all = newCanvas(canvases[0].width, canvases.length * (SHAPE[1] + GAP) - GAP);
    const context = contextOf(all);
    canvases.forEach((canvas, i) => context.drawImage(canvas, 0, i * (SHAPE[1] + GAP)));
    savePng('blend.png', all, SCALE);
  }

  /** All ways beside each other, there and back. */
  async saveGif() {
    const {first, second} = this.#ends;
    if (!first || !second) return;
    const places = steps(FRAMES);
    const fades = new Uint8Array(places.flatMap(t => [...faded(first.x, second.x, t)]));
    const known = [...this.#decoders].filter(([name]) => this.#ends.codes(name));
    const parts = await Promise.all(
      known.map(([name, open]) =>
        decoded(
          {open},
          places.map(t => this.#code(name, t) ?? []),
        ),
      ),
    );
    await saveBeside('blend.gif', [fades, ...parts], SHAPE, GIF_SCALE);
  }

  showPython() {
    const name = [...this.#decoders.keys()].findLast(one => one !== GAN && this.#ends.codes(one));
    const codes = name && this.#ends.codes(name);
    if (codes) showCode(python(name, codes, PATHS[this.settings.path].name));
  }
}

const NAMES = [SECOND, ...EXAMPLES.map(({name}) => name)];

/** @param {string} name @param {[number[], number[]]} codes @param {string} path */
function python(name, [a, b], path) {
  const tensor = (/** @type {number[]} */ z) => `np.array([${z.map(value => +value.toFixed(3)).join(', ')}])`;
  return `import numpy as np, torch, vaedemo
from vaedemo.latents import ${path}

model = vaedemo.load("${name}")
a = ${tensor(a)}  # the codes of the two photos
b = ${tensor(b)}
z = torch.from_numpy(${path}(a, b, ${PLACES})).float()
pictures = model.render(model.decode(z))  # (${PLACES}, 3, 64, 64)`;
}
