/** The ten example digits as pictures. */
import {decoder} from '../../../../web/engine/model-store.mjs';
import {examples} from '../../../../web/ui/digit-examples.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

/** One of them, re-drawn by the model. @param {number} digit @returns {Promise<Blob>} */
export async function exampleDigit(digit) {
  const [open, codes] = await Promise.all([decoder('digits'), examples('digits')]);
  const canvas = document.createElement('canvas');
  const painter = new Painter(canvas, open.shape);
  await open.batch(codes[digit][0], 1, planes => painter.draw(planes));
  return new Promise((resolve, reject) => {
    canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error('This browser makes no PNG.'))));
  });
}
