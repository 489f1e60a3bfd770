/**
 * Latents against factors: a table whose cells are buttons. Arrow keys walk it; pointing at a cell tells what it
 * holds.
 */
import {around, dom, queryAll} from '../../../../web/page/dom.mjs';
import {DEAD} from '../../../../web/ui/sliders.mjs';

const STRONG = 0.9; // from this share on the ground is too dark for dark letters
const BROKEN = {orientation: 'orien\u00adtation'}; // where a narrow column may break a long name
const LABEL = "Mutual information of each latent with each factor, in parts of the factor's entropy";

/**
 * @typedef {{share: number, latent: number, factor: number}} Cell  share: of the factor's entropy, in [0, 1]
 * @typedef {{information: ArrayLike<number>, kl: ArrayLike<number>, factors: string[]}} Known  information: (Z, F),
 *   row by row
 */

/** How far the best latent leads over the second, for each factor, in parts of its entropy. @param {Known} known */
export const gaps = ({information, kl, factors}) =>
  factors.map((_, f) => {
    const [first, second] = Array.from(kl, (_, d) => information[d * factors.length + f]).sort((a, b) => b - a);
    return first - second;
  });

/** The cell that tells most. @param {Known} known @returns {Cell} */
export function strongest({information, factors}) {
  const at = Array.from(information).reduce((best, share, i, all) => (share > all[best] ? i : best), 0);
  return {share: information[at], latent: Math.floor(at / factors.length), factor: at % factors.length};
}

/** Latents, the one of the largest KL first. @param {ArrayLike<number>} kl */
const byKl = kl => Array.from(kl, (_, d) => d).sort((a, b) => kl[b] - kl[a]);

/**
 * @param {HTMLElement} place @param {Known} known
 * @param {{onPoint: (cell: Cell) => void, onChoose: (cell: Cell) => void}} listeners
 * @returns {(cell: Cell) => void}  marks a cell as the chosen one
 */
export function heatmap(place, known, {onPoint, onChoose}) {
  const {information, factors} = known;
  const table = dom(tableOf(known));
  place.replaceChildren(table);
  const buttons = queryAll(table, 'button', HTMLButtonElement);

  /** The cell at a button. @param {HTMLButtonElement} button @returns {Cell} */
  function cellOf({dataset}) {
    const [latent, factor] = [Number(dataset.latent), Number(dataset.factor)];
    return {latent, factor, share: information[latent * factors.length + factor]};
  }

  /** @param {string} kind  of event @param {(cell: Cell) => void} listener */
  function on(kind, listener) {
    table.addEventListener(kind, event => {
      const button = around(event, 'button', HTMLButtonElement);
      if (button) listener(cellOf(button));
    });
  }
  on('pointerover', onPoint);
  on('focusin', onPoint);
  on('click', onChoose);
  table.addEventListener('keydown', event => walk(event, buttons, factors.length));

  return ({latent, factor}) => {
    for (const button of buttons) {
      const cell = cellOf(button);
      const isChosen = cell.latent === latent && cell.factor === factor;
      button.setAttribute('aria-pressed', String(isChosen));
      button.tabIndex = isChosen ? 0 : -1; // one way in; the arrow keys do the rest
    }
  };
}

/**
 * Arrow keys go from cell to cell.
 * @param {KeyboardEvent} event
 * @param {HTMLButtonElement[]} buttons
 * @param {number} columns
 */
function walk(event, buttons, columns) {
  const step = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns}[event.key];
  const at = buttons.indexOf(around(event, 'button', HTMLButtonElement));
  if (!step || at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation(); // the presenter's arrows turn stops
  const leavesRow = Math.abs(step) === 1 && Math.floor((at + step) / columns) !== Math.floor(at / columns);
  if (!leavesRow) buttons[at + step]?.focus();
}

/** @param {Known} known */
function tableOf({information, kl, factors}) {
  const order = byKl(kl);
  const share = (d, f) => information[d * factors.length + f];
  const best = factors.map((_, f) => order.reduce((top, d) => (share(d, f) > share(top, f) ? d : top)));
  const cell = (d, f) => cellHtml({latent: d, factor: f, share: share(d, f)}, factors[f], best[f] === d);
  const row = d => `
    <tr role="row" class="${kl[d] < DEAD ? 'dead' : ''}">
      <th role="rowheader" scope="row">z${d} <span>${kl[d] < DEAD ? 'dead' : `${kl[d].toFixed(1)} nats`}</span></th>
      ${factors.map((_, f) => cell(d, f)).join('')}
    </tr>`;
  const heads = factors.map(name => `<th role="columnheader" scope="col">${BROKEN[name] ?? name}</th>`);
  const leads = gaps({information, kl, factors}).map(gap => `<td role="gridcell">${gap.toFixed(2)}</td>`);
  return `
  <table class="vd-heat" role="grid" aria-label="${LABEL}">
    <thead><tr role="row"><th role="columnheader">latent, its KL</th>${heads.join('')}</tr></thead>
    <tbody>${order.map(row).join('')}</tbody>
    <tfoot><tr role="row"><th role="rowheader" scope="row">lead</th>${leads.join('')}</tr></tfoot>
  </table>`;
}

/** @param {Cell} cell @param {string} factor  its name @param {boolean} isBest  of its column */
function cellHtml({latent, factor: f, share}, factor, isBest) {
  const words = `z${latent} tells ${share.toFixed(2)} of the ${factor}'s entropy`;
  const name = `${share >= STRONG ? 'strong' : ''} ${isBest ? 'best' : ''}`;
  return `
    <td role="gridcell">
      <button type="button" tabindex="-1" class="${name}" data-latent="${latent}" data-factor="${f}"
        aria-label="${words}" style="--share: ${(100 * share).toFixed(0)}%"
        >${share.toFixed(2).replace(/^0/, '<i>0</i>')}</button>
    </td>`;
}
