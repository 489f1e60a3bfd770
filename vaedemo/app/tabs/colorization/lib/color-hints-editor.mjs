/** A photo on which a hand dabs colors: a click or a tap sets one, which then can be dragged; by keys with a ring. */
import {dom, query} from '../../../../web/page/dom.mjs';

/**
 * @typedef {import('./hint-posterior.mjs').Dab} Dab
 * @typedef {{x: number, y: number}} Place  in parts of the photo's sides
 * @typedef {{color: (place: Place) => [number, number], css: (dab: Dab) => string,
 *   onChange: (done: boolean) => void, most?: number, label?: string}} Options
 *   color: of the next dab; css: what a dab looks like; done: the hand has let go; most: dabs, beyond which the oldest
 *   goes; label: what a screen reader says
 */
/** @type {Record<string, [number, number]>} */
const KEYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
const STEP = 1 / 32;
const NEAR = 16; // px, of a dab that is taken hold of
export const MOST = 12;
const LABEL =
  'The photo. Click to dab the chosen color; or move a ring with the arrow keys, and press Enter; ' +
  'Delete takes the last dab back.';
const TEMPLATE = `
<div class="vd-dabs" tabindex="0" role="application">
  <canvas class="vd-photo" width="4" height="4" role="img"></canvas>
  <div class="marks" aria-hidden="true"></div><i class="ring" hidden></i>
</div>`;

/** @param {number} value */
const inside = value => Math.max(0, Math.min(0.999, value));

/** Puts an element somewhere on the photo. @param {HTMLElement} element @param {Place} place */
function put(element, {x, y}) {
  element.style.left = `${100 * x}%`;
  element.style.top = `${100 * y}%`;
}

export class Dabs {
  /** @type {Dab[]} */
  dabs = [];
  #root = dom(TEMPLATE);
  #ring = query(this.#root, '.ring');
  /** What the dabs lie on. */
  canvas = query(this.#root, 'canvas', HTMLCanvasElement);
  #options;
  /** Where the ring is. @type {Place | null} */
  #place = null;
  /** The drag under way: its pointer, the dab that it holds, and the dabs before it. */
  #drag = /** @type {{pointer: number, dab: number, before: Dab[]} | null} */ (null);

  /** @param {HTMLElement} host @param {Options} options */
  constructor(host, options) {
    this.#options = options;
    const root = this.#root;
    host.replaceChildren(root);
    root.setAttribute('aria-label', options.label ?? LABEL);
    root.addEventListener('pointerdown', event => this.#down(event));
    root.addEventListener('pointermove', event => this.#move(event));
    root.addEventListener('pointerup', event => this.#up(event));
    root.addEventListener('pointercancel', event => this.#up(event, true)); // it scrolls the page, and meant no dab
    root.addEventListener('keydown', event => this.#key(event));
    root.addEventListener('blur', () => {
      this.#ring.hidden = true;
    });
  }

  /** @param {Dab[]} dabs @param {boolean} [done] */
  set(dabs, done = true) {
    this.dabs = dabs.slice(-(this.#options.most ?? MOST));
    const marks = this.dabs.map(dab => {
      const mark = document.createElement('i');
      put(mark, dab);
      mark.style.background = this.#options.css(dab);
      return mark;
    });
    query(this.#root, '.marks').replaceChildren(...marks);
    this.#options.onChange(done);
  }

  /** @param {PointerEvent} event @returns {Place} */
  #at({clientX, clientY}) {
    const {left, top, width, height} = this.#root.getBoundingClientRect();
    return {x: inside((clientX - left) / width), y: inside((clientY - top) / height)};
  }

  /** @param {PointerEvent} event */
  #down(event) {
    // A second finger, or a palm beside the pen. What was never released, since the photo was hidden, holds nothing.
    if (event.button || (this.#drag && this.#root.hasPointerCapture(this.#drag.pointer))) return;
    this.#root.setPointerCapture(event.pointerId);
    const place = this.#at(event);
    const {width, height} = this.#root.getBoundingClientRect();
    const before = this.dabs;
    let held = before.findIndex(({x, y}) => Math.hypot((x - place.x) * width, (y - place.y) * height) < NEAR);
    if (held < 0) {
      this.set([...before, {...place, ab: this.#options.color(place)}], false);
      held = this.dabs.length - 1;
    }
    this.#drag = {pointer: event.pointerId, dab: held, before};
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (event.pointerId !== this.#drag?.pointer) return;
    const {dab} = this.#drag;
    this.set(this.dabs.with(dab, {...this.dabs[dab], ...this.#at(event)}), false);
  }

  /** @param {PointerEvent} event @param {boolean} [undone] */
  #up(event, undone = false) {
    if (event.pointerId !== this.#drag?.pointer) return;
    const {before} = this.#drag;
    this.#drag = null;
    this.set(undone ? before : this.dabs);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = KEYS[event.key];
    if (step) {
      event.stopPropagation(); // the presenter's arrows turn stops
      this.#moveRing(step);
    } else if (event.key === 'Enter' && this.#place) {
      this.set([...this.dabs, {...this.#place, ab: this.#options.color(this.#place)}]);
    } else if (event.key === 'Backspace' || event.key === 'Delete') {
      this.set(this.dabs.slice(0, -1));
    } else return;
    event.preventDefault();
  }

  /** @param {[number, number]} step */
  #moveRing([right, down]) {
    const {x, y} = this.#place ?? {x: 0.5 - STEP * right, y: 0.5 - STEP * down};
    this.#place = {x: inside(x + STEP * right), y: inside(y + STEP * down)};
    put(this.#ring, this.#place);
    this.#ring.hidden = false;
  }
}
