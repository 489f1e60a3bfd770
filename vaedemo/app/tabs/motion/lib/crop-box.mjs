/** A photo with a square on it: dragged to what shall move, made larger or smaller; by keys, too. */
import {contextOf, fileOf, newCanvas, pixelsAreTrue} from '../../../../web/page/canvas-pixels.mjs';
import {dom, query} from '../../../../web/page/dom.mjs';
import {onDrag} from '../../../../web/ui/drag.mjs';

const SIDE = 320;
const KEPT = 512; // pixels a side of the square that is sent
const LEAST = 0.15; // of the photo's shorter side
const STEP = 0.04;
/** @type {Record<string, [number, number]>} */
const KEYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
/** @type {Record<string, number>} */
const SIZES = {'+': 1, '=': 1, '-': -1};
const TEMPLATE = `
<div class="vd-crop">
  <div class="box" tabindex="0" role="application"
    aria-label="Your photo. Drag the square, or move it with the arrow keys; plus and minus change its size.">
    <canvas class="vd-photo"></canvas><i aria-hidden="true"></i>
  </div>
  <label>Size of the square <input type="range" min="${LEAST}" max="1" step="0.01"></label>
  <p class="vd-note">Drag the square so that it holds a whole person, in the middle.</p>
</div>`;

/**
 * @typedef {{file: Blob, part: import('./requests.mjs').Region | null, photo: Blob, region: number[] | null}} Square
 *   file, part: what to look at, where in it, null: its middle square; photo: as it was given; region: the square in
 *   the photo's pixels, null: the middle one
 */

export class CropBox {
  #place;
  #take;
  #box;
  #frame;
  #canvas;
  #size;
  /** @type {Blob | null} */
  #photo = null;
  /** @type {ImageBitmap | null} */
  #bitmap = null;
  #at = {x: 0, y: 0, side: 1};
  #grip = {x: 0, y: 0}; // where in the square the hand holds it
  #turn = 0; // of what is shown: what belongs to an earlier one comes too late

  /**
   * @param {HTMLElement} place  shown while there is a photo
   * @param {(square: Square) => Promise<boolean>} take  whether it was
   */
  constructor(place, take) {
    const root = dom(TEMPLATE);
    this.#place = place;
    this.#take = take;
    this.#box = query(root, '.box');
    this.#frame = query(root, 'i');
    this.#canvas = query(root, 'canvas', HTMLCanvasElement);
    this.#size = query(root, 'input', HTMLInputElement);
    place.replaceChildren(root);
    onDrag(this.#box, {
      start: event => this.#grab(event),
      move: event => this.#drag(event),
      end: () => this.#cut(),
    });
    this.#box.addEventListener('keydown', event => this.#key(event));
    this.#size.addEventListener('input', () => this.#resize(Number(this.#size.value)));
    this.#size.addEventListener('change', () => this.#cut());
  }

  /**
   * Shows a photo, its middle square first, and gives that; what no browser reads the server may read.
   * @param {Blob} blob
   */
  async show(blob) {
    const turn = (this.#turn += 1);
    const bitmap = await createImageBitmap(blob).catch(() => null);
    if (turn !== this.#turn) return;
    if (!bitmap) {
      const read = await this.#take({file: blob, part: null, photo: blob, region: null});
      if (read && turn === this.#turn) this.hide();
      return;
    }
    this.#photo = blob;
    this.#bitmap = bitmap;
    this.#place.hidden = false;
    this.#paint(bitmap);
    const {width, height} = bitmap;
    const side = Math.min(width, height);
    this.#size.value = '1';
    this.#at = {x: (width - side) / 2, y: (height - side) / 2, side};
    this.#put(bitmap);
    await this.#cut();
  }

  hide() {
    this.#turn += 1;
    this.#place.hidden = true;
  }

  /** @param {ImageBitmap} bitmap */
  #paint(bitmap) {
    const {width, height} = bitmap;
    const scale = SIDE / Math.max(width, height);
    this.#canvas.width = Math.max(1, Math.round(2 * scale * width));
    this.#canvas.height = Math.max(1, Math.round(2 * scale * height));
    contextOf(this.#canvas).drawImage(bitmap, 0, 0, this.#canvas.width, this.#canvas.height);
    this.#box.style.aspectRatio = `${width} / ${height}`;
    this.#box.style.width = `min(100%, ${scale * width}px)`;
  }

  /** Puts the square's frame where it is. @param {ImageBitmap} bitmap */
  #put({width, height}) {
    const {x, y, side} = this.#at;
    const {style} = this.#frame;
    style.touchAction = touchAction(side < width, side < height);
    style.left = `${(100 * x) / width}%`;
    style.top = `${(100 * y) / height}%`;
    style.width = `${(100 * side) / width}%`;
    style.height = `${(100 * side) / height}%`;
  }

  /** Where a pointer is, in the photo's pixels. @param {PointerEvent} event @param {ImageBitmap} bitmap */
  #where({clientX, clientY}, bitmap) {
    const {left, top, width} = this.#box.getBoundingClientRect();
    const scale = bitmap.width / width;
    return [(clientX - left) * scale, (clientY - top) * scale];
  }

  /** @param {PointerEvent} event @returns {boolean} whether it drags the square */
  #grab(event) {
    if (!this.#bitmap) return false;
    const [x, y] = this.#where(event, this.#bitmap);
    const {side, ...at} = this.#at;
    const inside = x >= at.x && y >= at.y && x < at.x + side && y < at.y + side;
    if (!inside && event.pointerType === 'touch') return false; // it scrolls the page
    this.#grip = inside ? {x: x - at.x, y: y - at.y} : {x: side / 2, y: side / 2};
    if (!inside) this.#move(x - side / 2, y - side / 2);
    return true;
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    if (!this.#bitmap) return;
    const [x, y] = this.#where(event, this.#bitmap);
    this.#move(x - this.#grip.x, y - this.#grip.y);
  }

  /** @param {number} x @param {number} y @param {number} [side] */
  #move(x, y, side = this.#at.side) {
    if (!this.#bitmap) return;
    const {width, height} = this.#bitmap;
    /** @param {number} value @param {number} most */
    const within = (value, most) => Math.max(0, Math.min(most - side, value));
    this.#at = {x: within(x, width), y: within(y, height), side};
    this.#put(this.#bitmap);
  }

  /** @param {number} part  of the photo's shorter side */
  #resize(part) {
    if (!this.#bitmap) return;
    const {x, y, side} = this.#at;
    const next = Math.max(1, part * Math.min(this.#bitmap.width, this.#bitmap.height));
    this.#move(x + (side - next) / 2, y + (side - next) / 2, next);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const way = KEYS[event.key];
    const grow = SIZES[event.key];
    if (!(way || grow) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    const {x, y, side} = this.#at;
    if (way) this.#move(x + way[0] * STEP * side, y + way[1] * STEP * side);
    else {
      this.#size.value = String(Number(this.#size.value) + grow * STEP);
      this.#resize(Number(this.#size.value));
    }
    this.#cut();
  }

  /** Gives the square: a small picture, or where a canvas would hand out noise for it, the photo and where in it. */
  async #cut() {
    const photo = this.#photo;
    const bitmap = this.#bitmap;
    if (!photo || !bitmap) return;
    const turn = this.#turn;
    const {x, y, side} = this.#at;
    const {width, height} = bitmap;
    const middle = side === Math.min(width, height) && 2 * x === width - side && 2 * y === height - side;
    const region = middle ? null : [x, y, x + side, y + side].map(Math.round);
    if (!pixelsAreTrue()) {
      await this.#take({file: photo, part: middle ? null : partOf(this.#at, bitmap), photo, region});
      return;
    }
    const square = newCanvas(KEPT, KEPT);
    const context = contextOf(square);
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, x, y, side, side, 0, 0, KEPT, KEPT);
    const file = await fileOf(square);
    if (turn === this.#turn) await this.#take({file, part: null, photo, region});
  }
}

/**
 * A square in parts of the photo's sides.
 * @param {{x: number, y: number, side: number}} square
 * @param {ImageBitmap} bitmap
 * @returns {import('./requests.mjs').Region}
 */
const partOf = ({x, y, side}, {width, height}) => [
  x / width,
  y / height,
  Math.min(1, (x + side) / width),
  Math.min(1, (y + side) / height),
];

/**
 * The square takes a thumb's ways along which it can be moved at all; the others scroll the page.
 * @param {boolean} across  whether it can be moved to the sides
 * @param {boolean} down
 */
function touchAction(across, down) {
  if (across && down) return 'none';
  if (across) return 'pan-y';
  return down ? 'pan-x' : 'auto';
}
