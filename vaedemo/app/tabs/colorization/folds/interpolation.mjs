/** From one coloring to another through z: a film of color fields, fetched once, that a slider runs through. */
import {contextOf, newCanvas, pixelsOf} from '../../../../web/page/canvas-pixels.mjs';
import {around, prefersReducedMotion} from '../../../../web/page/dom.mjs';
import {saveGif, savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {percent} from '../../../../web/page/format.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {farthest} from '../lib/field-statistics.mjs';
import {COUNT, MODEL, whenColored} from '../lib/photo-store.mjs';
import {decode} from '../lib/requests.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/photo-store.mjs').Colored} Colored
 * @typedef {import('../lib/photo-store.mjs').Field} Field
 */
const STEPS = 33;
const PLAY_MS = 4000;
const GIF_BYTES = 1_900_000; // what the server takes at once
const GIF_STEPS = 17;

const options = Array.from({length: COUNT}, (_, i) => `<option value="${i}">${i + 1}</option>`).join('');
/** @param {string} name @param {string} words */
const end = (name, words) => `
<figure class="vd-figure">
  <canvas class="vd-photo" width="4" height="4" role="img" data-part="${name}"></canvas>
  <figcaption class="vd-controls">
    <label>${words} <select data-end="${name}" data-part="end-${name}">${options}</select></label>
  </figcaption>
</figure>`;
const TEMPLATE = `
<div class="vd-film">
  <div class="stage">
    ${end('from', 'From coloring')}
    <figure class="vd-figure middle">
      <canvas class="vd-photo" width="4" height="4" role="img" data-part="picture"></canvas>
      <input type="range" data-part="t" min="0" max="1" step="0.005" value="0.5"
        aria-label="How far on the way, from 0 to 1">
      <figcaption role="status" data-part="words">&nbsp;</figcaption></figure>
    ${end('to', 'to coloring')}
  </div>
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="play">Play</button>
    <button type="button" class="vd-quiet" data-act="apart">The two that differ most</button>
    ${takeaway('png', 'gif', 'code', 'badge')}
  </div>
</div>`;
const ENDS = ['from', 'to'];

export const mount = mountFold({template: TEMPLATE, setup: mounted => new Way(mounted).begin()});

/** Two colorings, and the film between them. */
class Way {
  #mounted;
  #picture;
  #slider;
  #selects;
  /** @type {Colored | null} */
  #now = null;
  /** @type {Field[] | null} */
  #film = null;
  /** Which coloring each end is, from 0; -1: not chosen yet. */
  #ends;
  #playing = 0;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.#picture = mounted.part('picture', HTMLCanvasElement);
    this.#slider = mounted.part('t', HTMLInputElement);
    this.#selects = ENDS.map(name => mounted.part(`end-${name}`, HTMLSelectElement));
    this.#ends = ENDS.map(name => mounted.state.whole(name, 0) - 1);
  }

  begin() {
    const mounted = this.#mounted;
    whenColored(mounted, colored => this.#take(colored));
    this.#slider.addEventListener('input', () => {
      this.#playing++;
      this.#showAt(Number(this.#slider.value));
    });
    mounted.root.addEventListener('change', event => {
      if (around(event, '[data-end]') && this.#now) this.#choose(this.#selects.map(({value}) => Number(value)));
    });
    mounted.acts(this.#acts());
    mounted.onStop(() => this.#film && this.#play());
    mounted.badge(MODEL);
  }

  /** @param {Colored} colored */
  async #take(colored) {
    const first = this.#now === null;
    this.#now = colored;
    this.#film = null;
    if (!first) this.#mounted.state.set({from: null, to: null}); // these were of other colorings
    if (!first || this.#ends.includes(-1)) this.#ends = farthest(colored.eight.fields);
    await this.#fetch();
  }

  /** Shows the two ends, and fetches the way between them. */
  #fetch = newest(async signal => {
    if (!this.#now) return;
    const {photo, eight} = this.#now;
    const {fields, weights, z} = eight;
    ENDS.forEach((name, i) => {
      const chosen = this.#ends[i];
      const canvas = this.#mounted.part(name, HTMLCanvasElement);
      this.#selects[i].value = String(chosen);
      photo.coloring.paint(canvas, fields[chosen], true);
      const label = `Coloring ${chosen + 1} of ${photo.words}, weight ${percent(weights[chosen])}`;
      canvas.setAttribute('aria-label', label);
    });
    const [a, b] = this.#ends.map(i => z[i]);
    const way = Array.from({length: STEPS}, (_, i) =>
      a.map((value, d) => value + ((b[d] - value) * i) / (STEPS - 1)),
    );
    const film = await decode(MODEL, photo, way, signal);
    signal.throwIfAborted();
    this.#film = film;
    this.#showAt(Number(this.#slider.value));
    this.#mounted.showError(null);
  });

  /**
   * The coloring at a place between 0 and 1: between two of the film's, a bit of both.
   * @param {Field[]} film
   * @param {number} t
   */
  #fieldAt(film, t) {
    const place = t * (STEPS - 1);
    const i = Math.min(STEPS - 2, Math.floor(place));
    const part = place - i;
    return part ? film[i].map((value, k) => value + part * (film[i + 1][k] - value)) : film[i];
  }

  /** @param {number} t */
  #showAt(t) {
    if (!this.#film || !this.#now) return;
    const {coloring, words} = this.#now.photo;
    this.#slider.value = String(t);
    coloring.paint(this.#picture, this.#fieldAt(this.#film, t));
    this.#picture.dataset.at = t.toFixed(3);
    const [from, to] = this.#ends.map(subscript);
    const formula = `z = ${(1 - t).toFixed(2)} z${from} + ${t.toFixed(2)} z${to}`;
    this.#mounted.part('words').textContent = formula;
    this.#picture.setAttribute('aria-label', `${words} at ${formula}`);
  }

  #play() {
    const start = performance.now();
    const token = ++this.#playing;
    if (prefersReducedMotion()) {
      this.#showAt(Number(this.#slider.value) < 0.5 ? 1 : 0); // nothing moves by itself
      return;
    }
    /** @param {number} time */
    const step = time => {
      if (token !== this.#playing) return;
      const part = Math.min(1, Math.max(0, (time - start) / PLAY_MS));
      this.#showAt(0.5 - 0.5 * Math.cos(2 * Math.PI * part));
      if (part < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** @param {number[]} ends */
  #choose(ends) {
    this.#playing++;
    this.#film = null;
    this.#ends = ends;
    this.#mounted.state.set({from: ends[0] + 1, to: ends[1] + 1});
    this.#fetch().catch(this.#mounted.showError);
  }

  #acts() {
    const acts = {
      play: () => this.#play(),
      apart: (/** @type {Colored} */ {eight}) => this.#choose(farthest(eight.fields)),
      png: () => savePng('on-the-way.png', beside([this.#picture]), 1),
      gif: async (/** @type {Colored} */ {photo}, /** @type {Field[]} */ film) => {
        await saveFilm(photo.coloring, t => this.#fieldAt(film, t));
        this.#mounted.showError(null);
      },
      code: () => showCode(python(this.#ends)),
    };
    return Object.fromEntries(
      Object.entries(acts).map(([name, act]) => [name, () => this.#now && this.#film && act(this.#now, this.#film)]),
    );
  }
}

/**
 * The way there and back as a GIF, as large as the server takes it. Throws an Error where the browser hands out noise.
 * @param {Colored['photo']['coloring']} coloring
 * @param {(t: number) => Field} fieldAt
 */
async function saveFilm(coloring, fieldAt) {
  const side = Math.min(1, Math.sqrt(GIF_BYTES / GIF_STEPS / 3 / coloring.width / coloring.height));
  const [width, height] = [coloring.width, coloring.height].map(length => Math.max(1, Math.floor(length * side)));
  const small = newCanvas(width, height);
  const large = newCanvas(1, 1);
  const context = contextOf(small, {willReadFrequently: true});
  const frames = Array.from({length: GIF_STEPS}, (_, i) => {
    coloring.paint(large, fieldAt(i / (GIF_STEPS - 1)));
    context.drawImage(large, 0, 0, width, height);
    return planesOf(pixelsOf(small));
  });
  await saveGif('colorings.gif', frames, {width, height, channels: 3, ms: 100, scale: 2, back: true});
}

/** Pixels as one plane of red, one of green, one of blue. @param {Uint8ClampedArray} pixels */
function planesOf(pixels) {
  const size = pixels.length / 4;
  return Uint8Array.from({length: 3 * size}, (_, k) => pixels[4 * (k % size) + Math.floor(k / size)]);
}

/** @param {number} i */
const subscript = i => '₁₂₃₄₅₆₇₈'[i];

/** @param {number[]} ends */
const python = ([from, to]) => `import torch, vaedemo
from vaedemo import colorize

photo = colorize.photo(open("photo.jpg", "rb").read())
y = torch.from_numpy(photo.grey) / 255  # (25600,), its lightness at 160 x 160
model = vaedemo.load("${MODEL}")
z = model.answers(y, ${COUNT}, seed=0).z  # (${COUNT}, Z), mean codes of groups of draws, the heaviest first
t = torch.linspace(0, 1, ${STEPS})[:, None]
fields = model.decode((1 - t) * z[${from}] + t * z[${to}], y[None])  # (${STEPS}, 2, 32, 32), ab / 128`;
