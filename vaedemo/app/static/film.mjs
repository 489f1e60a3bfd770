/** One future of a still, or several over one another: as frames, as paths over the still, or as flow in colors. */
import {GRID, SHOWN} from './moving.mjs';
import {flowColor, offsetsOf, reachOf} from './trajectories.mjs';
import {Warp} from './warp.mjs';

/** Frames; the way that each cell goes, over the still; where each cell is by then, as colors. */
export const VIEWS = ['motion', 'paths', 'flow'];
/** A color for each mode, after Okabe and Ito, and a letter, since color is never the only sign. */
export const COLORS = ['#e69f00', '#56b4e9', '#009e73', '#cc79a7', '#f0e442', '#0072b2', '#d55e00'];
export const colorOf = mode => COLORS[mode % COLORS.length];
export const letterOf = mode => String.fromCharCode(65 + mode % 26);

const CELL = SHOWN / GRID, TIMES = 16, CELLS = GRID * GRID, SCALE = SHOWN / 64, MOVES = 0.75; // MOVES: pixels of the still, of a path that is drawn
const DIM = 0.45, SOLID = 0.9; // how much of the still is seen under paths; of each of several futures that are over one another

export class Film {
  #warp = /** @type {Warp | null} */ (null); #offsets = /** @type {Float32Array | null} */ (null); #reach = this.#offsets;

  /** @param {import('./moving.mjs').Still} still @param {{trajectories: Float32Array, mode?: number}} future */
  constructor(still, {trajectories, mode = 0}) {
    Object.assign(this, {still, trajectories, mode});
  }

  /** Of each axis, instant and cell, in pixels of the still. */
  get offsets() { return this.#offsets ??= offsetsOf(this.trajectories); }
  /** How far each cell gets from its place, likewise. */
  get reach() { return this.#reach ??= reachOf(this.offsets); }
  get warp() { return this.#warp ??= new Warp(this.still.shown, this.offsets); }

  /** @param {HTMLCanvasElement} canvas  SHOWN pixels a side @param {number} t  0 to 1 @param {string} view */
  paint(canvas, t, view) {
    if (view === 'flow') paintFlow(canvas, this.offsets, t);
    else if (view === 'paths') paintPaths(canvas, [this], t);
    else this.warp.paint(canvas, t);
  }
}

/** All of them on one canvas; of flow, which cannot lie over one another, the first. @param {Film[]} films @param {HTMLCanvasElement} canvas @param {number} t @param {string} view */
export function paintAll(films, canvas, t, view) {
  if (films.length === 1 || view === 'flow') films[0].paint(canvas, t, view);
  else if (view === 'paths') paintPaths(canvas, films, t);
  else paintGhosts(canvas, films, t);
}

/** Where the still itself stands. @param {HTMLCanvasElement} canvas @param {Uint8Array} shown */
export function paintStill(canvas, shown) {
  const image = new ImageData(SHOWN, SHOWN);
  for (let i = 0, k = 0; i < shown.length; i += 3, k += 4) image.data.set([shown[i], shown[i + 1], shown[i + 2], 255], k);
  canvas.getContext('2d').putImageData(image, 0, 0);
}

/** Whatever moves in any of the futures is seen wherever it goes in one of them, before a ground that it has left. */
function paintGhosts(canvas, films, t) {
  const context = canvas.getContext('2d');
  if (t <= 0) { paintStill(canvas, films[0].still.shown); return; }
  const ground = groundOf(films), frames = films.map(({warp}) => warp.frame(t).data), image = context.createImageData(SHOWN, SHOWN), {data} = image;
  for (let k = 0, i = 0; k < data.length; k += 4, i += 3) {
    let most = 0, best = 0;
    for (let f = 0; f < frames.length; f++) {
      const frame = frames[f], away = Math.abs(frame[k] - ground[i]) + Math.abs(frame[k + 1] - ground[i + 1]) + Math.abs(frame[k + 2] - ground[i + 2]);
      if (away > most) { most = away; best = f; }
    }
    const frame = frames[best];
    for (let c = 0; c < 3; c++) data[k + c] = ground[i + c] + SOLID * (frame[k + c] - ground[i + c]);
    data[k + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

const grounds = new WeakMap();

/** The still without what moves in any of the futures. @param {Film[]} films @returns {Float32Array} */
function groundOf(films) {
  const known = grounds.get(films);
  if (known) return known;
  const ground = Float32Array.from(films[0].still.shown);
  for (const {warp: {hole, plate}} of films.toReversed()) hole.forEach((left, i) => { if (left) for (let c = 3 * i; c < 3 * i + 3; c++) ground[c] = plate[c]; });
  grounds.set(films, ground);
  return ground;
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
    reach.forEach((far, cell) => { if (far >= MOVES) paintPath(context, offsets, cell, t); });
  }
}

/** The way that one cell has gone by the time t, a dot at its end. */
function paintPath(context, offsets, cell, t) {
  const last = t * (TIMES - 1), x = (cell % GRID + 0.5) * CELL, y = (Math.floor(cell / GRID) + 0.5) * CELL;
  context.beginPath();
  context.moveTo(x, y);
  for (let i = 1; i < last; i++) context.lineTo(x + SCALE * offsets[i * CELLS + cell], y + SCALE * offsets[(TIMES + i) * CELLS + cell]);
  const [dx, dy] = offsetAt(offsets, cell, t);
  context.lineTo(x + SCALE * dx, y + SCALE * dy);
  context.stroke();
  context.beginPath();
  context.arc(x + SCALE * dx, y + SCALE * dy, 2.2, 0, 2 * Math.PI);
  context.fill();
}

/** Where a cell is at a time t, off its place, in pixels of the still: [right, down]. @param {Float32Array} offsets @param {number} cell @param {number} t */
export function offsetAt(offsets, cell, t) {
  const at = t * (TIMES - 1), i = Math.min(TIMES - 2, Math.floor(at)), part = at - i;
  return [0, TIMES].map(axis => (1 - part) * offsets[(axis + i) * CELLS + cell] + part * offsets[(axis + i + 1) * CELLS + cell]);
}

function paintFlow(canvas, offsets, t) {
  const small = Object.assign(document.createElement('canvas'), {width: GRID, height: GRID}), image = new ImageData(GRID, GRID);
  for (let cell = 0; cell < CELLS; cell++) image.data.set([...flowColor(...offsetAt(offsets, cell, t)), 255], 4 * cell);
  small.getContext('2d').putImageData(image, 0, 0);
  const context = canvas.getContext('2d');
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, SHOWN, SHOWN);
}
