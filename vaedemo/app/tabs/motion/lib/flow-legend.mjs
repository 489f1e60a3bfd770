/** The legend of flow in colors: each direction's color around white, which stands still. */
import {flowColor} from './trajectory-decoder.mjs';

const FULL = 16; // pixels of the still, at the wheel's rim

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
  canvas.getContext('2d').putImageData(image, 0, 0);
}
