/** The photo, and what the encoders make of it in one step. */
import {decoderOf} from '../../../../web/engine/model-store.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {RequestError} from '../../../../web/page/request.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {decoded} from '../../../../web/ui/side-by-side.mjs';
import {MODELS, SHAPE} from './models.mjs';
import {portrait} from './portrait.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('./portrait.mjs').Portrait} Portrait
 */
const ENCODERS = MODELS.filter(({encodes}) => encodes);
const TITLES = Object.fromEntries(MODELS.map(({name, title}) => [name, title]));

export class Answers {
  #mounted;
  #photo;
  #painters;
  /** @type {Element | null} */
  #first = null;
  /** Squared error of each model's picture. @type {Map<string, number>} */
  errors = new Map();

  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.#photo = new Painter(this.canvas('x'), SHAPE, {crisp: false});
    this.#painters = new Map(ENCODERS.map(({name}) => [name, new Painter(this.canvas(name), SHAPE, {crisp: false})]));
  }

  /** @param {string} name  of a model, or x */
  canvas(name) {
    return this.#mounted.part(name, HTMLCanvasElement);
  }

  /** The model's picture is drawn now. @param {string} name  of a model, or x */
  drawn(name) {
    this.canvas(name).parentElement?.classList.remove('empty');
  }

  /** Those that show something. */
  get canvases() {
    const shown = MODELS.filter(({name}) => this.#mounted.part(`absent-${name}`).hidden);
    return ['x', ...shown.map(({name}) => name)].map(name => this.canvas(name));
  }

  /** Encoders' pictures as levels of a chart. */
  get levels() {
    return ENCODERS.flatMap(({name, title}) => {
      const error = this.errors.get(name);
      return error === undefined ? [] : [{words: title, error}];
    });
  }

  /**
   * What was there at first paint stays until the face has come.
   * @param {Element | null} first @param {boolean} other  whether the link names another photo
   */
  waitWith(first, other) {
    const crop = first?.querySelector('.crop');
    if (!crop || other) return;
    query(this.#mounted.root, '[data-figure="x"] .frame').append(crop);
    this.#first = crop;
  }

  /** @param {string} name @param {string} error @param {string} [time] */
  say(name, error, time = '') {
    this.#mounted.part(`error-${name}`).textContent = error;
    this.#mounted.part(`time-${name}`).textContent = time;
  }

  /**
   * Says in the place of a model's picture why there is none.
   * @param {string} name @param {string | null} why  null: there is one
   */
  absent(name, why) {
    const line = this.#mounted.part(`absent-${name}`);
    line.hidden = why === null;
    line.textContent = why ?? '';
  }

  /** @param {Portrait} face */
  async show(face) {
    this.#first?.remove();
    this.#photo.draw(face.x);
    this.drawn('x');
    this.errors.clear();
    const isWanted = () => portrait.value === face;
    await Promise.all(ENCODERS.map(({name}) => this.#answer(name, face, isWanted)));
  }

  /** @param {string} name @param {Portrait} face @param {() => boolean} isWanted */
  async #answer(name, face, isWanted) {
    const code = face.codes[name];
    this.say(name, '');
    if (!code) return this.absent(name, `${name} is not here.`);
    try {
      const planes = await decoded({open: await decoderOf(name, 'race')}, [code.mean]);
      if (!isWanted()) return;
      this.absent(name, null);
      this.#painters.get(name)?.draw(planes);
      this.drawn(name);
      const error = squaredError(planes, face.x);
      this.errors.set(name, error);
      this.say(name, `squared error ${error.toFixed(4)}`, `one step, ${Math.max(1, Math.round(code.ms))} ms`);
      const words = `What ${TITLES[name]} draws of the photo, squared error ${error.toFixed(4)}`;
      this.canvas(name).setAttribute('aria-label', words);
    } catch (error) {
      if (!isWanted()) return;
      if (!(error instanceof RequestError)) throw error;
      this.absent(name, error.message);
    }
  }
}

/** @param {Uint8Array} planes @param {Uint8Array} x  mean squared difference, a value of [0, 1] */
const squaredError = (planes, x) =>
  planes.reduce((sum, value, i) => sum + ((value - x[i]) / 255) ** 2, 0) / planes.length;
