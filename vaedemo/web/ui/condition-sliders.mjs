/**
 * A bank of sliders for a condition y: each from -1, not there, over 0 to 1, there; or from -most to most. The newest
 * value is told at once.
 */
import {dom, query} from '../page/dom.mjs';

const STEP = 0.1; // of the arrow keys, in parts of most
const LARGE_STEP = 0.5;
const NEAR = 0.06; // how near to 0 a hand means 0, in parts of most
const KEYS = /** @type {Record<string, number>} */ ({ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1});

const ROW = `
<div class="vd-knob">
  <span class="name"></span>
  <input type="range">
  <output></output>
</div>`;

export class ConditionSliders {
  values = /** @type {number[]} */ ([]);
  #rows;
  #most;
  #onMove;

  /**
   * @param {HTMLElement} element  empty; becomes the bank
   * @param {{labels: string[], values: number[], most?: number,
   *   onMove: (values: number[], pulled: number, byHand: boolean) => void}} options
   */
  constructor(element, {labels, values, most = 1, onMove}) {
    this.#most = most;
    this.#onMove = onMove;
    element.classList.add('vd-knobs');
    element.setAttribute('role', 'group');
    this.#rows = labels.map((label, i) => {
      const row = dom(ROW);
      const input = query(row, 'input', HTMLInputElement);
      Object.assign(input, {min: -most, max: most, step: most / 50});
      query(row, '.name').textContent = label;
      input.setAttribute('aria-label', label);
      input.addEventListener('input', () => {
        const value = Number(input.value);
        this.pull(i, Math.abs(value) < NEAR * most ? 0 : value);
      });
      row.addEventListener('keydown', event => this.#key(i, event));
      row.addEventListener('dblclick', () => this.pull(i, 0));
      return row;
    });
    element.replaceChildren(...this.#rows);
    this.place(values);
  }

  /** Shows values and tells nobody. @param {number[]} values */
  place(values) {
    this.values = [...values];
    values.forEach((_, i) => this.#show(i));
  }

  /** Moves one slider and tells. @param {number} i @param {number} value @param {boolean} [byHand] */
  pull(i, value, byHand = true) {
    this.values[i] = Math.max(-this.#most, Math.min(this.#most, Math.round(value * 100) / 100));
    this.#show(i);
    this.#onMove(this.values, i, byHand);
  }

  /** The row of a slider: its name, the slider, its value. @param {number} i @returns {HTMLElement} */
  row(i) {
    return this.#rows[i];
  }

  /** @param {number} i */
  #show(i) {
    const value = this.values[i];
    const input = query(this.#rows[i], 'input', HTMLInputElement);
    const text = value.toFixed(2).replace('-', '−');
    input.value = String(value);
    input.setAttribute('aria-valuetext', text);
    query(this.#rows[i], 'output').textContent = text;
  }

  /** @param {number} i @param {KeyboardEvent} event */
  #key(i, event) {
    const way = KEYS[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    this.pull(i, this.values[i] + way * this.#most * (event.shiftKey ? LARGE_STEP : STEP));
  }
}
