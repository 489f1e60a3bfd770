/** What a picture costs as bars, and in words. */

const LONGEST = 50; // percent of the width, words beside it

/**
 * @typedef {{distortion: number, rate: number}} Cost  in nats
 * @typedef {Cost & {split: string, n: number}} Metrics  of a model, over test digits; {} where there are none
 */

/** @param {Cost} cost */
export const total = ({distortion, rate}) => distortion + rate;

/** @param {number} nats */
const bits = nats => `${(nats / Math.LN2).toFixed(1)} bits`;

/** @param {number} nats */
const round = nats => Math.round(nats).toLocaleString('en');

/** @param {string} tag @param {string} className @param {string} [text] */
function element(tag, className, text = '') {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** @param {'distortion' | 'rate'} name @param {number} nats @param {number} most */
function part(name, nats, most) {
  const block = element('i', name);
  block.title = `${name}: ${nats.toFixed(1)} nats = ${bits(nats)}`;
  block.style.width = `${(LONGEST * nats) / most}%`;
  return block;
}

/**
 * A stacked bar: distortion, then rate; `most` nats are the longest.
 * @param {HTMLElement} place @param {string} label @param {Cost} cost @param {number} most
 */
export function showBar(place, label, {distortion, rate}, most) {
  place.replaceChildren(
    element('span', 'label', label),
    part('distortion', distortion, most),
    part('rate', rate, most),
    element('span', 'amount', `distortion ${round(distortion)} + `),
    element('span', 'amount rate', `rate ${round(rate)}`),
  );
}

/**
 * The KL of each latent, the largest first.
 * @param {HTMLElement} place
 * @param {HTMLElement} caption
 * @param {number[]} rates
 */
export function showRates(place, caption, rates) {
  const sorted = [...rates.keys()].sort((a, b) => rates[b] - rates[a]);
  const most = Math.max(...rates, 0.01);
  const least = rates[sorted.at(-1)];
  const columns = sorted.map(d => {
    const column = element('i', '');
    column.title = `z${d}: ${rates[d].toFixed(2)} nats = ${bits(rates[d])}`;
    column.style.height = `${(100 * rates[d]) / most}%`;
    return column;
  });
  place.replaceChildren(...columns);
  place.setAttribute(
    'aria-label',
    `KL of ${rates.length} latents, from ${most.toFixed(2)} down to ${least.toFixed(2)} nats`,
  );
  caption.textContent = `KL of each of the ${rates.length} latents, the largest ${most.toFixed(1)} nats`;
}

/** @param {string} name @param {Cost} cost @param {Metrics} test  the model's */
export function sentence(name, cost, test) {
  const words =
    `Under ${name} this picture costs ${round(total(cost))} nats: ${round(cost.distortion)} for its pixels, ` +
    `${round(cost.rate)} for z.`;
  const average = test.distortion + test.rate;
  if (!Number.isFinite(average)) return words;
  const n = test.n.toLocaleString('en');
  return `${words} Digits of the ${test.split} set cost ${round(average)} on average (n = ${n}).`;
}
