/** What is an error? The portrait is changed by hand; pixels and a discriminator's middle layer say how much. */
import {decoderOf} from '../../../../web/engine/model-store.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {onDrag} from '../../../../web/ui/drag.mjs';
import {heatmapOverlay} from '../../../../web/ui/heatmap-overlay.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {beside, decoded} from '../../../../web/ui/side-by-side.mjs';
import {NONE, changed, within} from '../lib/changes.mjs';
import {CRITIC, errorsOf} from '../lib/critic.mjs';
import {PRESETS, TEMPLATE, highest, python, sentence, told} from '../lib/error-view.mjs';
import {SHAPE} from '../lib/models.mjs';
import {portrait} from '../lib/portrait.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/changes.mjs').Change} Change
 * @typedef {import('../lib/critic.mjs').Errors} Errors
 * @typedef {import('../lib/portrait.mjs').Portrait} Portrait
 */

const KEYS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});
const SLIDERS = /** @type {const} */ (['blur', 'light', 'eye']);
const LEAST = 0.5; // of the mean between two people: what is brightest in a map is no less

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const view = new ErrorView(mounted);
  mounted.acts({
    preset: ({dataset}) => view.choose(Number(dataset.preset)),
    reset: () => view.set({of: 'photo', change: NONE}),
    png: () => view.savePictures(),
    code: () => showCode(view.python()),
  });
  mounted.badge(CRITIC);
  portrait.whenVisible(
    mounted.root,
    () => true,
    (now, signal) => view.take(now, signal),
    mounted.showError,
  );
  mounted.onStop(({of, change}) => view.hear(of, change));
}

/** The portrait, its change, and the two errors of it. */
class ErrorView {
  #mounted;
  /** @type {Portrait | null} */
  #portrait = null;
  #of = 'photo'; // what is changed: the photo, or a model's reconstruction
  #change = NONE;
  /** What is changed, by `of`, for this portrait. @type {Map<string, Promise<Uint8Array>>} */
  #sources = new Map();

  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.#of = mounted.state.choice('of');
    const given = mounted.state.given('change') ? mounted.state.numbers('change') : null;
    if (given) this.#change = changeOf(given);
    this.#painters = {
      x: this.#painter('x'),
      changed: this.#painter('changed'),
      pixels: this.#painter('pixels'),
      features: this.#painter('features'),
    };
    this.#listen();
    this.#place();
  }

  #painters;

  /** @param {string} part */
  #canvas(part) {
    return this.#mounted.part(part, HTMLCanvasElement);
  }

  /** @param {string} part */
  #painter(part) {
    return new Painter(this.#canvas(part), SHAPE, {crisp: false});
  }

  /** Hands: a drag and the arrow keys shift, sliders do the rest. */
  #listen() {
    const canvas = this.#canvas('changed');
    /** @type {{x: number, y: number, change: Change, scale: number} | null} */
    let from = null;
    onDrag(canvas, {
      start: ({clientX, clientY}) => {
        const scale = SHAPE[2] / canvas.getBoundingClientRect().width;
        from = {x: clientX, y: clientY, change: this.#change, scale};
      },
      move: ({clientX, clientY}) => {
        if (!from) return;
        const right = from.change.right + (clientX - from.x) * from.scale;
        const down = from.change.down + (clientY - from.y) * from.scale;
        this.set({change: {...this.#change, right, down}});
      },
    });
    canvas.addEventListener('keydown', event => {
      const way = KEYS[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation(); // the presenter's arrows turn stops
      const {right, down} = this.#change;
      this.set({change: {...this.#change, right: right + way[0], down: down + way[1]}});
    });
    for (const name of SLIDERS) {
      const slider = this.#mounted.part(name, HTMLInputElement);
      slider.addEventListener('input', () => this.set({change: {...this.#change, [name]: Number(slider.value)}}));
    }
  }

  /** @param {Portrait} now @param {AbortSignal} signal */
  async take(now, signal) {
    if (this.#portrait !== now) this.#sources.clear();
    this.#portrait = now;
    this.#painters.x.draw(now.x);
    await this.#measure(signal);
    await this.#measurePresets(now, signal);
  }

  /** @param {string} [of] @param {string} [change] */
  hear(of = 'photo', change = '0,0,0,0,0') {
    this.set({of, change: changeOf(change.split(',').map(Number))});
  }

  /** @param {number} index  of PRESETS */
  choose(index) {
    this.set({of: PRESETS[index].of ?? 'photo', change: {...NONE, ...PRESETS[index].change}});
  }

  /** @param {{of?: string, change?: Change}} wanted */
  set({of = this.#of, change = this.#change}) {
    this.#of = of;
    this.#change = within(change);
    this.#place();
    const {right, down, blur, light, eye} = this.#change;
    this.#mounted.state.set({
      of: of === 'photo' ? null : of,
      change: isNone(this.#change) ? null : [right, down, blur, light, eye].join(),
    });
    if (this.#portrait) this.#follow().catch(this.#mounted.showError);
  }

  /** The sliders, and which preset is shown. */
  #place() {
    for (const name of SLIDERS) {
      this.#mounted.part(name, HTMLInputElement).value = String(this.#change[name]);
      this.#mounted.part(`${name}-value`).textContent = told(name, this.#change[name]);
    }
    const {right, down} = this.#change;
    this.#canvas('changed').setAttribute('aria-valuetext', `${right} pixels to the right, ${down} down`);
    this.#mounted.all('[data-preset]').forEach((button, i) => {
      const {of = 'photo', change} = PRESETS[i];
      const isShown = of === this.#of && same({...NONE, ...change}, this.#change);
      button.setAttribute('aria-pressed', String(isShown));
    });
  }

  #follow = newest(signal => this.#measure(signal));

  /** What is changed. @param {string} of @returns {Promise<Uint8Array>} */
  #source(of) {
    const found = this.#sources.get(of) ?? sourceOf(/** @type {Portrait} */ (this.#portrait), of);
    this.#sources.set(of, found);
    return found;
  }

  /** @param {AbortSignal} signal */
  async #measure(signal) {
    const now = /** @type {Portrait} */ (this.#portrait);
    const of = this.#of;
    const change = this.#change;
    const shown = changed(await this.#source(of), change);
    signal.throwIfAborted();
    this.#painters.changed.draw(shown);
    const errors = await errorsOf(now.x, shown, signal);
    signal.throwIfAborted();
    this.#show(shown, errors);
    this.#mounted.showError(null);
    this.#mounted.root.dataset.drawn = [of, ...Object.values(change)].join();
  }

  /** @param {Uint8Array} shown @param {Errors} errors */
  #show(shown, errors) {
    const most = Math.max(LEAST, highest(errors.pixels.where), highest(errors.features.where));
    for (const name of /** @type {const} */ (['pixels', 'features'])) {
      this.#painters[name].draw(shown);
      heatmapOverlay(this.#canvas(name), errors[name].where, most);
      const bar = this.#mounted.part(`${name}-bar`);
      query(bar, 'i').style.width = `${Math.min(100, 100 * errors[name].relative)}%`;
      query(bar, 'b').textContent = errors[name].relative.toFixed(2);
    }
    this.#mounted.part('scale').textContent =
      `Both maps are on one scale: brightest is ${most.toFixed(1)} times the mean between two people.`;
    this.#mounted.part('sentence').textContent = sentence(errors);
  }

  /** Every preset with its two errors. @param {Portrait} now @param {AbortSignal} signal */
  async #measurePresets(now, signal) {
    const buttons = this.#mounted.all('[data-preset]');
    for (const [i, {of = 'photo', change}] of PRESETS.entries()) {
      const place = query(buttons[i], 'small');
      const source = await this.#source(of).catch(error => /** @type {Error} */ (error));
      if (source instanceof Error) {
        place.textContent = source.message;
        continue;
      }
      const {pixels, features} = await errorsOf(now.x, changed(source, {...NONE, ...change}), signal);
      signal.throwIfAborted();
      place.textContent = `pixels ${pixels.relative.toFixed(2)}, features ${features.relative.toFixed(2)}`;
    }
  }

  savePictures() {
    const parts = ['x', 'changed', 'pixels', 'features'];
    savePng('what-is-an-error.png', beside(parts.map(part => this.#canvas(part))), 4);
  }

  python() {
    return python(this.#of, this.#change);
  }
}

/** The photo, or a model's reconstruction of it. @param {Portrait} now @param {string} of */
async function sourceOf({x, codes, missing}, of) {
  if (of === 'photo') return x;
  if (of in missing || !codes[of]) throw new Error(`${of} is not here.`);
  const open = await decoderOf(of, 'error');
  return decoded({open}, [codes[of].mean]);
}

/** @param {number[]} values */
function changeOf([right, down, blur, light, eye]) {
  return within({right, down, blur, light, eye});
}

/** @param {Change} a @param {Change} b */
const same = (a, b) => Object.entries(a).every(([key, value]) => value === b[/** @type {keyof Change} */ (key)]);
/** @param {Change} change */
const isNone = change => same(change, NONE);
