/**
 * Latents against factors: a table whose cells are buttons. Arrow keys walk it; pointing at a cell tells what it
 * holds.
 */
import {dom} from '../../../../web/page/dom.mjs';
import {DEAD} from '../../../../web/ui/sliders.mjs';

const STRONG = 0.9; // from this share on the ground is too dark for dark letters
const BROKEN = {orientation: 'orien\u00adtation'}; // where a narrow column may break a long name

/**
 * @typedef {{share: number, latent: number, factor: number}} Cell  share: of the factor's entropy, in [0, 1]
 * @typedef {{information: ArrayLike<number>, kl: ArrayLike<number>, factors: string[]}} Known  information: (Z, F),
 *   row by row
 */

/** Latents, the one of the largest KL first. @param {ArrayLike<number>} kl */
const byRate = kl => Array.from(kl, (_, d) => d).sort((a, b) => kl[b] - kl[a]);

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

/**
 * @param {HTMLElement} place @param {Known} known
 * @param {{onPoint: (cell: Cell) => void, onChoose: (cell: Cell) => void}} hears
 * @returns {(cell: Cell) => void}  marks a cell as the chosen one
 */
export function heatmap(place, known, {onPoint, onChoose}) {
  const {information, kl, factors} = known;
  const order = byRate(kl);
  const share = (d, f) => information[d * factors.length + f];
  const best = factors.map((_, f) => order.reduce((top, d) => (share(d, f) > share(top, f) ? d : top)));
  const cell = (d, f) => {
    const value = share(d, f);
    const words = `z${d} tells ${value.toFixed(2)} of the ${factors[f]}'s entropy`;
    return `<td role="gridcell"><button type="button" tabindex="-1" data-latent="${d}" data-factor="${f}" aria-label="${words}" style="--share: ${(100 * value).toFixed(0)}%"
      class="${value >= STRONG ? 'strong' : ''} ${best[f] === d ? 'best' : ''}">${value.toFixed(2).replace(/^0/, '<i>0</i>')}</button></td>`;
  };
  const row = d =>
    `<tr role="row" class="${kl[d] < DEAD ? 'dead' : ''}"><th role="rowheader" scope="row">z${d} <span>${kl[d] < DEAD ? 'dead' : `${kl[d].toFixed(1)} nats`}</span></th>${factors.map((_, f) => cell(d, f)).join('')}</tr>`;
  const table =
    dom(`<table class="vd-heat" role="grid" aria-label="Mutual information of each latent with each factor, in parts of the factor's entropy">
    <thead><tr role="row"><th role="columnheader">latent, its KL</th>${factors.map(name => `<th role="columnheader" scope="col">${BROKEN[name] ?? name}</th>`).join('')}</tr></thead>
    <tbody>${order.map(row).join('')}</tbody>
    <tfoot><tr role="row"><th role="rowheader" scope="row">lead</th>${gaps(known)
      .map(gap => `<td role="gridcell">${gap.toFixed(2)}</td>`)
      .join('')}</tr></tfoot></table>`);
  place.replaceChildren(table);
  const buttons = [...table.querySelectorAll('button')];
  const read = ({dataset}) => ({
    latent: +dataset.latent,
    factor: +dataset.factor,
    share: share(+dataset.latent, +dataset.factor),
  });

  for (const kind of ['pointerover', 'focusin'])
    table.addEventListener(kind, ({target}) => target.matches('button') && onPoint(read(target)));
  table.addEventListener('click', ({target}) => target.matches('button') && onChoose(read(target)));
  table.addEventListener('keydown', event => {
    const step = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -factors.length, ArrowDown: factors.length}[event.key];
    const at = buttons.indexOf(event.target);
    const next = buttons[at + step];
    if (!step || at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault(); // the presenter's arrows turn stops
    event.stopPropagation();
    const sideways =
      Math.abs(step) === 1 && Math.floor((at + step) / factors.length) !== Math.floor(at / factors.length);
    if (next && !sideways) next.focus();
  });

  return ({latent, factor}) => {
    for (const button of buttons) {
      const chosen = +button.dataset.latent === latent && +button.dataset.factor === factor;
      button.setAttribute('aria-pressed', String(chosen));
      button.tabIndex = chosen ? 0 : -1; // one way in; the arrow keys do the rest
    }
  };
}
