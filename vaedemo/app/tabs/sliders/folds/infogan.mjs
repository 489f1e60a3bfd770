/** InfoGAN beside VAE: the same controls; one has codes and no encoder, the other an encoder and no categories. */
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {draw, facts, latents} from '../../../../web/engine/model-store.mjs';
import {cdf, quantile} from '../../../../web/engine/normal.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {examples} from '../../../../web/ui/digit-examples.mjs';
import {StyleGrid} from '../lib/infogan-grid.mjs';
import {Side} from '../lib/infogan-side.mjs';

/**
 * @typedef {import('../lib/infogan-side.mjs').Chosen} Chosen
 * @typedef {import('../lib/infogan-grid.mjs').Place} Place
 */

const GAN = 'digits-infogan';
const VAE = 'digits';
const CATEGORIES = 10;
const NOISE = 62;
const OPENING = 3; // the digit that the fold opens with
const PNG_SCALE = 16;
const GRID_SCALE = 4;

const TEMPLATE = `
<div>
  <div class="vd-pair vd-infogan" data-part="sides"></div>
  <div class="vd-row vd-controls" role="group" aria-label="Which code runs down the grid">Down the grid:
    <button type="button" class="vd-quiet" data-act="down" data-down="0" aria-pressed="true">c2</button>
    <button type="button" class="vd-quiet" data-act="down" data-down="1" aria-pressed="false">c3</button></div>
  <div data-part="grid"></div>
  <p class="vd-note" data-part="accuracy"></p>
  <div class="vd-row">
    ${takeaway('png')}
    <button type="button" class="vd-quiet" data-act="grid">PNG of the grid</button>
    ${takeaway('code')}
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
function setup(mounted) {
  const pair = new Pair(mounted);
  mounted.part('sides').append(pair.gan.element, pair.vae.element);
  mounted.acts({
    noise: () => pair.throwNoise().catch(pair.gan.showError),
    example: () => pair.nextExample(),
    down: ({dataset}) => pair.turn(Number(dataset.down)),
    png: () => savePng('infogan-and-vae.png', beside(pair.gan.canvas, pair.vae.canvas), PNG_SCALE),
    grid: () => pair.grid && savePng('infogan.png', pair.grid.canvas, GRID_SCALE),
    code: () => showCode(python(pair.place, pair.seed)),
  });
  pair
    .openGan()
    .catch(pair.gan.showError)
    .then(() => pair.openVae())
    .catch(pair.vae.showError);
}

/** Both models under one hand: what it does on one side the other does too. */
class Pair {
  /** @type {StyleGrid | undefined} */
  grid;
  #mounted;
  /** @type {number[]} */
  #noise = Array(NOISE).fill(0);
  /** The seed of the noise at hand: the next may be on its way. */
  #thrown = -1;
  /** The category of each digit. */
  #order = Array.from({length: CATEGORIES}, (_, i) => i);
  /** The VAE's example codes of each digit, and which of them is shown. @type {number[][][]} */
  #examples = [];
  #which = 0;
  /** The two latents of the VAE that have sliders. */
  #lively = [0, 1];

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.seed = mounted.state.whole('noise', 1);
    const [c2, c3] = (mounted.state.numbers('codes') ?? [0, 0]).map(placeOf);
    this.gan = new Side(GAN, {
      title: 'InfoGAN: codes, and no encoder',
      group: 'The category c1, by the digit that it mostly draws',
      sliders: ['c2', 'c3'],
      dice: {act: 'noise', label: 'New noise'},
      chosen: {digit: OPENING, places: [c2, c3]},
      vector: chosen => this.#ganVector(this.#placeOf(chosen)),
      value: codeOf,
      onChange: chosen => this.#chosenForGan(chosen),
    });
    this.vae = new Side(VAE, {
      title: 'VAE: an encoder, and no categories',
      group: 'Start from the code of an example',
      sliders: ['', ''],
      dice: {act: 'example', label: 'Another example'},
      chosen: {digit: OPENING, places: [0.5, 0.5]},
      vector: chosen => this.#vaeVector(chosen),
      value: quantile,
      onChange: chosen => this.#chosenForVae(chosen),
    });
  }

  /** Where the generator is. */
  get place() {
    return this.#placeOf(this.gan.chosen);
  }

  /** @param {Chosen} chosen @returns {Place} */
  #placeOf({digit, places: [c2, c3]}) {
    return {category: this.#order[digit], codes: [codeOf(c2), codeOf(c3)]};
  }

  /** The generator's input: a one-hot category, two codes, noise. @param {Place} place */
  #ganVector({category, codes}) {
    return [...Array.from({length: CATEGORIES}, (_, i) => Number(i === category)), ...codes, ...this.#noise];
  }

  /** An example's code, but for the two latents that have sliders. @param {Chosen} chosen */
  #vaeVector({digit, places}) {
    return this.#example(digit).map((value, d) =>
      this.#lively.includes(d) ? quantile(places[this.#lively.indexOf(d)]) : value,
    );
  }

  /** @param {number} digit */
  #example(digit) {
    const codes = this.#examples[digit];
    return codes?.[this.#which % codes.length] ?? [];
  }

  /** The hand chose something for the generator. @param {Chosen} chosen */
  #chosenForGan(chosen) {
    if (chosen.digit === this.vae.chosen.digit) this.vae.place(chosen);
    else this.#restart(chosen.digit);
    this.#showGrid(true);
  }

  /** The hand chose something for the VAE. @param {Chosen} chosen */
  #chosenForVae(chosen) {
    if (this.gan.chosen.digit === chosen.digit) this.gan.place(chosen);
    else {
      this.#restart(chosen.digit);
      this.gan.place({digit: chosen.digit});
    }
    this.#showGrid(true);
  }

  /** The VAE begins anew at an example: its two sliders where that lies. @param {number} digit */
  #restart(digit) {
    const z = this.#example(digit);
    const [first, second] = this.#lively.map(d => (z.length ? cdf(z[d]) : 0.5));
    this.vae.place({digit, places: [first, second]});
  }

  nextExample() {
    this.#which++;
    this.#restart(this.vae.chosen.digit);
  }

  async throwNoise() {
    this.seed = nextSeed(this.seed);
    await this.#takeNoise();
    this.#showGrid(true);
  }

  #takeNoise = newest(async signal => {
    const {seed} = this;
    const values = await draw(1, NOISE, seed);
    signal.throwIfAborted();
    this.#noise = [...values];
    this.#thrown = seed;
    this.gan.draw();
  });

  /** @param {boolean} byHand */
  #showGrid(byHand) {
    const {place, seed} = this;
    this.grid?.show(place, String(this.#thrown)).catch(this.gan.showError);
    if (!byHand) return;
    const codes = place.codes.map(code => code.toFixed(2)).join();
    this.#mounted.state.set({category: place.category, codes, noise: seed});
  }

  /** @param {number} down  which code runs down the grid: 0 or 1 */
  turn(down) {
    for (const button of this.#mounted.all('[data-down]'))
      button.setAttribute('aria-pressed', String(Number(button.dataset.down) === down));
    this.grid?.turn(down);
    this.#showGrid(false);
  }

  async openGan() {
    const open = await this.gan.open();
    const {digits} = await latents(GAN);
    const {metrics} = await facts(GAN);
    // Where it is not known what the categories draw, they stand in their own order.
    digits?.data.forEach((digit, category) => {
      this.#order[digit] = category;
    });
    const category = this.#mounted.state.whole('category', this.#order[OPENING]);
    this.gan.chosen.digit = Math.max(0, this.#order.indexOf(category));
    this.gan.choices(
      this.#order.map((category, digit) =>
        digits ? {label: String(digit), small: `c1 ${category}`} : {label: String(category), small: ''},
      ),
    );
    await this.#takeNoise();
    this.grid = new StyleGrid(this.#mounted.part('grid'), {
      order: this.#order,
      open,
      vector: place => this.#ganVector(place),
      go: place => this.#go(place),
    });
    this.#showGrid(false);
    this.gan.showBadge();
    this.#mounted.part('accuracy').textContent = accuracy(metrics);
  }

  /** The hand chose a picture of the grid. @param {Place} place */
  #go({category, codes: [c2, c3]}) {
    this.gan.place({digit: this.#order.indexOf(category), places: [placeOf(c2), placeOf(c3)]});
    this.#chosenForGan(this.gan.chosen);
  }

  async openVae() {
    await this.vae.open();
    const {kl} = await latents(VAE);
    this.#lively = Array.from(kl.data, (_, d) => d)
      .sort((a, b) => kl.data[b] - kl.data[a])
      .slice(0, 2);
    this.vae.nameSliders(this.#lively.map(d => `z${d}`));
    this.#examples = await examples(VAE);
    this.vae.choices(this.#examples.map((_, digit) => ({label: String(digit), small: ''})));
    this.#restart(this.gan.chosen.digit);
    this.vae.showBadge();
  }
}

/** The code at a slider's place. @param {number} place  in [0, 1] @returns {number} in [-1, 1] */
const codeOf = place => 2 * place - 1;

/** The slider's place of a code. @param {number} code */
const placeOf = code => (code + 1) / 2;

/** @param {Record<string, any>} metrics */
function accuracy({category_accuracy: share, data, split, n}) {
  if (share === undefined) return '';
  return (
    `Nobody told it what a digit is; still, its ten categories sort ${(100 * share).toFixed(0)}% of real digits ` +
    `rightly (${data}, ${split}, n = ${n.toLocaleString('en')}).`
  );
}

/** @param {HTMLCanvasElement[]} canvases */
function beside(...canvases) {
  const both = document.createElement('canvas');
  both.width = 28 * canvases.length;
  both.height = 28;
  canvases.forEach((canvas, i) => both.getContext('2d').drawImage(canvas, 28 * i, 0));
  return both;
}

/** @param {Place} place @param {number} seed */
const python = ({category, codes}, seed) => `import torch
import vaedemo
from vaedemo.latents import draw

model = vaedemo.load("${GAN}")
category = torch.nn.functional.one_hot(torch.tensor([${category}]), ${CATEGORIES})
codes = torch.tensor([[${codes.map(code => code.toFixed(2)).join(', ')}]])
noise = torch.from_numpy(draw(1, ${NOISE}, seed=${seed}))
picture = model.render(model.decode(torch.cat([category, codes, noise], 1)))  # (1, 1, 28, 28)`;
