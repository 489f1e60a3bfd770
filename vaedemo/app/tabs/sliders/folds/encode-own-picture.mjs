/** A picture of one's own: the encoder sets the hero's sliders, and its ELBO follows the hand that pulls them. */
import {dom, query, queryAll} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {onPicture} from '../../../../web/page/picture-store.mjs';
import {pngOf} from '../../../../web/page/png.mjs';
import {encode, newest} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {drawingPad} from '../../../../web/ui/drawing-pad.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {beside, decoded} from '../../../../web/ui/side-by-side.mjs';
import {distortion, far, nats, rate} from '../lib/elbo-terms.mjs';
import {costs, decodedNow, moves, shownNow} from '../lib/paired-models.mjs';

/**
 * @typedef {import('../lib/paired-models.mjs').Shown} Shown
 * @typedef {{answer: import('../../../../web/page/request.mjs').Encoded, atMean: number, pulled?: number}} Priced
 *   A model's answer to the picture. atMean: the distortion at q's mean, by the bytes of the decoded picture; pulled:
 *   the distortion where the sliders stand
 */

const ONWARD_MS = 1500; // a drawing that goes on is one move
const SLOW_MS = 300;
const PATIENCE_MS = 600; // half a drawing may be no picture yet
const SCALE = 8; // of the PNG

const TEMPLATE = `
<div class="vd-yours">
  <p class="vd-note" data-part="hint"></p>
  <div class="parts">
    <div data-part="pads"></div>
    <figure class="vd-figure">
      <canvas data-part="x" width="64" height="64" role="img" aria-label="The picture as the encoder sees it"></canvas>
      <figcaption>x, as the encoder sees it</figcaption>
    </figure>
    <div data-part="models"></div>
  </div>
  <p class="vd-note" role="status" data-part="far"></p>
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="take" disabled>Set the sliders from it</button>
    ${takeaway('png', 'code')}
  </div>
  <p class="vd-note">In nats. Distortion is −log p(x|z) at the mean of q(z|x), and where the sliders stand; there the
    rate is that of q moved to it, sigma kept. The ELBO is minus their sum. Under a Gaussian p(x|z) nats of a density
    may be negative.</p>
  <p class="vd-trouble" role="status"></p>
</div>`;

const TERMS = ['distortion', 'rate', 'ELBO'];
const rows = TERMS.map(term => `<tr data-term="${term}"><th scope="row">${term}</th><td></td><td></td></tr>`);
const MODEL = `
<section>
  <figure class="vd-figure"><canvas role="img"></canvas><figcaption></figcaption></figure>
  <table>
    <thead><tr><td></td><th scope="col">at q's mean</th><th scope="col">pulled</th></tr></thead>
    <tbody>${rows.join('')}</tbody>
  </table>
</section>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
function setup(mounted) {
  const own = new OwnPicture(mounted);
  mounted.acts({
    take: () => own.encode(true),
    png: () => own.savePicture(),
    code: () => own.showPython(),
  });
  shownNow.subscribe((shown, how) => own.follow(shown, how !== 'codes'));
  decodedNow.subscribe(({model, planes}) => own.priceDecoded(model, planes));
  onPicture(blob => own.setPicture(blob));
  mounted.onVisible(visible => own.setVisible(visible));
}

class OwnPicture {
  #mounted;
  /** @type {Shown | undefined} */
  #shown;
  /** One a model. @type {Priced[]} */
  #priced = [];
  /** The picture that travels. @type {Blob | null} */
  #picture = null;
  /** The drawing boxes by what is drawn there. @type {Map<string, HTMLElement>} */
  #pads = new Map();
  #visible = false;
  /** When the sliders were set from a picture. */
  #moved = -Infinity;
  /** Whether the models have been given something to begin with. */
  #begun = false;
  #timer = 0;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
  }

  /** An error is shown after a while, unless it is over by then. @param {Error | null} error */
  #showLate = error => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#mounted.showError(error), error ? PATIENCE_MS : 0);
  };

  /** The hero shows other models, or other codes. @param {Shown} shown @param {boolean} isOther  other models */
  follow(shown, isOther) {
    const kind = this.#shown?.kind;
    this.#shown = shown;
    if (!isOther) return;
    const again = this.#picture && this.#priced.length > 0 && shown.kind === kind;
    this.#build();
    if (again)
      this.encode(true); // other models of one kind are given the same picture
    else this.#begin();
  }

  /** @param {Blob | null} blob */
  setPicture(blob) {
    this.#picture = blob;
    this.#mounted.button('take').disabled = !blob;
    if (blob && this.#visible) this.encode(true); // what was drawn elsewhere is offered, not taken
    if (!blob) costs.publish(['', '']);
  }

  /** @param {boolean} visible */
  setVisible(visible) {
    this.#visible = visible;
    if (visible) this.#priced.forEach((one, i) => one.pulled !== undefined && this.#writePulled(i));
    this.#begin();
  }

  #build() {
    const {kind, models} = this.#shown;
    if (!this.#pads.has(kind.draws)) this.#pads.set(kind.draws, drawingPad(this.#mounted.part('pads'), kind.draws));
    for (const [subject, box] of this.#pads) box.hidden = subject !== kind.draws;
    this.#mounted.part('hint').textContent = kind.hint;
    this.#mounted.part('far').textContent = '';
    this.#mounted.part('models').replaceChildren(...models.map(block));
    for (const canvas of queryAll(this.#mounted.root, 'figure canvas'))
      canvas.className = kind.ink ? 'vd-ink' : 'vd-photo';
    costs.publish(['', '']);
    this.#priced = [];
    this.#begun = false;
  }

  /**
   * The fold never opens empty: until it is given a picture, it shows what was drawn elsewhere, or what the left
   * model draws.
   */
  async #begin() {
    if (this.#begun || !this.#visible || !this.#shown) return;
    this.#begun = true;
    const [left] = this.#shown.models;
    const drawn = await pngOf(await decoded(left, [this.#shown.codes[0]]), left.open.shape);
    if (this.#priced.length || this.#shown.models[0] !== left) return;
    this.#take(this.#picture ?? drawn, false).catch(() => {}); // blank to the encoder, perhaps
  }

  /** The picture that travels, encoded. @param {boolean} sets  the sliders */
  encode(sets) {
    if (this.#shown) this.#take(this.#picture, sets).catch(this.#showLate);
  }

  #take = newest(async (signal, /** @type {Blob | null} */ blob, /** @type {boolean} */ sets) => {
    const {models} = this.#shown;
    if (!blob) return;
    const note = this.#mounted.part('far');
    const slow = setTimeout(() => {
      note.textContent = 'The encoder reads the picture …';
    }, SLOW_MS);
    const answers = await Promise.all(models.map(({name}) => encode(name, blob, signal))).finally(() => {
      clearTimeout(slow);
      note.textContent = '';
    });
    const means = await Promise.all(models.map((model, i) => decoded(model, [answers[i].mean], signal)));
    signal.throwIfAborted();
    if (this.#shown.models !== models) return;
    this.#showLate(null);
    this.#priced = answers.map((answer, i) => ({answer, atMean: distortion(answer.x, means[i], answer.noise)}));
    this.#paint(this.#mounted.part('x', HTMLCanvasElement), answers[0].x);
    answers.forEach((answer, i) => {
      this.#paint(this.#canvas(i), means[i]);
      this.#write(i, 0, answer.distortion, answer.rate);
    });
    note.textContent = models.map((model, i) => far(model, answers[i], means[i])).join(' ');
    if (sets) this.#setSliders(answers.map(({mean}) => mean));
  });

  /** @param {number[][]} codes */
  #setSliders(codes) {
    const now = performance.now();
    moves.publish({codes, onward: now - this.#moved < ONWARD_MS});
    this.#moved = now;
  }

  /** @param {HTMLCanvasElement} canvas @param {Uint8Array} planes */
  #paint(canvas, planes) {
    const {kind, models} = this.#shown;
    new Painter(canvas, models[0].open.shape, {crisp: kind.ink}).draw(planes);
  }

  /** @param {number} i */
  #block(i) {
    return /** @type {HTMLElement} */ (this.#mounted.part('models').children[i]);
  }

  /** @param {number} i */
  #canvas(i) {
    return query(this.#block(i), 'canvas', HTMLCanvasElement);
  }

  /** The three terms of model i, in a column of its table. */
  #write(i, column, cost, rated) {
    [cost, rated, -cost - rated].forEach((value, row) => {
      query(this.#block(i), `[data-term="${TERMS[row]}"]`).children[column + 1].textContent = nats(value);
    });
  }

  #writePulled(i) {
    const {pulled, answer} = this.#priced[i];
    this.#write(i, 1, pulled, rate(this.#shown.codes[i], answer.sigma));
  }

  /**
   * What the picture costs where the sliders stand: model i has decoded that.
   * @param {number} i
   * @param {Uint8Array} planes
   */
  priceDecoded(i, planes) {
    if (!this.#priced[i]) return;
    const {answer, atMean} = this.#priced[i];
    // Bytes hide how sure a mean near 0 or 1 is; their error at q's mean is known, and taken off.
    const cost = answer.distortion + distortion(answer.x, planes, answer.noise) - atMean;
    if (this.#picture) {
      const words = `Your picture's distortion:\n${nats(answer.distortion)} → ${nats(cost)} nats`;
      costs.publish(i ? [costs.value[0], words] : [words, costs.value[1]]);
    }
    this.#priced[i].pulled = cost;
    if (this.#visible) this.#writePulled(i);
  }

  savePicture() {
    if (!this.#shown) return;
    const canvases = this.#shown.models.map((_, i) => this.#canvas(i));
    savePng('reconstructions.png', beside([this.#mounted.part('x', HTMLCanvasElement), ...canvases]), SCALE);
  }

  showPython() {
    if (this.#shown) showCode(python(this.#shown));
  }
}

/** A model's reconstruction and its table, still empty. @param {import('../lib/paired-models.mjs').Model} model */
function block({title, name}) {
  const element = dom(MODEL);
  query(element, 'canvas', HTMLCanvasElement).setAttribute(
    'aria-label',
    `The reconstruction by ${name}: the mean of q(z|x), decoded`,
  );
  query(element, 'figcaption').textContent = `${title}: the mean of q(z|x), decoded`;
  return element;
}

const python = ({models}) => `import torch
import vaedemo
from vaedemo.vision import preprocessing
from vaedemo.recipes import RECIPES

picture = preprocessing.read("picture.png")
for name in ("${models.map(({name}) => name).join('", "')}",):
    model = vaedemo.load(name)
    data = preprocessing.prepared(picture, RECIPES[name].data)
    x = torch.from_numpy(data)[None]          # (1, ${models[0].open.shape.join(', ')})
    q = model.encode(x)                       # Independent Normal: q.mean, q.stddev
    distortion = model.distortion(x, q.mean)  # (1,), nats; at the mean of q
    rate = model.rate(q).sum(1)               # (1,), nats
    print(name, distortion.item(), rate.item(), "ELBO", -(distortion + rate).item())`;
