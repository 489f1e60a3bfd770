/**
 * Digits as dots on the map of two latents: grey, or in the color of the label that they get. A dot is chosen by a
 * click, or by the arrow keys, which go from dot to dot.
 */
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

const WAYS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});

/**
 * The dot that lies nearest in a direction: a step aside counts double, and more than twice as far aside as ahead is
 * another direction. -1: there is none.
 * @param {ArrayLike<number>} places  pairs @param {number} from @param {[number, number]} way  a unit vector
 */
export function nextDot(places, from, [dx, dy]) {
  let best = -1;
  let least = Infinity;
  for (let i = 0; i < places.length / 2; i++) {
    const [x, y] = [places[2 * i] - places[2 * from], places[2 * i + 1] - places[2 * from + 1]];
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy - y * dx);
    if (ahead > 0 && aside <= 2 * ahead && ahead + 2 * aside < least) [best, least] = [i, ahead + 2 * aside];
  }
  return best;
}

export class LabelPlane {
  #canvas;
  #places = new Float32Array();
  /** @type {ArrayLike<number>} */
  #answers = [];
  /** @type {Labelled[]} */
  #known = [];
  #selected = -1;
  /** The dot that was chosen last: from there the arrow keys go on. */
  #focus = -1;
  #mistakes = false;
  /** Which dots have their color by now. @type {(point: number) => boolean} */
  #isReached = () => true;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {ArrayLike<number>} codes  pairs
   * @param {(point: number) => void} onChoose
   * @param {(label: number) => void} onLabel  a digit's key says what the chosen dot is
   */
  constructor(canvas, codes, onChoose, onLabel) {
    this.#canvas = canvas;
    canvas.width = canvas.height = SIDE;
    canvas.tabIndex = 0;
    this.lay(codes);
    canvas.addEventListener('keydown', event => this.#key(event, onChoose, onLabel));
    canvas.addEventListener('click', event => {
      const box = canvas.getBoundingClientRect();
      const scale = SIDE / box.width;
      const found = this.at(scale * (event.clientX - box.left), scale * (event.clientY - box.top));
      if (found >= 0) onChoose(found);
    });
  }

  /** Where the dots lie; show() draws them there. @param {ArrayLike<number>} codes  pairs */
  lay(codes) {
    // Equal areas hold equal parts of the prior, as on Sample's map.
    this.#places = Float32Array.from(codes, (value, i) => SIDE * (i % 2 ? 1 - cdf(value) : cdf(value)));
  }

  /**
   * @param {KeyboardEvent} event
   * @param {(point: number) => void} onChoose @param {(label: number) => void} onLabel
   */
  #key(event, onChoose, onLabel) {
    const way = WAYS[event.key];
    const isDigit = /^[0-9]$/.test(event.key) && this.#selected >= 0;
    if (event.ctrlKey || event.metaKey || event.altKey || !(way || isDigit)) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    if (isDigit) return onLabel(Number(event.key));
    const first = this.#focus >= 0 ? this.#focus : this.#middle();
    const next = this.#focus >= 0 ? nextDot(this.#places, first, way) : first;
    if (next >= 0) onChoose(next);
  }

  /** The dot nearest to the middle: where the keys begin. */
  #middle() {
    const far = (/** @type {number} */ i) =>
      Math.hypot(this.#places[2 * i] - SIDE / 2, this.#places[2 * i + 1] - SIDE / 2);
    let best = 0;
    for (let i = 1; i < this.#places.length / 2; i++) if (far(i) < far(best)) best = i;
    return best;
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
    if (selected >= 0) this.#focus = selected;
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
