/** Pictures for a scorer, black and white, 28 by 28: a digit, what becomes of it, and what no digit is. */
import {SIDE} from './model.mjs';

export const NOTHING = 'nothing';

/** A picture from a rule for its pixels. @param {(x: number, y: number) => boolean | number} ink */
const picture = ink => Uint8Array.from({length: SIDE * SIDE}, (_, i) => Number(ink(i % SIDE, Math.floor(i / SIDE))));

/** The same noise at every visit: what a linear congruential generator says (Numerical Recipes). */
function noise() {
  let state = 12345;
  return picture(() => {
    state = (1664525 * state + 1013904223) >>> 0;
    return state > 2 ** 31;
  });
}

/** A shoe from the side, as in Fashion-MNIST, drawn here: sole, heel, a rising upper. */
const shoe = () =>
  picture(
    (x, y) =>
      (y >= 20 && y < 22 && x >= 3 && x < 26) ||
      (y >= 22 && y < 24 && x >= 3 && x < 9) ||
      (y < 20 && y >= 10 && x >= 3 && x < 10) ||
      (y < 20 && x >= 10 && x < 26 && y >= 10 + (x - 10) * 0.5),
  );

/**
 * What is scored: its name, and how it is made of the digit at hand.
 * @type {[string, (x: Uint8Array) => Uint8Array][]}
 */
export const PICTURES = [
  ['your digit', x => x],
  ['moved by three pixels', x => picture((a, b) => a >= 3 && x[b * SIDE + a - 3])],
  ['upside down', x => Uint8Array.from(x).reverse()],
  ['a shoe', shoe],
  ['noise', noise],
  ['one short stroke', () => picture((x, y) => x >= 13 && x < 15 && y >= 11 && y < 17)],
  [NOTHING, () => picture(() => 0)],
];
