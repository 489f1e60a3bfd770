/** The camera behind a button: the first press shows what it sees, the second takes it. */
import {checkPixels, contextOf, fileOf, NOISE, newCanvas, pixelsAreTrue} from '../page/canvas-pixels.mjs';

/**
 * @typedef {object} Options
 * @property {'user' | 'environment'} facing
 * @property {(photo: Blob) => void} take
 * @property {(on: boolean) => void} seen  the video came into view, or left it
 * @property {(words: string) => void} failed
 */

/** @param {MediaStream | null} stream */
const end = stream => stream?.getTracks().forEach(track => track.stop());

export class Camera {
  #video;
  #button;
  #options;
  #turn = 0; // of who asked for the camera

  /** @param {HTMLVideoElement} video @param {HTMLButtonElement} button @param {Options} options */
  constructor(video, button, options) {
    this.#video = video;
    this.#button = button;
    this.#options = options;
    new IntersectionObserver(entries => {
      const visible = entries[entries.length - 1].isIntersecting; // the others are of earlier frames
      if (!visible && (video.srcObject || button.disabled)) this.stop();
    }).observe(/** @type {HTMLElement} */ (video.parentElement));
  }

  /** One press at a time: while the browser asks for leave, a second would open a second stream. */
  async press() {
    this.#button.disabled = true;
    try {
      if (this.#video.srcObject) await this.#shoot();
      else await this.#open();
    } catch {
      this.stop();
      this.#options.failed(pixelsAreTrue() ? 'No camera is to be had here.' : NOISE);
    } finally {
      this.#button.disabled = false;
    }
  }

  stop() {
    this.#turn += 1;
    end(/** @type {MediaStream | null} */ (this.#video.srcObject));
    this.#video.srcObject = null;
    this.#show(false);
  }

  async #open() {
    const turn = (this.#turn += 1);
    checkPixels(); // a photo of noise would be taken for the visitor's own
    const stream = await navigator.mediaDevices.getUserMedia({video: {facingMode: this.#options.facing}});
    if (turn !== this.#turn) return end(stream); // who asked has left, or taken another photo
    this.#video.srcObject = stream;
    await this.#video.play();
    this.#show(true);
  }

  async #shoot() {
    const photo = newCanvas(this.#video.videoWidth, this.#video.videoHeight);
    contextOf(photo).drawImage(this.#video, 0, 0);
    this.stop();
    this.#options.take(await fileOf(photo, 'image/jpeg', 0.92));
  }

  /** @param {boolean} on */
  #show(on) {
    this.#video.hidden = !on;
    this.#button.textContent = on ? 'Take it' : 'Camera';
    this.#options.seen(on);
  }
}
