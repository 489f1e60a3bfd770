/** Rate against distortion: what models of several betas pay on average, and what they pay for one digit. */

const TALL = 400; // the height in pixels
const SMALL = 300; // the same on a phone
const PHONE = 480; // the width below which it is a phone
const NARROWEST = 300;
const EDGE = {left: 52, right: 18, top: 16, bottom: 46};
const FAR = 2.5; // the largest rate, in parts of the second: beyond, the axis is broken
const BREAK = 0.82; // of the width, where it is

/**
 * @typedef {{beta: number, label: string, rate: number, distortion: number}} Point  in nats
 * @typedef {{test: Point[], mine: Point[], beta: number}} Shown
 *   test: averages over test pictures; mine: of one digit; beta: of the lines of equal cost
 * @typedef {ReturnType<typeof axes>} Axes
 */

/** A round number near `rough`, not below: 1, 2 or 5 times a power of ten. @param {number} rough */
export function round(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find(step => step * power >= rough);
}

/** All multiples of `step` in [from, to]. @param {number} from @param {number} to @param {number} step */
export function multiples(from, to, step) {
  const first = Math.ceil(from / step);
  const count = Math.floor((to - first * step) / step + 1e-6) + 1;
  return Array.from({length: count}, (_, i) => (first + i) * step);
}

/** Of some points, the one with the least distortion + beta * rate. @param {Point[]} points @param {number} beta */
export const cheapest = (points, beta) =>
  points.reduce((best, next) => (cost(next, beta) < cost(best, beta) ? next : best));

/** @param {Point} point @param {number} beta */
export const cost = ({rate, distortion}, beta) => distortion + beta * rate;

/**
 * The chart's axes in pixels. Where one rate is far larger than the others, the axis of rates is broken at the `knee`.
 * @param {Shown} shown
 * @param {number} width
 */
export function axes({test, mine}, width) {
  const height = width < PHONE ? SMALL : TALL;
  const all = [...test, ...mine];
  const right = width - EDGE.right;
  const bottom = height - EDGE.bottom;
  const rates = (test.length ? test : mine).map(({rate}) => rate).sort((a, b) => b - a);
  const most = Math.max(...all.map(({rate}) => rate)) * 1.06;
  const isBroken = rates.length > 1 && rates[0] > FAR * rates[1];
  const knee = isBroken ? 1.3 * rates[1] : most;
  const knot = EDGE.left + (isBroken ? BREAK : 1) * (right - EDGE.left);
  const distortions = all.map(({distortion}) => distortion);
  const room = 0.12 * (Math.max(...distortions) - Math.min(...distortions)) + 4;
  const low = Math.min(...distortions) - room;
  const high = Math.max(...distortions) + room;
  return {
    width,
    height,
    right,
    bottom,
    knee, // the rate where the axis is broken
    knot, // where that is
    isBroken,
    largest: rates[0],
    low,
    high,
    /** @param {number} rate */
    x: rate =>
      rate <= knee
        ? EDGE.left + (rate / knee) * (knot - EDGE.left)
        : knot + ((rate - knee) / (most - knee)) * (right - knot),
    /** @param {number} distortion */
    y: distortion => bottom - ((distortion - low) / (high - low)) * (bottom - EDGE.top),
  };
}

/**
 * Draws the chart into `element`, as wide as that is.
 * @param {HTMLElement} element
 * @param {Shown} shown
 */
export function draw(element, shown) {
  const {test, mine} = shown;
  if (!test.length && !mine.length) {
    element.replaceChildren();
    return;
  }
  const at = axes(shown, Math.max(NARROWEST, element.clientWidth));
  element.innerHTML = `
  <svg width="${at.width}" height="${at.height}" viewBox="0 0 ${at.width} ${at.height}" role="img">
    ${equalCosts(at, shown)}
    ${ruler(at)}
    <polyline class="test" points="${path(at, test)}"></polyline>
    <polyline class="mine" points="${path(at, mine)}"></polyline>
    ${test.map(point => dot(at, point, shown.beta, true)).join('')}
    ${mine.map(point => dot(at, point, shown.beta, false)).join('')}
  </svg>`;
  const ofMine = mine.length ? ` This digit: ${mine.map(words).join('; ')}.` : '';
  element.firstElementChild.setAttribute(
    'aria-label',
    `Rate against distortion, in nats a picture. Test pictures: ${test.map(words).join('; ')}.${ofMine}`,
  );
}

/** @param {Point} point */
const words = ({beta, rate, distortion}) =>
  `beta ${beta}: rate ${rate.toFixed(1)}, distortion ${distortion.toFixed(1)}`;

/** @param {Axes} at @param {Point[]} points */
const path = ({x, y}, points) =>
  points.map(({rate, distortion}) => `${x(rate).toFixed(1)},${y(distortion).toFixed(1)}`).join(' ');

/** The lines along which the cost is the same; the one that touches the cheapest model is marked. */
function equalCosts({x, y, knee, knot, low, high, bottom}, {test, beta}) {
  const line = total => `M${x(0)} ${y(total)}L${x(knee)} ${y(total - beta * knee)}`;
  const gap = round(((high - low) / 7) * Math.max(1, (beta * knee) / (high - low) / 1.5));
  const lines = multiples(low, high + beta * knee, gap).map(total => `<path d="${line(total)}"></path>`);
  if (test.length) lines.push(`<path class="best" d="${line(cost(cheapest(test, beta), beta))}"></path>`);
  return `
    <clipPath id="vd-tradeoff">
      <rect x="${EDGE.left}" y="${EDGE.top}" width="${knot - EDGE.left}" height="${bottom - EDGE.top}"></rect>
    </clipPath>
    <g class="equal" clip-path="url(#vd-tradeoff)">${lines.join('')}</g>`;
}

/** Both axes, their ticks and names. @param {Axes} at */
function ruler(at) {
  const {width, height, x, y, right, bottom, knee, knot, isBroken, largest, low, high} = at;
  const rates = multiples(0, knee, round(knee / (width < PHONE ? 4 : 8)));
  const distortions = multiples(low, high, round((high - low) / 6));
  const tick = (rate, text) => `<text x="${x(rate)}" y="${bottom + 18}" text-anchor="middle">${text}</text>`;
  const ends = isBroken
    ? `${knot - 6}M${knot + 4} ${bottom}H${right}M${knot - 9} ${bottom + 7}l6-14M${knot + 1} ${bottom + 7}l6-14`
    : right;
  const middle = (EDGE.top + bottom) / 2;
  return `
    <path class="axis" d="M${EDGE.left} ${EDGE.top}V${bottom}H${ends}"></path>
    ${rates.map(rate => tick(rate, rate)).join('')}
    ${isBroken ? tick(largest, largest.toFixed(0)) : ''}
    ${distortions
      .map(value => `<text x="${EDGE.left - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text>`)
      .join('')}
    <text x="${(EDGE.left + right) / 2}" y="${height - 6}" text-anchor="middle">rate, nats a picture</text>
    <text transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle">distortion, nats a picture</text>`;
}

/**
 * A circle for an average, a diamond for the digit, and its beta beside it.
 * @param {Axes} at @param {Point} point @param {number} beta @param {boolean} isTest
 */
function dot({x, y}, point, beta, isTest) {
  const {label, rate, distortion} = point;
  const rightward = isTest || x(rate) < EDGE.left + 30; // not over the axis
  const place = `translate(${x(rate).toFixed(1)} ${y(distortion).toFixed(1)})`;
  const name = `${isTest ? 'test' : 'mine'}${point.beta === beta ? ' here' : ''}`;
  return `
    <g class="${name}" data-beta="${point.beta}" transform="${place}">
      <title>β = ${label}: rate ${rate.toFixed(1)}, distortion ${distortion.toFixed(1)} nats</title>
      ${isTest ? '<circle r="6"></circle>' : '<path d="M0-7L7 0L0 7L-7 0Z"></path>'}
      <text x="${rightward ? 9 : -9}" y="${isTest ? -9 : 15}"
        text-anchor="${rightward ? 'start' : 'end'}">${label}</text>
    </g>`;
}
