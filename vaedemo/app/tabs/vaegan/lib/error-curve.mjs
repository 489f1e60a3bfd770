/** The errors of a search against its steps: a line for each start, and, lying, those of models that need one step. */
import {query} from '../../../../web/page/dom.mjs';

/**
 * @typedef {{width: number, height: number, left: number, right: number, top: number, bottom: number}} Frame
 *   of the whole chart, and the edges of its axes within
 */

/** @type {Frame} */
export const FRAME = {width: 240, height: 124, left: 30, right: 232, top: 8, bottom: 104};
const LABEL_ROOM = 12; // pixels between the feet of two labels

/**
 * Where an error after a step lies; `most` is the error at the top.
 * @param {number} step @param {number} error @param {number} steps  of the whole search @param {number} most
 * @param {Frame} [frame]
 */
export const placeOf = (step, error, steps, most, {left, right, top, bottom} = FRAME) => [
  left + (step / steps) * (right - left),
  bottom - (Math.min(error, most) / most) * (bottom - top),
];

/** The largest error of the chart: what the starts had, with a little room. @param {number[][]} trail */
export const topOf = trail => 1.05 * Math.max(...(trail[0] ?? [0.1]));

/**
 * The points of one start's line.
 * @param {number[][]} trail  errors (starts) after each step from 0 on
 * @param {number} start @param {number} steps @param {number} most
 */
export const lineOf = (trail, start, steps, most) =>
  trail
    .map((errors, step) =>
      placeOf(step, errors[start], steps, most)
        .map(value => value.toFixed(1))
        .join(),
    )
    .join(' ');

/** Numbers, each at least `room` above the one before it (y goes down). @param {number[]} feet  from low to high */
export function apart(feet, room = LABEL_ROOM) {
  /** @type {number[]} */
  const placed = [];
  for (const foot of feet) placed.push(placed.length ? Math.min(foot, placed[placed.length - 1] - room) : foot);
  return placed;
}

/**
 * Draws into `element`.
 * @param {HTMLElement} element
 * @param {number[][]} trail  errors (starts) after each step from 0 on
 * @param {number} steps  of the whole search
 * @param {{words: string, error: number}[]} others  models that answered in one step
 */
export function drawCurve(element, trail, steps, others) {
  const {width, height, left, right, top, bottom} = FRAME;
  const most = topOf(trail);
  const last = trail[trail.length - 1] ?? [];
  const leader = last.indexOf(Math.min(...last));
  const lines = last.map((_, start) => {
    const kind = start === leader ? 'leads' : `start${start % 4}`;
    return {kind, points: lineOf(trail, start, steps, most)};
  });
  lines.sort((a, b) => Number(a.kind === 'leads') - Number(b.kind === 'leads')); // the leader's is drawn last
  const drawn = lines.map(({kind, points}) => `<polyline class="${kind}" points="${points}"></polyline>`);
  const head = last.length ? placeOf(trail.length - 1, last[leader], steps, most) : null;
  element.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img">
    ${levelsOf(others, most)}
    <path class="axis" d="M${left} ${top}V${bottom}H${right}"></path>
    <text x="${left - 4}" y="${top + 8}" text-anchor="end">${most.toFixed(2).replace(/^0/, '')}</text>
    <text x="${left - 4}" y="${bottom}" text-anchor="end">0</text>
    <text x="${left}" y="${height - 5}">squared error</text>
    <text x="${right}" y="${height - 5}" text-anchor="end">step ${steps}</text>
    ${drawn.join('')}${head ? `<circle cx="${head[0].toFixed(1)}" cy="${head[1].toFixed(1)}" r="3.5"></circle>` : ''}
  </svg>`;
  query(element, 'svg', SVGSVGElement).setAttribute('aria-label', wordsOf(last, leader, trail.length - 1, others));
}

/** Lines of those that answered in one step. @param {{words: string, error: number}[]} others @param {number} most */
function levelsOf(others, most) {
  const {right} = FRAME;
  const shown = others.filter(({error}) => error < most).sort((a, b) => a.error - b.error);
  const heights = shown.map(({error}) => placeOf(0, error, 1, most)[1]);
  const feet = apart(heights.map(height => height - 3));
  return shown
    .map(
      ({words}, i) => `<path class="level" d="M${FRAME.left} ${heights[i].toFixed(1)}H${right}"></path>
        <text x="${right}" y="${feet[i].toFixed(1)}" text-anchor="end">${words}</text>`,
    )
    .join('');
}

/**
 * The chart in words.
 * @param {number[]} last  the newest errors @param {number} leader @param {number} step
 * @param {{words: string, error: number}[]} others
 */
function wordsOf(last, leader, step, others) {
  const told = last.map((error, i) => `start ${i + 1} ${error.toFixed(4)}${i === leader ? ', which leads' : ''}`);
  const levels = others.map(({words, error}) => `${words} ${error.toFixed(4)}`);
  return `Squared error after step ${step}: ${[...told, ...levels].join('; ')}`;
}
