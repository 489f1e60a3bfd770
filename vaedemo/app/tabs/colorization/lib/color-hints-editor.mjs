/** A photo on which a hand dabs colors: a click or a tap sets one, which then can be dragged; by keys with a ring. */
import {dom} from '../../../../web/page/dom.mjs';

/** @typedef {import('./hint-posterior.mjs').Dab} Dab */
const KEYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
const STEP = 1 / 32;
const NEAR = 16; // NEAR: px, of a dab that is taken hold of
export const MOST = 12; // dabs: beyond, the oldest goes
const inside = value => Math.max(0, Math.min(0.999, value));

export class Dabs {
  /** @type {Dab[]} */ dabs = [];
  /** What the dabs lie on. @type {HTMLCanvasElement} */ canvas;
  #root;
  #marks;
  #ring;
  #place = /** @type {{x: number, y: number} | null} */ (null);
  #held = -1;
  #before = /** @type {Dab[] | null} */ (null);

  /**
   * @param {HTMLElement} place
   * @param {{color: (place: {x: number, y: number}) => [number, number], css: (dab: Dab) => string, onChange: (done:
   *   boolean) => void}} options
   *   color: of the next dab; css: what a dab looks like; done: the hand has let go
   */
  constructor(place, {color, css, onChange}) {
    this.#root = dom(
      '<div class="vd-dabs" tabindex="0" role="application"><canvas class="vd-photo" width="4" height="4" role="img"></canvas><div class="marks" aria-hidden="true"></div><i class="ring" hidden></i></div>',
    );
    this.canvas = this.#root.querySelector('canvas');
    [this.#marks, this.#ring] = [
      this.#root.querySelector('.marks'),
      /** @type {HTMLElement} */ (this.#root.querySelector('.ring')),
    ];
    place.replaceChildren(this.#root);
    this.css = css;
    this.onChange = onChange;
    const root = this.#root;
    const at = ({clientX, clientY}) => {
      const {left, top, width, height} = root.getBoundingClientRect();
      return {x: inside((clientX - left) / width), y: inside((clientY - top) / height)};
    };
    root.addEventListener('pointerdown', event => {
      if (event.button) return;
      root.setPointerCapture(event.pointerId);
      const {x, y} = at(event);
      const {width, height} = root.getBoundingClientRect();
      this.#before = this.dabs;
      this.#held = this.dabs.findIndex(dab => Math.hypot((dab.x - x) * width, (dab.y - y) * height) < NEAR);
      if (this.#held < 0) {
        this.set([...this.dabs, {x, y, ab: color({x, y})}], false);
        this.#held = this.dabs.length - 1;
      }
    });
    root.addEventListener('pointermove', event => {
      if (this.#held < 0 || !root.hasPointerCapture(event.pointerId)) return;
      this.set(this.dabs.with(this.#held, {...this.dabs[this.#held], ...at(event)}), false);
    });
    root.addEventListener('pointerup', () => this.#end());
    root.addEventListener('pointercancel', () => this.#end(true)); // the thumb scrolls the page, and meant no dab
    root.addEventListener('keydown', event => this.#key(event, color));
    root.addEventListener('blur', () => {
      this.#ring.hidden = true;
    });
  }

  /** @param {Dab[]} dabs @param {boolean} [done] */
  set(dabs, done = true) {
    this.dabs = dabs.slice(-MOST);
    this.paint();
    this.onChange(done);
  }

  /** The dabs as they are seen: once more where the photo under them has changed. */
  paint() {
    this.#marks.replaceChildren(
      ...this.dabs.map(dab => {
        const mark = document.createElement('i');
        Object.assign(mark.style, {left: `${100 * dab.x}%`, top: `${100 * dab.y}%`, background: this.css(dab)});
        return mark;
      }),
    );
  }

  /** @param {string} words  what one can do here */
  tell(words) {
    this.#root.setAttribute('aria-label', words);
  }

  #end(undone = false) {
    if (this.#held < 0) return;
    this.#held = -1;
    this.set(undone ? this.#before : this.dabs);
  }

  #key(event, color) {
    const way = KEYS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (way) {
      event.stopPropagation(); // the presenter's arrows turn stops
      const {x, y} = this.#place ?? {x: 0.5 - STEP * way[0], y: 0.5 - STEP * way[1]};
      this.#place = {x: inside(x + STEP * way[0]), y: inside(y + STEP * way[1])};
      Object.assign(this.#ring.style, {left: `${100 * this.#place.x}%`, top: `${100 * this.#place.y}%`});
      this.#ring.hidden = false;
    } else if (event.key === 'Enter' && this.#place)
      this.set([...this.dabs, {...this.#place, ab: color(this.#place)}]);
    else if (event.key === 'Backspace' || event.key === 'Delete') this.set(this.dabs.slice(0, -1));
    else return;
    event.preventDefault();
  }
}
