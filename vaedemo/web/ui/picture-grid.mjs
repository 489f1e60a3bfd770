/** A sheet of pictures to see at a glance, and to go to: by a click, or by the arrow keys. */
import {dom} from '../page/dom.mjs';
import {Painter} from './painter.mjs';

const TEMPLATE = `
<figure class="vd-figure vd-sheet">
  <div class="heads" aria-hidden="true"></div><div class="sides" aria-hidden="true"></div>
  <div class="sheet" tabindex="0" role="application"><canvas role="img"></canvas><i class="here"></i></div>
  <figcaption></figcaption>
</figure>`;
const KEYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

export class Sheet {
  /** Draws the pictures. @type {Painter} */ painter;
  #root;
  #sheet;
  #at = [0, 0];

  /**
   * @param {HTMLElement} element  becomes the sheet
   * @param {{shape: [number, number, number], heads: string[], rows: number, sides?: string[], ink?: boolean, visit:
   *   (column: number, row: number) => void}} options
   *   heads: above the columns; sides: before the rows; ink: drawings, dark on a light page
   */
  constructor(element, {shape, heads, rows, sides = [], ink = true, visit}) {
    const root = (this.#root = dom(TEMPLATE));
    const sheet = (this.#sheet = /** @type {HTMLElement} */ (root.querySelector('.sheet')));
    const sizes = [heads.length, rows];
    root.querySelector('canvas').className = ink ? 'vd-ink' : 'vd-photo';
    this.painter = new Painter(root.querySelector('canvas'), shape, {columns: heads.length, rows, crisp: ink});
    root.style.setProperty('--columns', String(heads.length));
    root.style.setProperty('--rows', String(rows));
    [
      ['.heads', heads],
      ['.sides', sides],
    ].forEach(([part, texts]) =>
      root
        .querySelector(part)
        .replaceChildren(...texts.map(textContent => Object.assign(document.createElement('span'), {textContent}))),
    );
    element.replaceChildren(root);
    const go = place => visit(...place.map((value, axis) => Math.min(sizes[axis] - 1, Math.max(0, value))));
    sheet.addEventListener('click', ({clientX, clientY}) => {
      const {left, top, width, height} = sheet.getBoundingClientRect();
      go([(clientX - left) / width, (clientY - top) / height].map((part, axis) => Math.floor(part * sizes[axis])));
    });
    sheet.addEventListener('keydown', event => {
      const step = KEYS[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation(); // the presenter's arrows turn stops
      go(this.#at.map((value, axis) => Math.round(value) + step[axis]));
    });
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
    this.#root.querySelector('.here').style.translate = `${100 * column}% ${100 * row}%`;
    this.#sheet.setAttribute('aria-description', words);
  }

  /**
   * @param {{caption: string, label: string, picture: string}} words  below it; of what one can do; of what the
   *   picture shows
   */
  tell({caption, label, picture}) {
    this.#root.querySelector('figcaption').textContent = caption;
    this.#sheet.setAttribute('aria-label', label);
    this.canvas.setAttribute('aria-label', picture);
  }
}
