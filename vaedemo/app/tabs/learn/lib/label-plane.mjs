/** Digits as dots on the map of two latents: grey, or in the color of the label that they get. */
import {cdf} from '../../../../web/engine/normal.mjs';
import {contextOf} from '../../../../web/page/canvas-pixels.mjs';
import {COLORS} from '../../../../web/ui/latent-map.mjs';
import {askedFor} from './few-labels.mjs';

/** @typedef {import('./few-labels.mjs').Labelled} Labelled */

const SIDE = 640; // pixels of the canvas
const DOT = 3.4;
const MARK = 13;
const NEAR = 26; // pixels, within which a click finds a dot
const GREY = '#8a8a8a';

export class LabelPlane {
  #canvas;
  #places;
  /** @type {ArrayLike<number>} */
  #answers = [];
  /** @type {Labelled[]} */
  #known = [];
  #selected = -1;
  #mistakes = false;
  /** Which dots have their color by now. @type {(point: number) => boolean} */
  #isReached = () => true;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {ArrayLike<number>} codes  pairs
   * @param {(point: number) => void} onClick
   */
  constructor(canvas, codes, onClick) {
    this.#canvas = canvas;
    canvas.width = canvas.height = SIDE;
    // Equal areas hold equal parts of the prior, as on Sample's map.
    this.#places = Float32Array.from(codes, (value, i) => SIDE * (i % 2 ? 1 - cdf(value) : cdf(value)));
    canvas.addEventListener('click', event => {
      const box = canvas.getBoundingClientRect();
      const scale = SIDE / box.width;
      const found = this.at(scale * (event.clientX - box.left), scale * (event.clientY - box.top));
      if (found >= 0) onClick(found);
    });
  }

  /** The dot near a place of the canvas; -1: none. @param {number} x @param {number} y */
  at(x, y) {
    let best = -1;
    let least = NEAR;
    for (let i = 0; i < this.#places.length / 2; i++) {
      const apart = Math.hypot(this.#places[2 * i] - x, this.#places[2 * i + 1] - y);
      if (apart < least) [best, least] = [i, apart];
    }
    return best;
  }

  /** Where a dot is, in parts of the canvas' sides. @param {number} point */
  place(point) {
    return [this.#places[2 * point] / SIDE, this.#places[2 * point + 1] / SIDE];
  }

  /**
   * @param {{answers?: ArrayLike<number>, known?: Labelled[], selected?: number, mistakes?: boolean,
   *   isReached?: (point: number) => boolean}} changes  selected: -1 for none; mistakes: whether they are crossed
   */
  show({answers = this.#answers, known = this.#known, selected = this.#selected, mistakes, isReached}) {
    [this.#answers, this.#known, this.#selected] = [answers, known, selected];
    this.#mistakes = mistakes ?? this.#mistakes;
    this.#isReached = isReached ?? this.#isReached;
    const context = contextOf(this.#canvas);
    const {color} = getComputedStyle(this.#canvas);
    context.clearRect(0, 0, SIDE, SIDE);
    this.#dots(context, color);
    for (const {point, label} of known) this.#mark(context, point, COLORS[label], String(label));
    if (selected >= 0) this.#ring(context, selected, color);
  }

  /** @param {CanvasRenderingContext2D} context @param {string} color */
  #dots(context, color) {
    for (let i = 0; i < this.#places.length / 2; i++) {
      const label = this.#isReached(i) ? (this.#answers[i] ?? -1) : -1;
      const [x, y] = [this.#places[2 * i], this.#places[2 * i + 1]];
      context.globalAlpha = label < 0 ? 0.55 : 0.85;
      context.fillStyle = label < 0 ? GREY : COLORS[label];
      context.beginPath();
      context.arc(x, y, DOT, 0, 7);
      context.fill();
      if (!this.#mistakes || label < 0 || label === askedFor(i)) continue;
      context.globalAlpha = 1;
      context.strokeStyle = color;
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(x - DOT - 1, y - DOT - 1);
      context.lineTo(x + DOT + 1, y + DOT + 1);
      context.moveTo(x - DOT - 1, y + DOT + 1);
      context.lineTo(x + DOT + 1, y - DOT - 1);
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} context @param {number} point @param {string} color @param {string} words */
  #mark(context, point, color, words) {
    const [x, y] = [this.#places[2 * point], this.#places[2 * point + 1]];
    context.fillStyle = color;
    context.strokeStyle = '#fff';
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, MARK, 0, 7);
    context.fill();
    context.stroke();
    context.fillStyle = '#fff';
    context.font = '700 17px system-ui, sans-serif';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(words, x, y + 1);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} point @param {string} color */
  #ring(context, point, color) {
    context.strokeStyle = color;
    context.lineWidth = 3;
    context.beginPath();
    context.arc(this.#places[2 * point], this.#places[2 * point + 1], MARK + 3, 0, 7);
    context.stroke();
  }
}
