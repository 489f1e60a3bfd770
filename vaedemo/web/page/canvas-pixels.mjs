/**
 * Pixels that must be read back from a canvas: of what a browser has drawn, or a camera has seen. A browser that
 * protects its visitor's privacy may hand out noise for them; that is noticed, and said.
 */

const SIDE = 32;

export const NOISE =
  'This browser hands out noise in place of the pixels that a page has drawn, to protect your privacy; ' +
  'allow this page to read them, then try again.';

/** A pattern of many levels, each pixel opaque. */
function pattern() {
  const image = new ImageData(SIDE, SIDE);
  for (let i = 0; i < image.data.length; i++) image.data[i] = i % 4 === 3 ? 255 : (i * 37 + (i >> 5) * 11) & 255;
  return image;
}

/** Whether a canvas gives back what was put onto it. Asked anew each time: the visitor may change the setting. */
export function pixelsAreTrue() {
  const context = contextOf(newCanvas(SIDE, SIDE), {willReadFrequently: true});
  const wanted = pattern();
  context.putImageData(wanted, 0, 0);
  const got = context.getImageData(0, 0, SIDE, SIDE).data;
  return wanted.data.every((value, i) => value === got[i]);
}

/** Throws an Error in plain words where canvases give back noise. */
export function checkPixels() {
  if (!pixelsAreTrue()) throw new Error(NOISE);
}

/**
 * A canvas of this size that is not on the page.
 * @param {number} width
 * @param {number} height
 */
export const newCanvas = (width, height) => Object.assign(document.createElement('canvas'), {width, height});

/**
 * What draws on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function contextOf(canvas, settings) {
  const context = canvas.getContext('2d', settings);
  if (!context) throw new Error('This browser draws no pictures.');
  return context;
}

/**
 * All pixels of a canvas: red, green, blue, alpha. Throws an Error in plain words where it would be noise.
 * @param {HTMLCanvasElement} canvas
 */
export function pixelsOf(canvas) {
  checkPixels();
  return contextOf(canvas).getImageData(0, 0, canvas.width, canvas.height).data;
}

/**
 * A canvas as a picture file. Throws an Error in plain words where it would be noise.
 * @param {HTMLCanvasElement} canvas
 * @param {string} [type]
 * @param {number} [quality]
 * @returns {Promise<Blob>}
 */
export async function fileOf(canvas, type = 'image/png', quality) {
  checkPixels();
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      blob => {
        if (blob) resolve(blob);
        else reject(new Error('This browser cannot make a file of the picture.'));
      },
      type,
      quality,
    );
  });
}
