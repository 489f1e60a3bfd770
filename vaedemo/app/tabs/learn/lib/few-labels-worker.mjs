/**
 * The Worker in which labels are handed on. In: {open: {n, pixels, plane, codes}}, {known, asked} (what is labelled;
 * asked: returned, so that old answers are known), {study: mode}, {play: boolean}. Out: {told, asked}, again once
 * pixels are there; {errors, count, mode} of one more random choice; {error: words}.
 */
import {CHOICES, COUNTS, FewLabels} from './few-labels.mjs';

/** @typedef {import('./few-labels.mjs').Mode} Mode @typedef {import('./few-labels.mjs').Labelled} Labelled */

class Work {
  #few;
  /** Compared once the rest is shown: they are many. @type {Uint8Array | null} */
  #pixels;
  /** @type {{known: Labelled[], asked: number} | null} */
  #question = null;
  /** @type {{mode: Mode, done: number} | null} */
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

  /** @param {{known: Labelled[], asked: number}} question */
  tell(question) {
    this.#question = question;
    postMessage({told: this.#few.tell(question.known), asked: question.asked});
  }

  /** @param {Mode} mode */
  study(mode) {
    this.#study = {mode, done: 0};
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
    if (this.#pixels) {
      this.#few.add('pixels', this.#pixels);
      this.#pixels = null;
      if (this.#question) this.tell(this.#question);
    } else if (this.#study && this.#playing) {
      const {mode, done} = this.#study;
      const count = COUNTS[Math.floor(done / CHOICES)];
      postMessage({errors: this.#few.tryOut(mode, count, 1 + (done % CHOICES)), count, mode});
      this.#study = done + 1 < CHOICES * COUNTS.length ? {mode, done: done + 1} : null;
    }
    if (this.#study && this.#playing) this.#go();
  }
}

/** @type {Work | null} */
let work = null;

onmessage = ({data}) => {
  try {
    if (data.open) work = new Work(data.open);
    if (data.known) work?.tell(data);
    if (data.study) work?.study(data.study);
    if (data.play !== undefined) work?.play(data.play);
  } catch (error) {
    postMessage({error: /** @type {Error} */ (error).message});
  }
};
