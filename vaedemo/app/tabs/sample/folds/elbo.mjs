/** What a picture costs under two models: distortion + rate, beside what test digits cost. */
import {facts} from '../../../../web/engine/model-store.mjs';
import {contextOf, newCanvas} from '../../../../web/page/canvas-pixels.mjs';
import {dom, query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {onPicture, setPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {decodedGrid} from '../../../../web/ui/decoded-grid.mjs';
import {digitChoices} from '../../../../web/ui/digit-examples.mjs';
import {drawingPad} from '../../../../web/ui/drawing-pad.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {sentence, showBar, showRates, total} from '../lib/cost-bars.mjs';
import {ODDITIES, oddity} from '../lib/oddities.mjs';

/**
 * @typedef {import('../../../../web/page/request.mjs').Encoded} Encoded
 * @typedef {import('../lib/cost-bars.mjs').Metrics} Metrics
 */

const MODELS = ['digits-2d', 'digits'];
const SCALE = 16; // of the PNG

const oddButtons = ODDITIES.map(
  name => `<button type="button" class="vd-quiet" data-act="odd" data-odd="${name}">${name}</button>`,
);

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <span class="vd-row" data-part="examples" role="group" aria-label="Pick an example digit"></span>
    <span class="vd-row" role="group" aria-label="Pictures that cost a lot">Not quite digits:
      ${oddButtons.join('')}</span>
  </div>
  <div class="vd-elbo">
    <div><div data-part="pad"></div>
      <figure class="vd-figure"><canvas class="vd-ink" data-part="x" width="28" height="28" role="img"
        aria-label="The picture as the encoders see it"></canvas>
        <figcaption>x, as the encoders see it</figcaption></figure></div>
    <div data-part="models"></div>
  </div>
  <p class="vd-note">Distortion is at the mean of q(z|x), and over grey pixels it is an expectation: a pixel of 0.7
    counts as white in 7 of 10 pictures. Test averages draw z from q. The ELBO is minus the whole bar. Point at a bar
    for bits.</p>
  <div class="vd-row">${takeaway('png', 'code')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

const MODEL = `
<section class="vd-cost">
  <figure class="vd-figure"><canvas class="vd-ink" width="28" height="28" role="img"
    aria-label="The reconstruction: the decoder's picture of the posterior's mean"></canvas>
    <figcaption data-part="badge"></figcaption></figure>
  <div>
    <p class="sentence" role="status">The encoder reads the picture …</p>
    <div class="bar" data-bar="this"></div><div class="bar test" data-bar="test" hidden></div>
    <figure class="vd-figure"><div class="rates" role="img"></div>
      <figcaption data-part="rates"></figcaption></figure>
  </div>
</section>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
async function setup(mounted) {
  const {root, showError} = mounted;
  const costs = MODELS.map(name => new ModelCost(name));
  for (const cost of costs) {
    mounted.part('models').append(cost.element);
    cost.showBadge().catch(showError);
  }
  /** @type {Blob | null} */
  let picture = null;

  const show = newest(async (signal, /** @type {Blob | null} */ blob) => {
    picture = blob;
    if (!blob) return;
    const [answers, known] = await Promise.all([
      Promise.all(MODELS.map(name => encode(name, blob, signal))),
      Promise.all(MODELS.map(name => facts(name))),
    ]);
    signal.throwIfAborted();
    showError(null);
    new Painter(mounted.part('x', HTMLCanvasElement), [1, 28, 28]).draw(answers[0].x);
    const tests = known.map(({metrics}) => /** @type {Metrics} */ (metrics));
    // One scale for both models, so that the bars compare.
    const most = Math.max(...answers.map(total), ...tests.map(test => total(test) || 0));
    await Promise.all(costs.map((cost, i) => cost.show(answers[i], tests[i], most, signal)));
    root.dataset.cost = answers.map(answer => total(answer).toFixed(1)).join();
  });
  const begin = () => picture || mounted.part('examples').querySelector('button')?.click();

  mounted.acts({
    odd: async ({dataset}) => setPicture(await oddity(dataset.odd)),
    png: () => {
      const canvases = [mounted.part('x', HTMLCanvasElement), ...costs.map(({canvas}) => canvas)];
      savePng('reconstructions.png', beside(canvases), SCALE);
    },
    code: () => showCode(CODE),
  });
  drawingPad(mounted.part('pad'));
  onPicture(blob => show(blob).catch(showError), mounted.root);
  mounted.onStop(begin);
  await digitChoices(mounted.part('examples'), setPicture);
  begin();
}

/** What the picture costs under one model. */
class ModelCost {
  #name;

  /** @param {string} name  of the model */
  constructor(name) {
    this.#name = name;
    this.element = dom(MODEL);
    this.canvas = query(this.element, 'canvas', HTMLCanvasElement);
  }

  showBadge() {
    return badge(query(this.element, '[data-part="badge"]'), this.#name);
  }

  /**
   * @param {Encoded} answer
   * @param {Metrics} test  the model's
   * @param {number} most  nats of the longest bar
   * @param {AbortSignal} signal
   */
  async show(answer, test, most, signal) {
    const {element} = this;
    query(element, '.sentence').textContent = sentence(this.#name, answer, test);
    showBar(query(element, '[data-bar="this"]'), 'This picture', answer, most);
    const isMeasured = Number.isFinite(test.distortion + test.rate);
    const average = query(element, '[data-bar="test"]');
    average.hidden = !isMeasured;
    if (isMeasured) showBar(average, `Average, ${test.split}`, test, most);
    showRates(query(element, '.rates'), query(element, '[data-part="rates"]'), answer.rates);
    await decodedGrid(this.#name, this.canvas, answer.mean, 1, signal);
  }
}

/** @param {HTMLCanvasElement[]} canvases */
function beside(canvases) {
  const all = newCanvas(28 * canvases.length, 28);
  canvases.forEach((canvas, i) => contextOf(all).drawImage(canvas, 28 * i, 0));
  return all;
}

const CODE = `import torch
import vaedemo
from vaedemo.vision import preprocessing

x = torch.from_numpy(preprocessing.to_digit(preprocessing.read("digit.png")))[None]  # (1, 1, 28, 28)
for name in ("${MODELS.join('", "')}"):
    model = vaedemo.load(name)
    q = model.encode(x)
    distortion = model.distortion(x, q.mean)  # (1,), nats; at the mean of q
    rates = model.rate(q)                     # (1, Z), nats, KL of each latent
    print(name, distortion.item(), rates.sum().item())`;
