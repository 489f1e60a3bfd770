/** A picture becomes a cloud: the posterior as an ellipse, its mean decoded, and draws from it. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {decoder} from '../../../../web/engine/model-store.mjs';
import {normal} from '../../../../web/engine/normal.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {nats} from '../../../../web/page/format.mjs';
import {onPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {decodedGrid} from '../../../../web/ui/decoded-grid.mjs';
import {openWithDigit} from '../../../../web/ui/digit-examples.mjs';
import {drawingPad} from '../../../../web/ui/drawing-pad.mjs';
import {LatentMap} from '../../../../web/ui/latent-map.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const FLAT = 'digits-2d'; // the model that has a map
const MODELS = [FLAT, 'digits'];
const DRAWS = 12;
const OPENING = 3; // the digit that the fold opens with
const ACTIVE = 0.1; // nats from which a latent says something of the picture
const SCALE = 8; // of the PNG

/** @param {string} part @param {string} words  what it shows @param {string} caption */
const figure = (part, words, caption) => `
<figure class="vd-figure">
  <canvas class="vd-ink vd-large" data-part="${part}" width="28" height="28" role="img" aria-label="${words}"></canvas>
  <figcaption>${caption}</figcaption>
</figure>`;

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <label>Model <select data-set="model">${MODELS.map(name => `<option>${name}</option>`).join('')}</select></label>
    <span class="vd-row" data-part="examples" role="group" aria-label="Pick an example digit"></span>
  </div>
  <div class="vd-columns">
    <div data-part="pad"></div>
    ${figure('x', 'The picture as the encoder sees it, 28 by 28', 'x, as the encoder sees it')}
    ${figure(
      'mean',
      "The reconstruction: the decoder's picture of the posterior's mean",
      'the mean of q(z|x), decoded',
    )}
    <figure class="vd-figure">
      <div data-part="map"></div>
      <figcaption data-part="words"></figcaption>
    </figure>
  </div>
  <figure class="vd-figure">
    <canvas class="vd-ink vd-strip" data-part="draws" role="img"
      aria-label="Draws from the posterior, decoded"></canvas>
    <figcaption>${DRAWS} draws z = mean + sigma · eps, decoded</figcaption>
  </figure>
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="again">Draw again from q(z|x)</button>
    ${takeaway('png', 'code', 'badge')}
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
function setup(mounted) {
  const {state, showError} = mounted;
  const choice = query(mounted.root, 'select', HTMLSelectElement);
  choice.value = state.choice('model');
  const posterior = new Posterior(mounted);
  mounted.acts({
    again: () => posterior.draw(),
    png: () => savePng('draws-from-q.png', mounted.part('draws', HTMLCanvasElement), SCALE),
    code: () => showCode(python(choice.value)),
  });
  choice.addEventListener('change', () => {
    state.set({model: choice.value});
    posterior.take(choice.value, posterior.picture);
  });
  drawingPad(mounted.part('pad'));
  const take = blob => posterior.take(choice.value, blob);
  openWithDigit(mounted.part('examples'), OPENING, take).catch(showError);
  onPicture(take, mounted.root);
}

class Posterior {
  /** The picture that was sent last. @type {Blob | null} */
  picture = null;
  #mounted;
  #map;
  /** @type {import('../../../../web/page/request.mjs').Encoded | null} */
  #answer = null;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.#map = new LatentMap(mounted.part('map'), {
      label: `The posterior on the map of ${FLAT}`,
      picture: `${ROOT}live/models/${FLAT}/map.png`,
      onMove: z => this.#follow(z),
    });
  }

  /** The hand may leave the mean: what do other codes draw? @param {number[]} z */
  async #follow(z) {
    const open = await decoder(FLAT, 'draw');
    open.show(z, planes => new Painter(this.#mounted.part('mean', HTMLCanvasElement), open.shape).draw(planes));
  }

  /** @param {string} model @param {Blob | null} blob */
  take(model, blob) {
    this.#show(model, blob).catch(this.#mounted.showError);
  }

  #show = newest(async (signal, /** @type {string} */ model, /** @type {Blob | null} */ blob) => {
    this.picture = blob;
    if (!blob) {
      this.#answer = null;
      this.#map.ring();
      this.#mounted.part('words').textContent = '';
      return;
    }
    const here = await import('../../../../web/page/encode-here.mjs').catch(() => null); // else the server is asked
    const answer = await (here?.encodeDrawn ?? encode)(model, blob, signal);
    this.#answer = answer;
    this.#mounted.showError(null);
    new Painter(this.#mounted.part('x', HTMLCanvasElement), [1, 28, 28]).draw(answer.x);
    await decodedGrid(model, this.#mounted.part('mean', HTMLCanvasElement), answer.mean, 1, signal);
    const isFlat = model === FLAT;
    this.#mounted.part('map').hidden = !isFlat;
    if (isFlat) {
      this.#map.place(answer.mean);
      this.#map.ring(answer);
    }
    this.#mounted.part('words').textContent = isFlat ? ofTwo(answer) : ofMany(answer);
    await this.draw(signal);
    this.#mounted.badge(model);
  });

  /** Draws from q(z|x). @param {AbortSignal} [signal] */
  async draw(signal) {
    if (!this.#answer) return;
    const {mean, sigma, model} = this.#answer;
    const codes = Float32Array.from({length: DRAWS * mean.length}, (_, i) => {
      const d = i % mean.length;
      return mean[d] + sigma[d] * normal();
    });
    await decodedGrid(model, this.#mounted.part('draws', HTMLCanvasElement), codes, DRAWS, signal);
  }
}

/** @param {import('../../../../web/page/request.mjs').Encoded} answer  of a model of two latents */
function ofTwo({sigma, rate}) {
  const sigmas = sigma.map(value => value.toFixed(2)).join(', ');
  return `sigma = ${sigmas}; the prior's is 1. To say z costs ${nats(rate)}.`;
}

/** @param {import('../../../../web/page/request.mjs').Encoded} answer  of a model of many latents */
function ofMany({sigma, rates, rate}) {
  const active = rates.filter(one => one > ACTIVE).length;
  return (
    `${active} of the ${sigma.length} latents say something of this picture; together ${nats(rate)}. ` +
    'The rest stay at the prior.'
  );
}

/** @param {string} model */
const python = model => `import torch
import vaedemo
from vaedemo.vision import preprocessing

model = vaedemo.load("${model}")
x = torch.from_numpy(preprocessing.to_digit(preprocessing.read("digit.png")))[None]  # (1, 1, 28, 28)
q = model.encode(x)                       # Independent Normal: q.mean, q.stddev
z = q.rsample(torch.Size([${DRAWS}]))[:, 0]      # z = mean + sigma * eps
draws = model.render(model.decode(z))     # (${DRAWS}, 1, 28, 28)
`;
