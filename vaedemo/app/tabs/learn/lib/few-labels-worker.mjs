/**
 * The Worker in which labels are handed on. In: {open: {n, pixels, plane, codes}}, {vae} (what the visitor trained),
 * {known, asked} (what is labelled; asked: returned, so that old answers are known), {study: number, mode}, {play}.
 * Out: {told, asked}, again once pixels or a VAE's codes are there; {yours: plane} (where that VAE's map has the
 * digits); {errors, count, study} of one more random choice; {error: words}.
 */
import {kernelsOf} from '../../../../web/engine/kernels.mjs';
import {OwnNet} from '../../../../web/engine/own-vae.mjs';
import {CHOICES, COUNTS, FewLabels} from './few-labels.mjs';

/** @typedef {import('./few-labels.mjs').Mode} Mode @typedef {import('./few-labels.mjs').Labelled} Labelled */

class Work {
  #few;
  #pixels;
  /** They are many, and compared once the rest is shown. */
  #arePixelsCompared = false;
  /** @type {{known: Labelled[], asked: number} | null} */
  #question = null;
  /** @type {{mode: Mode, done: number, number: number} | null} */
  #study = null;
  #playing = true;
  #running = false;
  #turn = new MessageChannel(); // unlike a timer its message comes at once, and those of the page come between

  /** @param {{n: number, pixels: Uint8Array, plane: Float32Array, codes: Float32Array}} given */
  constructor({n, pixels, plane, codes}) {
    this.#few = new FewLabels(n);
    this.#few.add('plane', plane);
    this.#few.add('codes', codes);
    this.#pixels = pixels;
    this.#turn.port1.onmessage = () => this.#next();
    this.#go();
  }

  /** @param {import('../../../../web/engine/own-vae.mjs').OwnVae} vae */
  async add(vae) {
    const {mean, plane} = new OwnNet(await kernelsOf('training-kernels'), vae).encode(this.#pixels);
    this.#few.add('yours', mean);
    postMessage({yours: plane});
    if (this.#question) this.tell(this.#question);
  }

  /** @param {{known: Labelled[], asked: number}} question */
  tell(question) {
    this.#question = question;
    postMessage({told: this.#few.tell(question.known), asked: question.asked});
  }

  /** From the first choice on. @param {Mode} mode @param {number} number  of this study: it comes back */
  study(mode, number) {
    this.#study = {mode, done: 0, number};
    this.#go();
  }

  /** @param {boolean} playing */
  play(playing) {
    this.#playing = playing;
    this.#go();
  }

  #go() {
    if (this.#running) return;
    this.#running = true;
    this.#turn.port2.postMessage(null);
  }

  #next() {
    this.#running = false;
    if (!this.#arePixelsCompared) {
      this.#few.add('pixels', this.#pixels);
      this.#arePixelsCompared = true;
      if (this.#question) this.tell(this.#question);
    } else if (this.#study && this.#playing) {
      const {mode, done, number} = this.#study;
      const count = COUNTS[Math.floor(done / CHOICES)];
      postMessage({errors: this.#few.tryOut(mode, count, 1 + (done % CHOICES)), count, study: number});
      this.#study = done + 1 < CHOICES * COUNTS.length ? {mode, done: done + 1, number} : null;
    }
    if (this.#study && this.#playing) this.#go();
  }
}

/** @type {Work | null} */
let work = null;

onmessage = async ({data}) => {
  try {
    if (data.open) work = new Work(data.open);
    if (data.vae) await work?.add(data.vae);
    if (data.known) work?.tell(data);
    if (data.study) work?.study(data.mode, data.study);
    if (data.play !== undefined) work?.play(data.play);
  } catch (error) {
    postMessage({error: /** @type {Error} */ (error).message});
  }
};
