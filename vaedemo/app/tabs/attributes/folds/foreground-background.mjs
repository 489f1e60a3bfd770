/** disCVAE's layers: a person, a gate, a background; each of the two z is kept or thrown on its own. */
import {facts} from '../../../../web/engine/model-store.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest, request} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {PictureGrid} from '../../../../web/ui/picture-grid.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {MODEL as DESCRIBED, attributesOf, describedFace, people} from '../lib/described-face.mjs';
import {asked, plain, words} from '../lib/descriptions.mjs';

/** @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted */
const MODEL = 'faces-discvae';
const COLUMNS = 6;
const ROWS = 4;
const REST_MS = 200;
/** A picture's planes as the server sends them: where each layer begins, and how many planes it has. */
const LAYERS = [
  {name: 'foreground', caption: 'The person', start: 0, channels: 3},
  {name: 'gate', caption: 'The gate: white keeps the person', start: 3, channels: 1},
  {name: 'background', caption: 'The background', start: 4, channels: 3},
  {name: 'whole', caption: 'One over the other', start: 7, channels: 3},
];
const PLANES = 10;

/** @param {{name: string, caption: string}} layer */
const figure = ({name, caption}) => `
<figure class="vd-figure">
  <canvas class="vd-photo" data-part="${name}" width="64" height="64" role="img"
    aria-label="${caption}, drawn by ${MODEL}"></canvas>
  <figcaption>${caption}</figcaption>
</figure>`;
const TEMPLATE = `
<div class="vd-layers">
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="front">Other people, same backgrounds</button>
    <button type="button" class="vd-main" data-act="back">Same people, other backgrounds</button>
  </div>
  <div class="four">${LAYERS.map(figure).join('')}</div>
  <div data-part="sheet"></div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG of the layers</button>
    <button type="button" class="vd-quiet" data-act="grid">PNG of the grid</button>
    ${takeaway('code', 'badge')}</div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  const known = await facts(MODEL).catch(mounted.showError);
  if (!known) return;
  const {names, usual} = await attributesOf(MODEL);
  const described = await attributesOf(DESCRIBED).catch(() => null); // of the face above
  const layers = new Layers(mounted, known.recipe.net, {names, usual});
  mounted.acts(layers.acts());
  mounted.badge(MODEL);
  describedFace.subscribe((face, hand) => {
    // the description of the face above, as soon as there is one
    const y = names.map((name, i) => face.y[described?.names.indexOf(name) ?? -1] ?? usual[i]);
    if (hand !== 'swing') layers.describe(y);
  });
  layers.begin();
}

class Layers {
  #mounted;
  #names;
  #size;
  #widths;
  #seeds;
  #y;
  #at = [0, 0];
  #sheet;
  #painters;
  #timer = 0;
  /** All pictures' planes. @type {Uint8Array | null} */
  #all = null;

  /**
   * @param {Mounted} mounted
   * @param {Record<string, any>} net  the recipe's
   * @param {{names: string[], usual: number[]}} attributes
   */
  constructor(mounted, {z, behind, shape: [, height, width]}, {names, usual}) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.#names = names;
    this.#y = usual;
    this.#size = height * width;
    this.#widths = {front: z - behind, back: behind};
    this.#seeds = {front: state.whole('front', 2), back: state.whole('back', 1)};
    this.#painters = LAYERS.map(
      ({name, channels}) =>
        new Painter(mounted.part(name, HTMLCanvasElement), [channels, height, width], {crisp: false}),
    );
    this.#sheet = new PictureGrid(mounted.part('sheet'), {
      shape: [3, height, width],
      heads: Array(COLUMNS).fill(''),
      rows: ROWS,
      ink: false,
      visit: (column, row) => {
        this.#at = [column, row];
        if (this.#all) this.#enlarge(this.#all);
      },
    });
  }

  /** Draws, unless a face that was described already does it. */
  begin() {
    if (!this.#timer) this.#go();
  }

  /** Another description. @param {number[]} y */
  describe(y) {
    if (String(y) === String(this.#y) && this.#all) return;
    this.#y = y;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#go(), REST_MS);
  }

  #go() {
    return this.#redraw().catch(this.#mounted.showError);
  }

  #redraw = newest(async signal => {
    const fronts = await people(this.#widths.front, this.#seeds.front, ROWS);
    const backs = await people(this.#widths.back, this.#seeds.back, COLUMNS);
    const vectors = fronts.flatMap(front => backs.map(back => [...front, ...back, ...this.#y]));
    const body = new Float32Array(vectors.flat());
    const answer = await request(`layers/${MODEL}`, {purpose: 'draw layers', body, model: MODEL, signal});
    const all = new Uint8Array(await answer.arrayBuffer());
    signal.throwIfAborted();
    this.#all = all;
    this.#describeSheet();
    vectors.forEach((_, i) => this.#sheet.painter.draw(this.#planes(all, i, LAYERS[3]), i));
    this.#enlarge(all);
    this.#mounted.showError(null);
  });

  /**
   * A layer of the i-th picture.
   * @param {Uint8Array} all
   * @param {number} i
   * @param {{start: number, channels: number}} layer
   */
  #planes(all, i, {start, channels}) {
    const first = i * PLANES + start;
    return all.subarray(first * this.#size, (first + channels) * this.#size);
  }

  #describeSheet() {
    const description = words(this.#names.map(plain), this.#y);
    this.#sheet.describe({
      caption: `Across: backgrounds. Down: people. Asked for: ${description}. Click on a picture to see its layers.`,
      label: 'Grid of faces: people down, backgrounds across. Click, or use the arrow keys, to choose one.',
      picture: `${ROWS * COLUMNS} faces drawn by ${MODEL}: each row one person, each column one background`,
    });
  }

  /** The layers of the chosen picture. @param {Uint8Array} all */
  #enlarge(all) {
    const [column, row] = this.#at;
    this.#sheet.place(column, row, `person ${row + 1} before background ${column + 1}`);
    LAYERS.forEach((layer, i) => this.#painters[i].draw(this.#planes(all, row * COLUMNS + column, layer)));
  }

  /** @param {'front' | 'back'} which */
  #throw(which) {
    this.#seeds[which] = nextSeed(this.#seeds[which]);
    this.#mounted.state.set(this.#seeds);
    return this.#redraw();
  }

  acts() {
    return {
      front: () => this.#throw('front'),
      back: () => this.#throw('back'),
      png: () => savePng('layers.png', beside(this.#painters.map(({canvas}) => canvas)), 4),
      grid: () => savePng('people-and-backgrounds.png', this.#sheet.canvas, 2),
      code: () => showCode(python(this.#seeds, this.#at, this.#names, this.#y)),
    };
  }
}

/** @param {{front: number, back: number}} seeds @param {number[]} at @param {string[]} names @param {number[]} y */
const python = ({front, back}, [column, row], names, y) => `import torch, vaedemo
from vaedemo.latents import draw

model = vaedemo.load("${MODEL}")
person = draw(${row + 1}, model.z - model.behind, seed=${front})[${row}:]
ground = draw(${column + 1}, model.behind, seed=${back})[${column}:]
z = torch.cat([torch.from_numpy(person), torch.from_numpy(ground)], 1)
y = ${asked(names, y)}[None]  # (1, A)
decoded = model.decode(z, y)
foreground, gate, background = model.layers(decoded)  # (1, 3, 64, 64), (1, 1, 64, 64), (1, 3, 64, 64)
picture = model.render(decoded)  # (1, 3, 64, 64)`;
