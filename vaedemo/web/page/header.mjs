/** The header, and what the page as a whole listens to: tabs, links, sliders under a thumb, files that are dropped. */
import {ROOT} from '../engine/root.mjs';
import * as address from './url-state.mjs';
import {around, query} from './dom.mjs';
import {copyLink, say} from './share-link.mjs';
import {followTabs} from './tab-routing.mjs';
import {guardSliders} from './touch-guard.mjs';
import {Tour} from './tour.mjs';

/** @param {HTMLElement} element  the header's gr.HTML */
export async function mount(element) {
  // The notes are a page of their own, which needs no tabs.
  if (address.get('notes') !== null) location.replace(`${ROOT}vaedemo/web/notes.html`);
  const opener = query(element, '[data-act="tour"]');
  const tour = new Tour(opener);
  const unanswered = () => say(opener, 'The server does not answer', 3000);

  element.addEventListener('click', event => {
    const pressed = around(event, '[data-act]');
    if (pressed?.dataset.act === 'copy') copyLink(pressed);
    if (pressed?.dataset.act === 'tour') tour.open().catch(unanswered);
  });
  addStyles('tour.css', 'forced-colors.css');

  followTabs().catch(() => {}); // a page whose tabs cannot be followed is shown as it is
  guardSliders();
  address.refuseUnknown();
  address.onIgnored(keys => {
    query(element, '[data-part="ignored"]').textContent =
      `This link's ${keys.join(', ')} could not be used; the page shows its own start instead.`;
  });
  // A file that is dropped beside the boxes for it must not take the place of the page.
  for (const name of ['dragover', 'drop']) window.addEventListener(name, event => event.preventDefault());
  await tour.begin().catch(unanswered);
}

/** By itself: in what Gradio loads, a media query's rules reach only what lies inside its own container. */
function addStyles(/** @type {string[]} */ ...names) {
  for (const name of names) {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = `${ROOT}vaedemo/web/page/${name}`;
    document.head.append(link);
  }
}
