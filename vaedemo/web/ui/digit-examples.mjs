/** Ten example digits to choose from. */
import {decoder, latents} from '../engine/model-store.mjs';
import {dom, query, queryAll} from '../page/dom.mjs';
import {pictureNow, setPicture} from '../page/picture-store.mjs';
import {pngOf} from '../page/png.mjs';
import {Painter} from './painter.mjs';

/**
 * A model's example codes: [class][k] -> number[].
 * @param {string} model
 */
export async function examples(model) {
  const {data, shape} = (await latents(model)).examples;
  const [n, z] = shape;
  const rows = Array.from({length: n}, (_, i) => [...data.subarray(i * z, (i + 1) * z)]);
  return Array.from({length: 10}, (_, digit) => rows.slice(3 * digit, 3 * digit + 3));
}

/** @param {number} digit */
const template = digit => `
<button type="button" class="vd-digit" aria-label="Example: ${digit}">
  <canvas class="vd-ink" width="28" height="28"></canvas>
</button>`;

/**
 * Ten buttons with example digits, re-drawn by the model; a click gives one as a picture, unless another is chosen, or
 * given, before it is drawn.
 * @param {HTMLElement} place
 * @param {(picture: Blob, digit: number) => void} take
 */
export async function digitChoices(place, take) {
  const open = await decoder('digits');
  const codes = await examples('digits');
  let clicks = 0;
  codes.forEach((ofDigit, digit) => {
    const button = dom(template(digit));
    const painter = new Painter(query(button, 'canvas', HTMLCanvasElement), open.shape);
    let next = 0;
    open.batch(ofDigit[0], 1, planes => painter.draw(planes));
    button.addEventListener('click', () => {
      const click = (clicks += 1);
      const then = pictureNow();
      open.batch(ofDigit[next++ % ofDigit.length], 1, async planes => {
        painter.draw(planes);
        const file = await pngOf(planes, open.shape);
        if (click === clicks && then === pictureNow()) take(file, digit);
      });
    });
    place.append(button);
  });
}

/**
 * The same ten where a fold never opens empty: digit `first` stands there, and there `alone`, until there is a picture
 * that travels.
 * @param {HTMLElement} place
 * @param {number} first
 * @param {(picture: Blob) => void} alone
 * @param {(picture: Blob, digit: number) => void} [onward]
 */
export async function openWithDigit(place, first, alone, onward = setPicture) {
  let opening = true;
  await digitChoices(place, (blob, digit) => {
    if (opening && !pictureNow()) alone(blob);
    else onward(blob, digit);
    opening = false;
  });
  if (pictureNow()) opening = false;
  else queryAll(place, 'button')[first].click();
}
