/** The two terms of the bound over the training: distortion above, rate below, each with its own scale. */
import {query} from '../../../../web/page/dom.mjs';

/** @typedef {{pictures: number, rate: number, distortion: number, beta: number}} Point  in nats a picture */

const WIDTH = 320;
const TALL = 128;
const EDGE = {left: 40, right: 8, top: 20, bottom: 6};
const SETTLED = 0.25; // of the history: what comes before may leave the top

/** @param {'distortion' | 'rate'} key @param {string} words */
const panel = (key, words) => `
<svg viewBox="0 0 ${WIDTH} ${TALL}" role="img" data-key="${key}">
  <text x="${EDGE.left}" y="13">${words}</text>
  <text x="${WIDTH - EDGE.right}" y="13" text-anchor="end" class="now"></text>
  <path class="axis" d="M${EDGE.left} ${EDGE.top}V${TALL - EDGE.bottom}H${WIDTH - EDGE.right}"></path>
  <text class="top" x="${EDGE.left - 4}" y="${EDGE.top + 8}" text-anchor="end"></text>
  <text class="floor" x="${EDGE.left - 4}" y="${TALL - EDGE.bottom}" text-anchor="end"></text>
  <path class="marks"></path><polyline class="${key}"></polyline>
</svg>`;

export const TEMPLATE = `${panel('distortion', 'Distortion')}${panel('rate', 'Rate')}`;

/**
 * The least and the greatest value that a chart shows.
 * @param {number[]} values  in the order in which they came
 * @returns {[number, number]}
 */
export function rangeOf(values) {
  const settled = values.slice(Math.floor(SETTLED * values.length));
  const most = Math.max(...settled);
  const least = Math.min(...values);
  const room = Math.max(0.05 * (most - least), 0.05);
  return [Math.max(0, least - room), most + room];
}

/** @param {HTMLElement} element  of TEMPLATE @param {Point[]} points  at least one */
export function drawTerms(element, points) {
  const end = points[points.length - 1].pictures;
  const x = (/** @type {Point} */ {pictures}) =>
    EDGE.left + ((WIDTH - EDGE.left - EDGE.right) * pictures) / Math.max(1, end);
  const turns = points.filter(({beta}, i) => i && beta !== points[i - 1].beta).map(x);
  for (const key of /** @type {const} */ (['distortion', 'rate'])) {
    const svg = query(element, `[data-key="${key}"]`, SVGSVGElement);
    const [least, most] = rangeOf(points.map(point => point[key]));
    const tall = TALL - EDGE.top - EDGE.bottom;
    const y = (/** @type {Point} */ point) =>
      EDGE.top + tall * (1 - Math.min(1, (point[key] - least) / (most - least)));
    const line = points.map(point => `${x(point).toFixed(1)},${y(point).toFixed(1)}`).join(' ');
    query(svg, 'polyline', SVGElement).setAttribute('points', line);
    query(svg, '.marks', SVGElement).setAttribute(
      'd',
      turns.map(at => `M${at.toFixed(1)} ${EDGE.top}v${tall}`).join(''),
    );
    const now = `${points[points.length - 1][key].toFixed(1)} nats a digit`;
    query(svg, '.now', SVGElement).textContent = now;
    query(svg, '.top', SVGElement).textContent = most.toFixed(key === 'rate' ? 1 : 0);
    query(svg, '.floor', SVGElement).textContent = least.toFixed(key === 'rate' ? 1 : 0);
    svg.setAttribute('aria-label', `${key}: ${now}`);
  }
}
