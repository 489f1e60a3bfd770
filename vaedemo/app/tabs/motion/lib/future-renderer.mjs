/** One future of a still, or several over one another: as frames, as paths over the still, or as flow in colors. */
import {Cutout} from './motion-layers.mjs';
import {GRID, SHOWN} from './still-store.mjs';
import {flowColor, offsetsOf, reachOf} from './trajectory-decoder.mjs';
import {Warp} from './image-warp.mjs';

/** Frames; the way that each cell goes, over the still; where each cell is by then, as colors. */
export const VIEWS = ['motion', 'paths', 'flow'];
/** A color for each mode, after Okabe and Ito, and a letter, since color is never the only sign. */
export const COLORS = ['#e69f00', '#56b4e9', '#009e73', '#cc79a7', '#f0e442', '#0072b2', '#d55e00'];
export const colorOf = mode => COLORS[mode % COLORS.length];
export const letterOf = mode => String.fromCharCode(65 + (mode % 26));

const CELL = SHOWN / GRID;
const TIMES = 16;
const CELLS = GRID * GRID;
const SCALE = SHOWN / 64;
const MOVES = 0.75; // MOVES: pixels of the still, of a path that is drawn
const DIM = 0.45;
const TRACE = 0.25; // how much of the still is seen under paths, and under flow
const SOLID = 0.85;
const CLEAR = 60; // how much is seen of a future over others; of 3 x 255, off the ground, what surely is no ground

/**
 * Films of several futures of one still.
 * @param {import('./still-store.mjs').Still} still
 * @param {{trajectories: Float32Array, mode?: number}[]} futures
 */
export function filmsOf(still, futures) {
  let cutout = /** @type {Cutout | null} */ (null);
  const cut = () =>
    (cutout ??= new Cutout(
      still.shown,
      films.map(({offsets}) => offsets),
    )); // for all of them, at the first frame that is wanted
  const films = futures.map(future => new Film(still, future, cut));
  return films;
}

export class Film {
  #warp = /** @type {Warp | null} */ (null);
  #offsets = /** @type {Float32Array | null} */ (null);
  #reach = this.#offsets;
  #at = -1;
  #frame = /** @type {ImageData | null} */ (null);

  /**
   * @param {import('./still-store.mjs').Still} still
   * @param {{trajectories: Float32Array, mode?: number}} future
   * @param {() => Cutout} cut
   */
  constructor(still, {trajectories, mode = 0}, cut) {
    Object.assign(this, {still, trajectories, mode, cut});
  }

  /** Of each axis, instant and cell, in pixels of the still. */
  get offsets() {
    return (this.#offsets ??= offsetsOf(this.trajectories));
  }
  /** How far each cell gets from its place, likewise. */
  get reach() {
    return (this.#reach ??= reachOf(this.offsets));
  }

  /** @param {number} t @returns {ImageData}  which the next one overwrites */
  frame(t) {
    this.#warp ??= new Warp(this.still.shown, this.offsets, this.cut());
    if (t !== this.#at) [this.#at, this.#frame] = [t, this.#warp.at(t)]; // wanted twice, on the screen and on a panel
    return this.#frame;
  }

  /** The still without what moves in any of these futures. */
  get ground() {
    return this.cut().behind;
  }

  /** @param {HTMLCanvasElement} canvas  SHOWN pixels a side @param {number} t  0 to 1 @param {string} view */
  paint(canvas, t, view) {
    if (view === 'flow') paintFlow(canvas, this, t);
    else if (view === 'paths') paintPaths(canvas, [this], t);
    else canvas.getContext('2d').putImageData(this.frame(t), 0, 0);
  }
}

/**
 * All of them on one canvas; of flow, which cannot lie over one another, the first.
 * @param {Film[]} films
 * @param {HTMLCanvasElement} canvas
 * @param {number} t
 * @param {string} view
 */
export function paintAll(films, canvas, t, view) {
  if (films.length === 1 || view === 'flow') films[0].paint(canvas, t, view);
  else if (view === 'paths') paintPaths(canvas, films, t);
  else if (t <= 0) paintStill(canvas, films[0].still.shown);
  else paintGhosts(canvas, films, t);
}

/** The still itself. @param {HTMLCanvasElement} canvas @param {Uint8Array} shown */
export function paintStill(canvas, shown) {
  let image = stills.get(shown);
  if (!image) {
    stills.set(shown, (image = new ImageData(SHOWN, SHOWN)));
    for (let i = 0, k = 0; i < shown.length; i += 3, k += 4)
      image.data.set([shown[i], shown[i + 1], shown[i + 2], 255], k);
  }
  canvas.getContext('2d').putImageData(image, 0, 0);
}
const stills = /** @type {WeakMap<Uint8Array, ImageData>} */ (new WeakMap());

/**
 * Whatever moves in any of the futures, laid one over the other before the ground that it has left, each a little
 * transparent.
 */
function paintGhosts(canvas, films, t) {
  const ground = films[0].ground.data;
  const image = new ImageData(Uint8ClampedArray.from(ground), SHOWN);
  const {data} = image;
  const whole = new Uint32Array(ground.buffer);
  for (const film of films) {
    const frame = film.frame(t).data;
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
  canvas.getContext('2d').putImageData(image, 0, 0);
}

/** @param {HTMLCanvasElement} canvas @param {Film[]} films @param {number} t */
function paintPaths(canvas, films, t) {
  paintStill(canvas, films[0].still.shown);
  const context = canvas.getContext('2d');
  context.fillStyle = `rgb(0 0 0 / ${1 - DIM})`;
  context.fillRect(0, 0, SHOWN, SHOWN);
  Object.assign(context, {lineCap: 'round', lineJoin: 'round', lineWidth: 1.6});
  for (const {offsets, reach, mode} of films) {
    context.strokeStyle = context.fillStyle = colorOf(mode);
    reach.forEach((far, cell) => {
      if (far >= MOVES) paintPath(context, offsets, cell, t);
    });
  }
}

/** The way that one cell has gone by the time t, a dot at its end. */
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
 * Where a cell is at a time t, off its place, in pixels of the still: [right, down].
 * @param {Float32Array} offsets
 * @param {number} cell
 * @param {number} t
 */
export function offsetAt(offsets, cell, t) {
  const at = t * (TIMES - 1);
  const i = Math.min(TIMES - 2, Math.floor(at));
  const part = at - i;
  return [0, TIMES].map(
    axis => (1 - part) * offsets[(axis + i) * CELLS + cell] + part * offsets[(axis + i + 1) * CELLS + cell],
  );
}

/** The colors of the flow over a trace of the still, which tells what moves. */
function paintFlow(canvas, {still, offsets}, t) {
  const small = Object.assign(document.createElement('canvas'), {width: GRID, height: GRID});
  const image = new ImageData(GRID, GRID);
  const context = canvas.getContext('2d');
  for (let cell = 0; cell < CELLS; cell++)
    image.data.set([...flowColor(...offsetAt(offsets, cell, t)), 255], 4 * cell);
  small.getContext('2d').putImageData(image, 0, 0);
  paintStill(canvas, still.shown);
  context.save();
  context.fillStyle = `rgb(255 255 255 / ${1 - TRACE})`;
  context.fillRect(0, 0, SHOWN, SHOWN);
  Object.assign(context, {imageSmoothingEnabled: false, globalCompositeOperation: 'multiply'}).drawImage(
    small,
    0,
    0,
    SHOWN,
    SHOWN,
  );
  context.restore();
}
