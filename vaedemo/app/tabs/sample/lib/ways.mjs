/** Between two pictures, and between two codes. Pure: nothing here touches the page. */

/** n numbers from 0 to 1, evenly. @param {number} n */
export const steps = n => Array.from({length: n}, (_, i) => i / (n - 1));

/**
 * A double exposure: each pixel passes linearly from the first picture to the second.
 * @param {[Uint8Array, Uint8Array]} pictures
 * @param {number} t  in [0, 1]
 */
export const mixed = ([first, second], t) => first.map((value, i) => Math.round((1 - t) * value + t * second[i]));

/**
 * The place on the straight line from a to b that is nearest to z, in [0, 1].
 * @param {number[]} z
 * @param {number[]} a
 * @param {number[]} b
 */
export function nearestOnLine(z, a, b) {
  const way = b.map((value, d) => value - a[d]);
  const square = way.reduce((sum, value) => sum + value * value, 0);
  const along = way.reduce((sum, value, d) => sum + value * (z[d] - a[d]), 0);
  return Math.min(1, Math.max(0, along / (square || 1)));
}
