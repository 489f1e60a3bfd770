/**
 * The table of errors: what the visitor's labels are worth in each space and by each way, and what random choices of as
 * many are. One cell is chosen: its answers color the map, and its errors are the curve.
 */
import {percent} from '../../../../web/page/format.mjs';
import {drawCurve} from './error-curve.mjs';
import {CHOICES, COUNTS, SPACES, WAYS, errorOf, keyOf, summary} from './few-labels.mjs';
import {SPACE_WORDS, WAY_WORDS} from './ten-labels-template.mjs';

/**
 * @typedef {import('./few-labels.mjs').Labelled} Labelled
 * @typedef {import('./few-labels.mjs').Told} Told
 * @typedef {{count: number, errors: import('./few-labels.mjs').Errors}} Tried  a random choice of so many labels
 */

const BASELINE = keyOf('pixels', 'nearest');

export class ErrorTable {
  #mounted;
  #by;
  /** @type {Tried[]} */
  #tried = [];
  /** @type {Labelled[]} */
  #known = [];
  /** @type {Told | null} */
  #told = null;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted @param {string} by  the chosen cell's `keyOf` */
  constructor(mounted, by) {
    this.#mounted = mounted;
    this.#by = by;
    this.choose(by);
  }

  /** The chosen space and way. */
  get #chosen() {
    return /** @type {['codes', 'spread']} */ (this.#by.split('-'));
  }

  /** Whether labels are handed on in the chosen cell. */
  get isSpread() {
    return this.#chosen[1] === 'spread';
  }

  /** The chosen cell's answers, or null where they are not there yet. */
  get answers() {
    const [space, way] = this.#chosen;
    return this.#told?.answers[space]?.[way] ?? null;
  }

  /** @param {string} by */
  choose(by) {
    this.#by = by;
    for (const button of this.#mounted.all('[data-by]', HTMLButtonElement))
      button.setAttribute('aria-pressed', String(button.dataset.by === by));
    const [space, way] = this.#chosen;
    this.#mounted.part('way-words').textContent = `${SPACE_WORDS[space]}, ${WAY_WORDS[way]}`;
    this.#show();
  }

  /** Random choices are tried from the first on. */
  begin() {
    this.#tried = [];
    this.#show();
  }

  /** @param {Tried} tried  one more */
  add(tried) {
    this.#tried.push(tried);
    this.#show();
  }

  /** The labels are these now; what they tell is on its way. @param {Labelled[]} known */
  label(known) {
    this.#known = known;
    this.#show();
  }

  /** @param {Told} told  by the labels */
  tell(told) {
    this.#told = told;
    for (const space of SPACES)
      for (const way of WAYS) {
        const answers = told.answers[space]?.[way];
        const error = answers && this.#known.length ? percent(errorOf(answers, this.#known)) : '–';
        this.#mounted.part(keyOf(space, way)).textContent = error;
      }
    this.#show();
  }

  /** Errors of the random choices of so many labels. @param {string} key @param {number} count */
  #triedOf(key, count) {
    return this.#tried.flatMap(tried => (tried.count === count && key in tried.errors ? [tried.errors[key]] : []));
  }

  #show() {
    const labels = this.#known.length;
    const count = COUNTS.findLast(number => number <= labels) ?? COUNTS[0];
    this.#mounted.part('count').textContent = String(count);
    for (const space of SPACES)
      for (const way of WAYS) {
        const values = this.#triedOf(keyOf(space, way), count);
        const {mean, deviation} = summary(values.length ? values : [NaN]);
        const words = values.length ? `${(100 * mean).toFixed(1)} ± ${(100 * deviation).toFixed(1)} %` : '…';
        this.#mounted.part(`${keyOf(space, way)}-tried`).textContent = words;
      }
    const curve = (/** @type {string} */ key) =>
      COUNTS.map(number => ({count: number, values: this.#triedOf(key, number)}));
    const {answers} = this;
    const own = answers && labels ? {count: labels, error: errorOf(answers, this.#known)} : null;
    drawCurve(this.#mounted.root, curve(BASELINE), curve(this.#by), own);
    const all = CHOICES * COUNTS.length;
    const done = this.#tried.length;
    this.#mounted.part('tried').textContent = done < all ? `${done} of ${all} random choices are tried.` : '';
    this.#mounted.root.dataset.tried = String(done);
  }
}
