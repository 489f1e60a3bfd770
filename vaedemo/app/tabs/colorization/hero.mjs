/** Eight colorings of one grey photo, the likeliest first: one is chosen, and compared with grey or with the truth. */
import {HAS_SERVER, ROOT} from '../../../web/engine/root.mjs';
import {query} from '../../../web/page/dom.mjs';
import {save, savePng} from '../../../web/page/downloads.mjs';
import {mountFold} from '../../../web/page/fold.mjs';
import {percent} from '../../../web/page/format.mjs';
import {showCode} from '../../../web/ui/code-dialog.mjs';
import {CompareSlider} from '../../../web/ui/compare-slider.mjs';
import {photoPicker} from '../../../web/ui/photo-picker.mjs';
import {GREY} from './lib/color-field-painter.mjs';
import {pythonOf, sheetOf} from './lib/export.mjs';
import {distance, nearest} from './lib/field-statistics.mjs';
import {TEMPLATE} from './lib/hero-template.mjs';
import {
  COUNT,
  EXAMPLES,
  MODEL,
  chooseTints,
  color,
  example,
  exampleAddress,
  keepAspect,
  photos,
} from './lib/photo-store.mjs';
import {fullSize} from './lib/requests.mjs';

/**
 * @typedef {import('../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('./lib/photo-store.mjs').Eight} Eight
 * @typedef {import('./lib/photo-store.mjs').Pending} Pending
 * @typedef {import('./lib/photo-store.mjs').Photo} Photo
 * @typedef {import('./lib/photo-store.mjs').Source} Source
 */

const SLOW_MS = 300;
const OWN = HAS_SERVER
  ? "Or drop one anywhere here. It is colored on this page's server, and not kept."
  : 'Or drop one anywhere here. It is colored in this browser, and stays here.';
const NOTE = `${OWN}
  The examples are public domain or CC0, but for van (Karen Roe), pickup (Don O’Brien) and dahlia (vultilion):
  CC BY 2.0, cropped and in other colors;
  <a target="_blank" href="${ROOT}vaedemo/web/examples/LICENSES.md">who made them all</a>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  const {root, state} = mounted;
  const linked = state.choice('photo', Object.keys(EXAMPLES));
  const view = new View(mounted, state.whole('pick', 0) - 1);
  view.waitWith(/** @type {HTMLImageElement} */ (mounted.first?.querySelector('img')), linked);
  const picker = pickerOf(mounted, photo => {
    if (photo.example === null) picker.offer(photo.blob);
    view.arrived(photo, linked);
  });
  photos.subscribe(colored => {
    view.show(colored);
    picker.mark(colored.photo.example);
  });
  mounted.acts(actsOf(mounted, view));
  query(mounted.part('shelf'), '.vd-row').after(query(root, ':scope > .vd-trouble')); // beside what gives a photo
  await offerTints(mounted);
  picker.begin(linked);
  mounted.onStop(({photo, pick}) => {
    if (photo && photo !== (photos.value ? photos.value.photo.example : linked))
      query(root, `[data-example="${photo}"]`).click();
    if (photo && pick) view.pick(Number(pick) - 1);
  });
  mounted.badge(MODEL);
}

/** The switch "Tints too". @param {Mounted} mounted */
async function offerTints(mounted) {
  const {state} = mounted;
  const box = mounted.part('tints', HTMLInputElement);
  const linked = state.whole('tints', 0) === 1;
  box.checked = linked;
  box.addEventListener('change', () => {
    state.set({tints: box.checked ? 1 : null});
    chooseTints(box.checked).catch(mounted.showError);
  });
  if (linked) await chooseTints(true); // before the first photo is colored
}

/**
 * Examples, files and the camera.
 * @param {Mounted} mounted
 * @param {(photo: Photo) => void} chosen  a photo was read
 */
function pickerOf(mounted, chosen) {
  const take = taker(mounted.showError, chosen);
  return photoPicker(mounted.part('shelf'), mounted.root, {
    examples: Object.fromEntries(
      Object.entries(EXAMPLES).map(([name, words]) => [name, {picture: exampleAddress(name), words}]),
    ),
    note: NOTE,
    choose: name => take(() => example(name)),
    photo: blob => take(async () => ({blob, words: 'your photo', example: null})),
  });
}

/**
 * Colors what is given; the newest alone says how it fares.
 * @param {Mounted['showError']} showError
 * @param {(photo: Photo) => void} chosen
 */
function taker(showError, chosen) {
  let newestToken = 0;
  let slow = 0;
  return async (/** @type {() => Promise<Source>} */ source) => {
    const token = ++newestToken;
    /** @param {Error | string | null} words */
    const say = words => token === newestToken && showError(words);
    clearTimeout(slow);
    slow = setTimeout(() => say('Coloring the photo …'), SLOW_MS);
    await color(source, chosen).then(() => say(null), say);
    if (token === newestToken) clearTimeout(slow);
  };
}

/** The eight, and the chosen one large beside grey or the truth. */
class View {
  #mounted;
  #wipe;
  #boxes;
  /** @type {HTMLImageElement | null} */
  #first = null;
  #opening = true;
  /** @type {Pending | null} */
  now = null;
  revealed = false;

  /** @param {Mounted} mounted @param {number} picked  from 0; -1: none */
  constructor(mounted, picked) {
    this.#mounted = mounted;
    this.#wipe = new CompareSlider(mounted.part('wipe'));
    this.#boxes = mounted.all('.eight button', HTMLButtonElement);
    this.picked = picked;
  }

  /**
   * What was there at first paint is shown until the photo is read.
   * @param {HTMLImageElement} first
   * @param {string} name  of the example
   */
  waitWith(first, name) {
    first.src = exampleAddress(name);
    first.alt = `The grey photo: ${EXAMPLES[name]}`;
    this.#mounted.part('wipe').firstElementChild?.prepend(first);
    this.#first = first;
  }

  /** A photo was read; what the link picked is of the link's photo. @param {Photo} photo @param {string} linked */
  arrived(photo, linked) {
    if (!this.#opening || photo.example !== linked) this.picked = -1;
    this.#opening = false;
    this.#keep({photo: photo.example});
  }

  /** @param {Record<string, string | null>} [more] */
  #keep(more = {}) {
    this.#mounted.state.set({...more, pick: this.picked < 0 ? null : this.picked + 1});
  }

  /** @param {number} i  the one that is picked already: none */
  toggle(i) {
    this.picked = i === this.picked ? -1 : i;
    this.#keep();
    this.showLarge();
  }

  /** @param {number} i */
  pick(i) {
    this.picked = i;
    if (this.now) this.showLarge();
  }

  /** The true colors beside the coloring that is nearest to them, or neither. */
  reveal() {
    this.revealed = !this.revealed;
    if (this.revealed) this.#pickNearest();
    this.showLarge();
  }

  #pickNearest() {
    if (!this.now?.eight || !this.now.photo.truth) return;
    this.picked = nearest(this.now.eight.fields, this.now.photo.truth);
    this.#keep();
  }

  /** Which of the eight a box is. @param {HTMLElement} box */
  indexOf(box) {
    return this.#boxes.findIndex(one => one === box);
  }

  /** The small pictures. */
  get canvases() {
    return this.#boxes.map(box => query(box, 'canvas', HTMLCanvasElement));
  }

  /** What is seen large, as it stands. */
  picture() {
    return this.#wipe.picture();
  }

  /** @param {Pending} colored */
  show(colored) {
    if (colored.photo !== this.now?.photo) this.revealed = false;
    this.now = colored;
    const {photo, eight} = colored;
    if (this.revealed) this.#pickNearest();
    const mounted = this.#mounted;
    keepAspect(mounted.root, photo);
    mounted.button('reveal').disabled = !photo.truth;
    mounted.button('sheet').disabled = !eight;
    mounted.part('grey').hidden = Boolean(photo.truth);
    mounted.part('eight').setAttribute('aria-busy', String(!eight));
    this.#boxes.forEach((box, i) => showSmall(box, i, colored));
    this.showLarge();
  }

  /** The large picture, and what is said of it. */
  showLarge() {
    if (!this.now) return;
    const {eight} = this.now;
    const mounted = this.#mounted;
    this.#first?.remove();
    this.#paintLarge(this.now);
    this.#boxes.forEach((box, i) => box.setAttribute('aria-pressed', String(i === this.picked)));
    mounted.part('words').textContent = eight ? this.#words(this.now.photo, eight) : '';
    mounted.button('reveal').setAttribute('aria-pressed', String(this.revealed));
    mounted.button('jpeg').disabled = this.picked < 0 || !eight;
  }

  /** @param {Pending} colored */
  #paintLarge({photo, eight}) {
    const {coloring, truth, words} = photo;
    const ground = this.revealed ? 'the true colors' : 'grey';
    coloring.paint(this.#wipe.over, (this.revealed && truth) || GREY);
    if (this.picked < 0 || !eight)
      return this.#wipe.alone(this.revealed ? `The true colors of ${words}` : `The grey photo: ${words}`);
    coloring.paint(this.#wipe.under, eight.fields[this.picked]);
    this.#wipe.both({
      left: ground,
      right: `coloring ${this.picked + 1}`,
      over: `${words}, ${ground}`,
      under: `Coloring ${this.picked + 1} of ${words}`,
    });
  }

  /** @param {Photo} photo @param {Eight} eight */
  #words({truth}, {weights, fields}) {
    if (this.picked < 0) return 'Click one of the eight to see it large.';
    const said = `Coloring ${this.picked + 1}, weight ${percent(weights[this.picked])}`;
    if (!this.revealed || !truth) return `${said}. Drag the divider: left of it the grey photo.`;
    const off = (128 * distance(fields[this.picked], truth)).toFixed(1);
    const which = this.picked === nearest(fields, truth) ? 'the nearest of the eight to the true colors, ' : '';
    return `${said}: ${which}${off} of ab off on average. Drag the divider: left of it the true colors.`;
  }
}

/**
 * One of the eight, or what stands in its place.
 * @param {HTMLButtonElement} box
 * @param {number} i
 * @param {Pending} colored
 */
function showSmall(box, i, {photo, eight}) {
  const weight = eight ? percent(eight.weights[i]) : '';
  photo.coloring.paint(query(box, 'canvas', HTMLCanvasElement), eight?.fields[i] ?? GREY, true);
  query(box, 'span').textContent = weight;
  query(box, 'b').style.width = eight ? `${(100 * eight.weights[i]) / eight.weights[0]}%` : '0';
  const words = eight ? `Coloring ${i + 1} of ${photo.words}, weight ${weight}` : 'A coloring that is on its way';
  box.setAttribute('aria-label', words);
  box.disabled = !eight;
}

/** What the buttons do. @param {Mounted} mounted @param {View} view */
function actsOf({showError}, view) {
  return {
    pick: (/** @type {HTMLElement} */ box) => view.toggle(view.indexOf(box)),
    reveal: () => view.reveal(),
    png: () => view.now && savePng('colored.png', view.picture(), 1),
    async jpeg() {
      if (!view.now?.eight) return;
      showError('The server colors the photo in its full size …');
      save('colored.jpg', await fullSize(view.now.photo, view.now.eight.fields[view.picked]));
      showError(null);
    },
    sheet() {
      if (view.now?.eight) savePng('eight-colorings.png', sheetOf(view.canvases, view.now.eight.weights), 1);
    },
    code: () => view.now && showCode(pythonOf(view.picked, COUNT, Boolean(view.now.eight?.tints))),
  };
}
