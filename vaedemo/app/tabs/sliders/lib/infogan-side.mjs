/** One half of "InfoGAN beside VAE": a picture, ten buttons, two sliders, a die. What a hand does here it tells. */
import {dom} from '../../../../web/page/dom.mjs';
import {LiveDecoder} from '../../../../web/engine/live-decoder.mjs';
import {facts} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const EDGE = 0.001;
const STEP = 0.02;
const LARGE_STEP = 0.1; // the sliders' places are quantiles of the prior, as in the bank

/**
 * @typedef {{digit: number, places: [number, number]}} Chosen  places: of the two sliders, quantiles in (0, 1)
 * @typedef {{label: string, small: string}} Choice  of a digit's button
 */

const TEMPLATE = `
<section class="vd-side">
  <h4></h4>
  <figure class="vd-figure"><canvas class="vd-ink" width="28" height="28" role="img"></canvas></figure>
  <p class="vd-note"></p><div class="choices" role="group"></div>
  <div class="sliders">${[0, 1]
    .map(
      i => `<label><span></span>
    <input type="range" min="${EDGE}" max="${1 - EDGE}" step="0.001" data-slider="${i}"><output></output></label>`,
    )
    .join('')}</div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="throw"></button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</section>`;

export class Side {
  /** @type {Chosen} */ chosen;
  #vector;
  #value;
  #open;
  #painter;

  /**
   * @param {string} name  of the model
   * @param {{title: string, group: string, sliders: string[], dice: string, chosen: Chosen, vector: (chosen: Chosen)
   *   => number[],
   *   value: (place: number) => number, tell: (chosen: Chosen) => void}} options  value: of a latent at a slider's
   *   place
   */
  constructor(name, {title, group, sliders, dice, chosen, vector, value, tell}) {
    Object.assign(this, {name, chosen});
    this.element = dom(TEMPLATE);
    this.#vector = vector;
    this.#value = value;
    const {element} = this;
    const find = selector => element.querySelector(selector);
    element.setAttribute('aria-label', title);
    find('h4').textContent = title;
    find('.choices').setAttribute('aria-label', group);
    find('.vd-note').textContent = group;
    find('[data-act]').textContent = dice;
    element.querySelectorAll('label span').forEach((span, i) => {
      span.textContent = sliders[i];
    });
    const told = next => {
      this.place(next);
      tell(this.chosen);
    };
    find('.choices').addEventListener('click', ({target}) => {
      const button = target.closest('button');
      if (button) told({digit: +button.dataset.digit});
    });
    for (const input of element.querySelectorAll('input')) {
      input.addEventListener('input', () => told({places: this.#pulled(input, +input.value)}));
      input.addEventListener('keydown', event => {
        // steps large enough to see
        const way = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1}[event.key];
        if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        event.stopPropagation();
        told({places: this.#pulled(input, +input.value + way * (event.shiftKey ? LARGE_STEP : STEP))});
      });
    }
  }

  #pulled(input, place) {
    return this.chosen.places.with(+input.dataset.slider, Math.min(1 - EDGE, Math.max(EDGE, place)));
  }

  /** Opens the model's decoder. Rejects, in plain words, where there is none. */
  async ready() {
    // Asked first: a decoder would wait for ever for a model that no source has.
    await facts(this.name).catch(error => {
      throw Object.assign(new Error(`${this.name} is not here.`), {cause: error});
    });
    this.#open = await LiveDecoder.open(this.name, {onError: error => this.say(error)});
    this.#painter = new Painter(this.canvas, this.#open.shape);
    return this.#open;
  }

  get canvas() {
    return this.element.querySelector('canvas');
  }

  /** @param {Error | null} error */
  say(error) {
    this.element.querySelector('.vd-trouble').textContent = error ? error.message : '';
  }

  /** The ten buttons; index: the digit. @param {Choice[]} choices */
  choices(choices) {
    this.element.querySelector('.choices').replaceChildren(
      ...choices.map(({label, small}, digit) => {
        const button = dom(
          `<button type="button" class="vd-quiet" data-digit="${digit}" aria-pressed="false"><b></b><small></small></button>`,
        );
        button.querySelector('b').textContent = label;
        button.querySelector('small').textContent = small;
        return button;
      }),
    );
    this.place({});
  }

  /** Shows what was chosen, here or elsewhere, and tells nobody. @param {Partial<Chosen>} next */
  place(next) {
    this.chosen = {...this.chosen, ...next};
    const {digit, places} = this.chosen;
    for (const button of this.element.querySelectorAll('[data-digit]'))
      button.setAttribute('aria-pressed', String(+button.dataset.digit === digit));
    this.element.querySelectorAll('label').forEach((label, i) => {
      const text = this.#value(places[i]).toFixed(2).replace('-', '−');
      const input = label.querySelector('input');
      input.value = String(places[i]);
      input.setAttribute('aria-valuetext', text);
      label.querySelector('output').textContent = text;
    });
    this.draw();
  }

  draw() {
    this.#open?.show(this.#vector(this.chosen), planes => this.#painter.draw(planes));
    this.canvas.setAttribute('aria-label', `A ${this.chosen.digit} drawn by ${this.name}`);
  }
}
