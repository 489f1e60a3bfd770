/** Rate against distortion: what models of several betas pay on average, and what they pay for one digit. */

const TALL = 400;
const SMALL = 300;
const PHONE = 480; // heights in pixels, and the width below which it is the small one
const EDGE = {left: 52, right: 18, top: 16, bottom: 46};
const FAR = 2.5; // the largest rate, in parts of the second: beyond, the axis is broken
const BREAK = 0.82; // of the width, where it is

/** @typedef {{beta: number, label: string, rate: number, distortion: number}} Point  in nats */

/** A round number near `rough`: 1, 2 or 5 times a power of ten. */
const round = rough => {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find(step => step * power >= rough);
};
const steps = (from, to, step) =>
  Array.from(
    {length: Math.floor((to - Math.ceil(from / step) * step) / step + 1e-6) + 1},
    (_, i) => (Math.ceil(from / step) + i) * step,
  );

/** Of some points, the one with the least distortion + beta * rate. @param {Point[]} points @param {number} beta */
export const cheapest = (points, beta) =>
  points.reduce((best, next) => (cost(next, beta) < cost(best, beta) ? next : best));
/** @param {Point} point @param {number} beta */
export const cost = ({rate, distortion}, beta) => distortion + beta * rate;

/**
 * Draws the plot into `element`, as wide as that is.
 * @param {HTMLElement} element
 * @param {{test: Point[], mine: Point[], beta: number}} shown  beta: of the lines of equal cost
 */
export function draw(element, {test, mine, beta}) {
  const width = Math.max(300, element.clientWidth);
  const height = width < PHONE ? SMALL : TALL;
  const all = [...test, ...mine];
  if (!all.length) {
    element.replaceChildren();
    return;
  }
  const right = width - EDGE.right;
  const bottom = height - EDGE.bottom;
  const rates = (test.length ? test : mine).map(({rate}) => rate).sort((a, b) => b - a);
  const most = Math.max(...all.map(({rate}) => rate)) * 1.06;
  const broken = rates.length > 1 && rates[0] > FAR * rates[1];
  const knee = broken ? 1.3 * rates[1] : most;
  const knot = EDGE.left + (broken ? BREAK : 1) * (right - EDGE.left); // where the axis is broken
  const x = rate =>
    rate <= knee
      ? EDGE.left + (rate / knee) * (knot - EDGE.left)
      : knot + ((rate - knee) / (most - knee)) * (right - knot);
  const distortions = all.map(({distortion}) => distortion);
  const room = 0.12 * (Math.max(...distortions) - Math.min(...distortions)) + 4;
  const low = Math.min(...distortions) - room;
  const high = Math.max(...distortions) + room;
  const y = distortion => bottom - ((distortion - low) / (high - low)) * (bottom - EDGE.top);

  const xs = steps(0, knee, round(knee / (width < PHONE ? 4 : 8)));
  const ys = steps(low, high, round((high - low) / 6));
  const line = total => `M${x(0)} ${y(total)}L${x(knee)} ${y(total - beta * knee)}`;
  const best = test.length ? cost(cheapest(test, beta), beta) : NaN;
  const gap = round(((high - low) / 7) * Math.max(1, (beta * knee) / (high - low) / 1.5));
  const equal = steps(low, high + beta * knee, gap)
    .map(total => `<path d="${line(total)}"></path>`)
    .join('');
  const way = points =>
    points.map(point => `${x(point.rate).toFixed(1)},${y(point.distortion).toFixed(1)}`).join(' ');
  const title = ({label, rate, distortion}) =>
    `<title>β = ${label}: rate ${rate.toFixed(1)}, distortion ${distortion.toFixed(1)} nats</title>`;
  const dot = (point, name) => {
    const at = `translate(${x(point.rate).toFixed(1)} ${y(point.distortion).toFixed(1)})`;
    const above = name === 'test';
    const rightward = above || x(point.rate) < EDGE.left + 30; // not over the axis
    return `<g class="${name}${point.beta === beta ? ' here' : ''}" data-beta="${point.beta}" transform="${at}">${title(point)}
      ${above ? '<circle r="6"></circle>' : '<path d="M0-7L7 0L0 7L-7 0Z"></path>'}
      <text x="${rightward ? 9 : -9}" y="${above ? -9 : 15}" text-anchor="${rightward ? 'start' : 'end'}">${point.label}</text></g>`;
  };
  const words = point =>
    `beta ${point.beta}: rate ${point.rate.toFixed(1)}, distortion ${point.distortion.toFixed(1)}`;
  element.innerHTML = `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
    <clipPath id="vd-tradeoff"><rect x="${EDGE.left}" y="${EDGE.top}" width="${knot - EDGE.left}" height="${bottom - EDGE.top}"></rect></clipPath>
    <g class="equal" clip-path="url(#vd-tradeoff)">${equal}${Number.isFinite(best) ? `<path class="best" d="${line(best)}"></path>` : ''}</g>
    <path class="axis" d="M${EDGE.left} ${EDGE.top}V${bottom}H${broken ? knot - 6 : right}${broken ? `M${knot + 4} ${bottom}H${right}M${knot - 9} ${bottom + 7}l6-14M${knot + 1} ${bottom + 7}l6-14` : ''}"></path>
    ${xs.map(rate => `<text x="${x(rate)}" y="${bottom + 18}" text-anchor="middle">${rate}</text>`).join('')}
    ${broken ? `<text x="${x(rates[0])}" y="${bottom + 18}" text-anchor="middle">${rates[0].toFixed(0)}</text>` : ''}
    ${ys.map(value => `<text x="${EDGE.left - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text>`).join('')}
    <text x="${(EDGE.left + right) / 2}" y="${height - 6}" text-anchor="middle">rate, nats a picture</text>
    <text transform="translate(13 ${(EDGE.top + bottom) / 2}) rotate(-90)" text-anchor="middle">distortion, nats a picture</text>
    <polyline class="test" points="${way(test)}"></polyline><polyline class="mine" points="${way(mine)}"></polyline>
    ${test.map(point => dot(point, 'test')).join('')}${mine.map(point => dot(point, 'mine')).join('')}</svg>`;
  element.firstElementChild.setAttribute(
    'aria-label',
    `Rate against distortion, in nats a picture. Test pictures: ${test.map(words).join('; ')}.` +
      (mine.length ? ` This digit: ${mine.map(words).join('; ')}.` : ''),
  );
}
