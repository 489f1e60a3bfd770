/** Categories across, one style code down, all with the same noise: a grid to see at a glance, and to go to. */
import {newest} from '../../../../web/page/request.mjs';
import {PictureGrid} from '../../../../web/ui/picture-grid.mjs';

const ROWS = 7;
const COLUMNS = 10;

/**
 * @typedef {{category: number, codes: [number, number]}} Place
 * @typedef {{order: number[], open: import('../../../../web/engine/live-decoder.mjs').LiveDecoder,
 *   vector: (place: Place) => number[], go: (place: Place) => void}} Options
 *   order: the categories in the order of their columns; vector: the generator's input
 */

/** The code of a row, from -1 to 1. @param {number} row */
const codeOf = row => (2 * row) / (ROWS - 1) - 1;

export class StyleGrid {
  #options;
  #sheet;
  /** @type {Place} */
  #place;
  /** Which code runs down: 0 or 1. */
  #down = 0;
  /** Names what is drawn: what differs is drawn anew. */
  #drawn = '';

  /** @param {HTMLElement} element  becomes the grid @param {Options} options */
  constructor(element, options) {
    this.#options = options;
    this.#place = {category: options.order[0], codes: [0, 0]};
    this.#sheet = new PictureGrid(element, {
      shape: options.open.shape,
      heads: options.order.map((_, digit) => String(digit)),
      rows: ROWS,
      visit: (column, row) => options.go(this.#at(column, row)),
    });
  }

  get canvas() {
    return this.#sheet.canvas;
  }

  /** @param {number} column @param {number} row @returns {Place} */
  #at(column, row) {
    const [c2, c3] = this.#place.codes;
    const code = codeOf(row);
    return {category: this.#options.order[column], codes: this.#down ? [c2, code] : [code, c3]};
  }

  /** @param {Place} place @param {string} noise  names the noise: another one wants another grid */
  async show(place, noise) {
    this.#place = place;
    const name = `c${this.#down + 2}`;
    const row = ((place.codes[this.#down] + 1) / 2) * (ROWS - 1);
    this.#sheet.place(this.#options.order.indexOf(place.category), row);
    this.#sheet.describe({
      caption:
        `Across: the ten categories, by the digit they mostly draw. Down: ${name} from −1 to 1. The same noise in ` +
        'all. Click on a picture to go there.',
      label:
        `Grid of pictures: ten categories across, ${name} from -1 to 1 down. Click, or use the arrow keys, to go to ` +
        'one.',
      picture: `${ROWS * COLUMNS} digits drawn by InfoGAN: each column one category, each row one value of ${name}`,
    });
    const wanted = [this.#down, place.codes[1 - this.#down].toFixed(3), noise].join();
    if (wanted === this.#drawn) return;
    this.#drawn = wanted;
    await this.#paint();
  }

  #paint = newest(async signal => {
    const {open, vector} = this.#options;
    const codes = Array.from({length: ROWS * COLUMNS}, (_, i) =>
      vector(this.#at(i % COLUMNS, Math.floor(i / COLUMNS))),
    );
    const paint = (planes, first) => this.#sheet.painter.draw(planes, first);
    await open.batch(codes.flat(), codes.length, paint, signal);
  });

  /** Which code runs down: 0 or 1. @param {number} down */
  turn(down) {
    this.#down = down;
  }
}
