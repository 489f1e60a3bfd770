/** The header: the guided tour through the stops of all tabs, presenter mode, and the link. */
import {ROOT} from '../engine/root.mjs';
import * as address from './url-state.mjs';
import {around, dom, query} from './dom.mjs';
import {request} from './request.mjs';
import {setStop} from './tour-events.mjs';
import {copyLink, say} from './share-link.mjs';
import {leave, show} from './tour-stage.mjs';
import {followTabs} from './tab-routing.mjs';
import {guardSliders} from './touch-guard.mjs';

/** @typedef {import('./tour-events.mjs').Stop} Stop */

const BAR = `
<section class="vd-stops" aria-label="Guided tour">
  <p role="status"><b data-part="title"></b> <span data-part="sentence"></span></p>
  <div class="vd-row">
    <span data-part="place"></span>
    <button type="button" class="vd-quiet" data-act="back" aria-label="Previous stop">←</button>
    <button type="button" class="vd-quiet" data-act="on" aria-label="Next stop">→</button>
    <button type="button" class="vd-quiet" data-act="present" title="Large type, and the arrow keys turn the stops">Present</button>
    <button type="button" class="vd-quiet" data-act="full" title="F" hidden>Full screen</button>
    <button type="button" class="vd-quiet" data-act="close" aria-label="Close the tour" title="Escape">✕</button>
  </div>
</section>`;

const TURNS = {ArrowRight: 1, ArrowLeft: -1, PageDown: 1, PageUp: -1};

/** @param {HTMLElement} element  the header's gr.HTML */
export async function mount(element) {
  const bar = dom(BAR);
  /** @param {string} name */
  const part = name => query(bar, `[data-part="${name}"]`);
  /** @param {string} act */
  const button = act => query(bar, `[data-act="${act}"]`, HTMLButtonElement);
  const presenting = () => document.documentElement.classList.contains('vd-present');
  /** @type {Stop[]} */
  let stops = [];
  let at = -1; // which stop is shown; -1: none
  const opener = query(element, '[data-act="tour"]');
  const unanswered = () => say(opener, 'The server does not answer', 3000);

  element.addEventListener('click', event => {
    const pressed = around(event, '[data-act]');
    if (pressed?.dataset.act === 'copy') copyLink(pressed);
    if (pressed?.dataset.act !== 'tour') return;
    start(Math.max(0, at)).then(() => button('on').focus(), unanswered);
  });
  bar.addEventListener('click', event => {
    const act = around(event, '[data-act]')?.dataset.act;
    if (act === 'back') go(at - 1);
    if (act === 'on') go(at + 1);
    if (act === 'present') present(true);
    if (act === 'full') fullScreen();
    if (act === 'close') close();
  });
  document.addEventListener('keydown', key);
  // By itself: in what Gradio loads, a media query's rules reach only what lies inside its own container.
  document.head.append(
    Object.assign(document.createElement('link'), {rel: 'stylesheet', href: `${ROOT}vaedemo/web/page/tour.css`}),
  );

  followTabs();
  address.refuseUnknown();
  guardSliders();
  address.onIgnored(keys => {
    query(element, '[data-part="ignored"]').textContent =
      `This link's ${keys.join(', ')} could not be used, so the page chose ${keys.length > 1 ? 'them' : 'it'}.`;
  });
  // A file that is dropped beside the boxes for it must not take the place of the page.
  for (const name of ['dragover', 'drop']) window.addEventListener(name, event => event.preventDefault());
  if (address.get('present') !== null) present(true);
  if (presenting() || address.get('stop') !== null) await start().catch(unanswered);

  /** @param {number} [index]  without it, the stop that the link names */
  async function start(index) {
    if (!stops.length) stops = await (await request('stops.json', {purpose: 'tell the stops'})).json();
    const linked = address.whole('stop', 1, stops.length, presenting() ? 1 : 0);
    go(index ?? linked - 1, index === undefined);
  }

  /** @param {number} index @param {boolean} [fromLink] */
  function go(index, fromLink = false) {
    const stop = stops[index];
    if (!stop) return;
    at = index;
    part('title').textContent = stop.title;
    part('sentence').textContent = stop.sentence;
    part('place').textContent = `${at + 1} / ${stops.length}`;
    button('back').setAttribute('aria-disabled', String(at === 0));
    button('on').setAttribute('aria-disabled', String(at === stops.length - 1));
    if (!bar.isConnected) document.body.append(bar);
    document.documentElement.classList.add('vd-touring');
    show(stop, presenting());
    // What a link says of the picture is more than what the stop would begin with.
    const state = new address.UrlState(stop);
    if (!fromLink || !Object.keys(stop.state).some(key => state.given(key))) setStop(stop);
    address.set({stop: at + 1});
  }

  /** @param {boolean} on */
  function present(on) {
    document.documentElement.classList.toggle('vd-present', on);
    button('full').hidden = !on || !document.fullscreenEnabled;
    button('present').hidden = on;
    address.set({present: on ? 1 : null});
    if (at >= 0) show(stops[at], on);
  }

  function close() {
    const stop = stops[at];
    const wasPresenting = presenting();
    if (wasPresenting) present(false);
    if (document.fullscreenElement) document.exitFullscreen();
    bar.remove();
    document.documentElement.classList.remove('vd-touring');
    leave(wasPresenting ? stop : null);
    at = -1;
    address.set({stop: null});
    if (!wasPresenting) opener.focus({preventScroll: true});
  }

  function key(event) {
    if (at < 0 || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector('dialog[open]')) return; // it is on top, and Escape closes it
    if (event.key === 'Escape') close();
    else if (presenting() && TURNS[event.key] && !keeps(event)) go(at + TURNS[event.key]);
    else if (presenting() && event.key.toLowerCase() === 'f' && !typing(event.target)) fullScreen();
    else return;
    event.preventDefault();
  }
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {}); // a frame may forbid it
}

/** @param {Element} target */
const typing = target =>
  target.matches(
    'textarea, [contenteditable], input:not([type=range], [type=checkbox], [type=radio], [type=button])',
  );

/**
 * Whether the control that has the focus uses this key itself. A projector's remote sends Page Up and Down, which few
 * do.
 */
const keeps = ({key, target}) =>
  key.startsWith('Page')
    ? target.matches('textarea, [contenteditable]')
    : target.matches(
        'input, textarea, select, [contenteditable], [role=application], [role=slider], [role=tab], [role=radio], [role=listbox]',
      );
