/** Two pictures of one photo on each other, and a divider that a hand drags between them. */
import {contextOf, newCanvas} from '../page/canvas-pixels.mjs';
import {dom, query, queryAll} from '../page/dom.mjs';
import {isSideways} from '../page/touch-guard.mjs';
import {onDrag} from './drag.mjs';

const TEMPLATE = `
<div class="vd-wipe">
  <canvas class="over" width="4" height="4" role="img"></canvas>
  <canvas class="under" width="4" height="4" role="img"></canvas>
  <span class="tag left" aria-hidden="true"></span><span class="tag right" aria-hidden="true"></span>
  <i class="divider" role="slider" tabindex="0" aria-label="Divider between the two pictures"
    aria-valuemin="0" aria-valuemax="100"></i>
</div>`;
const KEYS = /** @type {Record<string, number>} */ ({
  ArrowLeft: -5,
  ArrowDown: -5,
  ArrowRight: 5,
  ArrowUp: 5,
  Home: -100,
  End: 100,
});

export class CompareSlider {
  /** What lies to the right of the divider. @type {HTMLCanvasElement} */ under;
  /** What lies to its left. @type {HTMLCanvasElement} */ over;
  /** Percent of the width that lies to its left. */ at = 50;
  #root;
  #divider;
  /** Where a thumb landed that has not gone sideways yet. @type {number[] | null} */
  #thumb = null;

  /** @param {HTMLElement} place  becomes the two pictures */
  constructor(place) {
    this.#root = dom(TEMPLATE);
    this.#divider = query(this.#root, '.divider');
    [this.over, this.under] = queryAll(this.#root, 'canvas', HTMLCanvasElement);
    place.replaceChildren(this.#root);
    onDrag(this.#root, {start: event => this.#grab(event), move: event => this.#follow(event)});
    this.#divider.addEventListener('keydown', event => this.#key(event));
    this.move(50);
    this.alone('');
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    if (!this.#root.classList.contains('two')) return false;
    // it may be about to scroll the page
    this.#thumb = event.pointerType === 'touch' ? [event.clientX, event.clientY] : null;
    this.#divider.focus({preventScroll: true});
    if (this.#thumb) return true;
    this.#follow(event);
    event.preventDefault();
    return true;
  }

  /** @param {PointerEvent} event */
  #follow({clientX, clientY}) {
    if (this.#thumb && isSideways(clientX - this.#thumb[0], clientY - this.#thumb[1])) this.#thumb = null;
    if (this.#thumb) return;
    const {left, width} = this.#root.getBoundingClientRect();
    this.move((100 * (clientX - left)) / width);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = KEYS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    this.move(this.at + step);
  }

  /** @param {number} at */
  move(at) {
    this.at = Math.max(0, Math.min(100, at));
    this.#root.style.setProperty('--at', `${this.at}%`);
    this.#divider.setAttribute('aria-valuenow', String(Math.round(this.at)));
  }

  /** What lies to the left is shown alone. @param {string} words  what it shows */
  alone(words) {
    this.#root.classList.remove('two');
    this.over.setAttribute('aria-label', words);
    this.under.setAttribute('aria-hidden', 'true');
  }

  /** @param {{left: string, right: string, over: string, under: string}} words  names of the two; what they show */
  both({left, right, over, under}) {
    this.#root.classList.add('two');
    query(this.#root, '.left').textContent = left;
    query(this.#root, '.right').textContent = right;
    this.over.setAttribute('aria-label', over);
    this.under.setAttribute('aria-label', under);
    this.under.removeAttribute('aria-hidden');
  }

  /** Both as they are seen now, as one picture. */
  picture() {
    const {width, height} = this.over;
    const canvas = newCanvas(width, height);
    const context = contextOf(canvas);
    const part = this.#root.classList.contains('two') ? Math.round((width * this.at) / 100) : width;
    if (part < width) context.drawImage(this.under, 0, 0);
    if (part) context.drawImage(this.over, 0, 0, part, height, 0, 0, part, height);
    return canvas;
  }
}
