/** What of a still moves in any of some futures, and what lies behind it: all of them share it. */
import {RIM, eased, grown, membersOf, movingOf} from './foreground-matting.mjs';
import {partsOf, plateOf} from './background-inpainting.mjs';
import {CELLS, GRID} from '../../../../web/engine/trajectories.mjs';

const SAME = [0.002, 0.02];
const CRUMB = 0.12;

/** @typedef {{cells: Uint8Array, parts: Float32Array}} Corners  of each place four cells around it, their weights */

export class Cutout {
  /**
   * @param {Uint8Array | Uint8ClampedArray} shown  side x side pixels of red, green, blue
   * @param {Float32Array[]} futures  offsets of each
   */
  constructor(shown, futures) {
    const side = Math.sqrt(shown.length / 3);
    const picture = pictureOf(shown, side);
    const moving = movingInAny(futures);
    const rim = Math.max(1, (RIM * side) >> 8);
    const alpha = membersOf(picture, moving);
    const first = holeOf(alpha, side, rim);
    const filled = plateOf(picture, first);
    dropSame(alpha, first, picture.data, filled);
    dropCrumbs(alpha, side, rim);
    const hole = holeOf(alpha, side, rim);
    const plate = filled.map((value, k) => (hole[Math.floor(k / 3)] ? value : picture.data[k]));
    this.side = side;
    /** Which cells move. */
    this.moving = moving;
    /** The still's pixels from 0 to 1. */
    this.still = picture.data;
    /** How much each pixel goes along, from 0 to 1. */
    this.alpha = alpha;
    /** The pixels that go along, and those that they leave. */
    this.places = placesOf(hole, alpha);
    /** How much of each cell moves. */
    this.covered = coveredOf(this.places, alpha, side);
    /** @type {Corners | null} */
    this.corners = this.places.length ? cornersOf(this.places, side) : null;
    /** The still, and the still without what moves: red, green, blue, alpha of each pixel. */
    this.first = rgba(picture.data);
    this.behind = rgba(plate);
  }
}

/** The cells that move in any of some futures. @param {Float32Array[]} futures */
function movingInAny(futures) {
  const each = futures.map(movingOf);
  return Uint8Array.from({length: CELLS}, (_, i) => Number(each.some(cells => cells[i])));
}

/**
 * The pixels that are left open where what moves is taken away, with a rim.
 * @param {Float32Array} alpha
 * @param {number} side
 * @param {number} rim
 */
const holeOf = (alpha, side, rim) =>
  grown(
    alpha.map(value => Number(value > 0.5)),
    rim,
    side,
  );

/**
 * Pixels that look like what lies behind them stay: nobody sees them go.
 * @param {Float32Array} alpha  changed
 * @param {Uint8Array} hole
 * @param {Float32Array} still
 * @param {Float32Array} filled  the still without what is in the hole
 */
function dropSame(alpha, hole, still, filled) {
  const [low, high] = SAME;
  for (let i = 0; i < hole.length; i++) {
    if (!hole[i] || !alpha[i]) continue;
    const red = filled[3 * i] - still[3 * i];
    const green = filled[3 * i + 1] - still[3 * i + 1];
    const blue = filled[3 * i + 2] - still[3 * i + 2];
    alpha[i] *= eased(red ** 2 + green ** 2 + blue ** 2, low, high);
  }
}

/** @param {Uint8Array} hole @param {Float32Array} alpha */
function placesOf(hole, alpha) {
  const places = [];
  for (let i = 0; i < hole.length; i++) if (hole[i] || alpha[i]) places.push(i);
  return Int32Array.from(places);
}

/** How much of each cell moves. @param {Int32Array} places @param {Float32Array} alpha @param {number} side */
function coveredOf(places, alpha, side) {
  const covered = new Float32Array(CELLS);
  /** @param {number} at  of a pixel */
  const cell = at => Math.floor((at * GRID) / side);
  for (const i of places)
    covered[cell(Math.floor(i / side)) * GRID + cell(i % side)] += alpha[i] * (GRID / side) ** 2;
  return covered;
}

/**
 * Takes away parts that are small beside the largest: a lane's line that a car passes stays.
 * @param {Float32Array} alpha
 * @param {number} side
 * @param {number} rim
 */
function dropCrumbs(alpha, side, rim) {
  const parts = partsOf(
    alpha.map(value => Number(value > 0.5)),
    side,
  );
  const most = Math.max(0, ...parts.map(({length}) => length));
  const large = new Uint8Array(alpha.length);
  for (const part of parts) if (part.length > CRUMB * most) for (const i of part) large[i] = 1;
  grown(large, rim, side).forEach((near, i) => {
    if (!near) alpha[i] = 0;
  });
}

/**
 * The four cells around each place and their bilinear weights; beyond the last ones they alone count.
 * @param {Int32Array} places
 * @param {number} side
 */
function cornersOf(places, side) {
  const cells = new Uint8Array(4 * places.length);
  const parts = new Float32Array(4 * places.length);
  /** @param {number} value */
  const inside = value => Math.max(0, Math.min(GRID - 1, value));
  places.forEach((at, i) => {
    const y = ((Math.floor(at / side) + 0.5) * GRID) / side - 0.5;
    const x = (((at % side) + 0.5) * GRID) / side - 0.5;
    const top = Math.floor(y);
    const left = Math.floor(x);
    for (let corner = 0; corner < 4; corner++) {
      cells[4 * i + corner] = inside(top + (corner >> 1)) * GRID + inside(left + (corner & 1));
      parts[4 * i + corner] = Math.abs(1 - (corner >> 1) - (y - top)) * Math.abs(1 - (corner & 1) - (x - left));
    }
  });
  return {cells, parts};
}

/** @type {WeakMap<object, import('./foreground-matting.mjs').Picture>} */
const pictures = new WeakMap();

/**
 * A still's pixels from 0 to 1; all its futures share them.
 * @param {Uint8Array | Uint8ClampedArray} shown
 * @param {number} side
 */
function pictureOf(shown, side) {
  const picture = pictures.get(shown) ?? {side, data: Float32Array.from(shown, value => value / 255)};
  pictures.set(shown, picture);
  return picture;
}

/** Pixels as a canvas has them. @param {Float32Array} pixels  from 0 to 1 */
function rgba(pixels) {
  const all = new Uint8ClampedArray((pixels.length / 3) * 4).fill(255);
  for (let i = 0, k = 0; i < pixels.length; k++) for (let c = 0; c < 3; c++) all[k++] = 255 * pixels[i++];
  return all;
}
