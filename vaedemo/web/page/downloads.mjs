/** What a visitor takes away: files, PNGs, GIFs. */
import {request} from './request.mjs';

/** @param {string} name @param {Blob} blob */
export function save(name, blob) {
  const anchor = Object.assign(document.createElement('a'), {href: URL.createObjectURL(blob), download: name});
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
}

/** A canvas as a PNG, enlarged by whole pixels. */
export function savePng(name, canvas, scale = 8) {
  const large = Object.assign(document.createElement('canvas'), {
    width: canvas.width * scale,
    height: canvas.height * scale,
  });
  const context = large.getContext('2d');
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, large.width, large.height);
  large.toBlob(blob => save(name, blob));
}

/**
 * Planes of grey, or of red, green and blue, one frame after another or in a list, as a GIF that loops; with `back`
 * there
 * and back. Throws an Error in plain words.
 * @param {string} name  of the file @param {Uint8Array | Uint8Array[]} planes
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
    body: new Blob([planes].flat()),
  });
  save(name, await answer.blob());
}
