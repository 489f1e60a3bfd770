/**
 * Bytes of pictures onto a canvas. The canvas holds the pictures' own pixels; CSS enlarges them by a whole number,
 * small drawings with crisp edges, photos smoothly.
 */

import {contextOf} from '../page/canvas-pixels.mjs';

/** Unless told otherwise, pictures up to this size are drawings whose pixels should be seen. */
const CRISP = 32;

/**
 * The red, green, blue of an opaque CSS color of sRGB, of which `var(--name)` is read where `element` stands. The
 * canvas's own name of the color is read, not a pixel of it: for pixels a browser may hand out noise.
 * @param {Element} element
 * @param {string} color
 * @returns {number[]}
 */
function rgbOf(element, color) {
  const context = contextOf(document.createElement('canvas'));
  const name = /^var\((--[\w-]+)\)$/.exec(color.trim())?.[1];
  context.fillStyle = name ? getComputedStyle(element).getPropertyValue(name).trim() : color;
  const code = /^#(..)(..)(..)$/.exec(String(context.fillStyle));
  if (!code) throw new RangeError(`${color} is no opaque color of sRGB`);
  return code.slice(1).map(part => parseInt(part, 16));
}

/** @typedef {[number, number, number]} Shape  channels (1 or 3), height, width of a picture */

export class Painter {
  #context;
  #image;
  #pixels;
  #columns;
  #ink;
  #paper;
  #shades = new Uint32Array(256);

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Shape} shape
   * @param {{columns?: number, rows?: number, ink?: string, paper?: string, crisp?: boolean}} [options]  a grid of
   *   pictures; for one channel, the colors of 1 and of 0 (white on black, or any CSS color, or `var(--name)`); whether
   *   pixels are enlarged with crisp edges
   */
  constructor(canvas, shape, {columns = 1, rows = 1, ink = '#fff', paper = '#000', crisp} = {}) {
    this.canvas = canvas;
    this.shape = shape;
    this.#columns = columns;
    this.#ink = ink;
    this.#paper = paper;
    const [channels, height, width] = shape;
    if (channels !== 1 && channels !== 3) throw new RangeError(`cannot paint ${channels} channels`);
    canvas.width = columns * width;
    canvas.height = rows * height;
    canvas.style.imageRendering = (crisp ?? Math.max(height, width) <= CRISP) ? 'pixelated' : 'auto';
    this.#context = contextOf(canvas, {alpha: false});
    this.#image = this.#context.createImageData(width, height);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    this.recolor();
  }

  /** Reads the colors again, after light has changed to dark; the next draw() shows them. */
  recolor() {
    if (this.shape[0] !== 1) return;
    const ink = rgbOf(this.canvas, this.#ink);
    const paper = rgbOf(this.canvas, this.#paper);
    const shade = new Uint8ClampedArray(256 * 4);
    for (let v = 0; v < 256; v++) {
      for (let c = 0; c < 3; c++) shade[4 * v + c] = paper[c] + ((ink[c] - paper[c]) * v) / 255;
      shade[4 * v + 3] = 255;
    }
    this.#shades = new Uint32Array(shade.buffer);
  }

  /**
   * Makes the canvas as large as the greatest whole multiple that fits into `room` CSS pixels; returns the multiple.
   * @param {number} room
   */
  fit(room) {
    const scale = Math.max(1, Math.floor(room / this.canvas.width));
    this.canvas.style.width = `${this.canvas.width * scale}px`;
    this.canvas.style.height = `${this.canvas.height * scale}px`;
    return scale;
  }

  /**
   * Draws all pictures in `planes`, from place `first` of the grid on, row by row.
   * @param {Uint8Array} planes  n * channels * height * width
   * @param {number} [first]
   */
  draw(planes, first = 0) {
    const [channels, height, width] = this.shape;
    const area = height * width;
    for (let at = 0, place = first; at < planes.length; at += channels * area, place++) {
      if (channels === 1) this.#grey(planes, at);
      else this.#color(planes, at, area);
      this.#context.putImageData(
        this.#image,
        (place % this.#columns) * width,
        Math.floor(place / this.#columns) * height,
      );
    }
  }

  /** @param {Uint8Array} planes @param {number} at */
  #grey(planes, at) {
    const pixels = this.#pixels;
    const shades = this.#shades;
    for (let i = 0; i < pixels.length; i++) pixels[i] = shades[planes[at + i]];
  }

  /** @param {Uint8Array} planes @param {number} at @param {number} area */
  #color(planes, at, area) {
    const pixels = this.#pixels; // little-endian, as every browser's machine is: alpha, blue, green, red
    for (let i = 0, red = at; i < area; i++, red++) {
      pixels[i] = 0xff000000 | (planes[red + 2 * area] << 16) | (planes[red + area] << 8) | planes[red];
    }
  }
}
