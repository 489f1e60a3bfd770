/** log p(x) from N throws, with what N throws can miss: of the prior, and of q with weights. N on a log scale. */

const NS = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000];
const REDRAWN = 200;
const EDGE = {left: 58, right: 16, top: 12, bottom: 40};
const HEIGHT = 230;
const BELOW = 30;
const ABOVE = 4; // nats around the line that are shown

/**
 * @typedef {{n: number, low: number, middle: number, high: number}} Estimate  nats: where eight in ten estimates fall
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
    const at = part => found[Math.floor(part * (found.length - 1))];
    return {n, low: at(0.1), middle: at(0.5), high: at(0.9)};
  });
}

/**
 * @param {HTMLElement} element @param {{prior: Estimate[], q: Estimate[], exact: number | null, line: number}} shown
 *   line: log p(x), where it is known `exact`ly, else the best estimate
 */
export function plot(element, {prior, q, exact, line}) {
  const width = Math.max(280, element.clientWidth);
  const right = width - EDGE.right;
  const bottom = HEIGHT - EDGE.bottom;
  const most = Math.log10(Math.max(1000, ...prior.map(({n}) => n), ...q.map(({n}) => n)));
  const x = n => EDGE.left + 12 + (Math.log10(n) / most) * (right - EDGE.left - 24);
  const low = line - BELOW;
  const high = line + ABOVE;
  const y = value => bottom - ((Math.max(low, Math.min(high, value)) - low) / (high - low)) * (bottom - EDGE.top);
  const mark = (name, {n, low: from, middle, high: to}, shift) => {
    const at = x(n) + shift;
    const below = middle < low;
    const words = `N = ${n.toLocaleString('en')}: ${middle.toFixed(1)} nats, eight in ten between ${from.toFixed(1)} and ${to.toFixed(1)}`;
    const shape = below
      ? `<path d="M${at - 5} ${bottom - 9}h10l-5 8Z"></path>`
      : name === 'q'
        ? `<circle cx="${at}" cy="${y(middle)}" r="5"></circle>`
        : `<path d="M${at} ${y(middle) - 6}l6 6l-6 6l-6-6Z"></path>`;
    return `<g class="${name}"><title>${words}</title><path class="bar" d="M${at} ${y(from)}V${y(to)}"></path>${shape}</g>`;
  };
  const steps = [0, 10, 20, 30].map(below => line - below);
  const tidy = value => value.toFixed(1).replace('-', '−');
  element.innerHTML = `<svg width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" role="img">
    <path class="axis" d="M${EDGE.left} ${EDGE.top}V${bottom}H${right}"></path>
    <path class="line" d="M${EDGE.left} ${y(line)}H${right}"></path>
    ${steps.map(value => `<text x="${EDGE.left - 6}" y="${y(value) + 4}" text-anchor="end">${tidy(value)}</text>`).join('')}
    ${NS.filter(n => Math.log10(n) <= most)
      .filter((_, i) => width > 460 || i % 2 === 0)
      .map(n => `<text x="${x(n)}" y="${bottom + 18}" text-anchor="middle">${n.toLocaleString('en')}</text>`)
      .join('')}
    <text x="${(EDGE.left + right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">N throws</text>
    ${prior.map(one => mark('prior', one, -4)).join('')}${q.map(one => mark('q', one, 4)).join('')}</svg>`;
  const say = list => list.map(({n, middle}) => `${n}: ${middle.toFixed(1)}`).join(', ');
  element.firstElementChild.setAttribute(
    'aria-label',
    `log p(x), ${exact === null ? 'by the most throws' : 'exactly'} ${line.toFixed(1)} nats. ` +
      `Estimates by throws from the prior: ${say(prior) || 'none yet'}. From q: ${say(q) || 'none yet'}.`,
  );
}
