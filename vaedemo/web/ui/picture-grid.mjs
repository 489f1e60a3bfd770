/** A sheet of pictures to see at a glance, and to go to: by a click, or by the arrow keys. */
import {dom, query} from '../page/dom.mjs';
import {Painter} from './painter.mjs';

const TEMPLATE = `
<figure class="vd-figure vd-sheet">
  <div class="heads" aria-hidden="true"></div><div class="sides" aria-hidden="true"></div>
  <div class="sheet" tabindex="0" role="application"><canvas role="img"></canvas><i class="here"></i></div>
  <figcaption></figcaption>
</figure>`;
const KEYS = /** @type {Record<string, number[]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});

/**
 * @typedef {object} Options
 * @property {import('./painter.mjs').Shape} shape  of a picture
 * @property {string[]} heads  above the columns
 * @property {number} rows
 * @property {string[]} [sides]  before the rows
 * @property {boolean} [ink]  drawings, dark on a light page
 * @property {(column: number, row: number) => void} visit
 */

export class PictureGrid {
  /** Draws the pictures. @type {Painter} */ painter;
  #root;
  #sheet;
  #here;
  #sizes;
  #visit;
  #at = [0, 0];

  /** @param {HTMLElement} element  becomes the sheet @param {Options} options */
  constructor(element, {shape, heads, rows, sides = [], ink = true, visit}) {
    this.#root = dom(TEMPLATE);
    this.#sheet = query(this.#root, '.sheet');
    this.#here = query(this.#root, '.here');
    this.#sizes = [heads.length, rows];
    this.#visit = visit;
    const canvas = query(this.#root, 'canvas', HTMLCanvasElement);
    canvas.className = ink ? 'vd-ink' : 'vd-photo';
    this.painter = new Painter(canvas, shape, {columns: heads.length, rows, crisp: ink});
    this.#root.style.setProperty('--columns', String(heads.length));
    this.#root.style.setProperty('--rows', String(rows));
    query(this.#root, '.heads').replaceChildren(...heads.map(spanOf));
    query(this.#root, '.sides').replaceChildren(...sides.map(spanOf));
    element.replaceChildren(this.#root);
    this.#sheet.addEventListener('click', ({clientX, clientY}) => {
      const {left, top, width, height} = this.#sheet.getBoundingClientRect();
      this.#go(Math.floor(((clientX - left) / width) * heads.length), Math.floor(((clientY - top) / height) * rows));
    });
    this.#sheet.addEventListener('keydown', event => this.#key(event));
  }

  /** @param {number} column @param {number} row */
  #go(column, row) {
    const [columns, rows] = this.#sizes;
    this.#visit(Math.max(0, Math.min(columns - 1, column)), Math.max(0, Math.min(rows - 1, row)));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = KEYS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    this.#go(Math.round(this.#at[0]) + step[0], Math.round(this.#at[1]) + step[1]);
  }

  get canvas() {
    return this.painter.canvas;
  }

  /**
   * Marks a place, which may lie between two rows.
   * @param {number} column
   * @param {number} row
   * @param {string} [words]  what is there
   */
  place(column, row, words = '') {
    this.#at = [column, row];
    this.#here.style.translate = `${100 * column}% ${100 * row}%`;
    this.#sheet.setAttribute('aria-description', words);
  }

  /**
   * @param {{caption: string, label: string, picture: string}} words  below it; of what one can do; of what the
   *   picture shows
   */
  describe({caption, label, picture}) {
    query(this.#root, 'figcaption').textContent = caption;
    this.#sheet.setAttribute('aria-label', label);
    this.canvas.setAttribute('aria-label', picture);
  }
}

/** @param {string} textContent */
const spanOf = textContent => Object.assign(document.createElement('span'), {textContent});
