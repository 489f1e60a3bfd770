/** The face's own square cut out of a photo, as models of faces see it. */
import {contextOf} from '../../../../web/page/canvas-pixels.mjs';
import {inverse} from './face-warp.mjs';

/** @typedef {import('./face-warp.mjs').Placement} Placement */

const SIDE = 64;
const ASIDE = 0.5; // pixels of 64: so much lower and more to the right models see a face than flows have it

/**
 * What takes places of the photo to a picture of the square: a, b, c, d, e and f of a canvas.
 * @param {Placement} placement @param {number} side  pixels of that picture
 * @param {number} [aside]  pixels of 64 that it lies lower and more to the right
 */
export function squareOf({linear, offset}, side, aside = ASIDE) {
  const scale = side / SIDE;
  const [[a, b], [c, d]] = inverse(linear);
  const [x, y] = offset;
  return [
    scale * a,
    scale * c,
    scale * b,
    scale * d,
    scale * (aside - a * x - b * y),
    scale * (aside - c * x - d * y),
  ];
}

/**
 * Draws the square onto a canvas.
 * @param {HTMLCanvasElement} photo @param {Placement} placement @param {HTMLCanvasElement} canvas
 */
export function drawSquare(photo, placement, canvas) {
  const context = contextOf(canvas);
  context.resetTransform();
  context.clearRect(0, 0, canvas.width, canvas.height);
  const [a, b, c, d, e, f] = squareOf(placement, canvas.width);
  context.setTransform(a, b, c, d, e, f);
  context.imageSmoothingQuality = 'high';
  context.drawImage(photo, 0, 0);
  context.resetTransform();
  canvas.dataset.drawn = '';
}
