/** How the error falls with the number of labels: means over random choices and their deviation; the visitor's own. */
import {query} from '../../../../web/page/dom.mjs';
import {COUNTS, summary} from './few-labels.mjs';

const WIDTH = 340;
const TALL = 190;
const EDGE = {left: 44, right: 14, top: 12, bottom: 40};
const MOST = 0.8; // of the axis
const TICKS = [0, 0.2, 0.4, 0.6, 0.8];
const FIRST = 5; // labels, where the axis begins

/** @param {number} count */
const across = count => {
  const part = Math.log(count / FIRST) / Math.log(COUNTS[COUNTS.length - 1] / FIRST);
  return EDGE.left + (WIDTH - EDGE.left - EDGE.right) * Math.min(1, Math.max(0, part));
};
/** @param {number} error */
const down = error => EDGE.top + (TALL - EDGE.top - EDGE.bottom) * (1 - Math.min(1, error / MOST));

export const TEMPLATE = `
<svg viewBox="0 0 ${WIDTH} ${TALL}" role="img" data-part="curve">
  ${TICKS.map(
    tick => `<path class="grid" d="M${EDGE.left} ${down(tick)}H${WIDTH - EDGE.right}"></path>
    <text x="${EDGE.left - 6}" y="${down(tick) + 4}" text-anchor="end">${Math.round(100 * tick)} %</text>`,
  ).join('')}
  ${COUNTS.map(count => `<text x="${across(count)}" y="${TALL - 22}" text-anchor="middle">${count}</text>`).join('')}
  <text x="${(EDGE.left + WIDTH - EDGE.right) / 2}" y="${TALL - 5}" text-anchor="middle">labels</text>
  <polyline class="baseline"></polyline><path class="spans"></path><polyline class="way"></polyline>
  <circle class="own" r="5"></circle>
</svg>`;

/** @typedef {{count: number, values: number[]}} Tried  errors of random choices of so many labels */

/**
 * @param {HTMLElement} element  that holds TEMPLATE
 * @param {Tried[]} baseline
 * @param {Tried[]} way
 * @param {{count: number, error: number} | null} own
 */
export function drawCurve(element, baseline, way, own) {
  const means = (/** @type {Tried[]} */ tried) =>
    tried.filter(({values}) => values.length).map(({count, values}) => ({count, ...summary(values)}));
  const line = (/** @type {ReturnType<typeof means>} */ points) =>
    points.map(({count, mean}) => `${across(count)},${down(mean)}`).join(' ');
  const mine = means(way);
  query(element, '.baseline', SVGElement).setAttribute('points', line(means(baseline)));
  query(element, '.way', SVGElement).setAttribute('points', line(mine));
  const spans = mine.map(({count, mean, deviation}) => {
    const [top, floor] = [down(mean + deviation), down(Math.max(0, mean - deviation))];
    return `M${across(count)} ${top}V${floor}`;
  });
  query(element, '.spans', SVGElement).setAttribute('d', spans.join(''));
  const dot = query(element, '.own', SVGElement);
  dot.toggleAttribute('hidden', !own);
  if (own) {
    dot.setAttribute('cx', String(across(own.count)));
    dot.setAttribute('cy', String(down(own.error)));
  }
  const said = mine.map(({count, mean}) => `${Math.round(100 * mean)} % at ${count} labels`).join(', ');
  query(element, 'svg', SVGElement).setAttribute(
    'aria-label',
    `Errors of the chosen way: ${said || 'not known yet'}`,
  );
}
