/**
 * The Worker in which a VAE learns: draws its digits, trains in slices between which it hears messages, and posts a
 * frame whenever the page has painted the last one.
 *
 * In: {open: {digits, form, settings, seed}} (digits: address of a decoder told labels), {settings}, {play: boolean},
 * {step: true}, {again: {form, settings, seed}}, {given: {form, settings, seed, weights, steps}} (goes on from there),
 * {own} (grey pictures that the visitor drew), {axes}, {painted: true}, {weights: true}. Out: {labels, grey}, {frame,
 * drawn, own, small, rested}, {weights, form, steps}, {error: words}.
 */
import {Decoder} from './decoder.mjs';
import {kernelsOf} from './kernels.mjs';
import {DrawnDigits, SHOWN, TrainingRun} from './training-run.mjs';

const SLICE_MS = 12;
const FRAME_MS = 30;
/** What is shown may cost this part of the time, no more. */
const SHOWING = 0.25;
/** Digits drawn at a time, and in all. */
const PART = 8;
const MOST = 6000;
const READY = SHOWN + 120;
/** A net that is slower than so many pictures a second gets fewer hidden units. */
const SLOW = 400;
const SMALL = 64;
const JUDGED_MS = 1500; // of training; the browser's compiler is done after as long
/** Then it rests: nobody may be looking any more. */
const REST_AFTER = 40_000; // steps

/**
 * @typedef {import('./vae-trainer.mjs').Form} Form
 * @typedef {import('./vae-trainer.mjs').Settings} Settings
 * @typedef {{form: Form, settings: Settings, seed: number}} Wanted
 * @typedef {Wanted & {weights: import('./vae-trainer.mjs').Weights, steps: number}} Given
 */

/** @param {string | URL} url */
async function bytesOf(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.arrayBuffer();
}

class Lesson {
  #module;
  #digits;
  /** @type {TrainingRun} */
  #run;
  #wanted;
  #playing = false;
  #painted = true;
  #running = false;
  #lastFrame = 0;
  #frameMs = 0;
  #small = false;
  #restAt = REST_AFTER;
  /** Steps that tell how fast it is; null: that is known. @type {{steps: number, ms: number} | null} */
  #trial = {steps: 0, ms: 0};
  #turn = new MessageChannel();

  /**
   * @param {WebAssembly.Module} module
   * @param {DrawnDigits} digits
   * @param {{form: Form, settings: Settings, seed: number}} wanted
   */
  constructor(module, digits, wanted) {
    this.#module = module;
    this.#digits = digits;
    this.#wanted = wanted;
    this.#run = this.#begun();
    // Unlike a timer a message comes at once; those of the page come between.
    this.#turn.port1.onmessage = () => this.#slice();
  }

  #begun() {
    const {form, settings, seed} = this.#wanted;
    const net = this.#small ? {...form, hidden: SMALL} : form;
    return new TrainingRun(this.#module, this.#digits, net, settings, seed);
  }

  /** @param {Partial<Settings>} settings */
  set(settings) {
    Object.assign(this.#wanted.settings, settings);
    this.#run.set(settings);
    this.#post();
  }

  /** @param {boolean} playing */
  play(playing) {
    if (this.#playing && !playing) this.#post(); // what is shown at rest is what was learned
    this.#playing = playing;
    if (playing && this.#run.trainer.steps >= this.#restAt) this.#restAt = this.#run.trainer.steps + REST_AFTER;
    if (playing && !this.#running) this.#go();
  }

  step() {
    this.#playing = false;
    this.#run.step();
    this.#post();
  }

  /** @param {{form: Form, settings: Settings, seed: number}} wanted */
  again(wanted) {
    const {axes} = this.#run;
    const same = wanted.form.z === this.#wanted.form.z;
    this.#wanted = wanted;
    this.#run = this.#begun();
    if (same) this.#run.axes = axes;
    this.#restAt = REST_AFTER;
    this.#post();
  }

  /** A net that was trained before goes on. @param {Given} given */
  take({weights, steps, ...wanted}) {
    this.#wanted = wanted;
    this.#trial = null; // its form is what the visitor wants
    this.#run = new TrainingRun(this.#module, this.#digits, wanted.form, wanted.settings, wanted.seed);
    this.#run.trainer.setWeights(weights);
    this.#run.trainer.steps = steps;
    this.#restAt = steps + REST_AFTER;
    this.#post();
  }

  /** @param {Uint8Array[]} own */
  learnAlso(own) {
    this.#digits.own = own;
    this.#post();
  }

  /** @param {[number, number] | null} axes */
  show(axes) {
    this.#run.axes = axes;
    this.#post();
  }

  painted() {
    this.#painted = true;
  }

  weights() {
    const {form, steps} = this.#run.trainer;
    postMessage({weights: this.#run.trainer.weights(), form, steps});
  }

  #go() {
    this.#running = true;
    this.#turn.port2.postMessage(null);
  }

  #slice() {
    this.#running = false;
    if (!this.#playing) return;
    const begun = performance.now();
    let now = begun;
    let steps = 0;
    while (now - begun < SLICE_MS && !this.#run.diverged) {
      this.#run.step();
      steps += 1;
      now = performance.now();
    }
    this.#judge(steps, now - begun);
    this.#digits.grow(PART);
    const rested = this.#run.trainer.steps >= this.#restAt;
    if (this.#run.diverged || rested) this.#playing = false;
    const rest = Math.max(FRAME_MS, this.#frameMs / SHOWING);
    if (!this.#playing || (this.#painted && now - this.#lastFrame > rest)) this.#post(rested);
    if (this.#playing) this.#go();
  }

  /** Where it is slow it begins again, with a smaller net. @param {number} steps @param {number} ms  that they took */
  #judge(steps, ms) {
    if (!this.#trial) return;
    this.#trial.ms += ms;
    if (this.#trial.ms > JUDGED_MS) this.#trial.steps += steps;
    if (this.#trial.ms < 2 * JUDGED_MS) return;
    const speed = (this.#trial.steps * this.#run.trainer.form.batch * 1000) / JUDGED_MS;
    this.#trial = null;
    if (speed > SLOW) return;
    this.#small = true;
    this.#run = this.#begun();
  }

  #post(rested = false) {
    const start = performance.now();
    const frame = this.#run.frame();
    this.#lastFrame = performance.now();
    this.#frameMs = this.#lastFrame - start;
    this.#painted = false;
    const small = this.#small && this.#run.trainer.form.hidden === SMALL; // not where a file's net goes on
    const message = {frame, drawn: this.#digits.n, own: this.#digits.own.length, small, rested};
    postMessage(message, {transfer: [frame.map.buffer, frame.means.buffer]});
  }
}

/** @param {{digits: string, form: Form, settings: Settings, seed: number}} wanted */
async function opened({digits: url, ...wanted}) {
  const [drawing, training, file] = await Promise.all([
    kernelsOf('kernels'),
    kernelsOf('training-kernels'),
    bytesOf(url),
  ]);
  const decoder = new Decoder(drawing, file);
  const digits = new DrawnDigits((vectors, n) => decoder.decode(vectors, n), decoder.form.inputs, {most: MOST});
  while (digits.n < READY) digits.grow(PART);
  postMessage({labels: digits.labels.subarray(0, SHOWN), grey: digits.grey.slice(0, SHOWN * 784)});
  return new Lesson(training, digits, wanted);
}

/** @type {Promise<Lesson> | undefined} */
let lesson;

onmessage = async ({data}) => {
  try {
    if (data.open) lesson = opened(data.open);
    const open = await lesson;
    if (!open) return;
    if (data.open) open.set({});
    if (data.settings) open.set(data.settings);
    if (data.again) open.again(data.again);
    if (data.given) open.take(data.given);
    if (data.own) open.learnAlso(data.own);
    if (data.axes !== undefined) open.show(data.axes);
    if (data.step) open.step();
    if (data.play !== undefined) open.play(data.play);
    if (data.painted) open.painted();
    if (data.weights) open.weights();
  } catch (error) {
    postMessage({error: /** @type {Error} */ (error).message});
  }
};
