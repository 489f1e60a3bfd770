/** Ten classes, ten styles: down a column one z under every label, along a row one label with ten z. */
import {decoderOf, draw} from '../../../../web/engine/model-store.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {parts} from '../../../../web/ui/dial.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {PictureGrid} from '../../../../web/ui/picture-grid.mjs';
import {decoded} from '../../../../web/ui/side-by-side.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../../../../web/engine/live-decoder.mjs').LiveDecoder} LiveDecoder
 */
const MODEL = 'digits-cvae';
const COUNT = 10;
const WORDS = {
  caption:
    'Across: ten z from N(0, I), the same z down a column. Down: the labels. Click on a picture to see it large.',
  label: 'Grid of pictures: ten styles across, the labels 0 to 9 down. Click, or use the arrow keys, to choose one.',
  picture: `A hundred digits drawn by ${MODEL}: each column one style, each row one class`,
};

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="throw">Ten new styles</button>
  </div>
  <div class="vd-classes">
    <div data-part="sheet"></div>
    <figure class="vd-figure">
      <canvas class="vd-ink vd-large" data-part="large" width="28" height="28" role="img"></canvas>
      <figcaption data-part="words"></figcaption>
      <div class="vd-row">
        ${takeaway('png')}
        <button type="button" class="vd-quiet" data-act="grid">PNG of the grid</button>
        ${takeaway('code', 'badge')}
      </div>
    </figure>
  </div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  const {showError} = mounted;
  const open = await decoderOf(MODEL).catch(showError);
  if (!open) return;
  const grid = new Grid(mounted, open);
  mounted.acts(grid.acts());
  mounted.badge(MODEL);
  mounted.onStop(({styles}) => grid.throw(Number(styles)));
  await grid.draw().catch(showError);
}

/** The hundred pictures, and the chosen one large. */
class Grid {
  #mounted;
  #open;
  #seed;
  #column;
  #row;
  #sheet;
  #large;
  #painter;
  /** The columns' z. @type {number[][]} */
  #styles = [];

  /** @param {Mounted} mounted @param {LiveDecoder} open */
  constructor(mounted, open) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.#open = open;
    this.#seed = state.whole('styles', 1);
    this.#column = state.whole('column', 0);
    this.#row = state.whole('row', 7);
    this.#large = mounted.part('large', HTMLCanvasElement);
    this.#painter = new Painter(this.#large, open.shape);
    this.#sheet = new PictureGrid(mounted.part('sheet'), {
      shape: open.shape,
      heads: Array(COUNT).fill(''),
      rows: COUNT,
      sides: Array.from({length: COUNT}, (_, label) => String(label)),
      visit: (column, row) => this.#visit(column, row),
    });
    this.#sheet.describe(WORDS);
  }

  /** @param {number} column @param {number} row */
  #visit(column, row) {
    this.#column = column;
    this.#row = row;
    this.#mounted.state.set({styles: this.#seed, column, row});
    if (this.#styles.length) this.#enlarge().catch(this.#mounted.showError);
  }

  async #enlarge() {
    const column = this.#column;
    const row = this.#row;
    const drawn = `draw ${column + 1} of seed ${this.#seed}, as a ${row}`;
    this.#sheet.place(column, row, `style ${column + 1}, label ${row}`);
    this.#mounted.part('words').textContent = `Style ${column + 1}, label ${row}: ${drawn}`;
    this.#large.setAttribute('aria-label', `A ${row} drawn by ${MODEL} in style ${column + 1}`);
    this.#painter.draw(await decoded({open: this.#open}, [[...this.#styles[column], ...parts(row, COUNT)]]));
  }

  draw = newest(async signal => {
    const open = this.#open;
    const z = open.inputs - COUNT;
    const codes = await draw(COUNT, z, this.#seed);
    signal.throwIfAborted();
    this.#styles = Array.from({length: COUNT}, (_, i) => [...codes.subarray(i * z, (i + 1) * z)]);
    await this.#enlarge();
    const labels = Array.from({length: COUNT}, (_, label) => parts(label, COUNT));
    const vectors = labels.flatMap(label => this.#styles.map(style => [...style, ...label]));
    const {painter} = this.#sheet;
    await open.batch(vectors.flat(), vectors.length, (planes, first) => painter.draw(planes, first), signal);
    this.#mounted.showError(null);
  });

  /** Other styles. @param {number} seed */
  throw(seed) {
    this.#seed = seed;
    this.#mounted.state.set({styles: seed});
    return this.draw();
  }

  acts() {
    return {
      throw: () => this.throw(nextSeed(this.#seed)),
      png: () => savePng(`a-${this.#row}.png`, this.#large, 16),
      grid: () => savePng('ten-classes-ten-styles.png', this.#sheet.canvas, 4),
      code: () => showCode(python(this.#seed, this.#column, this.#row)),
    };
  }
}

/** @param {number} seed @param {number} column @param {number} row */
const python = (seed, column, row) => `import torch, vaedemo
from vaedemo.latents import draw

model = vaedemo.load("${MODEL}")
styles = torch.from_numpy(draw(${COUNT}, model.z, seed=${seed}))  # (${COUNT}, Z): the columns
labels = torch.eye(${COUNT})  # (${COUNT}, ${COUNT}), one-hot: the rows
picture = model.render(model.decode(styles[${column}:${column + 1}], labels[${row}:${row + 1}]))  # (1, 1, 28, 28)
grid = model.render(model.decode(styles.repeat(${COUNT}, 1), labels.repeat_interleave(${COUNT}, 0)))  # row by row`;
