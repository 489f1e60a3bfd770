/** A digit of which a part is given: one to three of its quadrants. `hide` of vaedemo/models/quadrant.py. */

export const SIDE = 28;
/** How many quadrants have to be given for each to be seen: upper left, upper right, lower left, lower right. */
const TURNS = [2, 4, 1, 3];

/** Whether each pixel is seen, row by row, with `given` quadrants. @param {number} given @returns {boolean[]} */
export const seen = given =>
  Array.from({length: SIDE ** 2}, (_, i) => {
    const lower = Math.floor((2 * i) / SIDE ** 2);
    const right = Math.floor((2 * (i % SIDE)) / SIDE);
    return TURNS[2 * lower + right] <= given;
  });

/** The condition y: a pixel from 0 to 1, or -1 where it is hidden. @param {Uint8Array} x @param {boolean[]} mask */
export const condition = (x, mask) => Array.from(x, (value, i) => (mask[i] ? value / 255 : -1));

/**
 * Pictures with what was given pasted in.
 * @param {Uint8Array} planes  one picture after another
 * @param {Uint8Array} x
 * @param {boolean[]} mask
 */
export const pasted = (planes, x, mask) =>
  planes.map((value, i) => (mask[i % mask.length] ? x[i % mask.length] : value));
