/**
 * The color of the next dab: one of a few, any, or the photo's own. Only its a and b count: how light it is the photo
 * says.
 */
import {around, dom, query, queryAll} from '../../../../web/page/dom.mjs';
import {abOf} from './cielab.mjs';
import {CELLS} from './color-field-painter.mjs';
import {cellOf} from './hint-posterior.mjs';

/** @typedef {import('./photo-store.mjs').Field} Field */
/** @type {Record<string, string>} */
const COLORS = {
  red: '#d0312d',
  orange: '#e8852b',
  yellow: '#e6c229',
  green: '#4f9d45',
  teal: '#2a9d8f',
  blue: '#3b78c4',
  purple: '#8056b3',
  pink: '#d9679c',
  brown: '#8b5a2b',
  grey: '#808080',
};
const OWN = 'own';

/** @param {string} hex */
const rgbOf = hex => [1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16));

/** @param {[string, string]} color */
const button = ([name, hex]) => `
<button type="button" data-color="${name}" title="${name}" aria-label="${name}" style="background: ${hex}"></button>`;
const TEMPLATE = `
<div class="vd-swatches" role="group" aria-label="Color of the next dab">
  ${Object.entries(COLORS).map(button).join('')}
  <label title="Any color"><input type="color" value="${COLORS.red}" aria-label="Any color"></label>
  <button type="button" class="vd-quiet" data-color="${OWN}" title="What the photo itself has where you click">
    True color there</button>
</div>`;

export class Swatches {
  /** The colors of the photo itself, where it has any. @type {Field | null} */
  #truth = null;
  #root = dom(TEMPLATE);
  #any = query(this.#root, 'input', HTMLInputElement);
  #chosen = '';

  /** @param {HTMLElement} host */
  constructor(host) {
    host.replaceChildren(this.#root);
    this.#root.addEventListener('click', event => {
      const name = around(event, '[data-color]')?.dataset.color;
      if (name) this.#choose(name);
    });
    this.#any.addEventListener('input', () => this.#choose(''));
    this.#choose('red');
  }

  /** @param {string} name  empty: any color */
  #choose(name) {
    this.#chosen = name;
    for (const swatch of queryAll(this.#root, 'button'))
      swatch.setAttribute('aria-pressed', String(swatch.dataset.color === name));
    query(this.#root, 'label').classList.toggle('chosen', name === '');
  }

  /** @param {Field | null} truth */
  photo(truth) {
    this.#truth = truth;
    query(this.#root, `[data-color="${OWN}"]`, HTMLButtonElement).disabled = !truth;
    if (!truth && this.#chosen === OWN) this.#choose('red');
  }

  /** a and b over 128 of a dab at this place. @param {{x: number, y: number}} place @returns {[number, number]} */
  at(place) {
    if (this.#chosen !== OWN || !this.#truth) return abOf(rgbOf(COLORS[this.#chosen] ?? this.#any.value));
    const cell = cellOf(place);
    return [this.#truth[cell], this.#truth[CELLS + cell]];
  }
}
