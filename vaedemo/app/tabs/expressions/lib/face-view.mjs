/** A photo on a canvas, read along a flow. */
import {contextOf, newCanvas} from '../../../../web/page/canvas-pixels.mjs';
import {FaceWarp} from './face-warp.mjs';
import {opened, paintMouth} from './opened-mouth.mjs';
import {placedAt} from './portrait.mjs';

/** @typedef {import('./portrait.mjs').Face} Face */

/** Of the longer side, in pixels: so many are warped at the display's rate on one core. */
const SHOWN = 512;

export class FaceView {
  /** Whether a part of the mouth that is shown is painted. */
  painted = false;
  /** Where the face lies on the canvas. @type {import('./face-warp.mjs').Placement | null} */
  placement = null;
  #most;
  /** @type {FaceWarp | null} */ #warp = null;
  /** @type {number[]} */ #points = [];

  /** @param {HTMLCanvasElement} canvas @param {number} [most]  pixels of the longer side */
  constructor(canvas = newCanvas(1, 1), most = SHOWN) {
    this.canvas = canvas;
    this.#most = most;
  }

  /** Shows a photo as it is, before anything is known of its face. @param {ImageBitmap | HTMLImageElement} photo */
  showStill(photo) {
    this.#show(this.#reduced(photo).canvas);
    this.#warp = null;
  }

  /** @param {HTMLCanvasElement} photo  as large as it is to be shown */
  #show(photo) {
    const {width, height} = photo;
    Object.assign(this.canvas, {width, height});
    contextOf(this.canvas).drawImage(photo, 0, 0);
  }

  /** The photo on a canvas of its own, `most` pixels at most. @param {ImageBitmap | HTMLImageElement} photo */
  #reduced(photo) {
    const scale = Math.min(1, this.#most / Math.max(photo.width, photo.height));
    const [width, height] = [photo.width, photo.height].map(side => Math.max(1, Math.round(side * scale)));
    const context = contextOf(newCanvas(width, height), {willReadFrequently: true});
    context.imageSmoothingQuality = 'high';
    context.drawImage(photo, 0, 0, width, height);
    return context;
  }

  /** Takes a face; it is shown as it is until it is drawn with a flow. @param {Face} face */
  take({bitmap, points, placement}) {
    const reduced = this.#reduced(bitmap);
    const {width, height} = reduced.canvas;
    const {data} = reduced.getImageData(0, 0, width, height);
    this.#show(reduced.canvas);
    this.placement = placedAt(placement, width);
    this.#points = points;
    this.#warp = new FaceWarp({data, width, height}, this.placement);
  }

  /**
   * Draws the face along a flow.
   * @param {Float32Array} flow
   * @param {boolean} [fine]  slower, and as sharp as the photo
   */
  draw(flow, fine = false) {
    if (!this.#warp || !this.placement) return;
    const {width, height} = this.canvas;
    const data = this.#warp.at(flow, fine);
    const mouth = opened(flow, this.#points);
    this.painted = mouth !== null;
    paintMouth({data, width, height}, this.placement, mouth);
    contextOf(this.canvas).putImageData(new ImageData(data, width, height), 0, 0);
    this.canvas.dataset.drawn = '';
  }

  /** The pixels that are shown: all red, then all green, then all blue. */
  planes() {
    const {frame} = /** @type {FaceWarp} */ (this.#warp);
    const area = frame.length / 4;
    return Uint8Array.from({length: 3 * area}, (_, i) => frame[4 * (i % area) + Math.floor(i / area)]);
  }
}
