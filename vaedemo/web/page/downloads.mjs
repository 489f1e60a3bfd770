/** What a visitor takes away: files, PNGs, GIFs. */
import {checkPixels, contextOf, newCanvas} from './canvas-pixels.mjs';
import {request} from './request.mjs';

/** @param {string} name @param {Blob} blob */
export function save(name, blob) {
  const anchor = Object.assign(document.createElement('a'), {href: URL.createObjectURL(blob), download: name});
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
}

/**
 * Saves a canvas as a PNG, enlarged by whole pixels. Throws an Error in plain words where that would be noise.
 * @param {string} name  of the file
 * @param {HTMLCanvasElement} canvas
 * @param {number} [scale]
 */
export function savePng(name, canvas, scale = 8) {
  checkPixels();
  const large = newCanvas(canvas.width * scale, canvas.height * scale);
  const context = contextOf(large);
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, large.width, large.height);
  large.toBlob(blob => blob && save(name, blob));
}

/**
 * Planes of grey, or of red, green and blue, one frame after another or in a list, as a GIF that loops; with `back`
 * there and back. Throws an Error in plain words.
 * @param {string} name  of the file
 * @param {Uint8Array | Uint8Array[]} planes
 * @param {{width?: number, height?: number, channels?: number, ms?: number, scale?: number, back?: boolean}}
 *   [options]  ms a frame
 */
export async function saveGif(
  name,
  planes,
  {width = 28, height = 28, channels = 1, ms = 80, scale = 8, back = false} = {},
) {
  const answer = await request('gif', {
    purpose: 'make a GIF',
    query: {width, height, channels, ms, scale, back: Number(back)},
    body: new Blob(/** @type {Uint8Array<ArrayBuffer>[]} */ ([planes].flat())),
  });
  save(name, await answer.blob());
}
