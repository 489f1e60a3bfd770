/**
 * An ellipse in the hand: dragged by its middle or from anywhere, stretched and turned by the ends of its axes;
 * sliders and keys do the same.
 */
import {dom, query, queryAll} from '../../../../web/page/dom.mjs';
import {onDrag} from '../../../../web/ui/drag.mjs';
import {place} from './gaussian2d.mjs';

/**
 * @typedef {import('./gaussian2d.mjs').Ellipse} Ellipse
 * @typedef {import('./latent-window.mjs').LatentWindow} LatentWindow
 * @typedef {{label: string, turns?: boolean, onMove: (q: Ellipse, byHand: boolean) => void}} Options
 */

const GRIP = 24; // CSS pixels around an end of an axis that take hold of it
const NARROWEST = 1 / 160;
const WIDEST = 0.45; // of the window's half side
const SPAN = Math.log(WIDEST / NARROWEST);
/** @type {Record<string, number[]>} */
const MOVES = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
/** @type {Record<string, number>} */
const TURNS = {'[': 1, ']': -1};

const slider = (/** @type {string} */ name, /** @type {string} */ range, /** @type {string} */ part) =>
  `<label data-part="${part}"><span>${name}</span><input type="range" ${range}><output></output></label>`;
const SLIDERS = `<div class="vd-hand">
  ${slider('first sigma', 'min="0" max="1" step="0.002"', 'first')}
  ${slider('second sigma', 'min="0" max="1" step="0.002"', 'second')}
  ${slider('turn', 'min="-90" max="90" step="1"', 'turn')}</div>`;

export class GaussianHandles {
  /** @type {Ellipse} */ q = {mean: [0, 0], sigma: [1, 1], angle: 0};
  #view;
  #turns;
  #onMove;
  #ends;
  #inputs;
  #outputs;
  /** What a drag holds: 0 the ellipse, 1 and 2 an end of an axis; where it began, in z; the ellipse then. */
  #held = {part: 0, from: [0, 0], q: this.q};

  /** @param {LatentWindow} view @param {HTMLElement} sliders  empty @param {Options} options */
  constructor(view, sliders, {label, turns = true, onMove}) {
    const bank = dom(SLIDERS);
    this.#view = view;
    this.#turns = turns;
    this.#onMove = onMove;
    this.#ends = [0, 1, 2].map(() => view.element.appendChild(dom('<i class="end"></i>')));
    this.#inputs = queryAll(bank, 'input', HTMLInputElement);
    this.#outputs = queryAll(bank, 'output');
    query(bank, '[data-part="turn"]').hidden = !turns;
    sliders.append(bank);
    this.#inputs.forEach((input, i) => input.addEventListener('input', () => this.#slide(i, Number(input.value))));
    this.#listen(view.element, label);
  }

  /** @param {HTMLElement} element @param {string} label */
  #listen(element, label) {
    element.tabIndex = 0;
    element.setAttribute('role', 'application');
    element.setAttribute(
      'aria-label',
      `${label}. Drag, or use the arrow keys, to move the ellipse; with Shift they stretch it` +
        `${this.#turns ? ', and [ and ] turn it' : ''}.`,
    );
    element.classList.add('held');
    onDrag(element, {start: event => this.#grab(event), move: event => this.#follow(event)});
    element.addEventListener('keydown', event => this.#key(event));
  }

  /**
   * Puts the ellipse somewhere, within what the window holds, and tells.
   * @param {Ellipse} q @param {boolean} [byHand]
   */
  move(q, byHand = false) {
    const {middle, half} = this.#view;
    if (!middle) return; // there is no window yet
    const keep = (/** @type {number} */ value, /** @type {number} */ d) =>
      Math.max(middle[d] - half, Math.min(middle[d] + half, value));
    let angle = (q.angle + Math.PI / 2) % Math.PI;
    if (angle < 0) angle += Math.PI;
    this.q = {
      mean: q.mean.map(keep),
      angle: this.#turns ? angle - Math.PI / 2 : 0,
      sigma: q.sigma.map(s => Math.max(NARROWEST * half, Math.min(WIDEST * half, s))),
    };
    this.#show();
    this.#onMove(this.q, byHand);
  }

  /** In the window: the middle, and the ends of both axes. */
  #places() {
    return [this.q.mean, place(this.q, 1, 0), place(this.q, 0, 1)].map(this.#view.toPlane);
  }

  #show() {
    const {element, half} = this.#view;
    const {mean, sigma, angle} = this.q;
    element.classList.add('placed');
    this.#places().forEach(([x, y], i) => {
      this.#ends[i].style.translate = `${100 * x}cqw ${100 * y}cqh`;
    });
    const degrees = (angle * 180) / Math.PI;
    sigma.forEach((s, i) => {
      this.#inputs[i].value = String(Math.log(s / half / NARROWEST) / SPAN);
      this.#outputs[i].textContent = s.toFixed(3);
    });
    this.#inputs[2].value = String(degrees);
    this.#outputs[2].textContent = `${degrees.toFixed(0).replace('-', '−')}°`;
    const tidy = (/** @type {number[]} */ values) => values.map(value => value.toFixed(3)).join(', ');
    element.setAttribute('aria-description', `mean ${tidy(mean)}; sigma ${tidy(sigma)}`);
  }

  /** @param {number} i  which slider @param {number} value */
  #slide(i, value) {
    const {q} = this;
    if (i === 2) this.move({...q, angle: (value * Math.PI) / 180}, true);
    else this.move({...q, sigma: q.sigma.with(i, this.#view.half * NARROWEST * Math.exp(SPAN * value))}, true);
  }

  /** The event's place in z. @param {PointerEvent} event */
  #at(event) {
    const box = this.#view.element.getBoundingClientRect();
    return this.#view.fromPlane([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    const {element} = this.#view;
    const box = element.getBoundingClientRect();
    const away = this.#places().map(([x, y]) =>
      Math.hypot(box.left + x * box.width - event.clientX, box.top + y * box.height - event.clientY),
    );
    const part = [1, 2].filter(i => away[i] < Math.min(GRIP, away[0])).sort((a, b) => away[a] - away[b])[0] ?? 0;
    this.#held = {part, from: this.#at(event), q: this.q};
    element.focus({preventScroll: true});
    event.preventDefault();
  }

  /** @param {PointerEvent} event */
  #follow(event) {
    const at = this.#at(event);
    const {part, from, q} = this.#held;
    if (part === 0) {
      this.move({...q, mean: q.mean.map((value, d) => value + at[d] - from[d])}, true);
      return;
    }
    const [x, y] = at.map((value, d) => value - q.mean[d]);
    const long = this.#turns ? Math.hypot(x, y) : Math.abs(part === 1 ? x : y);
    const angle = Math.atan2(y, x) - (part === 2 ? Math.PI / 2 : 0);
    this.move({...q, sigma: q.sigma.with(part - 1, long), angle}, true);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const {q} = this;
    const step = MOVES[event.key];
    const turn = this.#turns && TURNS[event.key];
    if (!(step || turn) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    if (turn) this.move({...q, angle: q.angle + (turn * Math.PI) / 36}, true);
    else if (event.shiftKey) this.move({...q, sigma: q.sigma.map((s, d) => s * 1.1 ** step[d])}, true);
    else this.move({...q, mean: q.mean.map((value, d) => value + (step[d] * this.#view.half) / 40)}, true);
  }
}
