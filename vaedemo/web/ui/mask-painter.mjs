/** A picture to paint on: what is painted over is hidden from the model. */
import {onDrag} from './drag.mjs';
import {Painter} from './painter.mjs';

const BRUSH = 5; // radius in the picture's pixels
const VEIL = [217, 72, 15]; // the color of what is hidden
/** What the keys hide: left, top, right, bottom in parts of the picture's side. */
const BANDS = /** @type {Record<string, number[]>} */ ({
  1: [0, 0.38, 1, 0.64],
  2: [0.2, 0.66, 0.8, 0.9],
  3: [0, 0, 0.5, 1],
  4: [0.5, 0, 1, 1],
});
const LABEL =
  'The aligned face. Paint over a part with the pointer to hide it; ' +
  'the keys 1 to 4 hide the eyes, the mouth, the left half, the right half; Delete uncovers it.';

export class MaskPainter {
  /** 1 where the picture counts. */ visible;
  #canvas;
  #painter;
  /** The picture's bytes, plane after plane. @type {Uint8Array | null} */ #x = null;
  #side;
  #onChange;
  /** Where the stroke has come to. @type {number[] | null} */ #last = null;

  /** @param {HTMLCanvasElement} canvas  square, RGB @param {() => void} onChange */
  constructor(canvas, onChange) {
    this.#canvas = canvas;
    this.#side = canvas.width;
    this.#painter = new Painter(canvas, [3, this.#side, this.#side], {crisp: false});
    this.#onChange = onChange;
    this.visible = new Uint8Array(this.#side ** 2).fill(1);
    Object.assign(canvas.style, {touchAction: 'none', cursor: 'crosshair'});
    canvas.tabIndex = 0;
    canvas.setAttribute('aria-label', LABEL);
    onDrag(canvas, {start: event => this.#begin(event), move: event => this.#stroke(event)});
    canvas.addEventListener('keydown', event => this.#key(event));
  }

  get hidden() {
    return this.visible.includes(0);
  }

  /** @param {Uint8Array | null} x  3 * side * side; null: nothing yet */
  show(x) {
    this.#x = x;
    this.clear();
    if (!x) this.#painter.draw(new Uint8Array(3 * this.#side ** 2));
  }

  clear() {
    this.visible.fill(1);
    this.#draw();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const n = this.#side;
    const band = BANDS[event.key];
    if (!this.#x || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Delete' || event.key === 'Backspace') this.clear();
    if (!band) return;
    const [left, top, right, bottom] = band.map(part => Math.round(part * n));
    for (let y = top; y < bottom; y++) this.visible.fill(0, y * n + left, y * n + right);
    this.#draw();
  }

  /** @param {PointerEvent} event */
  #begin(event) {
    if (!this.#x) return false;
    this.#last = null;
    this.#stroke(event);
    return true;
  }

  /** @param {PointerEvent} event */
  #stroke({clientX, clientY}) {
    const {left, top, width, height} = this.#canvas.getBoundingClientRect();
    const n = this.#side;
    const to = [((clientX - left) / width) * n, ((clientY - top) / height) * n];
    const from = this.#last ?? to;
    const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1])));
    for (let s = 0; s <= steps; s++)
      this.#dab(from[0] + ((to[0] - from[0]) * s) / steps, from[1] + ((to[1] - from[1]) * s) / steps);
    this.#last = to;
    this.#draw();
  }

  /** @param {number} cx @param {number} cy */
  #dab(cx, cy) {
    const n = this.#side;
    for (let y = Math.max(0, Math.ceil(cy - BRUSH)); y < Math.min(n, cy + BRUSH); y++) {
      for (let x = Math.max(0, Math.ceil(cx - BRUSH)); x < Math.min(n, cx + BRUSH); x++) {
        if ((x - cx) ** 2 + (y - cy) ** 2 < BRUSH ** 2) this.visible[y * n + x] = 0;
      }
    }
  }

  #draw() {
    if (!this.#x) return;
    const area = this.#side ** 2;
    const veiled = this.#x.slice();
    for (let i = 0; i < veiled.length; i++) if (!this.visible[i % area]) veiled[i] = VEIL[Math.floor(i / area)];
    this.#painter.draw(veiled);
    this.#onChange();
  }
}
