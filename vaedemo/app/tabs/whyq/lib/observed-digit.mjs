/**
 * The digit that all folds of Why Q look at, black and white: the picture that travels, or until there is one an
 * example.
 * What is known of it is found once, for all of them.
 */
import {decoder} from '../../../../web/engine/model-store.mjs';
import {onPicture, setPicture} from '../../../../web/page/picture-store.mjs';
import {askEncoder, bytes} from '../../../../web/page/request.mjs';
import {Store} from '../../../../web/page/store.mjs';
import {UrlState} from '../../../../web/page/url-state.mjs';
import {digitChoices} from '../../../../web/ui/digit-examples.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {evidence} from './log-evidence.mjs';
import {MODEL, SIDE} from './model.mjs';
import {exampleDigit} from './example-digits.mjs';

/**
 * @typedef {{mean: number[], sigma: number[], rate: number}} Posterior  what an encoder answers
 * @typedef {import('./log-evidence.mjs').Evidence} Evidence
 */

const OPENING = 3; // the example that a page opens with
const AGAIN_MS = 5_000;

export class ObservedDigit {
  /** Black and white, 0 or 1; there once q() has answered. @type {Uint8Array} */
  x = new Uint8Array();
  /** Ends what is at work on this digit, once there is another. */
  gone = new AbortController();
  /** @type {Map<string, Promise<any>>} */
  #known = new Map();
  /** How many codes the sum over the plane has scored. @type {Store<number>} */
  #scored = new Store();

  /** @param {Blob} blob  its picture */
  constructor(blob) {
    this.blob = blob;
  }

  /**
   * What `work` finds, found once; a failure is forgotten.
   * @template T
   * @param {string} key
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  #once(key, work) {
    let known = this.#known.get(key);
    if (!known) {
      known = work();
      known.catch(() => this.#known.delete(key));
      this.#known.set(key, known);
    }
    return known;
  }

  /**
   * What the encoder of a model answers; the first gives x as well.
   * @param {string} [name]
   * @returns {Promise<Posterior>}
   */
  q(name = MODEL) {
    return this.#once(name, async () => {
      const {x, mean, log_var: logVar, rate} = await askEncoder(name, this.blob, undefined, {binary: 1});
      if (!this.x.length) this.x = bytes(x).map(value => Number(value > 127));
      return {mean, sigma: logVar.map((/** @type {number} */ value) => Math.exp(value / 2)), rate};
    });
  }

  /**
   * Sums the plane, unless another digit comes first.
   * @param {(scored: number) => void} [onCount]  told how many codes are scored, until all are
   * @returns {Promise<Evidence>}
   */
  evidence(onCount) {
    if (onCount) this.#scored.subscribe(onCount);
    return this.#once('evidence', () => this.#summed());
  }

  async #summed() {
    await this.q();
    const open = await decoder(MODEL, 'whyq');
    let before = 0;
    /** @type {import('./log-evidence.mjs').Score} */
    const score = (zs, keep) =>
      open.scores(this.x, zs, zs.length / 2, {
        keep,
        signal: this.gone.signal,
        onPart: n => this.#scored.publish(before + n),
      });
    const found = await evidence(score, n => {
      before = n;
    });
    this.#scored = new Store(); // nothing more is counted
    return found;
  }
}

/** @type {Store<ObservedDigit>} */
const observed = new Store();
const state = new UrlState({tab: 'whyq', fold: null});
let opened = false;
/** Which of the ten examples was clicked last, until its picture comes. @type {number | null} */
let clicked = null;

/** @param {Blob} blob */
function observe(blob) {
  observed.value?.gone.abort();
  observed.publish(new ObservedDigit(blob));
}

/** @param {(digit: ObservedDigit) => void} hear  told of the digit there is, and of each that follows */
export function onDigit(hear) {
  observed.subscribe(hear);
  if (opened) return;
  opened = true;
  onPicture(blob => {
    if (blob && blob !== observed.value?.blob) {
      state.set({digit: clicked});
      observe(blob);
    }
    clicked = null;
  });
  openWithExample();
}

/** Shows an example until there is a picture; tries again and again while the server does not answer. */
function openWithExample() {
  if (observed.value) return;
  exampleDigit(Number(state.whole('digit', OPENING))).then(
    blob => {
      if (!observed.value) observe(blob);
    },
    () => setTimeout(openWithExample, AGAIN_MS),
  );
}

/** Ten example digits; a click makes one the page's picture. @param {HTMLElement} place */
export async function choices(place) {
  await digitChoices(place, (blob, digit) => {
    clicked = digit;
    setPicture(blob);
  });
}

/** Black and white pixels on a canvas, as decoded ones are. @param {HTMLCanvasElement} canvas @param {Uint8Array} x */
export function paintX(canvas, x) {
  new Painter(canvas, [1, SIDE, SIDE]).draw(x.map(value => 255 * value));
}
