/** The lecture's outline: every stop with a thumbnail, in the lecture's chapters; a click leads there. */
import {ROOT} from '../engine/root.mjs';
import * as address from './url-state.mjs';
import {around, dom, query} from './dom.mjs';
import {lasts} from './lecture-clock.mjs';

/** @typedef {import('./tour-events.mjs').Stop} Stop */

const OUTLINE = `
<dialog class="vd-outline" aria-labelledby="vd-outline-title">
  <header>
    <h2 id="vd-outline-title">The lecture</h2>
    <p data-part="length"></p>
    <div class="vd-row">
      <button type="button" class="vd-main" data-act="begin">Begin</button>
      <button type="button" class="vd-quiet" data-act="present"
        title="Large type, and the arrow keys turn the stops">Present</button>
      <button type="button" class="vd-quiet" data-act="notes">Notes</button>
      <button type="button" class="vd-quiet" data-act="close" aria-label="Close the outline">✕</button>
    </div>
  </header>
  <div data-part="chapters"></div>
  <p class="vd-note">Average faces: Lisa DeBruine, CC BY 4.0, some of them changed by a model.
    <a target="_blank" href="${ROOT}vaedemo/web/examples/LICENSES.md">Whose the photographs are</a></p>
</dialog>`;

/**
 * @typedef {object} Ways  what the buttons lead to
 * @property {(index: number) => void} go
 * @property {(index: number) => void} present
 * @property {() => void} notes
 */

/**
 * Opens it over the page.
 * @param {Stop[]} stops
 * @param {number} at  the stop that is shown, and is marked; -1: none
 * @param {Ways} ways
 */
export function openOutline(stops, at, ways) {
  const dialog = dom(OUTLINE, HTMLDialogElement);
  query(dialog, '[data-part="length"]').textContent = `${stops.length} stops, ${lasts(stops) / 60_000} minutes`;
  query(dialog, '[data-part="chapters"]').append(...chapters(stops, at));
  const from = Math.max(0, at);
  if (at > 0) query(dialog, '[data-act="begin"]').textContent = 'Begin again';
  dialog.addEventListener('click', event => {
    const act = around(event, '[data-act]')?.dataset.act;
    const link = around(event, 'a[data-stop]');
    const opensElsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    if (link && !opensElsewhere) {
      event.preventDefault();
      dialog.close();
      ways.go(Number(link.dataset.stop));
    }
    if (act === 'notes') ways.notes();
    else if (act) dialog.close();
    if (act === 'begin') ways.go(0);
    if (act === 'present') ways.present(from);
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    address.set({outline: null});
  });
  document.body.append(dialog);
  dialog.showModal();
  address.set({outline: 1});
  dialog.querySelector('[aria-current]')?.scrollIntoView({block: 'center'});
}

/** @param {Stop[]} stops @param {number} at */
function chapters(stops, at) {
  const names = [...new Set(stops.map(({chapter}) => chapter))];
  return names.map((name, i) => {
    const section = dom('<section><h3></h3><ol></ol></section>');
    query(section, 'h3').textContent = `${i + 1}. ${name}`;
    const cards = stops.flatMap((stop, index) => (stop.chapter === name ? [card(stop, index, index === at)] : []));
    query(section, 'ol').append(...cards);
    return section;
  });
}

/** @param {Stop} stop @param {number} index @param {boolean} isHere */
function card(stop, index, isHere) {
  const item = dom('<li><a><img alt="" loading="lazy" width="240" height="150"><span></span></a></li>');
  const link = query(item, 'a', HTMLAnchorElement);
  link.href = `${ROOT}?stop=${index + 1}`;
  link.dataset.stop = String(index);
  link.title = stop.sentence;
  if (isHere) link.setAttribute('aria-current', 'step');
  query(item, 'img', HTMLImageElement).src = ROOT + stop.picture;
  query(item, 'span').textContent = stop.title;
  return item;
}
