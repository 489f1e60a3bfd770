/** Categories across, one style code down, all with the same noise: a grid to see at a glance, and to go to. */
import {newest} from '../../../../web/page/request.mjs';
import {Sheet} from '../../../../web/ui/picture-grid.mjs';

const ROWS = 7;
const COLUMNS = 10;
const level = row => (2 * row) / (ROWS - 1) - 1; // the code of a row, from -1 to 1

/**
 * @typedef {{category: number, codes: [number, number]}} Place
 * @param {HTMLElement} element
 * @param {{order: number[], labels: string[], open: import('../../../../web/engine/live-decoder.mjs').LiveDecoder,
 *   vector: (place: Place) => number[], go: (place: Place) => void}} options
 *   order: the categories in the order of their columns; labels: of the columns
 */
export function styles(element, {order, labels, open, vector, go}) {
  let place = /** @type {Place} */ ({category: order[0], codes: [0, 0]});
  let down = 0;
  let drawn = '';
  const sheet = new Sheet(element, {
    shape: open.shape,
    heads: labels,
    rows: ROWS,
    visit: (column, row) => go({category: order[column], codes: place.codes.with(down, level(row))}),
  });

  const paint = newest(async signal => {
    const codes = Array.from({length: ROWS * COLUMNS}, (_, i) =>
      vector({category: order[i % COLUMNS], codes: place.codes.with(down, level(Math.floor(i / COLUMNS)))}),
    );
    await open.batch(codes.flat(), codes.length, (planes, first) => sheet.painter.draw(planes, first), signal);
  });

  return {
    canvas: sheet.canvas,
    /** @param {Place} next @param {string} noise  names the noise: another one wants another grid */
    show(next, noise) {
      place = next;
      const name = `c${down + 2}`;
      const other = place.codes[1 - down];
      sheet.place(order.indexOf(place.category), ((place.codes[down] + 1) / 2) * (ROWS - 1));
      sheet.tell({
        caption: `Across: the ten categories, by the digit they mostly draw. Down: ${name} from −1 to 1. The same noise in all. Click on a picture to go there.`,
        label: `Grid of pictures: ten categories across, ${name} from -1 to 1 down. Click, or use the arrow keys, to go to one.`,
        picture: `${ROWS * COLUMNS} digits drawn by InfoGAN: each column one category, each row one value of ${name}`,
      });
      if (drawn === (drawn = [down, other.toFixed(3), noise].join())) return Promise.resolve();
      return paint();
    },
    /** Which code runs down: 0 or 1. @param {number} next */
    turn(next) {
      down = next;
    },
  };
}
