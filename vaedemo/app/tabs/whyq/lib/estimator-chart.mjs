/** log p(x) from N throws, with what N throws can miss: of the prior, and of q with weights. N on a log scale. */

const NS = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000];
const REDRAWN = 200;
const EDGE = {left: 58, right: 16, top: 12, bottom: 40};
const HEIGHT = 230;
const BELOW = 30;
const ABOVE = 4; // nats around the line that are shown
const NARROW = 460; // a chart of fewer CSS pixels names every second N

/**
 * @typedef {{n: number, low: number, middle: number, high: number}} Estimate  nats: where eight in ten estimates fall
 * @typedef {{prior: Estimate[], q: Estimate[], exact: number | null, line: number}} Shown
 *   line: log p(x), where it is known `exact`ly, else the best estimate
 * @typedef {{width: number, right: number, bottom: number, low: number, most: number, x: (n: number) => number,
 *   y: (value: number) => number}} Scales  low: the least nats that are shown; most: log10 of the largest N
 */

/**
 * The logarithm of the mean of n weights, n drawn anew from all that were thrown (the bootstrap; Efron 1979).
 * @param {number[]} logWeights @param {() => number} [random] @returns {Estimate[]}
 */
export function estimates(logWeights, random = Math.random) {
  const top = Math.max(...logWeights);
  const weights = logWeights.map(value => Math.exp(value - top));
  const total = weights.length;
  return NS.filter(n => n <= total).map(n => {
    const found = Array.from({length: n === 1 ? 4 * REDRAWN : REDRAWN}, () => {
      let sum = 0;
      let most = -Infinity;
      for (let i = 0; i < n; i++) {
        const k = Math.floor(random() * total);
        sum += weights[k];
        if (logWeights[k] > most) most = logWeights[k];
      }
      return sum > 0 ? top + Math.log(sum / n) : most - Math.log(n); // so far below that nothing is left of the sum
    }).sort((a, b) => a - b);
    const at = (/** @type {number} */ part) => found[Math.floor(part * (found.length - 1))];
    return {n, low: at(0.1), middle: at(0.5), high: at(0.9)};
  });
}

/** @param {number} width  CSS pixels @param {Shown} shown @returns {Scales} */
function scales(width, {prior, q, line}) {
  const right = width - EDGE.right;
  const bottom = HEIGHT - EDGE.bottom;
  const most = Math.log10(Math.max(1000, ...[...prior, ...q].map(({n}) => n)));
  const low = line - BELOW;
  const high = line + ABOVE;
  return {
    width,
    right,
    bottom,
    low,
    most,
    x: n => EDGE.left + 12 + (Math.log10(n) / most) * (right - EDGE.left - 24),
    y: value => bottom - ((Math.max(low, Math.min(high, value)) - low) / (high - low)) * (bottom - EDGE.top),
  };
}

/**
 * A middle's sign: an arrow where it is below the chart, a circle of q, a diamond of the prior.
 * @param {'prior' | 'q'} name
 * @param {Scales} by
 * @param {number} middle  nats
 * @param {number} at  CSS pixels from the left
 */
function sign(name, {low, bottom, y}, middle, at) {
  if (middle < low) return `<path d="M${at - 5} ${bottom - 9}h10l-5 8Z"></path>`;
  if (name === 'q') return `<circle cx="${at}" cy="${y(middle)}" r="5"></circle>`;
  return `<path d="M${at} ${y(middle) - 6}l6 6l-6 6l-6-6Z"></path>`;
}

/** @param {'prior' | 'q'} name @param {Scales} by @param {Estimate} estimate @param {number} shift  CSS pixels */
function mark(name, by, {n, low, middle, high}, shift) {
  const at = by.x(n) + shift;
  const words =
    `N = ${n.toLocaleString('en')}: ${middle.toFixed(1)} nats, ` +
    `eight in ten between ${low.toFixed(1)} and ${high.toFixed(1)}`;
  return `<g class="${name}"><title>${words}</title>
    <path class="bar" d="M${at} ${by.y(low)}V${by.y(high)}"></path>${sign(name, by, middle, at)}</g>`;
}

/** The axes, the line, and their numbers. @param {Scales} by @param {number} line */
function frame({width, right, bottom, most, x, y}, line) {
  const steps = [0, 10, 20, 30].map(below => line - below);
  const tidy = (/** @type {number} */ value) => value.toFixed(1).replace('-', '−');
  const ns = NS.filter(n => Math.log10(n) <= most).filter((_, i) => width > NARROW || i % 2 === 0);
  const named = (/** @type {number} */ n) =>
    `<text x="${x(n)}" y="${bottom + 18}" text-anchor="middle">${n.toLocaleString('en')}</text>`;
  return `<path class="axis" d="M${EDGE.left} ${EDGE.top}V${bottom}H${right}"></path>
    <path class="line" d="M${EDGE.left} ${y(line)}H${right}"></path>
    ${steps.map(v => `<text x="${EDGE.left - 6}" y="${y(v) + 4}" text-anchor="end">${tidy(v)}</text>`).join('')}
    ${ns.map(named).join('')}
    <text x="${(EDGE.left + right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">N throws</text>`;
}

/** What a screen reader says of the chart. @param {Shown} shown */
function label({prior, q, exact, line}) {
  const told = (/** @type {Estimate[]} */ some) =>
    some.map(({n, middle}) => `${n}: ${middle.toFixed(1)}`).join(', ') || 'none yet';
  return (
    `log p(x), ${exact === null ? 'by the most throws' : 'exactly'} ${line.toFixed(1)} nats. ` +
    `Estimates by throws from the prior: ${told(prior)}. From q: ${told(q)}.`
  );
}

/** @param {HTMLElement} element @param {Shown} shown */
export function plot(element, shown) {
  const width = Math.max(280, element.clientWidth);
  const by = scales(width, shown);
  element.innerHTML = `<svg width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" role="img">
    ${frame(by, shown.line)}
    ${shown.prior.map(one => mark('prior', by, one, -4)).join('')}
    ${shown.q.map(one => mark('q', by, one, 4)).join('')}</svg>`;
  element.firstElementChild?.setAttribute('aria-label', label(shown));
}
