/** log p(x) as a line, and bars below it: the ELBO of each q, and the gap that is left. */
import {query} from '../../../../web/page/dom.mjs';
import {gapOf, nats} from './nats.mjs';

/** @typedef {{name: string, label: string, elbo: number}} Bar  nats */

const SPANS = [3, 10, 30, 100, 300, 1000, 3000, 10_000]; // nats that the scale may hold

/** The scale that holds all gaps, in nats. @param {number} logP @param {Bar[]} bars */
export function spanOf(logP, bars) {
  const most = Math.max(...bars.map(({elbo}) => logP - elbo));
  return SPANS.find(span => span >= most * 1.02) ?? SPANS[SPANS.length - 1];
}

const row = (/** @type {Bar} */ {name, label}) => `<div class="row ${name}"><span class="label">${label}</span>
  <span class="track"><i class="elbo"></i><i class="gap"></i></span><span class="words"></span></div>`;

/**
 * @param {HTMLElement} element  made new only where the bars are others, so that dragging lays nothing out anew
 * @param {number} logP @param {Bar[]} bars
 */
export function showBound(element, logP, bars) {
  const span = spanOf(logP, bars);
  const names = bars.map(({name}) => name).join();
  if (element.dataset.names !== names) {
    element.dataset.names = names;
    element.innerHTML = `<p class="top"><b></b></p>${bars.map(row).join('')}<p class="scale"></p>`;
  }
  query(element, '.top b').textContent = `log p(x) = ${nats(logP)} nats`;
  for (const {name, elbo} of bars) {
    const share = Math.min(1, Math.max(0, logP - elbo) / span);
    query(element, `.row.${name} .elbo`).style.scale = `${1 - share} 1`;
    query(element, `.row.${name} .gap`).style.scale = `${share} 1`;
    query(element, `.row.${name} .words`).textContent = `ELBO ${nats(elbo)}, gap ${gapOf(logP - elbo)}`;
  }
  query(element, '.scale').textContent =
    `The track is ${span.toLocaleString('en')} nats long and ends at log p(x); hatched is what is missing.`;
}
