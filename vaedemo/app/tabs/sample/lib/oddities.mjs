/** Picture files that cost a lot: what the buttons of the ELBO's fold say, and the picture each makes. */
import {decoder} from '../../../../web/engine/model-store.mjs';
import {pngOf} from '../../../../web/page/png.mjs';
import {examples} from '../../../../web/ui/digit-examples.mjs';
import {decoded} from '../../../../web/ui/side-by-side.mjs';
import {SIDE, inverted, noise, onItsSide, scribble, two} from './out-of-distribution-digits.mjs';

const MODEL = 'digits';
const DIGITS = Array.from({length: 10}, (_, digit) => digit);
const LONGISH = [2, 3, 4, 5, 7]; // a turned one is no other digit

/** An example of one of these digits, drawn by the decoder. @param {number[]} digits */
async function example(digits) {
  const digit = digits[Math.floor(digits.length * Math.random())];
  return decoded({open: await decoder(MODEL)}, [(await examples(MODEL))[digit][0]]);
}

/** @type {Record<string, () => Promise<Uint8Array>>} */
const PICTURES = {
  Noise: async () => noise(),
  Inverted: async () => inverted(await example(DIGITS)),
  'On its side': async () => onItsSide(await example(LONGISH)),
  'Two digits': async () => two(await example(DIGITS), await example(DIGITS)),
  Scribble: async () => scribble(),
};

export const ODDITIES = Object.keys(PICTURES);

/** @param {string} name  of ODDITIES */
export const oddity = async name => pngOf(await PICTURES[name](), [1, SIDE, SIDE]);
