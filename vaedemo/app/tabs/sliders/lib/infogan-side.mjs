/** One half of "InfoGAN beside VAE": a picture, ten buttons, two sliders, a die. What a hand does here it tells. */
import {around, dom, query, queryAll} from '../../../../web/page/dom.mjs';
import {LiveDecoder} from '../../../../web/engine/live-decoder.mjs';
import {facts} from '../../../../web/engine/model-store.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const EDGE = 0.001; // the sliders' places are quantiles of the prior, as in the bank
const STEP = 0.02; // of the arrow keys
const LARGE_STEP = 0.1;
const KEYS = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1};

/**
 * @typedef {{digit: number, places: [number, number]}} Chosen  places: of the two sliders, quantiles in (0, 1)
 * @typedef {{label: string, small: string}} Choice  of a digit's button
 * @typedef {{title: string, group: string, sliders: [string, string], dice: {act: string, label: string},
 *   chosen: Chosen, vector: (chosen: Chosen) => number[], value: (place: number) => number,
 *   onChange: (chosen: Chosen) => void}} Options
 *   group: what the ten buttons are; dice: a button, whose act is the fold's; vector: the decoder's input; value: of a
 *   latent at a slider's place; onChange: told what the hand chose
 */

const slider = i => `
  <label><span></span>
    <input type="range" min="${EDGE}" max="${1 - EDGE}" step="0.001" data-slider="${i}"><output></output></label>`;

/** @param {Options} options */
const template = ({title, group, dice}) => `
<section class="vd-side" aria-label="${title}">
  <h4>${title}</h4>
  <figure class="vd-figure"><canvas class="vd-ink" width="28" height="28" role="img"></canvas></figure>
  <p class="vd-note">${group}</p>
  <div class="choices" role="group" aria-label="${group}"></div>
  <div class="sliders">${[0, 1].map(slider).join('')}</div>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="${dice.act}">${dice.label}</button>
    <span class="badge"></span>
  </div>
  <p class="vd-trouble" role="status"></p>
</section>`;

export class Side {
  /** @type {Chosen} */
  chosen;
  #name;
  #options;
  /** @type {LiveDecoder | undefined} */
  #decoder;
  /** @type {Painter} */
  #painter;

  /** @param {string} name  of the model @param {Options} options */
  constructor(name, options) {
    this.#name = name;
    this.#options = options;
    this.chosen = options.chosen;
    this.element = dom(template(options));
    this.canvas = query(this.element, 'canvas', HTMLCanvasElement);
    this.nameSliders(options.sliders);
    query(this.element, '.choices').addEventListener('click', event => {
      const button = around(event, 'button');
      if (button) this.#change({digit: Number(button.dataset.digit)});
    });
    for (const input of queryAll(this.element, 'input', HTMLInputElement)) {
      input.addEventListener('input', () => this.#pull(input, Number(input.value)));
      input.addEventListener('keydown', event => this.#key(input, event));
    }
  }

  /** The hand chose something. @param {Partial<Chosen>} next */
  #change(next) {
    this.place(next);
    this.#options.onChange(this.chosen);
  }

  /** @param {HTMLInputElement} input @param {number} place */
  #pull(input, place) {
    const within = Math.min(1 - EDGE, Math.max(EDGE, place));
    const [first, second] = this.chosen.places;
    this.#change({places: input.dataset.slider === '0' ? [within, second] : [first, within]});
  }

  /** Steps large enough to see; the browser's own would be a thousandth. */
  #key(input, event) {
    const way = KEYS[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    this.#pull(input, Number(input.value) + way * (event.shiftKey ? LARGE_STEP : STEP));
  }

  /** Opens the model's decoder. Rejects, in plain words, where there is none. */
  async open() {
    // Asked first: a decoder would wait for ever for a model that no source has.
    await facts(this.#name);
    this.#decoder = await LiveDecoder.open(this.#name, {onError: this.showError});
    this.#painter = new Painter(this.canvas, this.#decoder.shape);
    return this.#decoder;
  }

  /** @param {Error | null} error */
  showError = error => {
    query(this.element, '.vd-trouble').textContent = error ? error.message : '';
  };

  showBadge() {
    badge(query(this.element, '.badge'), this.#name).catch(() => {});
  }

  /** @param {string[]} names */
  nameSliders(names) {
    queryAll(this.element, 'label span').forEach((span, i) => {
      span.textContent = names[i];
    });
  }

  /** The ten buttons; index: the digit. @param {Choice[]} choices */
  choices(choices) {
    const buttons = choices.map(({label, small}, digit) =>
      dom(
        `<button type="button" class="vd-quiet" data-digit="${digit}" aria-pressed="false">` +
          `<b>${label}</b><small>${small}</small></button>`,
      ),
    );
    query(this.element, '.choices').replaceChildren(...buttons);
    this.place({});
  }

  /** Shows what was chosen, here or elsewhere, and tells nobody. @param {Partial<Chosen>} next */
  place(next) {
    this.chosen = {...this.chosen, ...next};
    const {digit, places} = this.chosen;
    for (const button of queryAll(this.element, '[data-digit]'))
      button.setAttribute('aria-pressed', String(Number(button.dataset.digit) === digit));
    queryAll(this.element, 'label').forEach((label, i) => {
      const text = this.#options.value(places[i]).toFixed(2).replace('-', '−');
      const input = query(label, 'input', HTMLInputElement);
      input.value = String(places[i]);
      input.setAttribute('aria-valuetext', text);
      query(label, 'output').textContent = text;
    });
    this.draw();
  }

  draw() {
    this.#decoder?.show(this.#options.vector(this.chosen), planes => this.#painter.draw(planes));
    this.canvas.setAttribute('aria-label', `A ${this.chosen.digit} drawn by ${this.#name}`);
  }
}
