/**
 * The map of two latents: decoded pictures at Gaussian quantiles behind (a picture's address, or a canvas that somebody
 * paints), posteriors as a colored overlay, and a dot that follows the hand. Pointer, thumb, and arrow keys.
 */
import {cdf, quantile} from '../engine/normal.mjs';
import {contextOf} from '../page/canvas-pixels.mjs';
import {query} from '../page/dom.mjs';
import {onDrag} from './drag.mjs';

/** Ten colors that stay apart for most color-blind eyes; the digit is written beside wherever they are used. */
export const COLORS = [
  '#e6194b',
  '#f58231',
  '#d4b400',
  '#76b82a',
  '#1b9e77',
  '#00a9c7',
  '#4363d8',
  '#911eb4',
  '#f032e6',
  '#8d6e63',
];
const EDGE = 0.002; // the map ends at these quantiles: |z| < 2.9

const KEYS = /** @type {Record<string, number[]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});
const TEMPLATE = `
<canvas class="points"></canvas>
<svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
  <polyline class="path"></polyline><polygon class="ring"></polygon></svg><i class="dot"></i>`;

/**
 * @typedef {{mean: ArrayLike<number>, std: ArrayLike<number>}} Frame  of codes that have no N(0, I): a Gaussian fitted
 * @typedef {object} Options
 * @property {string} label
 * @property {string | HTMLCanvasElement} picture
 * @property {(z: number[], byHand: boolean) => void} onMove
 * @property {Frame} [frame]
 */
export class LatentMap {
  z = [0, 0];
  #dot;
  #ring;
  #path;
  #points;
  #frame;
  #onMove;

  /** @param {HTMLElement} element  empty; becomes the map @param {Options} options */
  constructor(element, {label, picture, onMove, frame}) {
    this.element = element;
    this.#onMove = onMove;
    this.#frame = frame;
    element.classList.add('vd-map');
    element.tabIndex = 0;
    element.setAttribute('role', 'application');
    element.setAttribute('aria-label', `${label}. Drag, or use the arrow keys, to move the dot.`);
    element.innerHTML = TEMPLATE;
    this.img =
      typeof picture === 'string' ? Object.assign(new Image(), {alt: '', draggable: false, src: picture}) : picture;
    this.img.classList.add('behind');
    element.prepend(this.img);
    this.#points = query(element, '.points', HTMLCanvasElement);
    this.#path = query(element, '.path', SVGElement);
    this.#ring = query(element, '.ring', SVGElement);
    this.#dot = query(element, '.dot');
    onDrag(element, {start: event => this.#grab(event), move: event => this.#follow(event)});
    element.addEventListener('keydown', event => this.#key(event));
    this.place(this.z);
  }

  /** z to the plane [0, 1] x [0, 1], y downward. @param {number[]} z */
  toPlane(z) {
    const [a, b] = z.map((value, i) => cdf(this.#frame ? (value - this.#frame.mean[i]) / this.#frame.std[i] : value));
    return [a, 1 - b];
  }

  /** A place on the plane to z. @param {number[]} place */
  fromPlane([x, y]) {
    return [x, 1 - y].map((p, i) => {
      const value = quantile(Math.min(1 - EDGE, Math.max(EDGE, p)));
      return this.#frame ? this.#frame.mean[i] + this.#frame.std[i] * value : value;
    });
  }

  /** Moves the dot without telling anyone. @param {ArrayLike<number>} z */
  place(z) {
    this.z = Array.from(z);
    const [x, y] = this.toPlane(this.z);
    this.#dot.style.translate = `${100 * x}cqw ${100 * y}cqh`; // unlike left and top it needs no layout
    this.element.setAttribute('aria-description', `z = ${this.z.map(value => value.toFixed(2)).join(', ')}`);
  }

  /** Moves the dot and tells. @param {ArrayLike<number>} z @param {boolean} [byHand] */
  move(z, byHand = false) {
    this.place(z);
    this.#onMove(this.z, byHand);
  }

  /** The ellipse of one sigma around a posterior's mean, or nothing. @param {{mean: number[], sigma: number[]}} [q] */
  ring(q) {
    this.element.classList.toggle('ringed', Boolean(q));
    const places = q ? Array.from({length: 48}, (_, i) => this.toPlane(onEllipse(q, (2 * Math.PI * i) / 48))) : [];
    this.#ring.setAttribute('points', places.map(place => place.join()).join(' '));
  }

  /** A path of codes, or nothing. @param {number[][]} [codes] */
  path(codes = []) {
    this.#path.setAttribute('points', codes.map(z => this.toPlane(z).join()).join(' '));
  }

  /**
   * Test posteriors as colored dots.
   * @param {{data: ArrayLike<number>}} means  pairs
   * @param {{data: ArrayLike<number>}} labels
   */
  overlay(means, labels) {
    const canvas = this.#points;
    const side = 2 * Math.max(240, this.element.clientWidth);
    canvas.width = canvas.height = side;
    const context = contextOf(canvas);
    for (let i = 0; i < labels.data.length; i++) {
      const [x, y] = this.toPlane([means.data[2 * i], means.data[2 * i + 1]]);
      context.fillStyle = COLORS[labels.data[i]];
      context.beginPath();
      context.arc(x * side, y * side, side / 170, 0, 7);
      context.fill();
    }
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    this.element.focus({preventScroll: true});
    this.#follow(event);
    event.preventDefault();
  }

  /** @param {PointerEvent} event */
  #follow(event) {
    const box = this.element.getBoundingClientRect();
    this.move(this.fromPlane([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]), true);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = KEYS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    const [x, y] = this.toPlane(this.z);
    const by = event.shiftKey ? 0.06 : 0.015;
    this.move(this.fromPlane([x + by * step[0], y + by * step[1]]), true);
  }
}

/**
 * @param {{mean: number[], sigma: number[]}} q
 * @param {number} angle
 */
const onEllipse = ({mean, sigma}, angle) => [
  mean[0] + sigma[0] * Math.cos(angle),
  mean[1] + sigma[1] * Math.sin(angle),
];
