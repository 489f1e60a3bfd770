/** One future of a still, or several over one another: as frames, as paths over the still, or as flow in colors. */
import {contextOf, newCanvas} from '../../../../web/page/canvas-pixels.mjs';
import {flowColor} from './flow-legend.mjs';
import {Warp} from './image-warp.mjs';
import {Cutout} from './motion-layers.mjs';
import {SHOWN, SIDE} from './still-store.mjs';
import {CELLS, GRID, TIMES, offsetAt, offsetsOf, reachOf} from '../../../../web/engine/trajectories.mjs';

/**
 * Frames; the way that each cell goes, over the still; where each cell is by then, as colors.
 * @typedef {'motion' | 'paths' | 'flow'} View
 * @typedef {import('./still-store.mjs').Still} Still
 * @typedef {{trajectories: Float32Array<ArrayBuffer>, mode: number}} Moves
 */

/** @type {readonly View[]} */
export const VIEWS = ['motion', 'paths', 'flow'];
/** A color for each mode, after Okabe and Ito, and a letter, since color is never the only sign. */
const COLORS = ['#e69f00', '#56b4e9', '#009e73', '#cc79a7', '#f0e442', '#0072b2', '#d55e00'];
/** @param {number} mode */
export const colorOf = mode => COLORS[mode % COLORS.length];
/** @param {number} mode */
export const letterOf = mode => String.fromCharCode(65 + (mode % 26));

const CELL = SHOWN / GRID;
const SCALE = SHOWN / SIDE;
const MOVES = 0.75; // pixels of the still, of a path that is drawn
const DIM = 0.45; // how much of the still is seen under paths
const TRACE = 0.25; // and under flow
const SOLID = 0.85; // how much is seen of a future over others
const CLEAR = 60; // of 3 x 255, how far off the ground a color is that surely is no ground

/**
 * Films of several futures of one still.
 * @param {Still} still
 * @param {Moves[]} futures
 */
export function filmsOf(still, futures) {
  /** @type {Cutout | null} */
  let cutout = null;
  // One for all of them, made at the first frame that is wanted.
  const cut = () =>
    (cutout ??= new Cutout(
      still.shown,
      films.map(({offsets}) => offsets),
    ));
  /** @type {Film[]} */
  const films = futures.map(future => new Film(still, future, cut));
  return films;
}

export class Film {
  /** @type {Warp | null} */
  #warp = null;
  /** @type {Float32Array | null} */
  #offsets = null;
  /** @type {Float32Array | null} */
  #reach = null;
  #at = -1;
  /** @type {Uint8ClampedArray<ArrayBuffer> | null} */
  #frame = null;

  /**
   * @param {Still} still
   * @param {Moves} future
   * @param {() => Cutout} cut
   */
  constructor(still, {trajectories, mode}, cut) {
    this.still = still;
    this.trajectories = trajectories;
    this.mode = mode;
    this.cut = cut;
  }

  /** Of each axis, instant and cell, in pixels of the still. */
  get offsets() {
    return (this.#offsets ??= offsetsOf(this.trajectories));
  }

  /** How far each cell gets from its place, likewise. */
  get reach() {
    return (this.#reach ??= reachOf(this.offsets));
  }

  /** Pixels at a time from 0 to 1: red, green, blue, alpha. The next frame overwrites them. @param {number} t */
  frame(t) {
    this.#warp ??= new Warp(this.still.shown, this.offsets, this.cut());
    // A frame is often wanted twice, on the screen and on a panel.
    if (t !== this.#at || !this.#frame) {
      this.#at = t;
      this.#frame = this.#warp.at(t);
    }
    return this.#frame;
  }

  /** The still without what moves in any of these futures. */
  get ground() {
    return this.cut().behind;
  }

  /** @param {HTMLCanvasElement} canvas  SHOWN pixels a side @param {number} t  0 to 1 @param {View} view */
  paint(canvas, t, view) {
    if (view === 'flow') paintFlow(canvas, this, t);
    else if (view === 'paths') paintPaths(canvas, [this], t);
    else putPixels(canvas, this.frame(t));
  }
}

/**
 * All of them on one canvas; of flow, which cannot lie over one another, the first.
 * @param {Film[]} films
 * @param {HTMLCanvasElement} canvas
 * @param {number} t
 * @param {View} view
 */
export function paintAll(films, canvas, t, view) {
  if (films.length === 1 || view === 'flow') films[0].paint(canvas, t, view);
  else if (view === 'paths') paintPaths(canvas, films, t);
  else if (t <= 0) paintStill(canvas, films[0].still.shown);
  else paintGhosts(canvas, films, t);
}

/** @param {HTMLCanvasElement} canvas @param {Uint8ClampedArray<ArrayBuffer>} pixels  SHOWN a side */
const putPixels = (canvas, pixels) => contextOf(canvas).putImageData(new ImageData(pixels, SHOWN), 0, 0);

/** @type {WeakMap<Uint8Array, Uint8ClampedArray<ArrayBuffer>>} */
const stills = new WeakMap();

/** The still itself. @param {HTMLCanvasElement} canvas @param {Uint8Array} shown */
export function paintStill(canvas, shown) {
  let pixels = stills.get(shown);
  if (!pixels) {
    pixels = new Uint8ClampedArray(4 * SHOWN * SHOWN).fill(255);
    for (let i = 0, k = 0; i < shown.length; k++) for (let c = 0; c < 3; c++) pixels[k++] = shown[i++];
    stills.set(shown, pixels);
  }
  putPixels(canvas, pixels);
}

/**
 * Whatever moves in any of the futures, laid one over the other before the ground that it has left, each a little
 * transparent.
 * @param {HTMLCanvasElement} canvas
 * @param {Film[]} films
 * @param {number} t
 */
function paintGhosts(canvas, films, t) {
  const ground = films[0].ground;
  const data = ground.slice();
  const whole = new Uint32Array(ground.buffer);
  for (const film of films) {
    const frame = film.frame(t);
    const pixels = new Uint32Array(frame.buffer); // a pixel at once: most are the ground's
    for (let i = 0, k = 0; i < whole.length; i++, k += 4) {
      if (pixels[i] === whole[i]) continue;
      const away =
        Math.abs(frame[k] - ground[k]) +
        Math.abs(frame[k + 1] - ground[k + 1]) +
        Math.abs(frame[k + 2] - ground[k + 2]);
      const part = SOLID * Math.min(1, away / CLEAR);
      for (let c = k; c < k + 3; c++) data[c] += part * (frame[c] - data[c]);
    }
  }
  putPixels(canvas, data);
}

/** @param {HTMLCanvasElement} canvas @param {Film[]} films @param {number} t */
function paintPaths(canvas, films, t) {
  paintStill(canvas, films[0].still.shown);
  const context = contextOf(canvas);
  context.fillStyle = `rgb(0 0 0 / ${1 - DIM})`;
  context.fillRect(0, 0, SHOWN, SHOWN);
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.lineWidth = 1.6;
  for (const {offsets, reach, mode} of films) {
    context.strokeStyle = colorOf(mode);
    context.fillStyle = colorOf(mode);
    reach.forEach((far, cell) => {
      if (far >= MOVES) paintPath(context, offsets, cell, t);
    });
  }
}

/**
 * The way that one cell has gone by the time t, a dot at its end.
 * @param {CanvasRenderingContext2D} context
 * @param {Float32Array} offsets
 * @param {number} cell
 * @param {number} t
 */
function paintPath(context, offsets, cell, t) {
  const last = t * (TIMES - 1);
  const x = ((cell % GRID) + 0.5) * CELL;
  const y = (Math.floor(cell / GRID) + 0.5) * CELL;
  context.beginPath();
  context.moveTo(x, y);
  for (let i = 1; i < last; i++)
    context.lineTo(x + SCALE * offsets[i * CELLS + cell], y + SCALE * offsets[(TIMES + i) * CELLS + cell]);
  const [dx, dy] = offsetAt(offsets, cell, t);
  context.lineTo(x + SCALE * dx, y + SCALE * dy);
  context.stroke();
  context.beginPath();
  context.arc(x + SCALE * dx, y + SCALE * dy, 2.2, 0, 2 * Math.PI);
  context.fill();
}

/**
 * The colors of the flow over a trace of the still, which tells what moves.
 * @param {HTMLCanvasElement} canvas
 * @param {Film} film
 * @param {number} t
 */
function paintFlow(canvas, {still, offsets}, t) {
  const small = newCanvas(GRID, GRID);
  const image = new ImageData(GRID, GRID);
  for (let cell = 0; cell < CELLS; cell++) {
    const [dx, dy] = offsetAt(offsets, cell, t);
    image.data.set([...flowColor(dx, dy), 255], 4 * cell);
  }
  contextOf(small).putImageData(image, 0, 0);
  paintStill(canvas, still.shown);
  const context = contextOf(canvas);
  context.save();
  context.fillStyle = `rgb(255 255 255 / ${1 - TRACE})`;
  context.fillRect(0, 0, SHOWN, SHOWN);
  context.imageSmoothingEnabled = false;
  context.globalCompositeOperation = 'multiply';
  context.drawImage(small, 0, 0, SHOWN, SHOWN);
  context.restore();
}

/**
 * A film's frame at its end, half as large, as planes of red, green and blue. Nothing is read back from a canvas, where
 * some browsers hand out noise.
 * @param {Film} film
 */
export function halfPlanes(film) {
  const pixels = film.frame(1);
  const side = SHOWN / 2;
  const planes = new Uint8Array(3 * side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      for (let c = 0; c < 3; c++) {
        const k = 4 * (2 * y * SHOWN + 2 * x) + c;
        const below = k + 4 * SHOWN;
        const sum = pixels[k] + pixels[k + 4] + pixels[below] + pixels[below + 4];
        planes[(c * side + y) * side + x] = Math.round(sum / 4);
      }
  return planes;
}
