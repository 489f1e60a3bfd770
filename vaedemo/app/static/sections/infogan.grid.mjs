/** Categories across, one style code down, all with the same noise: a grid to see at a glance, and to go to. */
import {dom, newest} from '../shared.mjs';
import {Painter} from '../../static/paint.mjs';

const ROWS = 7, COLUMNS = 10;
const level = row => 2 * row / (ROWS - 1) - 1; // the code of a row, from -1 to 1

const TEMPLATE = `
<figure class="vd-figure vd-styles">
  <div class="heads" aria-hidden="true"></div>
  <div class="sheet" tabindex="0" role="application"><canvas class="vd-ink" role="img"></canvas><i class="here"></i></div>
  <figcaption></figcaption>
</figure>`;

/**
 * @typedef {{category: number, codes: [number, number]}} Place
 * @param {HTMLElement} element
 * @param {{order: number[], labels: string[], open: import('../../static/live.mjs').LiveDecoder, vector: (place: Place) => number[], go: (place: Place) => void}} options
 *   order: the categories in the order of their columns; labels: of the columns
 */
export function styles(element, {order, labels, open, vector, go}) {
  const root = dom(TEMPLATE), canvas = root.querySelector('canvas'), sheet = /** @type {HTMLElement} */ (root.querySelector('.sheet'));
  const painter = new Painter(canvas, open.shape, {columns: COLUMNS, rows: ROWS}), here = /** @type {HTMLElement} */ (root.querySelector('.here'));
  root.querySelector('.heads').replaceChildren(...labels.map(label => Object.assign(document.createElement('span'), {textContent: label})));
  element.replaceChildren(root);
  let place = /** @type {Place} */ ({category: order[0], codes: [0, 0]}), down = 0, drawn = '';

  const paint = newest(async signal => {
    const codes = Array.from({length: ROWS * COLUMNS}, (_, i) =>
      vector({category: order[i % COLUMNS], codes: place.codes.with(down, level(Math.floor(i / COLUMNS)))}));
    await open.batch(codes.flat(), codes.length, (planes, first) => painter.draw(planes, first), signal);
  });

  /** @param {number} column @param {number} row */
  const visit = (column, row) => go({category: order[column], codes: place.codes.with(down, level(row))});
  const where = () => [order.indexOf(place.category), Math.round((place.codes[down] + 1) / 2 * (ROWS - 1))];

  sheet.addEventListener('click', event => {
    const box = sheet.getBoundingClientRect(), part = (value, from, size, n) => Math.min(n - 1, Math.max(0, Math.floor((value - from) / size * n)));
    visit(part(event.clientX, box.left, box.width, COLUMNS), part(event.clientY, box.top, box.height, ROWS));
  });
  sheet.addEventListener('keydown', event => {
    const step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    const [column, row] = where();
    visit(Math.min(COLUMNS - 1, Math.max(0, column + step[0])), Math.min(ROWS - 1, Math.max(0, row + step[1])));
  });

  return {
    canvas,
    /** @param {Place} next @param {string} noise  names the noise: another one wants another grid */
    show(next, noise) {
      place = next;
      const name = `c${down + 2}`, other = place.codes[1 - down];
      here.style.translate = `${100 * order.indexOf(place.category)}% ${100 * (place.codes[down] + 1) / 2 * (ROWS - 1)}%`;
      root.querySelector('figcaption').textContent = `Across: the ten categories, by the digit they mostly draw. Down: ${name} from −1 to 1. The same noise in all. Click on a picture to go there.`;
      sheet.setAttribute('aria-label', `Grid of pictures: ten categories across, ${name} from -1 to 1 down. Click, or use the arrow keys, to go to one.`);
      canvas.setAttribute('aria-label', `${ROWS * COLUMNS} digits drawn by InfoGAN: each column one category, each row one value of ${name}`);
      if (drawn === (drawn = [down, other.toFixed(3), noise].join())) return Promise.resolve();
      return paint();
    },
    /** Which code runs down: 0 or 1. @param {number} next */
    turn(next) { down = next; },
  };
}
