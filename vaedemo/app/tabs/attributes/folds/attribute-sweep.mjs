/** One attribute swept for several people: along a row only that attribute changes, down a column only z. */
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {PictureGrid} from '../../../../web/ui/picture-grid.mjs';
import {decoded, saveBeside} from '../../../../web/ui/side-by-side.mjs';
import {describe, describedFace, drawing, meansOf, opened, people} from '../lib/described-face.mjs';
import {asked, passing} from '../lib/descriptions.mjs';
import {SWITCH, followDrawer} from '../lib/smooth-switch.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/described-face.mjs').Face} Face
 * @typedef {import('../lib/described-face.mjs').Faces} Faces
 */
const VALUES = [-1, -0.67, -0.33, 0, 0.33, 0.67, 1];
const ROWS = 5;
const REST_MS = 120;
const FRAMES = 24;

const TEMPLATE = `
<div class="vd-people">
  <div class="vd-row vd-controls"><label>Sweep <select data-part="which"></select></label>
    <button type="button" class="vd-main" data-act="dice">Other people</button>${SWITCH}</div>
  <div data-part="sheet"></div>
  <div class="vd-row">
    ${takeaway('png')}
    <button type="button" class="vd-quiet" data-act="gif" title="All rows, there and back">GIF</button>
    ${takeaway('code', 'badge')}
  </div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  const faces = await opened().catch(mounted.showError);
  if (!faces) return;
  const sweep = new Sweep(mounted, faces);
  followDrawer(mounted, () => sweep.redraw());
  describedFace.subscribe((face, hand) => sweep.describe(face, hand === 'swing'));
  mounted.acts(sweep.acts());
  mounted.onStop(({sweep: name}) => faces.names.includes(name) && sweep.choose(name));
}

class Sweep {
  #mounted;
  #faces;
  #which;
  #sheet;
  #seed;
  /** The description of the face above; empty: none yet. @type {number[]} */
  #y = [];
  #timer = 0;
  /** Who is in the picture, and of which seed: the next may be on its way. */
  #drawn = {seed: -1, zs: /** @type {number[][]} */ ([])};

  /** @param {Mounted} mounted @param {Faces} faces */
  constructor(mounted, faces) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.#faces = faces;
    this.#which = mounted.part('which', HTMLSelectElement);
    this.#which.replaceChildren(...faces.labels.map((label, i) => new Option(label, faces.names[i])));
    this.#which.value = state.choice('sweep', faces.names);
    this.#which.addEventListener('change', () => {
      state.set({sweep: this.#which.value});
      this.#go();
    });
    this.#seed = state.whole('seed', 3);
    this.#sheet = new PictureGrid(mounted.part('sheet'), {
      shape: faces.shape,
      heads: VALUES.map(value => String(value).replace('-', '−')),
      rows: ROWS,
      ink: false,
      visit: (column, row) => this.#visit(column, row),
    });
  }

  /** The attribute that is swept, by its number. */
  get #swept() {
    return this.#faces.names.indexOf(this.#which.value);
  }

  get #label() {
    return this.#which.selectedOptions[0].text;
  }

  /** A face goes to the sliders. @param {number} column @param {number} row */
  #visit(column, row) {
    const {seed, zs} = this.#drawn;
    if (!zs[row]) return; // not drawn yet
    this.#sheet.place(column, row, `person ${row + 1}, ${this.#label} ${VALUES[column]}`);
    describe({seed, row, z: zs[row], y: this.#y.with(this.#swept, VALUES[column])}, 'grid');
  }

  /** The face above changed. @param {Face} face @param {boolean} swinging  a slider moves by itself */
  describe({y}, swinging) {
    const before = this.#y;
    if (swinging && before.length) return;
    const same = before.length && before.every((value, i) => i === this.#swept || value === y[i]);
    this.#y = y;
    if (same) return;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#go(), REST_MS);
  }

  /** Draws anew, once there is a description. */
  redraw() {
    if (this.#y.length) this.#go();
  }

  /** Sweeps another attribute. @param {string} name */
  choose(name) {
    this.#which.value = name;
    this.#go();
  }

  #go() {
    return this.#redraw().catch(this.#mounted.showError);
  }

  #redraw = newest(async signal => {
    const seed = this.#seed;
    const zs = await people(this.#faces.latents, seed, ROWS);
    signal.throwIfAborted();
    this.#drawn = {seed, zs};
    this.#describeSheet();
    const y = VALUES.map(value => this.#y.with(this.#swept, value));
    const vectors = zs.flatMap(z => y.map(told => [...z, ...told]));
    const {painter} = this.#sheet;
    await drawing().batch(vectors.flat(), vectors.length, (planes, first) => painter.draw(planes, first), signal);
    this.#mounted.showError(null);
  });

  #describeSheet() {
    const label = this.#label;
    const only = `Along a row only “${label}” changes, from −1 to 1; down a column only z.`;
    this.#sheet.describe({
      caption: `${only} Click: that face goes to the sliders.`,
      label:
        `Grid of faces: ${label} from -1 to 1 across, people down. ` +
        'Click, or use the arrow keys, to take one to the sliders.',
      picture: `${ROWS} faces drawn by ${drawing().name}, ${label} swept from -1 to 1`,
    });
  }

  acts() {
    return {
      dice: () => {
        this.#seed = nextSeed(this.#seed);
        this.#mounted.state.set({seed: this.#seed});
        return this.#redraw();
      },
      png: () => savePng(`${this.#which.value}.png`, this.#sheet.canvas, 2),
      gif: () => this.#saveRows(),
      code: () => showCode(python(drawing().name, this.#faces.names, this.#y, this.#seed, this.#which.value)),
    };
  }

  /** All rows beside each other, the attribute there and back, as a GIF. */
  async #saveRows() {
    const open = drawing();
    const name = `${this.#which.value}.gif`;
    const way = passing(this.#y, this.#swept, FRAMES);
    const rows = this.#drawn.zs.map(z => way.map(y => [...z, ...y]));
    const parts = await Promise.all(rows.map(vectors => decoded({open}, vectors)));
    await saveBeside(name, parts, open.shape, 3);
    this.#mounted.showError(null);
  }
}

/** @param {string} model @param {string[]} names @param {number[]} y @param {number} seed @param {string} which */
const python = (model, names, y, seed, which) => `import torch, vaedemo
from vaedemo.latents import draw

model = vaedemo.load("${model}")
z = torch.from_numpy(draw(${ROWS}, model.z, seed=${seed}))
y = ${asked(names, y)}.repeat(${ROWS}, 1)  # (${ROWS}, A)
columns = []
for value in torch.linspace(-1, 1, ${VALUES.length}):
    y[:, model.attributes.index("${which}")] = value
    columns.append(model.render(model.decode(z, y)))  # (${ROWS}, 3, 64, 64)${meansOf(model)}`;
