/** A photo with a square on it: dragged to what shall move, made larger or smaller; by keys, too. */
import {contextOf, newCanvas, pixelsAreTrue} from '../../../../web/page/canvas-pixels.mjs';
import {dom, query} from '../../../../web/page/dom.mjs';
import {onDrag} from '../../../../web/ui/drag.mjs';

const SIDE = 320;
const KEPT = 512; // pixels of the square that is taken
const LEAST = 0.15; // of the photo's shorter side
const STEP = 0.04; // of a key
const KEYS = /** @type {Record<string, number[]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});
const GROWTH = /** @type {Record<string, number>} */ ({'+': 1, '=': 1, '-': -1});
const LABEL = 'Your photo. Drag the square, or move it with the arrow keys; plus and minus change its size.';
const TEMPLATE = `
<div class="vd-crop">
  <div class="box" tabindex="0" role="application" aria-label="${LABEL}">
    <canvas class="vd-photo"></canvas><i aria-hidden="true"></i>
  </div>
  <label>Size of the square <input type="range" min="${LEAST}" max="1" step="0.01"></label>
  <p class="vd-note">Drag the square so that it holds a whole person, in the middle.</p>
</div>`;

/**
 * Takes a square of a photo; answers whether it could.
 * @callback Take
 * @param {Blob} square  the square as a picture; the photo itself where no browser reads it, or where this one does not
 *   let its pixels be read
 * @param {Blob} photo
 * @param {number[] | null} region  left, top, right, bottom of the square in the photo's pixels; null: its middle one
 * @returns {Promise<boolean>}
 */

export class Crop {
  #place;
  #take;
  #box;
  #canvas;
  #frame;
  #size;
  #photo = /** @type {Blob} */ (new Blob());
  #bitmap = /** @type {ImageBitmap | null} */ (null);
  #at = {x: 0, y: 0, side: 1};
  #grip = [0, 0]; // where in the square the hand holds it
  #turn = 0; // of what is shown: what belongs to an earlier one comes too late

  /** @param {HTMLElement} place  shown while there is a photo @param {Take} take */
  constructor(place, take) {
    const root = dom(TEMPLATE);
    place.replaceChildren(root);
    this.#place = place;
    this.#take = take;
    this.#box = query(root, '.box');
    this.#canvas = query(root, 'canvas', HTMLCanvasElement);
    this.#frame = query(root, 'i');
    this.#size = query(root, 'input', HTMLInputElement);
    onDrag(this.#box, {
      start: event => this.#grab(event),
      move: event => {
        const [x, y] = this.#pixelAt(event);
        this.#move(x - this.#grip[0], y - this.#grip[1]);
      },
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
      if ((await this.#take(blob, blob, null)) && turn === this.#turn) this.hide();
      return;
    }
    [this.#photo, this.#bitmap] = [blob, bitmap];
    this.#place.hidden = false;
    const {width, height} = bitmap;
    const scale = SIDE / Math.max(width, height);
    const side = Math.min(width, height);
    this.#canvas.width = Math.max(1, Math.round(2 * scale * width));
    this.#canvas.height = Math.max(1, Math.round(2 * scale * height));
    contextOf(this.#canvas).drawImage(bitmap, 0, 0, this.#canvas.width, this.#canvas.height);
    this.#box.style.aspectRatio = `${width} / ${height}`;
    this.#box.style.width = `min(100%, ${scale * width}px)`;
    this.#size.value = '1';
    this.#at = {x: (width - side) / 2, y: (height - side) / 2, side};
    this.#paint();
    this.#cut();
  }

  hide() {
    this.#turn += 1;
    this.#place.hidden = true;
  }

  /** Where on the photo a pointer is, in its pixels. @param {PointerEvent} event */
  #pixelAt({clientX, clientY}) {
    const {left, top, width} = this.#box.getBoundingClientRect();
    const scale = this.#shown.width / width;
    return [(clientX - left) * scale, (clientY - top) * scale];
  }

  get #shown() {
    if (!this.#bitmap) throw new Error('there is no photo yet');
    return this.#bitmap;
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    const [x, y] = this.#pixelAt(event);
    const {x: left, y: top, side} = this.#at;
    const inside = x >= left && y >= top && x < left + side && y < top + side;
    if (!inside && event.pointerType === 'touch') return false; // it scrolls the page
    this.#grip = inside ? [x - left, y - top] : [side / 2, side / 2];
    if (!inside) this.#move(x - side / 2, y - side / 2);
    return true;
  }

  #paint() {
    const {x, y, side} = this.#at;
    const {width, height} = this.#shown;
    Object.assign(this.#frame.style, {
      touchAction: touchActionOf(side < width, side < height),
      left: `${(100 * x) / width}%`,
      top: `${(100 * y) / height}%`,
      width: `${(100 * side) / width}%`,
      height: `${(100 * side) / height}%`,
    });
  }

  /** @param {number} x @param {number} y @param {number} [side] */
  #move(x, y, side = this.#at.side) {
    const {width, height} = this.#shown;
    /** @param {number} value @param {number} most */
    const within = (value, most) => Math.max(0, Math.min(most - side, value));
    this.#at = {x: within(x, width), y: within(y, height), side};
    this.#paint();
  }

  /** @param {number} part  of the photo's shorter side */
  #resize(part) {
    const {x, y, side} = this.#at;
    const {width, height} = this.#shown;
    const next = Math.max(1, part * Math.min(width, height));
    this.#move(x + (side - next) / 2, y + (side - next) / 2, next);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const way = KEYS[event.key];
    const grow = GROWTH[event.key];
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

  #cut() {
    const {x, y, side} = this.#at;
    const {width, height} = this.#shown;
    const middle = side === Math.min(width, height) && 2 * x === width - side && 2 * y === height - side;
    const region = middle ? null : [x, y, x + side, y + side].map(Math.round);
    const turn = this.#turn;
    /** @param {Blob | null} square */
    const tell = square => {
      if (square && turn === this.#turn) this.#take(square, this.#photo, region);
    };
    if (!pixelsAreTrue()) {
      tell(this.#photo);
      return;
    }
    const square = newCanvas(KEPT, KEPT);
    const context = contextOf(square);
    context.imageSmoothingQuality = 'high';
    context.drawImage(this.#shown, x, y, side, side, 0, 0, KEPT, KEPT);
    square.toBlob(tell, 'image/png');
  }
}

/**
 * The square takes a thumb's ways along which it can be moved at all; the others scroll the page.
 * @param {boolean} sideways
 * @param {boolean} upright
 */
function touchActionOf(sideways, upright) {
  if (sideways && upright) return 'none';
  if (sideways) return 'pan-y';
  return upright ? 'pan-x' : 'auto';
}
