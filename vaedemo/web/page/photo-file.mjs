/**
 * Photos on their way to the server: made small enough here for what lies between, and of a kind that it reads. The
 * browser turns them upright and brings their colors to sRGB; what is clear becomes white, as the server would do it.
 */
import {contextOf, fileOf, newCanvas} from './canvas-pixels.mjs';

const SENT = 900_000; // bytes: many proxies let no more than a megabyte through
const SIDE = 2_048; // pixels: the server reads no more
const LEAST = 640; // pixels: a photo's models see less
const READ_THERE = /^image\/(png|jpeg|webp|gif|avif|bmp|tiff)$/;

/** What was made of each file. @type {WeakMap<Blob, Promise<Blob>>} */
const made = new WeakMap();

/** Whether a file goes to the server as it is. @param {Blob} file */
export const goesAsItIs = file => file.size <= SENT && READ_THERE.test(file.type);

/**
 * A file of the same picture, of less than a megabyte, that the server reads; the file itself where it is one, and
 * where this browser cannot read it.
 * @param {Blob} file
 * @returns {Promise<Blob>}
 */
export function sendable(file) {
  if (goesAsItIs(file)) return Promise.resolve(file);
  const known = made.get(file) ?? reduced(file).catch(() => file);
  made.set(file, known);
  return known;
}

/** @param {Blob} file */
async function reduced(file) {
  const bitmap = await createImageBitmap(file);
  try {
    for (let side = SIDE; ; side = Math.round(side * 0.75)) {
      const canvas = drawn(bitmap, side);
      for (const quality of [0.92, 0.85, 0.75]) {
        const smaller = await fileOf(canvas, 'image/jpeg', quality);
        if (smaller.size <= SENT || (side < LEAST && quality < 0.8)) return smaller;
      }
    }
  } finally {
    bitmap.close();
  }
}

/**
 * A picture on white, with no side above `most`.
 * @param {ImageBitmap} bitmap
 * @param {number} most
 */
export function drawn(bitmap, most) {
  const scale = Math.min(1, most / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map(side => Math.max(1, Math.round(side * scale)));
  const canvas = newCanvas(width, height);
  const context = contextOf(canvas);
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas;
}

/**
 * By how many degrees photos must be turned, counter-clockwise, for a face to be upright.
 * @type {WeakMap<Blob, number>}
 */
const turns = new WeakMap();

/** Notes that a face is found in a photo once it is turned. @param {Blob} photo @param {number} degrees */
export const liesOnItsSide = (photo, degrees) => turns.set(photo, degrees);

/**
 * A photo that lies on its side, upright; null for every other one. Rejects in plain words where its pixels are noise.
 * @param {Blob} photo
 */
export function upright(photo) {
  const degrees = turns.get(photo);
  return degrees ? turned(photo, degrees) : null;
}

/** @param {Blob} photo @param {number} degrees  counter-clockwise: 90, 180 or 270 */
async function turned(photo, degrees) {
  const bitmap = await createImageBitmap(photo);
  const {width, height} = bitmap;
  const canvas = degrees === 180 ? newCanvas(width, height) : newCanvas(height, width);
  const context = contextOf(canvas);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((-degrees * Math.PI) / 180);
  context.drawImage(bitmap, -width / 2, -height / 2);
  bitmap.close();
  return fileOf(canvas, 'image/jpeg', 0.95);
}
