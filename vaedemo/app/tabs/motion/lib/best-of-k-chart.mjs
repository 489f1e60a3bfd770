/** A plot of several methods' least errors of K answers against K, on a log scale. */

const EDGE = {left: 46, right: 118, top: 14, bottom: 44};
const HEIGHT = 320;
const NARROW = 480;
const ROOM = 15; // ROOM: pixels that a label wants

/**
 * @typedef {{name: string, words: string, ours?: boolean, color: string, points: {k: number, value: number}[]}}
 *   Series
 */

/**
 * Draws into `element`, as wide as it is.
 * @param {HTMLElement} element
 * @param {Series[]} series
 * @param {string} unit
 */
export function plot(element, series, unit) {
  const width = Math.max(280, element.clientWidth);
  const edge = width < NARROW ? {...EDGE, right: 92} : EDGE;
  const right = width - edge.right;
  const bottom = HEIGHT - edge.bottom;
  const ks = [...new Set(series.flatMap(({points}) => points.map(({k}) => k)))].sort((a, b) => a - b);
  const values = series.flatMap(({points}) => points.map(({value}) => value));
  const most = Math.log(Math.max(2, ks.at(-1)));
  const high = 1.05 * Math.max(...values);
  const low = Math.max(0, Math.min(...values) - 0.25 * (Math.max(...values) - Math.min(...values)) - 0.02);
  const x = k => edge.left + (Math.log(k) / most) * (right - edge.left);
  const y = value => bottom - ((value - low) / (high - low)) * (bottom - edge.top);
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10].find(size => (high - low) / size <= 6) ?? 20;
  const lines = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) lines.push(value);
  const ends = series.map(({points}) => y(points.at(-1).value));
  const order = [...series.keys()].sort((a, b) => ends[a] - ends[b]);
  const labels = [...ends];
  order.forEach((i, n) => {
    if (n) labels[i] = Math.max(labels[i], labels[order[n - 1]] + ROOM);
  });
  element.innerHTML = `<svg width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" role="img">
    ${lines.map(value => `<path class="grid" d="M${edge.left} ${y(value)}H${right}"></path><text x="${edge.left - 7}" y="${y(value) + 4}" text-anchor="end">${value.toFixed(step < 0.1 ? 2 : step < 1 ? 1 : 0)}</text>`).join('')}
    <path class="axis" d="M${edge.left} ${edge.top}V${bottom}H${right}"></path>
    ${ks
      .filter((k, i) => i === ks.length - 1 || x(ks[i + 1]) - x(k) > (k > 9 ? 2 : 1) * ROOM)
      .map(k => `<text x="${x(k)}" y="${bottom + 18}" text-anchor="middle">${k}</text>`)
      .join('')}
    <text x="${(edge.left + right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">K answers, of which the best counts</text>
    ${series
      .map(
        (
          {name, ours, color, points},
          i,
        ) => `<g class="${ours ? 'ours' : ''}" data-series="${name}" style="--series: ${color}">
      <polyline points="${points.map(({k, value}) => `${x(k).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}"></polyline>
      ${points.map(({k, value}) => mark(i, x(k), y(value), `K = ${k}: ${value.toFixed(3)} ${unit}`)).join('')}
      <text x="${right + 10}" y="${labels[i] + 4}"></text></g>`,
      )
      .join('')}</svg>`;
  series.forEach(({words}, i) => {
    element.querySelectorAll('svg > g > text')[i].textContent = words;
  });
  element.firstElementChild.setAttribute(
    'aria-label',
    series
      .map(
        ({words, points}) =>
          `${words}: ${points.map(({k, value}) => `best of ${k} ${value.toFixed(3)}`).join(', ')} ${unit}`,
      )
      .join('; '),
  );
}

/** A sign of its own for each method. */
function mark(i, x, y, words) {
  const shape = [
    `<circle cx="${x}" cy="${y}" r="5"></circle>`,
    `<path d="M${x} ${y - 6}l6 6l-6 6l-6-6Z"></path>`,
    `<path d="M${x - 5} ${y + 4}h10l-5-9Z"></path>`,
    `<path d="M${x - 4} ${y - 4}h8v8h-8Z"></path>`,
  ];
  return shape[i % 4].replace('></', `><title>${words}</title></`);
}
