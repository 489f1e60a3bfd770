/** Ways from one code to another; the same formulas as vaedemo/latents.py. */

/** @param {number[]} z */
const length = z => Math.hypot(...z);

/**
 * The straight line.
 * @param {number[]} a
 * @param {number[]} b
 * @param {number} t  in [0, 1]
 */
export const lerp = (a, b, t) => a.map((value, i) => (1 - t) * value + t * b[i]);

/**
 * Constant angular speed, the length passing linearly (White 2016); without an arc between them, the straight line.
 * @param {number[]} a
 * @param {number[]} b
 * @param {number} t  in [0, 1]
 */
export function slerp(a, b, t) {
  const [la, lb] = [length(a), length(b)];
  if (Math.min(la, lb) < 1e-6) return lerp(a, b, t);
  const angle = Math.acos(Math.max(-1, Math.min(1, a.reduce((sum, value, i) => sum + value * b[i], 0) / (la * lb))));
  if (Math.sin(angle) < 1e-4) return lerp(a, b, t);
  const scale = ((1 - t) * la + t * lb) / Math.sin(angle);
  const [p, q] = [(scale * Math.sin((1 - t) * angle)) / la, (scale * Math.sin(t * angle)) / lb];
  return a.map((value, i) => p * value + q * b[i]);
}
