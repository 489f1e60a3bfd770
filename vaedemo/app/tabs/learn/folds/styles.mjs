/** Styles under every label (Kingma 2014, figure 1b): a digit is encoded to z, and its z is drawn as all ten digits. */
import {decoder} from '../../../../web/engine/model-store.mjs';
import {normal} from '../../../../web/engine/normal.mjs';
import {SIDE} from '../../../../web/engine/training-run.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {onPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest, request} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {examples} from '../../../../web/ui/digit-examples.mjs';
import {drawingPad} from '../../../../web/ui/drawing-pad.mjs';
import {PictureGrid} from '../../../../web/ui/picture-grid.mjs';
import {decoded} from '../../../../web/ui/side-by-side.mjs';
import {SliderBank} from '../../../../web/ui/sliders.mjs';
import {StyleDecoder} from '../lib/style-decoder.mjs';
import {python, ratesOf, readStyles} from '../lib/styles.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/styles.mjs').Read} Read
 */

const MODELS = ['digits-m2', 'digits-m1m2'];
const TITLES = /** @type {Record<string, string>} */ ({'digits-m2': 'M2', 'digits-m1m2': 'M1+M2'});
const SOURCE = 'digits'; // of the examples
const PIXELS = SIDE * SIDE;
const LABELS = 10;
const SLIDERS = 8; // at most: those of the latents that carry most
const EXAMPLES = 3; // of each digit

const TEMPLATE = `
<div class="styles">
  <div class="vd-row vd-controls">
    <label>Model <select data-part="model"></select></label>
    <button type="button" class="vd-main" data-act="dice">Another style for this row</button>
    <button type="button" class="vd-quiet" data-act="back">The digit's own style</button>
    <button type="button" class="vd-quiet" data-act="others">Other digits</button>
    ${takeaway('png', 'code', 'badge')}
  </div>
  <div class="parts">
    <div data-part="sheet"></div>
    <div>
      <p class="vd-note" data-part="words" role="status"></p>
      <div data-part="sliders"></div>
      <p class="vd-note">Draw a digit: it becomes the first row. The server reads its style.</p>
      <div data-part="pad"></div>
    </div>
  </div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  const here = await modelsHere();
  if (!here.length) {
    mounted.root.replaceChildren(`${MODELS.join(' and ')} can be trained, but are not here.`);
    return;
  }
  const styles = new Styles(mounted, here);
  mounted.acts(styles.acts());
  mounted.onStop(({model}) => styles.choose(here.includes(model) ? model : here[0]));
  drawingPad(mounted.part('pad'));
  onPicture(blob => styles.take(blob).catch(mounted.showError));
  await styles.open();
}

/** Those of the models that this server has. */
async function modelsHere() {
  const known = await (await request('learn/errors', {purpose: 'tell of few labels'})).json();
  return MODELS.filter(name => known[name]);
}

class Styles {
  #mounted;
  #choice;
  #model;
  #example;
  #row;
  /** z of the chosen row where a hand has moved it, from a link. @type {number[] | null} */
  #moved;
  /** The visitor's digit. @type {Uint8Array | null} */
  #own = null;
  /** The digits, one after the other. */
  #x = new Uint8Array();
  /** @type {Read | null} */
  #read = null;
  /** z of each row. @type {number[][]} */
  #zs = [];
  /** @type {StyleDecoder | null} */
  #decoder = null;
  /** @type {PictureGrid | null} */
  #grid = null;
  /** @type {SliderBank | null} */
  #bank = null;

  /** @param {Mounted} mounted @param {string[]} here  models */
  constructor(mounted, here) {
    const {state} = mounted;
    this.#mounted = mounted;
    const linked = state.choice('model');
    this.#model = here.includes(linked) ? linked : here[0];
    this.#example = state.whole('example', 0);
    this.#row = state.whole('row', 4);
    this.#moved = state.numbers('z');
    this.#choice = mounted.part('model', HTMLSelectElement);
    this.#choice.replaceChildren(...here.map(name => new Option(TITLES[name], name)));
    this.#choice.addEventListener('change', () => this.choose(this.#choice.value).catch(mounted.showError));
  }

  /** Digits are drawn, read, and drawn under all labels. */
  open = newest(async signal => {
    this.#choice.value = this.#model;
    this.#mounted.badge(this.#model);
    const [x, open] = await Promise.all([this.#digits(signal), StyleDecoder.open(this.#model)]);
    const read = await readStyles(this.#model, x, signal);
    signal.throwIfAborted();
    [this.#x, this.#decoder, this.#read] = [x, open, read];
    this.#zs = read.mean.map(z => [...z]);
    this.#row = Math.min(this.#row, this.#zs.length - 1);
    if (this.#moved?.length === open.z) this.#zs[this.#row] = this.#moved;
    this.#lay();
    await this.#decoder.all(this.#zs, (planes, first) => this.#paint(planes, first), signal);
    this.#mounted.root.dataset.drawn = this.#model;
    this.#mounted.showError(null);
  });

  /** The digits of the rows: the visitor's own, then examples that `digits` draws. @param {AbortSignal} signal */
  async #digits(signal) {
    const [open, codes] = await Promise.all([decoder(SOURCE), examples(SOURCE)]);
    const drawn = await decoded(
      {open},
      codes.map(ofDigit => ofDigit[this.#example % ofDigit.length]),
      signal,
    );
    return Uint8Array.from([...(this.#own ?? []), ...drawn]);
  }

  /** The sheet and the sliders for what was read. */
  #lay() {
    const {labels} = /** @type {Read} */ (this.#read);
    this.#grid = new PictureGrid(this.#mounted.part('sheet'), {
      shape: [1, SIDE, SIDE],
      heads: ['x', ...Array.from({length: LABELS}, (_, label) => String(label))],
      rows: labels.length,
      visit: (_, row) => this.#visit(row),
    });
    this.#grid.describe({
      caption: `x: a digit. Its row: the z that ${TITLES[this.#model]} reads in it, drawn under each label.`,
      label: 'Sheet of digits: a row for each style. Click, or use the arrow keys, to choose a row.',
      picture: 'Each row: a digit, then its style under the labels 0 to 9',
    });
    labels.forEach((_, row) => {
      this.#grid?.painter.draw(this.#x.subarray(row * PIXELS, (row + 1) * PIXELS), row * (1 + LABELS));
    });
    const rates = ratesOf(/** @type {Read} */ (this.#read));
    const order = rates.map((_, d) => d).sort((a, b) => rates[b] - rates[a]);
    const dimensions = order.slice(0, SLIDERS);
    this.#bank = new SliderBank(this.#mounted.part('sliders'), {
      dimensions,
      labels: dimensions.map(d => `z${d + 1}`),
      kl: rates,
      over: 'the digits beside',
      onMove: z => this.#move([...z]),
    });
    this.#place();
  }

  /** Pictures of rows under labels, from number `first` on. @param {Uint8Array} planes @param {number} first */
  #paint(planes, first) {
    for (let i = 0; i < planes.length / PIXELS; i++) {
      const place = first + i;
      const column = 1 + (place % LABELS);
      const at = Math.floor(place / LABELS) * (1 + LABELS) + column;
      this.#grid?.painter.draw(planes.subarray(i * PIXELS, (i + 1) * PIXELS), at);
    }
  }

  /** @param {number} row */
  #visit(row) {
    this.#row = row;
    this.#mounted.state.set({row, z: null});
    this.#place();
  }

  /** The chosen row is marked, and its z is on the sliders. */
  #place() {
    const {labels} = /** @type {Read} */ (this.#read);
    const label = labels[this.#row];
    const isOwn = this.#own && this.#row === 0;
    const total = this.#zs[this.#row].length;
    this.#grid?.place(1 + label, this.#row, `row ${this.#row + 1}, read as a ${label}`);
    this.#bank?.place(this.#zs[this.#row]);
    const latents =
      total > SLIDERS ? `Of the ${total} latents of its style, these carry most` : 'Its style is these latents';
    this.#mounted.part('words').textContent =
      `${TITLES[this.#model]} reads ${isOwn ? 'your digit' : 'this digit'} as a ${label}. ${latents}: pull one.`;
  }

  /** The chosen row has another z. @param {number[]} z */
  #move(z) {
    const row = this.#row;
    this.#zs[row] = z;
    this.#mounted.state.set({row, z: z.map(value => value.toFixed(3)).join()});
    this.#decoder?.show(z, planes => this.#paint(planes, row * LABELS));
  }

  /** @param {string} model */
  choose(model) {
    this.#model = model;
    this.#moved = null;
    this.#mounted.state.set({model, z: null});
    return this.open();
  }

  /** The picture that travels becomes the first row. @param {Blob | null} blob */
  async take(blob) {
    const own = blob && (await encode(SOURCE, blob)).x;
    if (!own && !this.#own) return;
    this.#own = own;
    if (own) this.#row = 0;
    this.#moved = null;
    await this.open();
  }

  /** @returns {Record<string, import('../../../../web/page/fold.mjs').Act>} */
  acts() {
    const moved = (/** @type {number[]} */ z) => {
      this.#bank?.place(z);
      this.#move(z);
    };
    return {
      dice: () => {
        const z = this.#zs[this.#row];
        if (z) moved(z.map((value, d) => (this.#bank?.locked(d) ? value : normal())));
      },
      back: () => {
        if (!this.#read) return;
        moved([...this.#read.mean[this.#row]]);
        this.#mounted.state.set({z: null});
      },
      others: () => {
        this.#example = (this.#example + 1) % EXAMPLES;
        this.#moved = null;
        this.#mounted.state.set({example: this.#example, z: null});
        return this.open();
      },
      png: () => this.#grid && savePng('styles.png', this.#grid.canvas, 4),
      code: () => showCode(python(this.#model, this.#zs[this.#row])),
    };
  }
}
