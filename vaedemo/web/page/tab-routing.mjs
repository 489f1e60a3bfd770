/** The open tab and its open folds, in the address: a link opens where it was copied. */
import * as address from './url-state.mjs';
import {foldNames, isOpen, setOpen, shownPanel, tabNames} from './shell.mjs';
import {openTab} from './tour-stage.mjs';

/** Opens the tab and the folds that the link names, then follows what is opened. */
export async function followTabs() {
  const names = tabNames();
  const linked = address.choice('tab', names);
  const known = foldNames(linked);
  const wanted = (address.get('open') ?? '').split(',').filter(Boolean);
  if (wanted.some(name => !known.includes(name))) address.refuse('open');
  let settled = false;
  // Gradio tells nobody which tab or fold it shows; what is hidden has no box. It may be busy with the press itself.
  const note = (/** @type {Event} */ event) => {
    if (settled || event.isTrusted) setTimeout(() => keep(names), 100);
  };
  // The whole page is heard: the header may be there before the tabs are.
  for (const hand of ['click', 'keyup']) document.addEventListener(hand, note);
  if (address.get('stop') === null) {
    if (linked !== names[0]) await openTab(linked);
    bringIntoView(linked);
    await openFolds(wanted.filter(name => known.includes(name)).map(name => `fold-${linked}-${name}`));
  }
  settled = true;
}

/**
 * Gradio, which builds a tab at its first visit, closes a fold again that was opened before it was done: they are
 * opened for two seconds, unless the visitor's hand comes first.
 * @param {string[]} ids
 */
async function openFolds(ids) {
  let touched = false;
  const stop = () => {
    touched = true;
  };
  for (const hand of ['pointerdown', 'keydown']) addEventListener(hand, stop, {once: true, capture: true});
  for (let tries = 0; ids.length && tries < 40 && !touched; tries++) {
    for (const id of ids) {
      const fold = document.getElementById(id);
      if (fold) setOpen(fold, true);
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

/** @param {string[]} names  of the tabs */
function keep(names) {
  const tab = names.find(name => shownPanel(name)?.offsetParent);
  if (!tab) return;
  bringIntoView(tab);
  const prefix = `fold-${tab}-`;
  const open = [...document.querySelectorAll(`[id^="${prefix}"]`)]
    .filter(isOpen)
    .map(fold => fold.id.slice(prefix.length))
    .join();
  const kept = {tab: tab === names[0] ? null : tab, open: open || null};
  if (kept.tab !== address.get('tab') || kept.open !== address.get('open')) address.set(kept);
}

/**
 * Where the bar of tabs is too narrow it scrolls: the open tab comes to its middle, so that its neighbours invite. The
 * page itself stays where it is; scrollIntoView() would take whoever presses a button far below up to the bar.
 * @param {string} tab
 */
function bringIntoView(tab) {
  const button = document.getElementById(`tab-${tab}-button`);
  const bar = button?.closest('.tab-wrapper');
  if (!button || !bar) return;
  const place = button.getBoundingClientRect();
  const room = bar.getBoundingClientRect();
  bar.scrollLeft += place.left + place.width / 2 - room.left - room.width / 2;
}
