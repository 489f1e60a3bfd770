/** The net as it is: the decoder's chain, with what every layer holds of the portrait, and DCGAN's practices in it. */
import {decoderOf, draw} from '../../../../web/engine/model-store.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {FeatureMaps} from '../../../../web/ui/feature-map-grid.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {decoded} from '../../../../web/ui/side-by-side.mjs';
import {vectorBars} from '../../../../web/ui/vector-bars.mjs';
import {GAN, LATENTS, MODELS, SHAPE} from '../lib/models.mjs';
import {leading, portrait} from '../lib/portrait.mjs';

/** @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted */

const UP = 'ConvTranspose 4 × 4, stride 2';
/** What makes each stage, by the side of its maps. The last one's logits are the picture. */
const STAGES = [
  {side: 4, made: 'Linear'},
  {side: 8, made: UP},
  {side: 16, made: UP},
  {side: 32, made: UP},
  {side: 64, made: UP},
];
/** DCGAN's practices, and where this net has them. */
const PRACTICES = [
  [
    'No pooling',
    `Strided convolutions change the size: here transposed ones of stride 2, four times, from 4 × 4 to 64 × 64.`,
  ],
  [
    'BatchNorm',
    `After each of them, while the net learns. For this page each one is folded into the weights before it: the
      pictures stay the same.`,
  ],
  ['ReLU', 'After each BatchNorm: what a map does not answer to has no color.'],
  ['A bounded end', 'One more convolution and a sigmoid (DCGAN: tanh) give red, green and blue.'],
];

const TEMPLATE = `
<div class="vd-chain">
  <div class="vd-row vd-controls">
    <label>Decoder of <select>${MODELS.map(({name, title}) => `<option value="${name}">${title}</option>`).join('')}
      </select></label>
    <button type="button" class="vd-main" data-act="dice">Throw z</button>
    <button type="button" class="vd-quiet" data-act="portrait">The portrait’s z</button>
  </div>
  <div class="chain">
    <figure class="vd-figure code"><div data-part="code"></div>
      <figcaption><span>z</span><span>${LATENTS} numbers</span></figcaption></figure>
    ${STAGES.map(
      ({side, made}) => `<i class="arrow">${made}<br>BatchNorm, ReLU</i>
        <figure class="vd-figure stage" data-part="s${side}"></figure>`,
    ).join('')}
    <i class="arrow">Conv 3 × 3<br>sigmoid</i>
    <figure class="vd-figure end"><canvas class="vd-photo" data-part="picture" width="64" height="64" role="img"
      aria-label="The decoder’s picture of z"></canvas><figcaption><span>64 × 64</span><span>red, green, blue</span>
      </figcaption></figure>
  </div>
  <p class="vd-note" data-part="words" role="status"></p>
  <dl class="practices">${PRACTICES.map(([name, words]) => `<dt>${name}</dt><dd>${words}</dd>`).join('')}</dl>
  <p class="vd-note">Of each stage the 16 maps that vary most; the more color, the more active. All four models have
    this very decoder, and each its own weights.</p>
  <p class="vd-note" data-part="hidden" hidden>The server decodes for this browser, and does not send the decoder’s
    maps.</p>
  <div class="vd-row">${takeaway('png', 'code', 'badge')}</div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const chain = new Chain(mounted);
  const choice = query(mounted.root, 'select', HTMLSelectElement);
  choice.value = chain.model;
  choice.addEventListener('change', () => chain.set({model: choice.value}));
  mounted.acts({
    dice: () => chain.set({seed: nextSeed(chain.seed ?? 0)}),
    portrait: () => chain.set({seed: null}),
    png: () => savePng(`${chain.model}.png`, mounted.part('picture', HTMLCanvasElement), 4),
    code: () => showCode(python(chain)),
  });
  portrait.subscribe(() => chain.run());
  mounted.onStop(({model}) => {
    if (!model) return;
    choice.value = model;
    chain.set({model});
  });
  if (!portrait.value) chain.run();
}

class Chain {
  #mounted;
  #maps;
  #painter;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.model = mounted.state.choice('model');
    /** Whose z is thrown; null: the portrait's. @type {number | null} */
    this.seed = mounted.state.whole('seed', null);
    this.#maps = STAGES.map(({side}) => new FeatureMaps(mounted.part(`s${side}`), 'decoder'));
    this.#painter = new Painter(mounted.part('picture', HTMLCanvasElement), SHAPE, {crisp: false});
  }

  /** @param {{model?: string, seed?: number | null}} wanted */
  set({model = this.model, seed = this.seed}) {
    this.model = model;
    this.seed = seed;
    this.#mounted.state.set({model: model === MODELS[0].name ? null : model, seed});
    this.run();
  }

  run() {
    this.#run().catch(this.#mounted.showError);
  }

  #run = newest(async signal => {
    const {model, seed} = this;
    const [z, words] = await startOf(model, seed);
    const open = await decoderOf(model, 'chain');
    const features = await open.features(z);
    const planes = await decoded({open}, [[...z]], signal);
    signal.throwIfAborted();
    vectorBars(this.#mounted.part('code'), z, 'z');
    this.#mounted.part('hidden').hidden = features !== null;
    STAGES.forEach(({side}, i) => {
      const feature = features?.find(one => one.width === side);
      if (feature) this.#maps[i].show(model, feature);
    });
    this.#painter.draw(planes);
    this.#mounted.part('words').textContent = words;
    this.#mounted.button('portrait').setAttribute('aria-pressed', String(seed === null));
    this.#mounted.root.dataset.drawn = [model, seed].join();
    this.#mounted.showError(null);
    this.#mounted.badge(model);
  });
}

/**
 * The z that goes through the decoder, and whose it is.
 * @param {string} model
 * @param {number | null} seed
 * @returns {Promise<[number[] | Float32Array, string]>}
 */
async function startOf(model, seed) {
  const own = model === GAN ? leading() : portrait.value?.codes[model]?.mean;
  if (seed === null && own)
    return [own, model === GAN ? 'z is what the search for the portrait has found.' : 'z is the portrait’s.'];
  const thrown = await draw(1, LATENTS, seed ?? 0);
  return [thrown, seed === null ? 'Nobody has given the portrait’s z here: this one is thrown.' : 'z is thrown.'];
}

/** @param {Chain} chain */
const python = ({model, seed}) => `import torch, vaedemo
from vaedemo.latents import draw
${pythonStart(model, seed)}
maps = []  # what every layer of the decoder holds
for layer in model.decoder:
    layer.register_forward_hook(lambda layer, given, answer: maps.append(answer))
picture = model.render(model.decode(z))  # (1, 3, 64, 64)
print(model.decoder)  # BatchNorm is folded into the weights that ship`;

/** @param {string} model @param {number | null} seed */
function pythonStart(model, seed) {
  if (seed !== null || model === GAN)
    return `
model = vaedemo.load("${model}")
z = torch.from_numpy(draw(1, model.z, seed=${seed ?? 0}))`;
  return `from vaedemo.vision import preprocessing

model = vaedemo.load("${model}")
photo = preprocessing.read("photo.jpg")
x = torch.from_numpy(preprocessing.prepared(photo, "faces", vaedemo.load_net("faces-eyes")))[None]  # (1, 3, 64, 64)
z = model.encode(x).mean`;
}
