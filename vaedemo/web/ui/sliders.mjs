/**
 * A bank of sliders over some latents of a model. A slider's place is a quantile of the prior, so that equal ways of
 * the hand cross equal mass (where a model's codes spread wider, of a Gaussian as wide as they are); each shows its
 * value, its KL, and can be locked or brought back to 0.
 */
import {cdf, normal, quantile} from '../engine/normal.mjs';
import {dom, query} from '../page/dom.mjs';

const EDGE = 0.001; // the sliders end at these quantiles: |z| < 3.1
const STEP = 0.02; // of the arrow keys, in quantiles
const LARGE_STEP = 0.1;
const KEYS = /** @type {Record<string, number>} */ ({ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1});
/** Nats below which a latent says nothing of the picture. */
export const DEAD = 0.01;

const ROW = `
<div class="vd-slider">
  <span class="name"></span>
  <input type="range" min="${EDGE}" max="${1 - EDGE}" step="0.001">
  <output></output>
  <span class="kl"><i></i><span></span></span>
  <button type="button" class="vd-quiet" data-act="lock" aria-pressed="false">Lock</button>
  <button type="button" class="vd-quiet" data-act="reset">0</button>
</div>`;

/**
 * @typedef {object} Options
 * @property {number[]} dimensions  which latents, in the order of their sliders
 * @property {string[]} labels  one for each of them
 * @property {ArrayLike<number>} kl  nats of every latent of the model, averaged over test data
 * @property {string} [over]  what else they are averaged over
 * @property {(z: number[], byHand: boolean, pulled?: number) => void} onMove  is given all latents, those without a
 *   slider too, and which one was pulled if it was one alone
 * @property {ArrayLike<number>} [wide]  of every latent, the Gaussian's sigma; 1 without it
 * @property {string[]} [notes]  more words at the end of each row
 */
export class SliderBank {
  /** All latents of the model. @type {number[]} */ z;
  /** By latent. @type {Map<number, Row>} */ #rows;
  #dimensions;
  #onMove;
  #wide;
  #locked = /** @type {Set<number>} */ (new Set());

  /** @param {HTMLElement} element  empty; becomes the bank @param {Options} options */
  constructor(element, {dimensions, labels, kl, over = 'test pictures', onMove, wide, notes}) {
    this.element = element;
    this.z = Array(kl.length).fill(0);
    this.#dimensions = dimensions;
    this.#onMove = onMove;
    this.#wide = wide ?? Array(kl.length).fill(1);
    element.classList.add('vd-sliders');
    element.setAttribute('role', 'group');
    const most = Math.max(...Array.from(kl));
    this.#rows = new Map(dimensions.map((d, i) => [d, build(labels[i], kl[d], {most, over}, notes?.[i])]));
    element.replaceChildren(...[...this.#rows.values()].map(({row}) => row));
    for (const [d, {input, lock, reset}] of this.#rows) {
      input.addEventListener('input', () => this.pull(d, this.#at(d, Number(input.value))));
      input.addEventListener('keydown', event => this.#key(d, input, event));
      lock.addEventListener('click', () => this.lock(d, !this.#locked.has(d)));
      reset.addEventListener('click', () => this.pull(d, 0));
      this.#show(d);
    }
  }

  /** Shows all latents as they are in `z`, the locked ones too, and tells nobody. @param {ArrayLike<number>} z */
  place(z) {
    this.z = Array.from(z);
    this.#dimensions.forEach(d => this.#show(d));
  }

  /**
   * Sets the sliders that are not locked to `value(latent)` and tells.
   * @param {(d: number) => number} value
   * @param {boolean} [byHand]
   */
  set(value, byHand = true) {
    for (const d of this.#dimensions) if (!this.#locked.has(d)) this.z[d] = value(d);
    this.place(this.z);
    this.#onMove(this.z, byHand);
  }

  /** Every slider that is not locked to a draw from the prior. */
  randomize() {
    this.set(normal);
  }

  /** Every slider that is not locked to 0, the prior's mean. */
  reset() {
    this.set(() => 0);
  }

  /** A locked slider stays where it is, whatever moves the others. @param {number} d @param {boolean} locked */
  lock(d, locked) {
    const {input, lock, reset} = this.#found(d);
    if (locked) this.#locked.add(d);
    else this.#locked.delete(d);
    lock.setAttribute('aria-pressed', String(locked));
    input.disabled = locked;
    reset.disabled = locked;
  }

  /** @param {number} d */
  locked(d) {
    return this.#locked.has(d);
  }

  /**
   * Moves one slider, locked or not, and tells.
   * @param {number} d
   * @param {number} value
   * @param {boolean} [byHand]
   */
  pull(d, value, byHand = true) {
    this.z[d] = value;
    this.#show(d);
    this.#onMove(this.z, byHand, d);
  }

  /** The value of a latent at a quantile. @param {number} d @param {number} p */
  #at(d, p) {
    return this.#wide[d] * quantile(p);
  }

  /** The row of a latent: name, slider and buttons. @param {number} d @returns {HTMLElement | undefined} */
  row(d) {
    return this.#rows.get(d)?.row;
  }

  /** @param {number} d */
  #found(d) {
    const found = this.#rows.get(d);
    if (!found) throw new RangeError(`latent ${d} has no slider`);
    return found;
  }

  /** @param {number} d */
  #show(d) {
    const {input, output} = this.#found(d);
    const value = this.z[d];
    const text = (Math.abs(value) < 0.005 ? 0 : value).toFixed(2).replace('-', '−');
    input.value = String(cdf(value / this.#wide[d]));
    input.setAttribute('aria-valuetext', text);
    output.textContent = text;
  }

  /**
   * Steps large enough to see; the browser's own would be a thousandth.
   * @param {number} d
   * @param {HTMLInputElement} input
   * @param {KeyboardEvent} event
   */
  #key(d, input, event) {
    const way = KEYS[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    const p = Number(input.value) + way * (event.shiftKey ? LARGE_STEP : STEP);
    this.pull(d, this.#at(d, Math.min(1 - EDGE, Math.max(EDGE, p))));
  }
}

/**
 * @typedef {{row: HTMLElement, input: HTMLInputElement, output: HTMLElement, lock: HTMLButtonElement,
 *   reset: HTMLButtonElement}} Row
 */

/**
 * One slider.
 * @param {string} label
 * @param {number} kl
 * @param {{most: number, over: string}} scale  the KL that fills the bar; what it is averaged over
 * @param {string} [note]
 * @returns {Row}
 */
function build(label, kl, {most, over}, note) {
  const row = dom(ROW);
  const input = query(row, 'input', HTMLInputElement);
  const lock = query(row, '[data-act="lock"]', HTMLButtonElement);
  const reset = query(row, '[data-act="reset"]', HTMLButtonElement);
  const dead = kl < DEAD;
  query(row, '.name').textContent = label;
  if (note !== undefined)
    lock.before(Object.assign(document.createElement('span'), {className: 'note', textContent: note}));
  input.setAttribute('aria-label', dead ? `${label}, dead` : label);
  lock.setAttribute('aria-label', `Lock ${label}`);
  reset.setAttribute('aria-label', `${label} back to 0`);
  row.classList.toggle('dead', dead);
  const bar = query(row, '.kl');
  bar.title = dead ? ignored(kl) : `KL ${kl.toFixed(2)} nats, on average over ${over}`;
  query(bar, 'i').style.width = `${(100 * kl) / most}%`;
  query(bar, 'span').textContent = dead ? 'dead: unused' : `${kl.toFixed(2)} nats`;
  return {row, input, output: query(row, 'output'), lock, reset};
}

/** @param {number} kl */
const ignored = kl =>
  `KL ${kl.toFixed(3)} nats, below ${DEAD}: ` +
  'it says nothing of the picture, and the decoder has learned to ignore it';
