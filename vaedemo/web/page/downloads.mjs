/** What a visitor takes away: files, PNGs, GIFs. */
import {ROOT} from '../engine/root.mjs';
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
  const query = new URLSearchParams(
    Object.entries({width, height, channels, ms, scale, back: Number(back)}).map(([key, value]) => [
      key,
      String(value),
    ]),
  );
  const answer = await fetch(`${ROOT}live/gif?${query}`, {method: 'POST', body: new Blob([planes].flat())}).catch(
    () => {
      throw new Error('The server does not answer; only it can make a GIF.');
    },
  );
  if (!answer.ok) throw new Error(answer.status < 500 ? await answer.text() : 'The server could not make the GIF.');
  save(name, await answer.blob());
}
