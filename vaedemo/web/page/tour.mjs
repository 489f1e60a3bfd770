/** The guided tour through the stops of all tabs, and presenter mode. */
import * as address from './url-state.mjs';
import {around, dom, query} from './dom.mjs';
import {ROOT} from '../engine/root.mjs';
import {fetchAhead} from './fetch-ahead.mjs';
import {due, times} from './lecture-clock.mjs';
import {openOutline} from './outline.mjs';
import {request} from './request.mjs';
import {tourChannel} from './tour-channel.mjs';
import {setStop} from './tour-events.mjs';
import {leave, show} from './tour-stage.mjs';

/** @typedef {import('./tour-events.mjs').Stop} Stop */

/** @param {string} act @param {string} words @param {string} more  attributes @returns {string} */
const button = (act, words, more) =>
  `<button type="button" class="vd-quiet" data-act="${act}" ${more}>${words}</button>`;

const BAR = `
<section class="vd-stops" aria-label="Guided tour">
  <p role="status"><b data-part="title"></b> <span data-part="sentence"></span></p>
  <div class="vd-row">
    <span data-part="clock" role="timer" title="Time at this stop, and the time planned" hidden></span>
    <span data-part="place"></span>
    ${button('back', '←', 'aria-label="Previous stop"')}
    ${button('on', '→', 'aria-label="Next stop"')}
    ${button('outline', 'Outline', 'title="Every stop of the lecture"')}
    ${button('notes', 'Notes', 'title="The lecturer\'s notes, in a window of their own" hidden')}
    ${button('present', 'Present', 'title="Large type, and the arrow keys turn the stops"')}
    ${button('full', 'Full screen', 'title="F" hidden')}
    ${button('close', '✕', 'aria-label="Close the tour" title="Escape"')}
  </div>
</section>`;

/** @type {Record<string, number>} */
const TURNS = {ArrowRight: 1, ArrowLeft: -1, PageDown: 1, PageUp: -1};
const WRITTEN_IN = 'textarea, [contenteditable]';
const TYPED_IN = `${WRITTEN_IN}, input:not([type=range], [type=checkbox], [type=radio], [type=button])`;
const ROLES = ['application', 'slider', 'tab', 'radio', 'listbox'].map(role => `[role=${role}]`).join();
const USES_ARROWS = `${WRITTEN_IN}, input, select, ${ROLES}`;

const presenting = () => document.documentElement.classList.contains('vd-present');

export class Tour {
  #bar = dom(BAR);
  /** @type {Stop[]} */
  #stops = [];
  #at = -1; // which stop is shown; -1: none
  #since = 0; // when it was turned to, as Date.now() tells
  #zero = 0; // when the lecture began or, begun at a later stop, would have begun
  #opener;
  #channel = tourChannel(message => {
    if (!presenting() || this.#at < 0) return;
    if ('turn' in message) this.#go(this.#at + message.turn);
    if ('ask' in message) this.#tell();
  });

  /** @param {HTMLElement} opener  the button that opens it, and has the focus again in the end */
  constructor(opener) {
    this.#opener = opener;
    this.#bar.addEventListener('click', event => this.#act(around(event, '[data-act]')?.dataset.act));
    document.addEventListener('keydown', event => this.#key(event));
    setInterval(() => this.#tick(), 1000);
  }

  /** Opens the outline. Rejects where the server does not answer. */
  async open() {
    await this.#fetchStops();
    openOutline(this.#stops, this.#at, {
      go: index => {
        this.#go(index);
        this.#button('on').focus();
      },
      present: index => {
        this.#present(true);
        this.#go(index);
      },
      notes: openNotes,
    });
  }

  /**
   * What the link asks for: a stop, presented or not. Rejects where the server does not answer; then nothing is
   * presented, for the page would be empty.
   */
  async begin() {
    if (address.get('outline') !== null) return this.open();
    if (address.get('present') !== null) this.#present(true);
    if (!presenting() && address.get('stop') === null) return;
    await this.#start().catch(error => {
      this.#present(false);
      throw error;
    });
  }

  /** @param {string} name */
  #button(name) {
    return query(this.#bar, `[data-act="${name}"]`, HTMLButtonElement);
  }

  /** @param {string | undefined} act */
  #act(act) {
    if (act === 'back') this.#go(this.#at - 1);
    if (act === 'on') this.#go(this.#at + 1);
    if (act === 'outline') this.open();
    if (act === 'notes') openNotes();
    if (act === 'present') this.#present(true);
    if (act === 'full') fullScreen();
    if (act === 'close') this.#close();
  }

  async #fetchStops() {
    if (!this.#stops.length) this.#stops = await (await request('stops.json', {purpose: 'tell the stops'})).json();
  }

  /** At the stop that the link names. */
  async #start() {
    await this.#fetchStops();
    this.#go(address.whole('stop', 1, this.#stops.length, presenting() ? 1 : 0) - 1, true);
  }

  /** @param {number} index @param {boolean} [fromLink] */
  #go(index, fromLink = false) {
    const stop = this.#stops[index];
    if (!stop) return;
    this.#turnTo(index);
    const last = this.#stops.length - 1;
    query(this.#bar, '[data-part="title"]').textContent = stop.title;
    query(this.#bar, '[data-part="sentence"]').textContent = stop.sentence;
    query(this.#bar, '[data-part="place"]').textContent = `${index + 1} / ${last + 1}`;
    this.#button('back').setAttribute('aria-disabled', String(index === 0));
    this.#button('on').setAttribute('aria-disabled', String(index === last));
    if (!this.#bar.isConnected) document.body.append(this.#bar);
    document.documentElement.classList.add('vd-touring');
    show(stop, presenting());
    // What a link says of the picture is more than what the stop would begin with.
    const state = new address.UrlState(stop);
    if (!fromLink || !Object.keys(stop.state).some(key => state.given(key))) setStop(stop);
    address.set({stop: index + 1});
    const next = this.#stops[index + 1];
    if (next) fetchAhead(next);
  }

  /** @param {number} index */
  #turnTo(index) {
    const now = Date.now();
    if (this.#at < 0) this.#zero = now - due(this.#stops, index);
    this.#at = index;
    this.#since = now;
    this.#tell();
  }

  /** Tells the notes what is shown, and the bar the time. */
  #tell() {
    if (presenting()) this.#channel.send({shown: {at: this.#at, since: this.#since, zero: this.#zero}});
    this.#tick();
  }

  #tick() {
    if (!presenting() || this.#at < 0) return;
    const clock = query(this.#bar, '[data-part="clock"]');
    clock.textContent = times(this.#stops, {at: this.#at, since: this.#since, zero: this.#zero}, Date.now()).stop;
  }

  /** @param {boolean} on */
  #present(on) {
    document.documentElement.classList.toggle('vd-present', on);
    this.#button('full').hidden = !on || !document.fullscreenEnabled;
    this.#button('present').hidden = on;
    this.#button('notes').hidden = !on;
    query(this.#bar, '[data-part="clock"]').hidden = !on;
    address.set({present: on ? 1 : null});
    if (this.#at < 0) return;
    show(this.#stops[this.#at], on);
    if (on) this.#zero = Date.now() - due(this.#stops, this.#at); // the lecture begins
    this.#tell();
  }

  #close() {
    const stop = this.#stops[this.#at];
    const wasPresenting = presenting();
    if (wasPresenting) this.#present(false);
    if (document.fullscreenElement) document.exitFullscreen();
    this.#bar.remove();
    document.documentElement.classList.remove('vd-touring');
    leave(wasPresenting ? stop : null);
    this.#at = -1;
    address.set({stop: null});
    if (!wasPresenting) this.#opener.focus({preventScroll: true});
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (this.#at < 0 || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector('dialog[open]')) return; // it is on top, and Escape closes it
    if (event.key === 'Escape') this.#close();
    else if (presenting() && TURNS[event.key] && !keeps(event)) this.#go(this.#at + TURNS[event.key]);
    else if (presenting() && event.key.toLowerCase() === 'f' && !focusIn(event, TYPED_IN)) fullScreen();
    else return;
    event.preventDefault();
  }
}

/** The lecturer's notes in a window of their own, which goes to the other screen; the same one again, if it is open. */
export const openNotes = () => window.open(`${ROOT}vaedemo/web/notes.html`, 'vaedemo-notes', 'width=760,height=640');

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {}); // a frame may forbid it
}

/** @param {KeyboardEvent} event @param {string} selector */
const focusIn = ({target}, selector) => target instanceof Element && target.matches(selector);

/**
 * Whether the control that has the focus uses this key itself. A projector's remote sends Page Up and Down, which few
 * do.
 * @param {KeyboardEvent} event
 */
const keeps = event => focusIn(event, event.key.startsWith('Page') ? WRITTEN_IN : USES_ARROWS);
