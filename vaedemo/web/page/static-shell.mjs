/**
 * The tabs and folds of a page without a server, where Gradio is not: a tab is shown when its button is pressed, and a
 * module is mounted when its place first comes into view.
 */
import {keepSeen} from '../engine/keep-offline.mjs';
import {ROOT} from '../engine/root.mjs';
import {around, query, queryAll} from './dom.mjs';

/** @type {Record<string, (at: number, count: number) => number>} */
const STEPS = {
  ArrowLeft: (at, count) => (at + count - 1) % count,
  ArrowRight: (at, count) => (at + 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};
const LOST = 'This part of the page could not be fetched; look whether you are online, then close and open it again.';

const bar = query(document, '[role="tablist"]');
const buttons = queryAll(bar, '[role="tab"]');
const linked = new URLSearchParams(location.search).get('tab');

/** @param {HTMLElement} button */
const panelOf = button => query(document, `#${button.getAttribute('aria-controls')}`);

/** @param {HTMLElement} chosen */
function select(chosen) {
  for (const button of buttons) {
    button.setAttribute('aria-selected', String(button === chosen));
    button.classList.toggle('selected', button === chosen);
    button.tabIndex = button === chosen ? 0 : -1;
    panelOf(button).style.display = button === chosen ? '' : 'none';
  }
  const panel = panelOf(chosen);
  return styled(panel).then(() => mountIn(query(panel, '[data-module]')));
}

performance.setResourceTimingBufferSize(2_000); // keepSeen() reads it

/** The rules of a tab, once. @type {Map<string, Promise<unknown>>} */
const styles = new Map();

/** @param {HTMLElement} panel */
function styled(panel) {
  const {style} = panel.dataset;
  if (!style) return Promise.resolve();
  let loaded = styles.get(style);
  if (!loaded) {
    loaded = new Promise(resolve => {
      const link = Object.assign(document.createElement('link'), {rel: 'stylesheet', href: `${ROOT}${style}`});
      link.onload = link.onerror = resolve;
      document.head.append(link);
    });
    styles.set(style, loaded);
  }
  return loaded;
}

/** Mounts the module of a place, unless it is there. @param {HTMLElement} place */
async function mountIn(place) {
  const {module, tab, fold = null, mounted} = place.dataset;
  if (mounted || !module) return;
  place.dataset.mounted = 'true';
  const found = await import(`${ROOT}${module}`).catch(() => null);
  if (found) return found.mount(place, {tab, fold});
  delete place.dataset.mounted; // the next opening tries again
  place.querySelector('[data-mount]')?.replaceChildren(LOST);
}

/** What the lecture says, once. @param {HTMLElement} place */
async function tell(place) {
  const {lecture} = place.dataset;
  if (!lecture || place.childElementCount) return;
  const answer = await fetch(`${ROOT}${lecture}`).catch(() => null);
  place.innerHTML = answer?.ok ? await answer.text() : `<p>${LOST}</p>`; // of our own files
}

bar.addEventListener('click', event => {
  const button = around(event, '[role="tab"]');
  if (button) select(button);
});
bar.addEventListener('keydown', event => {
  const step = STEPS[event.key];
  const button = around(event, '[role="tab"]');
  if (!step || !button || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const next = buttons[step(buttons.indexOf(button), buttons.length)];
  next.focus();
  next.click();
});
document.addEventListener(
  'toggle',
  ({target}) => {
    if (!(target instanceof HTMLDetailsElement) || !target.open) return;
    for (const place of queryAll(target, ':scope > .vd-within [data-module]')) mountIn(place);
    for (const place of queryAll(target, ':scope > [data-lecture]')) tell(place);
  },
  {capture: true},
);

const opened = select(buttons.find(button => button.id === `tab-${linked}-button`) ?? buttons[0]);
mountIn(query(document, '.vd-top'));
await opened; // what a service worker fetches to keep comes after what is seen
keepWhatIsSeen().catch(() => {}); // plain http on a network has no service workers

async function keepWhatIsSeen() {
  const {serviceWorker} = navigator;
  if (!serviceWorker) return;
  await serviceWorker.register(`${ROOT}service-worker.js`);
  if (!serviceWorker.controller) serviceWorker.addEventListener('controllerchange', keepSeen, {once: true});
}
