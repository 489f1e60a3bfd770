/** A photo on a canvas, read along a flow. */
import {contextOf, newCanvas} from '../../../../web/page/canvas-pixels.mjs';
import {FaceWarp} from './face-warp.mjs';
import {opened, paintMouth} from './opened-mouth.mjs';
import {placedAt} from './portrait.mjs';

/** @typedef {import('./portrait.mjs').Face} Face */

/** Of the longer side, in pixels: so many are warped at the display's rate on one core. */
const SHOWN = 512;

/** A photo at one size, ready to be read along flows. */
class Level {
  /** @param {Face} face @param {HTMLCanvasElement} canvas  the photo at that size */
  constructor({placement}, canvas) {
    const {width, height} = canvas;
    const {data} = contextOf(canvas).getImageData(0, 0, width, height);
    this.canvas = canvas;
    this.placement = placedAt(placement, width);
    this.warp = new FaceWarp({data, width, height}, this.placement);
  }
}

export class FaceView {
  /** Whether a part of the mouth that is shown is painted. */
  painted = false;
  /** Where the face lies on the canvas. @type {import('./face-warp.mjs').Placement | null} */
  placement = null;
  #most;
  #atRest;
  /** @type {Face | null} */ #face = null;
  /** What is shown while a hand moves. @type {Level | null} */ #moving = null;
  /** What is shown when it rests, made when it first does. @type {Level | null} */ #resting = null;
  /** Of the two the one that was drawn last. @type {Level | null} */ #now = null;

  /**
   * @param {HTMLCanvasElement} canvas @param {number} [most]  pixels of the longer side
   * @param {number} [atRest]  where it is drawn finely
   */
  constructor(canvas = newCanvas(1, 1), most = SHOWN, atRest = most) {
    this.canvas = canvas;
    this.#most = most;
    this.#atRest = atRest;
  }

  /** Shows a photo as it is, before anything is known of its face. @param {ImageBitmap | HTMLImageElement} photo */
  showStill(photo) {
    this.#show(this.#reduced(photo, this.#most));
    this.#now = null;
  }

  /** @param {HTMLCanvasElement} photo  as large as it is to be shown */
  #show(photo) {
    const {width, height} = photo;
    Object.assign(this.canvas, {width, height});
    contextOf(this.canvas).drawImage(photo, 0, 0);
  }

  /**
   * The photo on a canvas of its own.
   * @param {ImageBitmap | HTMLImageElement} photo @param {number} most  pixels of the longer side
   */
  #reduced(photo, most) {
    const scale = Math.min(1, most / Math.max(photo.width, photo.height));
    const [width, height] = [photo.width, photo.height].map(side => Math.max(1, Math.round(side * scale)));
    const context = contextOf(newCanvas(width, height), {willReadFrequently: true});
    context.imageSmoothingQuality = 'high';
    context.drawImage(photo, 0, 0, width, height);
    return context.canvas;
  }

  /** Takes a face; it is shown as it is until it is drawn with a flow. @param {Face} face */
  take(face) {
    this.#face = face;
    this.#moving = this.#now = new Level(face, this.#reduced(face.bitmap, this.#most));
    this.#resting = null;
    this.placement = this.#moving.placement;
    this.#show(this.#moving.canvas);
  }

  /**
   * Draws the face along a flow.
   * @param {Float32Array} flow
   * @param {boolean} [fine]  slower, and as sharp as the photo
   */
  draw(flow, fine = false) {
    if (!this.#now || !this.#face) return;
    const level = this.#level(this.#face, fine);
    const {width, height} = level.canvas;
    if (level !== this.#now) Object.assign(this.canvas, {width, height});
    this.#now = level;
    this.placement = level.placement;
    const data = level.warp.at(flow, fine);
    const mouth = opened(flow, this.#face.points);
    this.painted = mouth !== null;
    paintMouth({data, width, height}, level.placement, mouth);
    contextOf(this.canvas).putImageData(new ImageData(data, width, height), 0, 0);
    this.canvas.dataset.drawn = '';
  }

  /** @param {Face} face @param {boolean} fine */
  #level(face, fine) {
    const moving = /** @type {Level} */ (this.#moving);
    const {width, height} = face.bitmap;
    if (!fine || Math.min(Math.max(width, height), this.#atRest) <= this.#most) return moving;
    this.#resting ??= new Level(face, this.#reduced(face.bitmap, this.#atRest));
    return this.#resting;
  }

  /** The pixels that are shown: all red, then all green, then all blue. */
  planes() {
    const {frame} = /** @type {Level} */ (this.#now).warp;
    const area = frame.length / 4;
    return Uint8Array.from({length: 3 * area}, (_, i) => frame[4 * (i % area) + Math.floor(i / area)]);
  }
}
