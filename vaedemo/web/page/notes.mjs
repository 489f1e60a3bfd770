/** The lecturer's notes, in a window of their own: they follow the page that is presented, and turn its stops. */
import {around, dom, query} from './dom.mjs';
import {due, lasts, times, written} from './lecture-clock.mjs';
import {request} from './request.mjs';
import {tourChannel} from './tour-channel.mjs';

/**
 * @typedef {import('./tour-events.mjs').Stop} Stop
 * @typedef {import('./tour-channel.mjs').Shown} Shown
 */

/** @type {Record<string, number>} */
const TURNS = {ArrowRight: 1, ArrowLeft: -1, PageDown: 1, PageUp: -1, ' ': 1};

/** @param {string} name */
const part = name => query(document, `[data-part="${name}"]`);

class Notes {
  #stops;
  /** What is presented; null: nothing as yet. @type {Shown | null} */
  #shown = null;
  #channel;

  /** @param {Stop[]} stops */
  constructor(stops) {
    this.#stops = stops;
    this.#channel = tourChannel(message => {
      if ('shown' in message) this.#show(message.shown);
    });
    document.addEventListener('click', event => this.#act(around(event, '[data-act]')?.dataset.act));
    document.addEventListener('keydown', event => this.#key(event));
    setInterval(() => this.#tick(), 500);
    part('all').replaceChildren(...printed(stops));
    this.#channel.send({ask: true});
  }

  /** @param {Shown} shown */
  #show(shown) {
    const stop = this.#stops[shown.at];
    if (!stop) return;
    this.#shown = shown;
    const next = this.#stops[shown.at + 1];
    part('chapter').textContent = `${stop.chapter} · ${shown.at + 1} / ${this.#stops.length}`;
    part('title').textContent = stop.title;
    part('sentence').textContent = stop.sentence;
    for (const [name, words] of Object.entries(stop.notes)) part(name).textContent = words;
    for (const name of ['alone', 'all']) part(name).hidden = true;
    part('following').hidden = false;
    for (const button of document.querySelectorAll('button')) button.disabled = false;
    part('next').textContent = next ? `Next: ${next.title}` : 'This is the last stop.';
    this.#tick();
  }

  #tick() {
    if (!this.#shown) return;
    const {stop, lecture, plan, isOver} = times(this.#stops, this.#shown, Date.now());
    part('stop').textContent = stop;
    part('stop').classList.toggle('over', isOver);
    part('lecture').textContent = lecture;
    part('plan').textContent = plan;
  }

  /** @param {string | undefined} act */
  #act(act) {
    if (act === 'back') this.#channel.send({turn: -1});
    if (act === 'on') this.#channel.send({turn: 1});
    if (act === 'print') print();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !TURNS[event.key]) return;
    if (event.key === ' ' && around(event, 'button')) return; // it presses the button
    event.preventDefault();
    this.#channel.send({turn: TURNS[event.key]});
  }
}

/** All notes, chapter by chapter. @param {Stop[]} stops */
function* printed(stops) {
  const first = dom('<h1></h1>');
  first.textContent = `Latent spaces, by hand: ${stops.length} stops in ${lasts(stops) / 60_000} minutes`;
  yield first;
  for (const [index, stop] of stops.entries()) {
    if (stop.chapter !== stops[index - 1]?.chapter) {
      const chapter = dom('<h2></h2>');
      chapter.textContent = stop.chapter;
      yield chapter;
    }
    const article = dom(`<article><p><b></b> <span></span></p><p></p><p><i>Ask.</i> <span></span></p>
      <p><i>Point at.</i> <span></span></p><p><i>Beware.</i> <span></span></p></article>`);
    const {ask, point, beware} = stop.notes;
    query(article, 'b').textContent = `${index + 1}. ${stop.title}`;
    article.children[1].textContent = stop.sentence;
    const due_ = `${written(due(stops, index))}, ${stop.minutes} min`;
    const places = article.querySelectorAll('span');
    [due_, ask, point, beware].forEach((words, i) => {
      places[i].textContent = words;
    });
    yield article;
  }
}

try {
  new Notes(await (await request('stops.json', {purpose: 'tell the notes'})).json());
} catch (error) {
  part('trouble').textContent = /** @type {Error} */ (error).message;
}
