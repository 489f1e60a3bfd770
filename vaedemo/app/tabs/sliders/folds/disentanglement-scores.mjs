/** How disentangled a model is: three scores of four models, and what every latent tells of every factor. */
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {shown} from '../../../../web/page/format.mjs';
import {RequestError, newest} from '../../../../web/page/request.mjs';
import {facts, latents} from '../../../../web/engine/model-store.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {decodedGrid} from '../../../../web/ui/decoded-grid.mjs';
import {TEMPLATE as SCORES, showScores} from '../lib/scores.mjs';
import {gaps, heatmap, strongest} from '../lib/mutual-information-table.mjs';
import {through} from '../lib/traversal.mjs';

/** @typedef {import('../lib/mutual-information-table.mjs').Cell} Cell */

const FRAMES = 5;
const SCALE = 4; // of the PNG

const TEMPLATE = `
<div>
  ${SCORES}
  <p class="vd-note" data-part="measured"></p>
  <div class="vd-information">
    <div><div data-part="heat"></div><p class="vd-note" data-part="mean"></p></div>
    <div>
      <p data-part="tells" class="vd-tells" role="status">Point at a cell.</p>
      <figure class="vd-figure">
        <div class="vd-frames"><canvas class="vd-ink" data-part="strip" role="img"></canvas></div>
        <figcaption data-part="caption"></figcaption>
      </figure>
      <div class="vd-row">
        <button type="button" class="vd-quiet" data-act="other">Another sprite</button>
        ${takeaway('png', 'code', 'badge')}
      </div>
      <p class="vd-note">A square looks the same after a quarter turn, an ellipse after half a turn. The angle of a
        picture is not one number, so no single latent can stand for orientation: that column stays pale, whatever the
        model.</p>
    </div>
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
async function setup(mounted) {
  const {state, showError} = mounted;
  const scored = new Scored(mounted);
  mounted.acts({
    model: ({dataset}) => {
      state.set({model: dataset.model, cell: null});
      return scored.choose(dataset.model);
    },
    other: () => scored.another(),
    png: () => scored.savePicture(),
    code: () => scored.showPython(),
  });
  mounted.onStop(({model}) => model && scored.choose(model));
  await Promise.all([showScores(mounted.root, mounted.part('measured')), scored.open().catch(showError)]);
}

/** The model that was chosen, and the cell of its table. */
class Scored {
  #mounted;
  #name;
  /** @type {Cell | null} */
  #cell;
  /** @type {import('../lib/mutual-information-table.mjs').Known} */
  #known;
  /** @type {(cell: Cell) => void} */
  #mark;
  /** Which of the example codes the strip starts from. */
  #start = 0;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.#name = mounted.state.choice('model');
    this.#cell = linkedCell(mounted.state);
  }

  /** Shows what the link holds. */
  open() {
    return this.#show(this.#name);
  }

  /** @param {string} name  of a model */
  choose(name) {
    this.#cell = null;
    return this.#show(name);
  }

  #show = newest(async (signal, /** @type {string} */ name) => {
    const {factors} = await facts(name).catch(error => {
      throw new RequestError(`${name} is not here, so there is nothing to show of it.`, {cause: error});
    });
    signal.throwIfAborted();
    for (const button of this.#mounted.all('[data-model]'))
      button.setAttribute('aria-pressed', String(button.dataset.model === name));
    const {information, kl} = await latents(name);
    signal.throwIfAborted();
    this.#mounted.showError(null);
    this.#name = name;
    this.#mounted.badge(name);
    if (!information)
      throw new RequestError(`${name} has not been measured here: what its latents tell is not known.`);
    this.#known = {information: information.data, kl: kl.data, factors};
    await this.#showTable();
  });

  async #showTable() {
    const {information, kl, factors} = this.#known;
    this.#mark = heatmap(this.#mounted.part('heat'), this.#known, {
      onPoint: cell => this.#tell(cell),
      onChoose: cell => {
        this.#mounted.state.set({cell: `${cell.latent},${cell.factor}`});
        this.#pick(cell).catch(this.#mounted.showError);
      },
    });
    this.#mounted.part('mean').textContent =
      `Each cell: mutual information, in parts of the factor's entropy. Last row: the lead of the best latent over ` +
      `the second; its mean, ${mean(gaps(this.#known)).toFixed(2)}, is the MIG.`;
    const isThere = this.#cell && this.#cell.factor < factors.length && this.#cell.latent < kl.length;
    const cell = isThere ? this.#cell : strongest(this.#known);
    await this.#pick({...cell, share: information[cell.latent * factors.length + cell.factor]});
  }

  /** @param {Cell} cell */
  #tell({latent, factor, share}) {
    this.#mounted.part('tells').textContent =
      `z${latent} tells ${share.toFixed(2)} of the ${this.#known.factors[factor]}'s entropy`;
  }

  /** @param {Cell} cell */
  async #pick(cell) {
    this.#cell = cell;
    this.#mark(cell);
    this.#tell(cell);
    await this.#drawStrip();
  }

  /** A strip of pictures that moves one latent. */
  #drawStrip = newest(async signal => {
    const [name, {latent}] = [this.#name, this.#cell];
    const codes = traversal((await exampleCodes(name))[this.#start], latent);
    signal.throwIfAborted();
    const strip = this.#mounted.part('strip', HTMLCanvasElement);
    await decodedGrid(name, strip, Float32Array.from(codes.flat()), FRAMES, signal);
    strip.setAttribute('aria-label', `Five sprites drawn by ${name} while z${latent} rises`);
    const values = codes.map(z => z[latent]);
    this.#mounted.part('caption').textContent = `z${latent} = ${shown(values, 1)}; the other latents rest.`;
  });

  /** The strip starts from the next of the model's examples. */
  async another() {
    const all = await exampleCodes(this.#name);
    this.#start = (this.#start + 1) % all.length;
    if (this.#cell) await this.#drawStrip();
  }

  savePicture() {
    if (this.#cell)
      savePng(`${this.#name}-z${this.#cell.latent}.png`, this.#mounted.part('strip', HTMLCanvasElement), SCALE);
  }

  async showPython() {
    const all = await exampleCodes(this.#name);
    if (this.#cell) showCode(python(this.#name, all[this.#start], this.#cell.latent));
  }
}

const mean = values => values.reduce((a, b) => a + b, 0) / values.length;

/** @param {import('../../../../web/page/url-state.mjs').UrlState} state @returns {Cell | null} */
function linkedCell(state) {
  const given = state.numbers('cell');
  const isCell = given?.every(value => Number.isInteger(value) && value >= 0);
  return isCell ? {latent: given[0], factor: given[1], share: 0} : null;
}

/** A model's example codes. @param {string} name @returns {Promise<number[][]>} */
async function exampleCodes(name) {
  const {data, shape} = (await latents(name)).examples;
  const [n, z] = shape;
  return Array.from({length: n}, (_, i) => [...data.subarray(i * z, (i + 1) * z)]);
}

/**
 * Codes that equal z but for one latent: what vaedemo.latents.traversal gives.
 * @param {number[]} z
 * @param {number} latent
 */
const traversal = (z, latent) => through(FRAMES).map(value => z.with(latent, value));

const python = (name, z, latent) => `import numpy as np
import torch
import vaedemo
from vaedemo.latents import traversal

model = vaedemo.load("${name}")
z = np.array([${z.map(value => value.toFixed(2)).join(', ')}])
codes = torch.from_numpy(traversal(z, ${latent}, ${FRAMES}))  # only z${latent} moves
strip = model.render(model.decode(codes))  # (${FRAMES}, 1, 64, 64), means of p(x|z)`;
