/** The colors of flow, and their legend: each direction's color around white, which stands still. */
import {contextOf} from '../../../../web/page/canvas-pixels.mjs';

const FULL = 16; // pixels of the still, at the wheel's rim

/**
 * The color of a flow, [r, g, b] from 0 to 255: hue is the direction (right is red), white stands still, full color
 * is `most` pixels or more.
 * @param {number} dx
 * @param {number} dy
 * @param {number} [most]
 */
export function flowColor(dx, dy, most = FULL) {
  const angle = Math.atan2(dy, dx);
  const part = Math.min(1, Math.hypot(dx, dy) / most);
  return [0, 1, 2].map(third => 255 * (1 - part * (0.5 - 0.5 * Math.cos(angle - (third * 2 * Math.PI) / 3))));
}

/** @param {HTMLCanvasElement} canvas */
export function paintWheel(canvas) {
  const {width} = canvas;
  const image = new ImageData(width, width);
  const middle = (width - 1) / 2;
  for (let i = 0; i < width * width; i++) {
    const right = ((i % width) - middle) / middle;
    const down = (Math.floor(i / width) - middle) / middle;
    const far = Math.hypot(right, down);
    const rim = Math.max(0, Math.min(1, (1 - far) * middle)); // smooth at its edge
    image.data.set([...flowColor(FULL * right, FULL * down), 255 * rim], 4 * i);
  }
  contextOf(canvas).putImageData(image, 0, 0);
}
