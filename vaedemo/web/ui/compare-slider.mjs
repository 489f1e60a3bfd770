/** Two pictures of one photo on each other, and a divider that a hand drags between them. */
import {dom} from '../page/dom.mjs';
import {isSideways} from '../page/touch-guard.mjs';

const TEMPLATE = `
<div class="vd-wipe">
  <canvas class="over" width="4" height="4" role="img"></canvas>
  <canvas class="under" width="4" height="4" role="img"></canvas>
  <span class="tag left" aria-hidden="true"></span><span class="tag right" aria-hidden="true"></span>
  <i class="divider" role="slider" tabindex="0" aria-label="Divider between the two pictures" aria-valuemin="0" aria-valuemax="100"></i>
</div>`;
const KEYS = {ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, Home: -100, End: 100};

export class Wipe {
  /** What lies to the right of the divider. @type {HTMLCanvasElement} */ under;
  /** What lies to its left. @type {HTMLCanvasElement} */ over;
  /** Percent of the width that lies to its left. */ at = 50;
  #root;
  #divider;

  /** @param {HTMLElement} place  becomes the two pictures */
  constructor(place) {
    const root = (this.#root = dom(TEMPLATE));
    const divider = (this.#divider = /** @type {HTMLElement} */ (root.querySelector('.divider')));
    [this.over, this.under] = /** @type {NodeListOf<HTMLCanvasElement>} */ (root.querySelectorAll('canvas'));
    place.replaceChildren(root);
    let thumb = /** @type {number[] | null} */ (null); // where one landed that has not gone sideways yet
    const follow = ({clientX}) => {
      const {left, width} = root.getBoundingClientRect();
      this.move((100 * (clientX - left)) / width);
    };
    root.addEventListener('pointerdown', event => {
      if (event.button || !root.classList.contains('two')) return;
      root.setPointerCapture(event.pointerId);
      // it may be about to scroll the page
      thumb = event.pointerType === 'touch' ? [event.clientX, event.clientY] : null;
      divider.focus({preventScroll: true});
      if (thumb) return;
      follow(event);
      event.preventDefault();
    });
    root.addEventListener('pointermove', event => {
      if (!root.hasPointerCapture(event.pointerId)) return;
      if (thumb && isSideways(event.clientX - thumb[0], event.clientY - thumb[1])) thumb = null;
      if (!thumb) follow(event);
    });
    divider.addEventListener('keydown', event => {
      const step = KEYS[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation(); // the presenter's arrows turn stops
      this.move(this.at + step);
    });
    this.move(50);
    this.alone('');
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
    this.#root.querySelector('.left').textContent = left;
    this.#root.querySelector('.right').textContent = right;
    this.over.setAttribute('aria-label', over);
    this.under.setAttribute('aria-label', under);
    this.under.removeAttribute('aria-hidden');
  }

  /** Both as they are seen now, as one picture. */
  picture() {
    const {width, height} = this.over;
    const canvas = Object.assign(document.createElement('canvas'), {width, height});
    const context = canvas.getContext('2d');
    const part = this.#root.classList.contains('two') ? Math.round((width * this.at) / 100) : width;
    if (part < width) context.drawImage(this.under, 0, 0);
    if (part) context.drawImage(this.over, 0, 0, part, height, 0, 0, part, height);
    return canvas;
  }
}
