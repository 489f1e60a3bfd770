/** Curves of one training on one scale: losses, or shares in per cent. */
import {query} from '../../../../web/page/dom.mjs';

/**
 * @typedef {{key: string, words: string}} Curve
 * @typedef {{steps: number} & Record<string, number>} Point
 */

const WIDTH = 320;
const TALL = 96;
const EDGE = {left: 40, right: 8, top: 8, bottom: 8};
const SETTLED = 0.1; // of the history: what comes before may leave the picture

/**
 * @param {string} name  of the part @param {Curve[]} curves  two at most
 */
export const template = (name, curves) => `
<svg viewBox="0 0 ${WIDTH} ${TALL}" role="img" data-part="${name}">
  <path class="axis" d="M${EDGE.left} ${EDGE.top}V${TALL - EDGE.bottom}H${WIDTH - EDGE.right}"></path>
  <text class="top" x="${EDGE.left - 4}" y="${EDGE.top + 8}" text-anchor="end"></text>
  <text class="floor" x="${EDGE.left - 4}" y="${TALL - EDGE.bottom}" text-anchor="end"></text>
  ${curves.map(({key}, i) => `<polyline data-key="${key}" class="${kind(i)}"></polyline>`).join('')}
</svg>
<p class="vd-note">${curves.map(legend).join(', ')}</p>`;

/** @param {Curve} curve @param {number} i */
const legend = ({words}, i) => `<b class="${kind(i)}">—</b> ${words}`;

/** @param {number} i */
const kind = i => (i ? 'second' : 'first');

/**
 * The least and the greatest of all curves, once they have settled; a little apart where they are flat.
 * @param {Point[]} points @param {string[]} keys @returns {[number, number]}
 */
export function spanOf(points, keys) {
  const values = points.slice(Math.floor(SETTLED * points.length)).flatMap(point => keys.map(key => point[key]));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(0.05 * (most - least), 0.01);
  return [least - room, most + room];
}

/**
 * @param {SVGSVGElement} svg  of template()
 * @param {Point[]} points
 * @param {string} label  what the curves are
 * @param {[number, number]} [span]  shares, from 0 to 1, written in per cent; else what the curves reach
 */
export function drawCurves(svg, points, label, span) {
  const lines = Array.from(svg.querySelectorAll('polyline'));
  if (!points.length) {
    for (const line of lines) line.setAttribute('points', '');
    return;
  }
  const keys = lines.map(line => line.dataset.key ?? '');
  const [least, most] = span ?? spanOf(points, keys);
  const end = points[points.length - 1].steps;
  const tall = TALL - EDGE.top - EDGE.bottom;
  const across = (/** @type {Point} */ {steps}) => EDGE.left + ((WIDTH - EDGE.left - EDGE.right) * steps) / end;
  const down = (/** @type {number} */ value) =>
    EDGE.top + tall * (1 - Math.max(0, Math.min(1, (value - least) / (most - least))));
  lines.forEach((line, i) => {
    const places = points.map(point => `${across(point).toFixed(1)},${down(point[keys[i]]).toFixed(1)}`);
    line.setAttribute('points', places.join(' '));
  });
  const written = (/** @type {number} */ value) => (span ? `${Math.round(100 * value)} %` : value.toFixed(1));
  query(svg, '.top', SVGElement).textContent = written(most);
  query(svg, '.floor', SVGElement).textContent = written(least);
  const now = points[points.length - 1];
  svg.setAttribute('aria-label', `${label}: ${keys.map(key => `${key} ${now[key].toFixed(2)}`).join(', ')} now`);
}
