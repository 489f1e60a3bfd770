/**
 * One object at a time: a click on a thing, and its color alone runs through P(color | grey) of that place, which is
 * shown as a ring of hues.
 */
import {prefersReducedMotion, query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {heatmapOverlay} from '../../../../web/ui/heatmap-overlay.mjs';
import {cssOf} from '../lib/cielab.mjs';
import {CELLS, GREY, SIDE} from '../lib/color-field-painter.mjs';
import {Dabs} from '../lib/color-hints-editor.mjs';
import {variances} from '../lib/field-statistics.mjs';
import {cellOf} from '../lib/hint-posterior.mjs';
import {handOf, nameOf, ringOf, wordsOf} from '../lib/hue-ring.mjs';
import {MODEL, whenColored} from '../lib/photo-store.mjs';
import {oneObject} from '../lib/requests.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/color-hints-editor.mjs').Place} Place
 * @typedef {import('../lib/photo-store.mjs').Colored} Colored
 * @typedef {import('../lib/photo-store.mjs').Field} Field
 * @typedef {{fields: Field[], part: Float32Array, colors: [number, number][]}} Found
 */
const COLORS = 32; // of one thing
const RUN_MS = 6000;
const LABEL = 'The photo. Click on a thing; or move a ring with the arrow keys, and press Enter.';
const TEMPLATE = `
<div class="vd-hints vd-object">
  <div class="stage">
    <figure class="vd-figure">
      <div data-part="photo"></div>
      <figcaption role="status" data-part="words">&nbsp;</figcaption>
      <input type="range" data-part="which" min="1" max="${COLORS}" step="1" value="1" disabled
        aria-label="Which of the ${COLORS} colors of the thing, in the order of their hues">
      <div class="vd-row">
        <button type="button" class="vd-main" data-act="run">Run</button>
        ${takeaway('png', 'code', 'badge')}
      </div>
    </figure>
    <div class="two">
      <figure class="vd-figure">
        <div class="ring-of-hues" data-part="ring"></div>
        <figcaption><b>Its color by the model.</b> <span data-part="shares"></span></figcaption>
      </figure>
      <figure class="vd-figure">
        <canvas class="vd-photo" width="4" height="4" role="img" data-part="map"></canvas>
        <figcaption><b>What goes with it.</b> Bright: in the model's draws the color of the chosen place foretells
          the color here. <span data-part="spread"></span></figcaption>
      </figure>
    </div>
  </div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup: mounted => new OneObject(mounted).begin()});

/** The photo with the chosen place, the thing's colors, and the ring of them. */
class OneObject {
  #mounted;
  #place;
  #slider;
  /** @type {Colored | null} */
  #now = null;
  /** @type {Found | null} */
  #found = null;
  /** What the link holds, until a photo is there. @type {Place | null} */
  #linked;
  #running = 0;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.#slider = mounted.part('which', HTMLInputElement);
    const linked = mounted.state.numbers('place');
    this.#linked = linked && {x: Math.max(0, linked[0]), y: Math.max(0, linked[1])};
    this.#slider.value = String(mounted.state.whole('which', 1));
    this.#place = new Dabs(mounted.part('photo'), {
      color: () => [0, 0],
      css: () => 'transparent',
      onChange: done => done && this.#placed(),
      most: 1,
      label: LABEL,
    });
  }

  begin() {
    const mounted = this.#mounted;
    whenColored(mounted, (colored, signal) => this.#take(colored, signal));
    this.#slider.addEventListener('input', () => {
      this.#stop();
      this.#show();
      mounted.state.set({which: Number(this.#slider.value)});
    });
    mounted.acts({
      run: () => (this.#running ? this.#stop() : this.#run()),
      png: () => this.#found && savePng('one-object.png', this.#place.canvas, 1),
      code: () => this.#now && showCode(python(this.#cell())),
    });
    mounted.badge(MODEL);
  }

  #cell() {
    return cellOf(this.#place.dabs[0]);
  }

  /** Another photo, or its colorings anew. @param {Colored} colored @param {AbortSignal} signal */
  async #take(colored, signal) {
    const kept = this.#now?.photo === colored.photo ? this.#place.dabs[0] : null;
    const {x, y} = this.#linked ?? kept ?? liveliest(colored.eight.fields);
    const coloring = colored.photo.coloring;
    this.#linked = null;
    this.#now = null; // the place is set, and nothing asked for it yet
    coloring.paint(this.#place.canvas, GREY);
    this.#place.set([{x, y, ab: [0, 0]}]);
    this.#now = colored;
    await this.#ask(signal);
  }

  /** A hand chose another place. */
  #placed() {
    const place = this.#place.dabs[0];
    if (!this.#now) return;
    if (!place) return this.#place.set([{...liveliest(this.#now.eight.fields), ab: [0, 0]}]);
    this.#mounted.state.set({place: `${place.x.toFixed(3)},${place.y.toFixed(3)}`});
    this.#again().catch(this.#mounted.showError);
  }

  #again = newest(signal => this.#ask(signal));

  /** @param {AbortSignal} signal */
  async #ask(signal) {
    const colored = this.#now;
    if (!colored) return;
    const mounted = this.#mounted;
    this.#stop();
    mounted.part('words').textContent = 'Looking for codes in which the thing alone differs …';
    this.#slider.disabled = true;
    const found = await oneObject(MODEL, colored.photo, this.#cell(), COLORS, signal).catch(error => {
      if (!signal.aborted) mounted.part('words').textContent = '';
      throw error;
    });
    signal.throwIfAborted();
    if (colored !== this.#now) return;
    this.#found = found;
    this.#slider.disabled = false;
    mounted.showError(null);
    this.#describe(colored, found);
    this.#show();
  }

  /** The ring and the map. @param {Colored} colored @param {Found} found */
  #describe({photo: {coloring, words}}, {fields, part, colors}) {
    const mounted = this.#mounted;
    mounted.part('ring').innerHTML = ringOf(colors, coloring.lightAt(this.#cell()));
    mounted.part('shares').textContent = `Of ${colors.length} draws of P(color | grey): ${wordsOf(colors)}.`;
    const map = mounted.part('map', HTMLCanvasElement);
    coloring.paint(map, GREY);
    heatmapOverlay(map, part, 1);
    map.setAttribute('aria-label', `${words}: bright where colors go with that of the chosen place`);
    const [there, elsewhere] = [part, part.map(value => 1 - value)].map(weights => deviation(fields, weights));
    const spread = `There a and b differ by ${there.toFixed(1)}, elsewhere by ${elsewhere.toFixed(1)}`;
    mounted.part('spread').textContent = `${spread} (standard deviations over the ${COLORS}).`;
  }

  /** The one of the colors that the slider is at. */
  #show() {
    if (!this.#now || !this.#found) return;
    const {coloring, words} = this.#now.photo;
    const at = Number(this.#slider.value) - 1;
    const field = this.#found.fields[at];
    const cell = this.#cell();
    /** @type {[number, number]} */
    const ab = [field[cell], field[CELLS + cell]];
    coloring.paint(this.#place.canvas, field);
    this.#place.canvas.setAttribute('aria-label', `${words}, the chosen thing in ${nameOf(ab)}`);
    query(this.#mounted.root, '.vd-dabs .marks i').style.background = cssOf(coloring.lightAt(cell), ab);
    query(this.#mounted.part('ring'), '[data-hand]', SVGElement).outerHTML = handOf(ab);
    this.#mounted.part('words').textContent =
      `${at + 1} of ${COLORS}, equal shares of the draws: ${nameOf(ab)} there, all else as in coloring 1.`;
  }

  /** Once through all colors; who wants little motion sees it in eight steps. */
  #run() {
    if (!this.#found) return;
    const begun = performance.now();
    const steps = prefersReducedMotion() ? 8 : COLORS;
    const next = () => {
      const part = Math.min(1, (performance.now() - begun) / RUN_MS);
      const value = String(1 + Math.round((Math.floor(part * (steps - 1)) / (steps - 1)) * (COLORS - 1)));
      if (value !== this.#slider.value) {
        this.#slider.value = value;
        this.#show();
      }
      if (part >= 1) return this.#stop();
      this.#running = requestAnimationFrame(next);
    };
    this.#mounted.button('run').textContent = 'Stop';
    this.#running = requestAnimationFrame(next);
  }

  #stop() {
    cancelAnimationFrame(this.#running);
    this.#running = 0;
    this.#mounted.button('run').textContent = 'Run';
  }
}

/** Where the colorings differ most: a thing whose color is free. @param {Field[]} fields @returns {Place} */
function liveliest(fields) {
  const cells = variances(fields);
  const cell = cells.indexOf(Math.max(...cells));
  return {x: ((cell % SIDE) + 0.5) / SIDE, y: (Math.floor(cell / SIDE) + 0.5) / SIDE};
}

/**
 * How much colorings differ, in units of ab, over cells that count by weights.
 * @param {Field[]} fields
 * @param {Float32Array} weights
 */
function deviation(fields, weights) {
  const cells = variances(fields);
  const total = weights.reduce((a, b) => a + b, 0);
  return 128 * Math.sqrt(cells.reduce((sum, value, i) => sum + value * weights[i], 0) / Math.max(total, 1e-9));
}

/** @param {number} cell */
const python = cell => `from vaedemo import colorize

photo = colorize.photo(open("photo.jpg", "rb").read())
row, column = ${Math.floor(cell / SIDE)}, ${cell % SIDE}  # of 32 x 32 cells
found = colorize.one_object("${MODEL}", photo.grey, row, column, n=${COLORS}, seed=0)
pictures = colorize.jpegs(photo.light, found.fields)  # the thing in ${COLORS} colors, all else in its own
found.part, found.colors  # what goes with it; its color in draws of P(color | grey)`;
