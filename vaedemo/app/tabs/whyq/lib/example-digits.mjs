/** The ten example digits as pictures. */
import {decoder} from '../../../../web/engine/model-store.mjs';
import {pngOf} from '../../../../web/page/png.mjs';
import {examples} from '../../../../web/ui/digit-examples.mjs';

/** One of them, re-drawn by the model, as a file. @param {number} digit */
export async function exampleDigit(digit) {
  const [open, codes] = await Promise.all([decoder('digits'), examples('digits')]);
  let pixels = new Uint8Array();
  await open.batch(codes[digit][0], 1, planes => {
    pixels = Uint8Array.from(planes);
  });
  return pngOf(pixels, open.shape);
}
