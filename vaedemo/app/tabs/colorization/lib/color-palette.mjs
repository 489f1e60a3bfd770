/**
 * The color of the next dab: one of a few, any, or the photo's own. Only its a and b count: how light it is the photo
 * says.
 */
import {CELLS} from './color-field-painter.mjs';
import {abOf} from './cielab.mjs';
import {cellOf} from './hint-posterior.mjs';
import {dom} from '../../../../web/page/dom.mjs';

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
const rgbOf = hex => [1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16));

export class Swatches {
  /** The colors of the photo itself, where it has any. @type {import('./color-field-painter.mjs').Field | null} */ #truth =
    null;
  #root;
  #chosen = 'red';
  #any = '#d0312d';

  /** @param {HTMLElement} place */
  constructor(place) {
    const root = (this.#root = dom(`<div class="vd-swatches" role="group" aria-label="Color of the next dab">
      ${Object.entries(COLORS)
        .map(
          ([name, hex]) =>
            `<button type="button" data-color="${name}" title="${name}" aria-label="${name}" style="background: ${hex}"></button>`,
        )
        .join('')}
      <label title="Any color"><input type="color" value="${this.#any}" aria-label="Any color"></label>
      <button type="button" class="vd-quiet" data-color="${OWN}" title="What the photo itself has where you click">True color there</button></div>`));
    place.replaceChildren(root);
    root.addEventListener('click', ({target}) => {
      if (target.dataset.color) this.#choose(target.dataset.color);
    });
    root.querySelector('input').addEventListener('input', ({target}) => {
      this.#any = target.value;
      this.#choose('');
    });
    this.#choose('red');
  }

  #choose(name) {
    this.#chosen = name;
    for (const button of this.#root.querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(button.dataset.color === name));
    this.#root.querySelector('label').classList.toggle('chosen', name === '');
  }

  /** @param {import('./color-field-painter.mjs').Field | null} truth */
  photo(truth) {
    this.#truth = truth;
    this.#root.querySelector(`[data-color="${OWN}"]`).disabled = !truth;
    if (!truth && this.#chosen === OWN) this.#choose('red');
  }

  /** a and b over 128 of a dab at this place. @param {{x: number, y: number}} place @returns {[number, number]} */
  at(place) {
    if (this.#chosen !== OWN) return abOf(rgbOf(COLORS[this.#chosen] ?? this.#any));
    const cell = cellOf(place);
    return [this.#truth[cell], this.#truth[CELLS + cell]];
  }
}
