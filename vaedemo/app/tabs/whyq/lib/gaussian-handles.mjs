/**
 * An ellipse in the hand: dragged by its middle or from anywhere, stretched and turned by the ends of its axes;
 * sliders and keys do the same.
 */
import {dom} from '../../../../web/page/dom.mjs';
import {place} from './gaussian2d.mjs';

/** @typedef {import('./gaussian2d.mjs').Ellipse} Ellipse @typedef {import('./latent-window.mjs').Board} Board */

const GRIP = 24; // CSS pixels around an end of an axis that take hold of it
const NARROWEST = 1 / 160;
const WIDEST = 0.45; // of the window's half side
const KEYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};

const SLIDERS = `<div class="vd-hand">
  <label><span>first sigma</span><input type="range" min="0" max="1" step="0.002" data-set="0"><output></output></label>
  <label><span>second sigma</span><input type="range" min="0" max="1" step="0.002" data-set="1"><output></output></label>
  <label data-turn><span>turn</span><input type="range" min="-90" max="90" step="1" data-set="2"><output></output></label></div>`;

export class Hand {
  /** @type {Ellipse} */ q = {mean: [0, 0], sigma: [1, 1], angle: 0};
  #held = /** @type {null | {part: number, from: number[], q: Ellipse}} */ (null);

  /**
   * @param {Board} board @param {HTMLElement} sliders  empty
   * @param {{label: string, turns?: boolean, onMove: (q: Ellipse, byHand: boolean) => void}} options
   */
  constructor(board, sliders, {label, turns = true, onMove}) {
    const {element} = board;
    const bank = dom(SLIDERS);
    Object.assign(this, {
      board,
      turns,
      onMove,
      ends: [0, 1, 2].map(() => element.appendChild(dom('<i class="end"></i>'))),
      inputs: [...bank.querySelectorAll('input')],
    });
    sliders.append(bank);
    bank.querySelector('[data-turn]').hidden = !turns;
    Object.assign(element, {tabIndex: 0});
    element.setAttribute('role', 'application');
    element.setAttribute(
      'aria-label',
      `${label}. Drag, or use the arrow keys, to move the ellipse; with Shift they stretch it${turns ? ', and [ and ] turn it' : ''}.`,
    );
    element.classList.add('held');
    element.addEventListener('pointerdown', event => this.#grab(event));
    element.addEventListener('pointermove', event => this.#held && this.#follow(event));
    for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'])
      element.addEventListener(end, () => {
        this.#held = null;
      });
    element.addEventListener('keydown', event => this.#key(event));
    this.inputs.forEach((input, i) => input.addEventListener('input', () => this.#slide(i, Number(input.value))));
  }

  /** Puts the ellipse somewhere, within what the window holds, and tells. @param {Ellipse} q */
  move(q, byHand = false) {
    const {middle, half} = this.board;
    if (!middle) return; // there is no window yet
    const keep = (value, d) => Math.max(middle[d] - half, Math.min(middle[d] + half, value));
    let angle = (q.angle + Math.PI / 2) % Math.PI;
    if (angle < 0) angle += Math.PI;
    this.q = {
      mean: q.mean.map(keep),
      angle: this.turns ? angle - Math.PI / 2 : 0,
      sigma: q.sigma.map(s => Math.max(NARROWEST * half, Math.min(WIDEST * half, s))),
    };
    this.show();
    this.onMove(this.q, byHand);
  }

  #places() {
    return [this.q.mean, place(this.q, 1, 0), place(this.q, 0, 1)].map(this.board.toPlane);
  }

  show() {
    this.board.element.classList.add('placed');
    this.#places().forEach(([x, y], i) => {
      this.ends[i].style.translate = `${100 * x}cqw ${100 * y}cqh`;
    });
    const {sigma, angle} = this.q;
    const {half} = this.board;
    const span = Math.log(WIDEST / NARROWEST);
    [...sigma.map(s => Math.log(s / half / NARROWEST) / span), (angle * 180) / Math.PI].forEach((value, i) => {
      this.inputs[i].value = String(value);
      this.inputs[i].nextElementSibling.textContent =
        i < 2 ? sigma[i].toFixed(3) : `${value.toFixed(0).replace('-', '−')}°`;
    });
    this.board.element.setAttribute(
      'aria-description',
      `mean ${this.q.mean.map(v => v.toFixed(3)).join(', ')}; sigma ${sigma.map(v => v.toFixed(3)).join(', ')}`,
    );
  }

  #slide(i, value) {
    const {
      q,
      board: {half},
    } = this;
    if (i === 2) this.move({...q, angle: (value * Math.PI) / 180}, true);
    else this.move({...q, sigma: q.sigma.with(i, half * NARROWEST * (WIDEST / NARROWEST) ** value)}, true);
  }

  /** The event's place in z. */
  #at(event) {
    const box = this.board.element.getBoundingClientRect();
    return this.board.fromPlane([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
  }

  #grab(event) {
    if (event.button) return;
    const {element} = this.board;
    const box = element.getBoundingClientRect();
    const away = this.#places().map(([x, y]) =>
      Math.hypot(box.left + x * box.width - event.clientX, box.top + y * box.height - event.clientY),
    );
    const part = [1, 2].filter(i => away[i] < Math.min(GRIP, away[0])).sort((a, b) => away[a] - away[b])[0] ?? 0;
    this.#held = {part, from: this.#at(event), q: this.q};
    element.setPointerCapture(event.pointerId);
    element.focus({preventScroll: true});
    event.preventDefault();
  }

  #follow(event) {
    const at = this.#at(event);
    const {part, from, q} = this.#held;
    if (part === 0) {
      this.move({...q, mean: q.mean.map((value, d) => value + at[d] - from[d])}, true);
      return;
    }
    const [x, y] = at.map((value, d) => value - q.mean[d]);
    const long = this.turns ? Math.hypot(x, y) : Math.abs(part === 1 ? x : y);
    const angle = Math.atan2(y, x) - (part === 2 ? Math.PI / 2 : 0);
    this.move({...q, sigma: q.sigma.with(part - 1, long), angle}, true);
  }

  #key(event) {
    const {
      q,
      board: {half},
    } = this;
    const step = KEYS[event.key];
    const turn = {'[': 1, ']': -1}[event.key];
    if (!(step || (turn && this.turns)) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    if (turn) this.move({...q, angle: q.angle + (turn * Math.PI) / 36}, true);
    else if (event.shiftKey) this.move({...q, sigma: q.sigma.map((s, d) => s * 1.1 ** step[d])}, true);
    else this.move({...q, mean: q.mean.map((value, d) => value + (step[d] * half) / 40)}, true);
  }
}
