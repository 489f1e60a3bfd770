/**
 * Pictures that no training digit looks like, 28 by 28, white on black. Each fills the 20 x 20 box that reading would
 * make of it. Pure: nothing here touches the page.
 */
import {StrokeRaster} from '../../../../web/ui/stroke-raster.mjs';

export const SIDE = 28;
const EDGE = 4;
const BOX = SIDE - 2 * EDGE;
const PEN = 2;
const STROKES = 7; // of a scribble
const PARTS = 12; // straight ones of a curved stroke

/** @typedef {[number, number]} Point */

/**
 * A picture whose pixels are `level(x, y)` inside the box, and black around it.
 * @param {(x: number, y: number) => number} level
 */
const inBox = level =>
  Uint8Array.from({length: SIDE ** 2}, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    return Math.min(x, y) < EDGE || Math.max(x, y) >= EDGE + BOX ? 0 : level(x, y);
  });

/** Each pixel black or white. */
export const noise = () => inBox(() => (Math.random() < 0.5 ? 255 : 0));

/**
 * Black on a white tile: all black on white would be read as ink on paper, and turned back.
 * @param {Uint8Array} digit
 */
export const inverted = digit => inBox((x, y) => 255 - digit[y * SIDE + x]);

/**
 * A quarter turn, clockwise. Reading would put a shifted digit back into the middle; a turned one it leaves.
 * @param {Uint8Array} digit
 */
export const onItsSide = digit =>
  digit.map((_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    return digit[(SIDE - 1 - x) * SIDE + y];
  });

/**
 * Two digits beside each other, of half the size.
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 */
export function two(left, right) {
  const half = SIDE / 2;
  const top = half / 2;
  return left.map((_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE) - top];
    if (y < 0 || y >= half) return 0;
    const at = 2 * y * SIDE + 2 * (x % half);
    const digit = x < half ? left : right;
    return Math.round((digit[at] + digit[at + 1] + digit[at + SIDE] + digit[at + SIDE + 1]) / 4);
  });
}

/** Curves from place to place. */
export function scribble() {
  const inside = () => EDGE + 1 + (BOX - 2) * Math.random();
  const raster = new StrokeRaster(SIDE);
  /** @type {Point} */
  let from = [inside(), inside()];
  for (let i = 0; i < STROKES; i++) {
    const by = /** @type {Point} */ ([inside(), inside()]);
    const to = /** @type {Point} */ ([inside(), inside()]);
    for (let k = 1; k <= PARTS; k++)
      raster.line(onCurve(from, by, to, (k - 1) / PARTS), onCurve(from, by, to, k / PARTS), PEN);
    from = to;
  }
  return raster.bytes;
}

/**
 * A place on a quadratic curve.
 * @param {Point} from @param {Point} by @param {Point} to @param {number} t  in [0, 1]
 * @returns {Point}
 */
function onCurve(from, by, to, t) {
  const at = axis => (1 - t) ** 2 * from[axis] + 2 * t * (1 - t) * by[axis] + t ** 2 * to[axis];
  return [at(0), at(1)];
}
