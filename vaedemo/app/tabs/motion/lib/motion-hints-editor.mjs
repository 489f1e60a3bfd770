/** A picture on which a hand drags arrows from its cells; by keys with a ring, and then the arrow's end. */
import {dom, query} from '../../../../web/page/dom.mjs';
import {SHOWN, SIDE} from './still-store.mjs';
import {GRID} from '../../../../web/engine/trajectories.mjs';

/**
 * @typedef {import('./requests.mjs').Arrow} Arrow
 * @typedef {{row: number, column: number}} Cell
 */

export const MOST = 8; // arrows: beyond, the oldest goes
/** @type {Record<string, [number, number]>} */
const KEYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
const STEP = 2; // pixels of the still, of an arrow's end by keys
const SHORTEST = 1.5; // pixels: anything less is a click
const HINT = [
  'The still. Drag from what shall move to where it ends; or move a ring with the arrow keys, press Enter,',
  'move the end, and press Enter again; Delete takes the last arrow back.',
].join(' ');
const TEMPLATE = `
<div class="vd-aim" tabindex="0" role="application" aria-label="${HINT}">
  <canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img"></canvas>
  <svg viewBox="0 0 ${SIDE} ${SIDE}" aria-hidden="true"></svg><i class="ring" hidden></i>
</div>`;

/** The middle of a row or column of cells, in pixels of the still. @param {number} cell */
const middle = cell => ((cell + 0.5) * SIDE) / GRID;
/** @param {number} value @param {number} most */
const within = (value, most) => Math.max(0, Math.min(most, value));

export class ArrowEditor {
  /** @type {Arrow[]} */
  arrows = [];
  #root;
  #svg;
  #ringElement;
  #from;
  #onChange;
  /** The cell that keys would begin an arrow at. @type {Cell | null} */
  #ring = null;
  /** The arrow in the hand. @type {Arrow | null} */
  #held = null;
  /** Whose hand: a pointer's; null: the keys'. @type {number | null} */
  #pointer = null;

  /**
   * @param {HTMLElement} place
   * @param {{from: (row: number, column: number) => Cell, onChange: (done: boolean) => void}} options
   *   from: the cell that is meant by this one; done: the hand has let go
   */
  constructor(place, {from, onChange}) {
    const root = dom(TEMPLATE);
    this.#root = root;
    /** What the arrows are drawn over. */
    this.canvas = query(root, 'canvas', HTMLCanvasElement);
    this.#svg = query(root, 'svg', SVGSVGElement);
    this.#ringElement = query(root, 'i');
    this.#from = from;
    this.#onChange = onChange;
    place.replaceChildren(root);
    root.addEventListener('pointerdown', event => this.#grab(event));
    root.addEventListener('pointermove', event => this.#drag(event));
    root.addEventListener('pointerup', event => this.#release(event));
    root.addEventListener('pointercancel', event => this.#release(event, true));
    root.addEventListener('keydown', event => this.#key(event));
    root.addEventListener('blur', () => {
      this.#ringElement.hidden = true;
      if (this.#pointer === null) this.#end();
    });
  }

  /** @param {Arrow[]} arrows @param {boolean} [done] */
  set(arrows, done = true) {
    this.#held = null;
    this.#pointer = null;
    this.arrows = arrows.slice(-MOST);
    this.#draw();
    this.#onChange(done);
  }

  /** All that there are, with the one in the hand. @returns {Arrow[]} */
  get shown() {
    return this.#held && Math.hypot(this.#held.right, this.#held.down) >= SHORTEST
      ? [...this.arrows, this.#held].slice(-MOST)
      : this.arrows;
  }

  /** Where a pointer is, in pixels of the still. @param {PointerEvent} event */
  #at({clientX, clientY}) {
    const {left, top, width, height} = this.#root.getBoundingClientRect();
    return [(SIDE * (clientX - left)) / width, (SIDE * (clientY - top)) / height];
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    if (event.button || (this.#held && this.#pointer !== null)) return;
    this.#root.setPointerCapture(event.pointerId);
    this.#root.focus({preventScroll: true});
    const [column, row] = this.#at(event).map(value => Math.floor((within(value, SIDE - 1) * GRID) / SIDE));
    this.#begin(row, column, event.pointerId);
    event.preventDefault();
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    if (!this.#held || event.pointerId !== this.#pointer) return;
    const [x, y] = this.#at(event);
    const {row, column} = this.#held;
    this.#point(this.#held, x - middle(column), y - middle(row));
  }

  /** @param {PointerEvent} event @param {boolean} [undone] */
  #release(event, undone = false) {
    if (event.pointerId === this.#pointer) this.#end(undone);
  }

  /** @param {number} row @param {number} column @param {number | null} pointer  null: by keys */
  #begin(row, column, pointer) {
    this.#held = {...this.#from(row, column), right: 0, down: 0};
    this.#pointer = pointer;
    this.#draw();
  }

  /** The arrow in the hand points elsewhere. @param {Arrow} held @param {number} right @param {number} down */
  #point({row, column}, right, down) {
    this.#held = {
      row,
      column,
      right: within(right + middle(column), SIDE) - middle(column),
      down: within(down + middle(row), SIDE) - middle(row),
    };
    this.#draw();
    this.#onChange(false);
  }

  #end(undone = false) {
    if (!this.#held) return;
    this.set(undone ? this.arrows : this.shown);
  }

  #draw() {
    const all = [...this.arrows, ...(this.#held ? [this.#held] : [])];
    this.#svg.innerHTML = all.slice(-MOST).map(drawn).join('');
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const way = KEYS[event.key];
    const held = this.#held;
    const ring = this.#ring;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (way && held) this.#point(held, held.right + STEP * way[0], held.down + STEP * way[1]);
    else if (way) this.#moveRing(way);
    else if (event.key === 'Enter' && held) this.#end();
    else if (event.key === 'Enter' && ring) this.#begin(ring.row, ring.column, null);
    else if (event.key === 'Escape' && held) this.#end(true);
    else if (event.key === 'Backspace' || event.key === 'Delete') this.set(this.arrows.slice(0, -1));
    else return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
  }

  /** @param {[number, number]} way */
  #moveRing([right, down]) {
    const {row, column} = this.#ring ?? {row: GRID / 2 - down, column: GRID / 2 - right};
    this.#ring = {row: within(row + down, GRID - 1), column: within(column + right, GRID - 1)};
    this.#ringElement.style.left = `${(100 * (this.#ring.column + 0.5)) / GRID}%`;
    this.#ringElement.style.top = `${(100 * (this.#ring.row + 0.5)) / GRID}%`;
    this.#ringElement.hidden = false;
  }
}

/** An arrow in SVG: a dot at its cell, a line, a head. @param {Arrow} arrow */
function drawn({row, column, right, down}) {
  const [x, y] = [middle(column), middle(row)];
  const long = Math.hypot(right, down);
  const [u, v] = long ? [right / long, down / long] : [0, 0];
  const head = Math.min(3, long / 2);
  const end = [x + right, y + down];
  /** @param {number} side  -1 or 1 */
  const wing = side => `${end[0] - head * (u + side * 0.7 * v)},${end[1] - head * (v - side * 0.7 * u)}`;
  const path = `M${x},${y} L${end} M${wing(1)} L${end} L${wing(-1)}`;
  return `<circle cx="${x}" cy="${y}" r="1.1"/><path d="${path}"/><path class="over" d="${path}"/>`;
}

/** How many arrows, in words. @param {number} count */
export const counted = count => (count === 1 ? 'one arrow' : `${count} arrows`);

/**
 * Arrows of a link's numbers.
 * @param {number[]} values  row, column, right, down of each
 * @returns {Arrow[]}
 */
export function arrowsOf(values) {
  /** @param {number} value */
  const cell = value => within(Math.round(value), GRID - 1);
  return Array.from({length: Math.floor(values.length / 4)}, (_, i) => {
    const [row, column, right, down] = values.slice(4 * i, 4 * i + 4);
    return {row: cell(row), column: cell(column), right, down};
  });
}

/** The same arrows as numbers for a link. @param {Arrow[]} arrows */
export const numbersOf = arrows =>
  arrows.flatMap(({row, column, right, down}) => [row, column, +right.toFixed(1), +down.toFixed(1)]);
