/** A grid of people of the description above: z of their own, y the sliders'. Its folds differ in who decodes them. */
import {savePng} from '../../../../web/page/downloads.mjs';
import {takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {PictureGrid} from '../../../../web/ui/picture-grid.mjs';
import {decoderBy, describe, describedFace, drawing, opened, people} from './described-face.mjs';
import {words} from './descriptions.mjs';
import {SWITCH, followDrawer} from './smooth-switch.mjs';

const REST_MS = 120;

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('./described-face.mjs').Face} Face
 * @typedef {import('./described-face.mjs').Faces} Faces
 * @typedef {import('../../../../web/engine/live-decoder.mjs').LiveDecoder} LiveDecoder
 * @typedef {object} Crowd
 * @property {number} seed  where the address has none
 * @property {number} others  people drawn from the prior
 * @property {boolean} [above]  the face above comes first
 * @property {string[]} [models]  who decodes them: one after the other, each beginning a row; none: whom the switch
 *   "Smooth" chooses
 * @property {string[]} heads  above the columns
 * @property {string[]} [sides]  before the rows
 * @property {string} file  the PNG's name
 * @property {{caption: string, label: string}} words  below the grid; what one can do with it
 * @property {(names: string[], y: number[], seed: number, models: string[]) => string} python
 */

/** @param {string} model */
const badgeOf = model => `<span data-part="badge-${model}"></span>`;

/** @param {string[]} [models]  of such a fold, as in Crowd */
export const templateOf = models => `
<div class="vd-people">
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="dice">Other people</button>${models ? '' : SWITCH}
    <span data-part="words"></span>
  </div>
  <div data-part="sheet"></div>
  <div class="vd-row">${takeaway('png', 'code')}${models?.map(badgeOf).join('') ?? takeaway('badge')}</div>
</div>`;

/** The setup of such a fold; its state has a key "seed". @param {Mounted} mounted @param {Crowd} crowd */
export async function setupPeople(mounted, crowd) {
  const {models = []} = crowd;
  const ready = await Promise.all([opened(), ...models.map(decoderBy)]).catch(mounted.showError);
  if (!ready) return;
  const [faces, ...decoders] = ready;
  const grid = new PeopleGrid(mounted, crowd, faces, decoders);
  if (!crowd.models) followDrawer(mounted, () => grid.redraw());
  describedFace.subscribe((face, who) => grid.describe(face, who === 'swing'));
  mounted.acts({
    dice: () => grid.throw(),
    png: () => savePng(crowd.file, grid.canvas, 2),
    code: () => grid.face && showCode(crowd.python(faces.names, grid.face.y, grid.seed, grid.models)),
  });
  for (const name of models) mounted.badge(name, `badge-${name}`);
}

class PeopleGrid {
  #mounted;
  #crowd;
  #faces;
  #fixed;
  #sheet;
  #timer = 0;
  /** The description in the picture. @type {Face | null} */
  face = null;
  /** Who is in the picture, and of which seed: the next may be on its way. */
  #drawn = {seed: -1, zs: /** @type {number[][]} */ ([])};

  /**
   * @param {Mounted} mounted
   * @param {Crowd} crowd
   * @param {Faces} faces
   * @param {LiveDecoder[]} fixed  in the models' order; none: the decoder that the switch chooses
   */
  constructor(mounted, crowd, faces, fixed) {
    this.#mounted = mounted;
    this.#crowd = crowd;
    this.#faces = faces;
    this.#fixed = fixed;
    this.seed = mounted.state.whole('seed', crowd.seed);
    this.#sheet = new PictureGrid(mounted.part('sheet'), {
      shape: faces.shape,
      heads: crowd.heads,
      sides: crowd.sides ?? [],
      rows: ((crowd.models?.length ?? 1) * this.#count) / crowd.heads.length,
      ink: false,
      visit: (column, row) => this.#visit(column, row),
    });
  }

  get canvas() {
    return this.#sheet.canvas;
  }

  get #decoders() {
    return this.#fixed.length ? this.#fixed : [drawing()];
  }

  get models() {
    return this.#decoders.map(({name}) => name);
  }

  /** How many people are drawn by each model. */
  get #count() {
    return this.#crowd.others + Number(this.#crowd.above ?? false);
  }

  /** A person goes to the sliders. @param {number} column @param {number} row */
  #visit(column, row) {
    const {heads, others, above} = this.#crowd;
    const k = (row * heads.length + column) % this.#count;
    const who = k - Number(above ?? false);
    const {seed, zs} = this.#drawn;
    if (!zs[k]) return; // not drawn yet
    this.#sheet.place(column, row, who < 0 ? 'the face above' : `person ${who + 1} of ${others}`);
    if (who >= 0) describe({seed, row: who, z: zs[k]}, 'grid');
  }

  /** The face above changed. @param {Face} next @param {boolean} swinging  a slider moves by itself */
  describe(next, swinging) {
    const {face} = this;
    const sameZ = !this.#crowd.above || String(next.z) === String(face?.z);
    if (face && (swinging || (sameZ && String(next.y) === String(face.y)))) return;
    this.face = next;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.redraw(), REST_MS);
  }

  redraw() {
    this.#redraw().catch(this.#mounted.showError);
  }

  throw() {
    this.seed = nextSeed(this.seed);
    this.#mounted.state.set({seed: this.seed});
    return this.#redraw();
  }

  #redraw = newest(async signal => {
    if (!this.face) return;
    const {others, above, words: below} = this.#crowd;
    const {z, y} = this.face;
    const {seed} = this;
    const thrown = await people(this.#faces.latents, seed, others);
    signal.throwIfAborted();
    this.#drawn = {seed, zs: above ? [z, ...thrown] : thrown};
    const described = words(this.#faces.labels, y);
    const count = this.#count;
    this.#mounted.part('words').textContent = `asked for: ${described}`;
    const drawn = `${count} faces drawn by ${this.models.join(', then by ')}`;
    this.#sheet.describe({...below, picture: `${drawn}: ${described}`});
    const vectors = this.#drawn.zs.flatMap(one => [...one, ...y]);
    const {painter} = this.#sheet;
    const drawing = this.#decoders.map((decoder, i) =>
      decoder.batch(vectors, count, (planes, first) => painter.draw(planes, i * count + first), signal),
    );
    await Promise.all(drawing);
    this.#mounted.showError(null);
  });
}
