/**
 * One hint: a color is dabbed somewhere, 512 draws are weighed by how well they agree with it, and the whole picture
 * follows.
 */
import {query} from '../../../../web/page/dom.mjs';
import {save, savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {percent} from '../../../../web/page/format.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {cssOf} from '../lib/cielab.mjs';
import {GREY} from '../lib/color-field-painter.mjs';
import {Dabs, MOST} from '../lib/color-hints-editor.mjs';
import {Swatches} from '../lib/color-palette.mjs';
import {sheetOf} from '../lib/export.mjs';
import {Posterior, cellOf} from '../lib/hint-posterior.mjs';
import {COUNT, MODEL, whenColored} from '../lib/photo-store.mjs';
import {draws, fullSize} from '../lib/requests.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../../../../web/page/url-state.mjs').UrlState} UrlState
 * @typedef {import('../lib/hint-posterior.mjs').Dab} Dab
 * @typedef {import('../lib/hint-posterior.mjs').Weighed} Weighed
 * @typedef {import('../lib/photo-store.mjs').Colored} Colored
 * @typedef {import('../lib/photo-store.mjs').Field} Field
 */
const DRAWS = 512;
const FAR = 2; // sigmas, of a best draw that does not agree

/** @param {number} k */
const box = k => `
<figure class="vd-figure" data-answer="${k}">
  <canvas class="vd-photo" width="4" height="4" role="img"></canvas>
  <i aria-hidden="true"><b></b></i><figcaption></figcaption>
</figure>`;
const TEMPLATE = `
<div class="vd-hints">
  <div data-part="swatches"></div>
  <div class="stage">
    <figure class="vd-figure">
      <div data-part="dabs"></div>
      <figcaption><span role="status" data-part="words"></span>
        <progress data-part="progress" hidden aria-label="Draws on their way"></progress></figcaption>
      <div class="vd-row">
        <button type="button" class="vd-quiet" data-act="undo" disabled>Undo</button>
        <button type="button" class="vd-quiet" data-act="reset" disabled>Without hints</button>
        ${takeaway('png')}
        <button type="button" class="vd-quiet" data-act="jpeg" title="As large as your photo">JPEG, full size</button>
      </div>
    </figure>
    <div>
      <div class="eight" role="group" aria-label="What the hint leaves of the eight answers">
        ${Array.from({length: COUNT}, (_, k) => box(k)).join('')}</div>
      <div class="vd-row">
        <button type="button" class="vd-quiet" data-act="sheet">PNG of the eight</button>
        ${takeaway('code', 'badge')}
      </div>
      <p class="vd-note">
        Of a color that you dab only hue and saturation count (a and b of Lab); how light it is the photo says.
        A draw counts by exp(−d²/2s²), d its distance in ab from the dab, s = 10.
        Faded: answers whose draws contradict the dabs.</p>
    </div>
  </div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup: mounted => new Hints(mounted).begin()});

/** The photo with its dabs, and the eight answers as the dabs leave them. */
class Hints {
  #mounted;
  #swatches;
  #dabs;
  #boxes;
  #canvases;
  /** @type {Colored | null} */
  #now = null;
  /** @type {Posterior | null} */
  #posterior = null;
  /** The coloring in view. @type {Field | null} */
  #shown = null;
  /** What the link holds, until a photo is there. */
  #linked;
  #frame = 0;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.#linked = linkedDabs(mounted.state);
    this.#boxes = mounted.all('[data-answer]');
    this.#canvases = this.#boxes.map(one => query(one, 'canvas', HTMLCanvasElement));
    this.#swatches = new Swatches(mounted.part('swatches'));
    this.#dabs = new Dabs(mounted.part('dabs'), {
      color: place => this.#swatches.at(place),
      css: dab => cssOf(this.#now ? this.#now.photo.coloring.lightAt(cellOf(dab)) : 0.6, dab.ab),
      onChange: done => {
        cancelAnimationFrame(this.#frame);
        this.#frame = requestAnimationFrame(() => this.#update());
        if (done) mounted.state.set({hints: keptAs(this.#dabs.dabs)});
      },
    });
  }

  begin() {
    const mounted = this.#mounted;
    whenColored(
      mounted,
      (colored, signal) => this.#take(colored, signal),
      error => {
        mounted.showError(error);
        mounted.part('progress').hidden = true;
        if (error) this.#say('');
      },
    );
    mounted.acts(this.#acts());
    mounted.badge(MODEL);
  }

  /** @param {string} words */
  #say(words) {
    this.#mounted.part('words').textContent = words;
  }

  /** Another photo, or its colorings anew: draws for it. @param {Colored} colored @param {AbortSignal} signal */
  async #take(colored, signal) {
    const dabs = this.#dabs;
    const kept = this.#now?.photo === colored.photo ? dabs.dabs : [];
    const {coloring, truth, words} = colored.photo;
    this.#now = colored;
    this.#posterior = null;
    this.#say(`Drawing ${DRAWS} colorings of the photo …`);
    this.#mounted.part('progress').hidden = false;
    coloring.paint(dabs.canvas, GREY);
    dabs.canvas.setAttribute('aria-label', `The grey photo: ${words}`);
    this.#canvases.forEach((canvas, k) => coloring.paint(canvas, colored.eight.fields[k], true));
    this.#swatches.photo(truth);
    dabs.set(this.#linked ?? kept, !this.#linked);
    this.#linked = null;
    const drawn = await draws(MODEL, colored.photo, DRAWS, signal);
    signal.throwIfAborted();
    this.#posterior = new Posterior(drawn, COUNT);
    this.#mounted.part('progress').hidden = true;
    this.#update();
  }

  /** Weighs the draws by the dabs, and shows what comes of it. */
  #update() {
    const {dabs, canvas} = this.#dabs;
    for (const name of ['undo', 'reset']) this.#mounted.button(name).disabled = !dabs.length;
    const posterior = this.#posterior;
    if (!posterior || !this.#now) return;
    const {photo, eight} = this.#now;
    const {coloring, words} = photo;
    const weighed = posterior.weigh(dabs);
    const fields = weighed.weights.map((_, k) => posterior.coloring(weighed, k) ?? eight.fields[k]);
    const heaviest = weighed.weights.indexOf(Math.max(...weighed.weights));
    this.#shown = fields[heaviest];
    coloring.paint(canvas, this.#shown);
    const label = `${words}, as answer ${heaviest + 1} colors it after ${counted(dabs.length)}`;
    canvas.setAttribute('aria-label', label);
    this.#boxes.forEach((one, k) => {
      coloring.paint(this.#canvases[k], fields[k], true);
      showAnswer(one, this.#canvases[k], k, weighed);
    });
    this.#say(wordsOf(dabs.length, weighed, heaviest));
  }

  #acts() {
    const dabs = this.#dabs;
    const weights = () => this.#boxes.map(one => Number(one.dataset.weight));
    const acts = {
      undo: () => dabs.set(dabs.dabs.slice(0, -1)),
      reset: () => dabs.set([]),
      png: () => savePng('hinted.png', dabs.canvas, 1),
      jpeg: async () => {
        if (this.#now && this.#shown) save('hinted.jpg', await fullSize(this.#now.photo, this.#shown));
      },
      sheet: () => savePng('eight-hinted.png', sheetOf(this.#canvases, weights()), 1),
    };
    const ready = Object.entries(acts).map(([name, act]) => [name, () => this.#posterior && act()]);
    return {...Object.fromEntries(ready), code: () => showCode(python(dabs.dabs))};
  }
}

/** @param {HTMLElement} one @param {HTMLCanvasElement} canvas @param {number} k @param {Weighed} weighed */
function showAnswer(one, canvas, k, {weights, agreement}) {
  const most = Math.max(...weights);
  one.style.setProperty('--seen', (0.15 + 0.85 * agreement[k]).toFixed(3));
  one.classList.toggle('heaviest', k === weights.indexOf(most));
  one.dataset.weight = weights[k].toFixed(5);
  query(one, 'b').style.width = `${(100 * weights[k]) / most}%`;
  query(one, 'figcaption').textContent = `${k + 1}: ${percent(weights[k])}`;
  canvas.setAttribute('aria-label', `Answer ${k + 1}, weight ${percent(weights[k])}`);
}

/** What is said below the photo. @param {number} count  of dabs @param {Weighed} weighed @param {number} heaviest */
function wordsOf(count, {effective, nearest}, heaviest) {
  if (!count) return `${DRAWS} draws of P(z | grey), unweighed. Choose a color and click on the photo.`;
  if (nearest > FAR) return `None of the ${DRAWS} agrees well; the nearest are shown.`;
  const left = effective < 10 ? effective.toFixed(1) : Math.round(effective);
  const draws = `After ${counted(count)} as much as ${left} of ${DRAWS} draws is left`;
  return `${draws}; answer ${heaviest + 1} is the heaviest.`;
}

/** @param {number} count */
function counted(count) {
  if (count === 1) return 'one dab';
  return count ? `${count} dabs` : 'no dab';
}

/** What the link holds: x, y, a, b of each dab. @param {UrlState} state @returns {Dab[] | null} */
function linkedDabs(state) {
  const values = state.numbers('hints');
  if (!values || values.length % 4) return null;
  const dabs = Array.from({length: values.length / 4}, (_, i) => {
    const [x, y, a, b] = values.slice(4 * i, 4 * i + 4);
    /** @type {Dab} */
    const dab = {x: Math.max(0, Math.min(0.999, x)), y: Math.max(0, Math.min(0.999, y)), ab: [a, b]};
    return dab;
  });
  return dabs.slice(0, MOST);
}

/** The dabs as the link holds them. @param {Dab[]} dabs */
const keptAs = dabs => dabs.map(({x, y, ab}) => [x, y, ...ab].map(value => +value.toFixed(3)).join()).join() || null;

/** A dab as Python takes it. @param {Dab} dab */
function hintOf({x, y, ab}) {
  const bytes = cssOf(0.6, ab).match(/\d+/g) ?? [];
  const hex = bytes.map(byte => Number(byte).toString(16).padStart(2, '0')).join('');
  return `[${x.toFixed(3)}, ${y.toFixed(3)}, "#${hex}"]`;
}

/** @param {Dab[]} dabs */
const python = dabs => `from gradio_client import Client, handle_file

hints = [${dabs.map(hintOf).join(', ')}]  # x and y in parts of the photo's sides, a color
client = Client("${new URL('.', document.baseURI).href}")
answer = client.predict(handle_file("photo.jpg"), ${COUNT}, "mdn", 0, hints, api_name="/colorize")
answer["weights"], answer["pictures"]  # the heaviest first; JPEGs in the photo's own size, as data URLs`;
