/** The whole net, alive: encoder, z = mean + sigma * eps, decoder. Without the encoder, it samples. */
import {decoder, draw} from '../../../../web/engine/model-store.mjs';
import {prefersReducedMotion, query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold} from '../../../../web/page/fold.mjs';
import {onPicture, setPicture} from '../../../../web/page/picture-store.mjs';
import {pngOf} from '../../../../web/page/png.mjs';
import {askEncoder, bytes, newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {digitChoices, examples} from '../../../../web/ui/digit-examples.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {decoded} from '../../../../web/ui/side-by-side.mjs';
import {vectorBars} from '../../../../web/ui/vector-bars.mjs';
import {TEMPLATE, python} from '../lib/architecture-template.mjs';
import {onDraggedOff} from '../lib/drag-off.mjs';
import {FeatureMaps} from '../../../../web/ui/feature-map-grid.mjs';
import {wave} from '../lib/wave.mjs';

/**
 * @typedef {import('../../../../web/engine/activations.mjs').Feature} Feature
 * @typedef {import('../lib/wave.mjs').Turn} Turn
 * @typedef {{blob: Blob, model: string, x: Uint8Array, stages: Feature[], mean: number[], sigma: number[]}} Encoded
 */

const HURRY = 700; // ms: a hand that draws waits for no wave
const SLIDE = {duration: 450, easing: 'ease-in-out'};
const SCALE = 16; // of the PNG
const STAGES = /** @type {const} */ (['e14', 'e7', 'd7', 'd14', 'd28']);

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
function setup(mounted) {
  const {state, showError} = mounted;
  const net = new Net(mounted);
  mounted.acts({
    throw: () => net.throwDice(),
    remove: () => net.setEncoder(!net.hasEncoder),
    png: () => net.savePicture(),
    code: () => showCode(python(net)),
  });
  const choice = query(mounted.root, 'select', HTMLSelectElement);
  choice.value = net.model;
  choice.addEventListener('change', () => {
    net.model = choice.value;
    state.set({model: choice.value});
    net.run(true);
  });
  onDraggedOff(mounted.part('left'), () => net.setEncoder(false));
  digitChoices(mounted.part('examples'), setPicture).catch(showError);
  onPicture(blob => net.setPicture(blob), mounted.root);
  mounted.onStop(({encoder}) => net.setEncoder(encoder !== 'off'));
  net.label();
  if (!net.hasBegun) net.run(true); // neither a picture nor a stop has begun
}

class Net {
  #mounted;
  #maps;
  /** The picture that travels. @type {Blob | null} */
  #picture = null;
  /** What is encoded while there is none. @type {Blob | undefined} */
  #usual;
  /** The encoder's newest answer, and the one that is shown. @type {Encoded | null} */
  #answer = null;
  /** @type {Encoded | null} */
  #shown = null;
  /** When the last wave began. */
  #last = -Infinity;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.model = state.choice('model');
    this.hasEncoder = state.choice('encoder') === 'on';
    this.seed = state.whole('throw', 1);
    this.#maps = Object.fromEntries(
      STAGES.map(name => [name, new FeatureMaps(mounted.part(name), name[0] === 'e' ? 'encoder' : 'decoder')]),
    );
  }

  get hasBegun() {
    return this.#last > -Infinity;
  }

  /** @param {Blob | null} blob */
  setPicture(blob) {
    this.#picture = blob;
    if (this.hasEncoder) this.run(true);
  }

  throwDice() {
    this.seed = nextSeed(this.seed);
    this.#mounted.state.set({throw: this.seed});
    this.run(false);
  }

  /** The picture runs through the net. @param {boolean} fromX  from the picture on, though that was shown before */
  run(fromX) {
    this.#run(fromX).catch(this.#mounted.showError);
  }

  #run = newest(async (signal, /** @type {boolean} */ fromX) => {
    const inHurry = prefersReducedMotion() || performance.now() - this.#last < HURRY;
    const {model, hasEncoder, seed} = this;
    this.#last = performance.now();
    const open = await decoder(model);
    const q = hasEncoder ? await this.#encoded(signal) : null;
    const eps = await draw(1, open.inputs, seed);
    const z = q ? eps.map((value, d) => q.mean[d] + q.sigma[d] * value) : eps;
    const features = await open.features(z);
    const planes = await decoded({open}, [[...z]], signal);
    this.#mounted.part('hidden').hidden = features !== null;
    const isWhole = q && (fromX || this.#shown !== q); // a wave that was cut off in the encoder begins anew
    if (isWhole) this.#shown = null;
    const turns = [
      ...(isWhole ? this.#encoderTurns(q) : []),
      this.#codeTurn(eps, z),
      ...this.#decoderTurns(features),
      this.#pictureTurn('picture', planes),
    ];
    await wave(turns, inHurry, signal);
    this.#mounted.root.dataset.drawn = [model, hasEncoder ? 'on' : 'off', seed].join();
    this.#mounted.showError(null);
    this.#mounted.badge(model);
  });

  /** What the encoder answers to the picture that travels, or to an example. @param {AbortSignal} signal */
  async #encoded(signal) {
    const {model} = this;
    const blob = this.#picture ?? (this.#usual ??= await example());
    if (this.#answer?.blob !== blob || this.#answer.model !== model)
      this.#answer = {...(await lookInto(model, blob, signal)), blob, model};
    return this.#answer;
  }

  /** @param {Encoded} q @returns {Turn[]} */
  #encoderTurns(q) {
    const showPosterior = () => {
      vectorBars(this.#mounted.part('mean'), q.mean, 'mean');
      vectorBars(this.#mounted.part('sigma'), q.sigma, 'sigma');
      this.#shown = q;
    };
    return [
      this.#pictureTurn('x', q.x),
      this.#stageTurn('e14', q.stages[0]),
      this.#stageTurn('e7', q.stages[1]),
      [this.#mounted.part('q'), showPosterior],
    ];
  }

  /** @param {ArrayLike<number>} eps @param {ArrayLike<number>} z @returns {Turn} */
  #codeTurn(eps, z) {
    const show = () => {
      vectorBars(this.#mounted.part('eps'), eps, 'eps');
      vectorBars(this.#mounted.part('code'), z, 'z');
    };
    return [this.#mounted.part('z'), show];
  }

  /** @param {Feature[] | null} features  null: the server decodes @returns {Turn[]} */
  #decoderTurns(features) {
    const most = features?.at(-1).width;
    const ofWidth = width => features?.findLast(feature => feature.width === width);
    return [
      this.#stageTurn('d7', ofWidth(most / 4)),
      this.#stageTurn('d14', ofWidth(most / 2)),
      this.#stageTurn('d28', ofWidth(most)),
    ];
  }

  /** @param {typeof STAGES[number]} name @param {Feature} [feature] @returns {Turn} */
  #stageTurn(name, feature) {
    const {model} = this;
    return [this.#mounted.part(name), () => feature && this.#maps[name].show(model, feature)];
  }

  /** @param {string} name @param {Uint8Array} planes @returns {Turn} */
  #pictureTurn(name, planes) {
    return [this.#mounted.part(name), () => new Painter(this.#canvas(name), [1, 28, 28]).draw(planes)];
  }

  /** @param {string} name */
  #canvas(name) {
    return query(this.#mounted.part(name), 'canvas', HTMLCanvasElement);
  }

  label() {
    const {root} = this.#mounted;
    const name = (part, words) => {
      this.#mounted.part(part).textContent = words;
    };
    const isOn = this.hasEncoder;
    root.dataset.encoder = isOn ? 'on' : 'off';
    name('time', isOn ? 'Training' : 'Test time');
    name('source', isOn ? 'Latent z' : 'z from N(0, I)');
    name('equals', isOn ? '= z' : 'z');
    name('throw', isOn ? 'Throw eps' : 'Throw z');
    name('remove', isOn ? 'Remove the encoder' : 'Put the encoder back');
    this.#mounted.part('examples').hidden = !isOn;
  }

  /** The decoder slides to its new place. @param {boolean} has */
  setEncoder(has) {
    const right = this.#mounted.part('right');
    const before = right.getBoundingClientRect().left;
    const isOther = has !== this.hasEncoder;
    this.hasEncoder = has;
    this.#mounted.state.set({encoder: has ? null : 'off'});
    this.label();
    const moved = (before - right.getBoundingClientRect().left) / (right.currentCSSZoom ?? 1);
    if (isOther && moved && !prefersReducedMotion())
      right.animate([{transform: `translateX(${moved}px)`}, {transform: 'none'}], SLIDE);
    this.#last = -Infinity;
    this.run(true);
  }

  savePicture() {
    savePng(`${this.model}-throw-${this.seed}.png`, this.#canvas('picture'), SCALE);
  }
}

/** What the encoder makes of a picture, stage by stage. */
async function lookInto(model, blob, signal) {
  const {x, stages, ...moments} = await askEncoder(model, blob, signal, {}, 'activations');
  return {...moments, x: bytes(x), stages: stages.map(({planes, ...sizes}) => ({...sizes, planes: bytes(planes)}))};
}

/** A six, re-drawn by the model of 32 latents. */
async function example() {
  const open = await decoder('digits');
  const codes = await examples('digits');
  return pngOf(await decoded({open}, [codes[6][0]]), open.shape);
}
