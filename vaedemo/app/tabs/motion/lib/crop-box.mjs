/** A photo with a square on it: dragged to what shall move, made larger or smaller; by keys, too. */
import {dom} from '../../../../web/page/dom.mjs';

const SIDE = 320;
const KEPT = 512;
const LEAST = 0.15;
const STEP = 0.04; // LEAST: of the photo's shorter side
const KEYS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
const TEMPLATE = `
<div class="vd-crop">
  <div class="box" tabindex="0" role="application" aria-label="Your photo. Drag the square, or move it with the arrow keys; plus and minus change its size.">
    <canvas class="vd-photo"></canvas><i aria-hidden="true"></i>
  </div>
  <label>Size of the square <input type="range" min="${LEAST}" max="1" step="0.01"></label>
  <p class="vd-note">Drag the square so that it holds a whole person, in the middle.</p>
</div>`;

export class Crop {
  #photo = /** @type {Blob | null} */ (null);
  #bitmap = /** @type {ImageBitmap | null} */ (null);
  #at = {x: 0, y: 0, side: 1};
  #held = /** @type {number[] | null} */ (null);
  #turn = 0; // of what is shown: what belongs to an earlier one comes too late

  /**
   * @param {HTMLElement} place  shown while there is a photo
   * @param {(square: Blob, photo: Blob, region: number[] | null) => Promise<boolean>} take  whether it was; region:
   *   the square in the photo's pixels, null for its middle one
   */
  constructor(place, take) {
    const root = dom(TEMPLATE);
    Object.assign(this, {
      place,
      take,
      box: root.querySelector('.box'),
      canvas: root.querySelector('canvas'),
      frame: root.querySelector('i'),
      size: root.querySelector('input'),
    });
    place.replaceChildren(root);
    const {box, size} = this;
    const where = ({clientX, clientY}) => {
      const {left, top, width} = box.getBoundingClientRect();
      const scale = this.#bitmap.width / width;
      return [(clientX - left) * scale, (clientY - top) * scale];
    };
    box.addEventListener('pointerdown', event => {
      if (event.button) return;
      const [x, y] = where(event);
      const {side} = this.#at;
      const inside = x >= this.#at.x && y >= this.#at.y && x < this.#at.x + side && y < this.#at.y + side;
      if (!inside && event.pointerType === 'touch') return; // it scrolls the page
      box.setPointerCapture(event.pointerId);
      this.#held = inside ? [x - this.#at.x, y - this.#at.y] : [side / 2, side / 2];
      if (!inside) this.#move(x - side / 2, y - side / 2);
    });
    box.addEventListener('pointermove', event => {
      if (!this.#held) return;
      const [x, y] = where(event);
      this.#move(x - this.#held[0], y - this.#held[1]);
    });
    const end = () => {
      if (this.#held) {
        this.#held = null;
        this.#cut();
      }
    };
    for (const name of ['pointerup', 'pointercancel']) box.addEventListener(name, end);
    box.addEventListener('keydown', event => this.#key(event));
    size.addEventListener('input', () => this.#resize(Number(size.value)));
    size.addEventListener('change', () => this.#cut());
  }

  /**
   * Shows a photo, its middle square first, and gives that; what no browser reads the server may read.
   * @param {Blob} blob
   */
  async show(blob) {
    const mine = (this.#turn += 1);
    const bitmap = await createImageBitmap(blob).catch(() => null);
    if (mine !== this.#turn) return;
    if (!bitmap) {
      if ((await this.take(blob, blob, null)) && mine === this.#turn) this.hide();
      return;
    }
    [this.#photo, this.#bitmap] = [blob, bitmap];
    this.place.hidden = false;
    const {width, height} = this.#bitmap;
    const scale = SIDE / Math.max(width, height);
    const side = Math.min(width, height);
    Object.assign(this.canvas, {
      width: Math.max(1, Math.round(2 * scale * width)),
      height: Math.max(1, Math.round(2 * scale * height)),
    });
    this.canvas.getContext('2d').drawImage(this.#bitmap, 0, 0, this.canvas.width, this.canvas.height);
    this.box.style.aspectRatio = `${width} / ${height}`;
    this.box.style.width = `min(100%, ${scale * width}px)`;
    this.size.value = '1';
    this.#at = {x: (width - side) / 2, y: (height - side) / 2, side};
    this.#place();
    this.#cut();
  }

  hide() {
    this.#turn += 1;
    this.place.hidden = true;
  }

  #place() {
    const {x, y, side} = this.#at;
    const {width, height} = this.#bitmap;
    // The square takes a thumb's ways along which it can be moved at all; the others scroll the page.
    this.frame.style.touchAction =
      side < height ? (side < width ? 'none' : 'pan-x') : side < width ? 'pan-y' : 'auto';
    Object.assign(this.frame.style, {
      left: `${(100 * x) / width}%`,
      top: `${(100 * y) / height}%`,
      width: `${(100 * side) / width}%`,
      height: `${(100 * side) / height}%`,
    });
  }

  #move(x, y, side = this.#at.side) {
    const {width, height} = this.#bitmap;
    const within = (value, most) => Math.max(0, Math.min(most - side, value));
    this.#at = {x: within(x, width), y: within(y, height), side};
    this.#place();
  }

  #resize(part) {
    const {x, y, side} = this.#at;
    const next = Math.max(1, part * Math.min(this.#bitmap.width, this.#bitmap.height));
    this.#move(x + (side - next) / 2, y + (side - next) / 2, next);
  }

  #key(event) {
    const way = KEYS[event.key];
    const grow = {'+': 1, '=': 1, '-': -1}[event.key];
    if (!(way || grow) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    if (way) this.#move(this.#at.x + way[0] * STEP * this.#at.side, this.#at.y + way[1] * STEP * this.#at.side);
    else {
      this.size.value = String(Number(this.size.value) + grow * STEP);
      this.#resize(Number(this.size.value));
    }
    this.#cut();
  }

  #cut() {
    const {x, y, side} = this.#at;
    const square = Object.assign(document.createElement('canvas'), {width: KEPT, height: KEPT});
    Object.assign(square.getContext('2d'), {imageSmoothingQuality: 'high'}).drawImage(
      this.#bitmap,
      x,
      y,
      side,
      side,
      0,
      0,
      KEPT,
      KEPT,
    );
    const {width, height} = this.#bitmap;
    const middle = side === Math.min(width, height) && 2 * x === width - side && 2 * y === height - side;
    const region = middle ? null : [x, y, x + side, y + side].map(Math.round);
    const mine = this.#turn;
    square.toBlob(blob => {
      if (mine === this.#turn) this.take(blob, this.#photo, region);
    }, 'image/png');
  }
}
