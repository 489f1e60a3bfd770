/**
 * The digit that all folds of Why Q look at, black and white: the picture that travels, or until there is one an
 * example.
 * What is known of it is found once, for all of them.
 */
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {evidence as sum} from './log-evidence.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {onPicture, setPicture} from '../../../../web/page/picture-store.mjs';
import {askEncoder, bytes} from '../../../../web/page/request.mjs';
import {digitChoices, examples} from '../../../../web/ui/digit-examples.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {decoder} from '../../../../web/engine/model-store.mjs';

export const MODEL = 'digits-2d';
export const SIDE = 28;
const OPENING = 3;

/** @typedef {{mean: number[], sigma: number[], rate: number}} Posterior  what an encoder answers */
/** @typedef {import('./log-evidence.mjs').Evidence} Evidence */

export class Subject {
  #known = new Map();
  #counting = new Set();
  scored = 0;

  /** @param {Blob} blob @param {number | null} example  which of the ten, or null: people's own */
  constructor(blob, example) {
    Object.assign(this, {blob, example});
  }

  #once(key, work) {
    if (!this.#known.has(key)) {
      this.#known.set(key, work());
      this.#known.get(key).catch(() => this.#known.delete(key));
    }
    return this.#known.get(key);
  }

  /**
   * What the encoder of a model answers; the first gives x as well.
   * @param {string} [name]
   * @returns {Promise<Posterior>}
   */
  q(name = MODEL) {
    return this.#once(name, async () => {
      const {x, mean, log_var: logVar, rate} = await askEncoder(name, this.blob, undefined, {binary: 1});
      this.x ??= bytes(x).map(value => Number(value > 127));
      return {mean, sigma: logVar.map(value => Math.exp(value / 2)), rate};
    });
  }

  /**
   * Sums the plane, unless another digit comes first.
   * @param {(scored: number) => void} [say]
   * @returns {Promise<Evidence>}
   */
  evidence(say) {
    if (say) this.#counting.add(say);
    return this.#once('evidence', async () => {
      await this.q();
      const open = await decoder(MODEL, 'whyq');
      const score = (zs, keep) =>
        open.scores(this.x, zs, zs.length / 2, {keep, signal: this.gone.signal, onPart: n => this.#count(n)});
      return sum(score, n => {
        this.scored = n;
      });
    });
  }

  gone = new AbortController();
  #count(n) {
    for (const say of this.#counting) say(this.scored + n);
  }
}

/** @type {Subject | null} */
let subject = null;
/** @type {Set<(subject: Subject) => void>} */
const hearers = new Set();
let opened = false;
const AGAIN_MS = 5_000;

function change(next) {
  subject?.gone.abort();
  subject = next;
  hearers.forEach(hear => hear(next));
}

/** @param {(subject: Subject) => void} hear  told of the digit there is, and of each that follows */
export function onSubject(hear) {
  hearers.add(hear);
  if (subject) hear(subject);
  if (opened) return;
  opened = true;
  onPicture(blob => {
    if (blob && blob !== subject?.blob) {
      chosen();
      change(new Subject(blob, pressed));
    }
    pressed = null;
  });
  /** Again and again while the server does not answer. */
  const begin = () => {
    if (!subject)
      exampleBlob(address.whole('why', 0, 9, OPENING)).then(
        ([blob, digit]) => {
          if (!subject) change(new Subject(blob, digit));
        },
        () => setTimeout(begin, AGAIN_MS),
      );
  };
  begin();
}

let pressed = /** @type {number | null} */ (null);
const chosen = () => address.set({why: pressed});

async function exampleBlob(digit) {
  const open = await decoder('digits');
  const canvas = document.createElement('canvas');
  const painter = new Painter(canvas, open.shape);
  await open.batch((await examples('digits'))[digit][0], 1, planes => painter.draw(planes));
  return [
    await new Promise(resolve => {
      canvas.toBlob(resolve);
    }),
    digit,
  ];
}

/** Ten example digits; a click makes one the page's picture. @param {HTMLElement} place */
export async function choices(place) {
  await digitChoices(place, (blob, digit) => {
    pressed = digit;
    setPicture(blob);
  });
}

/** Black and white pixels on a canvas, as decoded ones are. @param {HTMLCanvasElement} canvas @param {Uint8Array} x */
export function paintX(canvas, x) {
  new Painter(canvas, [1, SIDE, SIDE]).draw(x.map(value => 255 * value));
}

/**
 * A line that tells how the sum goes on, once it takes a while.
 * @returns {[HTMLElement, (scored: number) => void, () => void]}
 */
export function progress() {
  const line = dom('<p class="vd-note" role="status" hidden><progress></progress> <span></span></p>');
  let timer = 0;
  const show = () => {
    line.hidden = false;
  };
  const say = n => {
    timer ||= setTimeout(show, 300);
    line.lastElementChild.textContent = `Summing the plane: ${n.toLocaleString('en')} z decoded and scored.`;
  };
  return [
    line,
    say,
    () => {
      clearTimeout(timer);
      timer = 0;
      line.hidden = true;
    },
  ];
}

/**
 * What each of these folds begins with: its template in place, the ten digits to choose from, the model's badge.
 * @param {HTMLElement} element @param {string} template
 */
export function begun(element, template) {
  const root = dom(template);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error && error.name !== 'AbortError' ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  choices(find('examples')).catch(say);
  if (find('badge')) badge(find('badge'), MODEL).catch(say);
  return {root, find, say};
}
