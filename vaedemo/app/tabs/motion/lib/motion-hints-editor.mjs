/** A picture on which a hand drags arrows from its cells; by keys with a ring, and then the arrow's end. */
import {GRID, SIDE} from './still-store.mjs';
import {dom} from '../../../../web/page/dom.mjs';

/** @typedef {import('./requests.mjs').Arrow} Arrow */
export const MOST = 8; // arrows: beyond, the oldest goes
const KEYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
const STEP = 2; // pixels of the still, of an arrow's end by keys
const SHORTEST = 1.5; // pixels: anything less is a click
const middle = cell => ((cell + 0.5) * SIDE) / GRID;
const within = (value, most) => Math.max(0, Math.min(most, value));
const TEMPLATE = `<div class="vd-aim" tabindex="0" role="application"><canvas class="vd-photo" width="256" height="256" role="img"></canvas>
  <svg viewBox="0 0 ${SIDE} ${SIDE}" aria-hidden="true"></svg><i class="ring" hidden></i></div>`;

export class Arrows {
  /** @type {Arrow[]} */ arrows = [];
  #root;
  #ring = /** @type {{row: number, column: number} | null} */ (null);
  #held = /** @type {Arrow | null} */ (null);
  #byKeys = false;

  /**
   * @param {HTMLElement} place
   * @param {{from: (row: number, column: number) => {row: number, column: number}, onChange: (done: boolean) =>
   *   void}} options
   *   from: the cell that is meant by this one; done: the hand has let go
   */
  constructor(place, {from, onChange}) {
    this.#root = dom(TEMPLATE);
    Object.assign(this, {
      canvas: this.#root.querySelector('canvas'),
      svg: this.#root.querySelector('svg'),
      ring: this.#root.querySelector('i'),
      from,
      onChange,
    });
    place.replaceChildren(this.#root);
    const root = this.#root;
    const at = ({clientX, clientY}) => {
      const {left, top, width, height} = root.getBoundingClientRect();
      return [(SIDE * (clientX - left)) / width, (SIDE * (clientY - top)) / height];
    };
    root.addEventListener('pointerdown', event => {
      if (event.button) return;
      root.setPointerCapture(event.pointerId);
      root.focus({preventScroll: true});
      const [x, y] = at(event);
      this.#begin(Math.floor((within(y, SIDE - 1) * GRID) / SIDE), Math.floor((within(x, SIDE - 1) * GRID) / SIDE));
      event.preventDefault();
    });
    root.addEventListener('pointermove', event => {
      if (!this.#held || this.#byKeys) return;
      const [x, y] = at(event);
      const {row, column} = this.#held;
      this.#point(x - middle(column), y - middle(row));
    });
    root.addEventListener('pointerup', () => this.#end());
    root.addEventListener('pointercancel', () => this.#end(true));
    root.addEventListener('keydown', event => this.#key(event));
    root.addEventListener('blur', () => {
      this.ring.hidden = true;
      if (this.#byKeys) this.#end();
    });
  }

  /** @param {Arrow[]} arrows @param {boolean} [done] */
  set(arrows, done = true) {
    this.#held = null;
    this.arrows = arrows.slice(-MOST);
    this.#draw();
    this.onChange(done);
  }

  /** @param {string} words  what one can do here */
  tell(words) {
    this.#root.setAttribute('aria-label', words);
  }

  #begin(row, column, byKeys = false) {
    this.#held = {...this.from(row, column), right: 0, down: 0};
    this.#byKeys = byKeys;
    this.#draw();
  }

  #point(right, down) {
    const {row, column} = this.#held;
    this.#held = {
      row,
      column,
      right: within(right + middle(column), SIDE) - middle(column),
      down: within(down + middle(row), SIDE) - middle(row),
    };
    this.#draw();
    this.onChange(false);
  }

  /** All that there are, with the one in the hand. @returns {Arrow[]} */
  get shown() {
    return this.#held && Math.hypot(this.#held.right, this.#held.down) >= SHORTEST
      ? [...this.arrows, this.#held].slice(-MOST)
      : this.arrows;
  }

  #end(undone = false) {
    if (!this.#held) return;
    this.set(undone ? this.arrows : this.shown);
  }

  #draw() {
    const line = ({row, column, right, down}) => {
      const [x, y] = [middle(column), middle(row)];
      const long = Math.hypot(right, down);
      const [u, v] = long ? [right / long, down / long] : [0, 0];
      const head = Math.min(3, long / 2);
      const end = [x + right, y + down];
      const wing = side => `${end[0] - head * (u + side * 0.7 * v)},${end[1] - head * (v - side * 0.7 * u)}`;
      const path = `M${x},${y} L${end} M${wing(1)} L${end} L${wing(-1)}`;
      return `<circle cx="${x}" cy="${y}" r="1.1"/><path d="${path}"/><path class="over" d="${path}"/>`;
    };
    this.svg.innerHTML = [...this.arrows, ...(this.#held ? [this.#held] : [])].slice(-MOST).map(line).join('');
  }

  #key(event) {
    const way = KEYS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (way && this.#held) this.#point(this.#held.right + STEP * way[0], this.#held.down + STEP * way[1]);
    else if (way) this.#place(way);
    else if (event.key === 'Enter' && this.#held) this.#end();
    else if (event.key === 'Enter' && this.#ring) this.#begin(this.#ring.row, this.#ring.column, true);
    else if (event.key === 'Escape' && this.#held) this.#end(true);
    else if (event.key === 'Backspace' || event.key === 'Delete') this.set(this.arrows.slice(0, -1));
    else return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
  }

  #place([right, down]) {
    const {row, column} = this.#ring ?? {row: GRID / 2 - down, column: GRID / 2 - right};
    this.#ring = {row: within(row + down, GRID - 1), column: within(column + right, GRID - 1)};
    Object.assign(this.ring.style, {
      left: `${(100 * (this.#ring.column + 0.5)) / GRID}%`,
      top: `${(100 * (this.#ring.row + 0.5)) / GRID}%`,
    });
    this.ring.hidden = false;
  }
}
