/** A plot of several methods' least errors of K answers against K, on a log scale. */
import {query, queryAll} from '../../../../web/page/dom.mjs';

const EDGE = {left: 46, right: 118, top: 14, bottom: 44};
const EDGE_WHERE_NARROW = {...EDGE, right: 92};
const HEIGHT = 320;
const LEAST_WIDTH = 280;
const NARROW = 480;
const ROOM = 15; // pixels that a label wants
const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20];
const MOST_LINES = 6;

/**
 * @typedef {{k: number, value: number}} Point
 * @typedef {{name: string, words: string, ours?: boolean, color: string, points: Point[]}} Series
 * @typedef {{left: number, right: number, top: number, bottom: number}} Frame  of the axes, in pixels
 */

/**
 * Draws into `element`, as wide as it is.
 * @param {HTMLElement} element
 * @param {Series[]} series
 * @param {string} unit
 */
export function plot(element, series, unit) {
  const width = Math.max(LEAST_WIDTH, element.clientWidth);
  const edge = width < NARROW ? EDGE_WHERE_NARROW : EDGE;
  const frame = {left: edge.left, right: width - edge.right, top: edge.top, bottom: HEIGHT - edge.bottom};
  const {x, y, ks, lines, digits} = scalesOf(
    series.map(({points}) => points),
    frame,
  );
  const ends = apartBy(
    ROOM,
    series.map(({points}) => y(points[points.length - 1].value)),
  );
  const {left, right, top, bottom} = frame;
  const grid = lines.map(
    value => `<path class="grid" d="M${left} ${y(value)}H${right}"></path>
      <text x="${left - 7}" y="${y(value) + 4}" text-anchor="end">${value.toFixed(digits)}</text>`,
  );
  const below = readable(ks, x).map(k => `<text x="${x(k)}" y="${bottom + 18}" text-anchor="middle">${k}</text>`);
  const drawn = series.map(({name, ours, color, points}, i) => {
    const line = points.map(({k, value}) => `${x(k).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    const marks = points.map(({k, value}) => mark(i, x(k), y(value), `K = ${k}: ${value.toFixed(3)} ${unit}`));
    return `<g class="${ours ? 'ours' : ''}" data-series="${name}" style="--series: ${color}">
      <polyline points="${line}"></polyline>${marks.join('')}<text x="${right + 10}" y="${ends[i] + 4}"></text></g>`;
  });
  element.innerHTML = `<svg width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" role="img">
    ${grid.join('')}<path class="axis" d="M${left} ${top}V${bottom}H${right}"></path>${below.join('')}
    <text x="${(left + right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">K answers, of which the best counts</text>
    ${drawn.join('')}</svg>`;
  queryAll(element, 'svg > g > text', SVGTextElement).forEach((label, i) => {
    label.textContent = series[i].words;
  });
  query(element, 'svg', SVGSVGElement).setAttribute(
    'aria-label',
    series.map(one => `${one.words}: ${listed(one.points)} ${unit}`).join('; '),
  );
}

/** @param {Point[]} points */
const listed = points => points.map(({k, value}) => `best of ${k} ${value.toFixed(3)}`).join(', ');

/**
 * Where K and its error lie: K on a log scale from 1 on, the error from a little below the least of all.
 * @param {Point[][]} series
 * @param {Frame} frame
 */
export function scalesOf(series, {left, right, top, bottom}) {
  const points = series.flat();
  const ks = [...new Set(points.map(({k}) => k))].sort((a, b) => a - b);
  const values = points.map(({value}) => value);
  const most = Math.log(Math.max(2, ks[ks.length - 1]));
  const [least, largest] = [Math.min(...values), Math.max(...values)];
  const high = 1.05 * largest;
  const low = Math.max(0, least - 0.25 * (largest - least) - 0.02);
  const step = STEPS.find(size => (high - low) / size <= MOST_LINES) ?? STEPS[STEPS.length - 1];
  const first = Math.ceil(low / step);
  const lines = Array.from({length: Math.floor(high / step) - first + 1}, (_, i) => (first + i) * step);
  return {
    ks,
    /** Where a grid's lines are, and how many digits tell them apart. */
    lines,
    digits: Math.max(0, Math.min(2, Math.ceil(-Math.log10(step)))),
    /** @param {number} k */
    x: k => left + (Math.log(k) / most) * (right - left),
    /** @param {number} value */
    y: value => bottom - ((value - low) / (high - low)) * (bottom - top),
  };
}

/**
 * The same numbers in the same order, moved up so that any two are at least `room` apart.
 * @param {number} room
 * @param {number[]} values
 */
export function apartBy(room, values) {
  const moved = [...values];
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  order.forEach((i, n) => {
    if (n) moved[i] = Math.max(moved[i], moved[order[n - 1]] + room);
  });
  return moved;
}

/** Those K that leave room for the next; the last in any case. @param {number[]} ks @param {(k: number) => number} x */
const readable = (ks, x) => ks.filter((k, i) => i === ks.length - 1 || x(ks[i + 1]) - x(k) > (k > 9 ? 2 : 1) * ROOM);

/**
 * A sign of its own for each method.
 * @param {number} i
 * @param {number} x
 * @param {number} y
 * @param {string} words
 */
function mark(i, x, y, words) {
  const shapes = [
    `<circle cx="${x}" cy="${y}" r="5"></circle>`,
    `<path d="M${x} ${y - 6}l6 6l-6 6l-6-6Z"></path>`,
    `<path d="M${x - 5} ${y + 4}h10l-5-9Z"></path>`,
    `<path d="M${x - 4} ${y - 4}h8v8h-8Z"></path>`,
  ];
  return shapes[i % shapes.length].replace('></', `><title>${words}</title></`);
}
