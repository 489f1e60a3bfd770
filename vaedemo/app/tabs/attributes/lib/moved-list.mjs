/** What else moved: a net that no model learned from reads the face before and after the last pull of a slider. */
import {dom, query} from '../../../../web/page/dom.mjs';
import {newest, request} from '../../../../web/page/request.mjs';
import {movements} from './descriptions.mjs';

const REST_MS = 250;
const MOST = 8; // rows

/**
 * @typedef {import('./described-face.mjs').Face} Face
 * @typedef {{model: string, before: Face | null, after: Face, pulled: number}} Pull  model: whose pictures are read;
 *   before: the face before the last pull began; pulled: the attribute, -1: none
 */

export class MovedList {
  #list;
  #labels;
  #timer = 0;

  /** @param {HTMLElement} list @param {string[]} labels  of the attributes */
  constructor(list, labels) {
    this.#list = list;
    this.#labels = labels;
  }

  /** Reads once the hand has rested. @param {() => Pull} pull  asked then */
  soon(pull) {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(
      () => this.#compare(pull()).catch(() => this.#say('faces-reader, which would say, is not to be had.')),
      REST_MS,
    );
  }

  /** @param {string} words */
  #say(words) {
    const item = document.createElement('li');
    item.textContent = words;
    this.#list.replaceChildren(item);
  }

  #compare = newest(async (signal, /** @type {Pull} */ {model, before, after, pulled}) => {
    if (!before || pulled < 0) {
      this.#say('Nothing yet: pull a slider.');
      return;
    }
    const body = new Float32Array([before, after].flatMap(({z, y}) => [...z, ...y]));
    const answer = await request(`read/${model}`, {purpose: 'read a face', body, signal});
    const scores = new Float32Array(await answer.arrayBuffer());
    signal.throwIfAborted();
    const count = this.#labels.length;
    const moves = movements(scores.subarray(0, count), scores.subarray(count), pulled);
    const rows = moves.slice(0, MOST).map(({i, from, to}) => rowOf(this.#labels[i], from, to, i === pulled));
    this.#list.replaceChildren(...rows);
  });
}

/** @param {string} label @param {number} from @param {number} to @param {boolean} asked */
function rowOf(label, from, to, asked) {
  const row = dom('<li><span></span><i><b></b></i><output></output></li>');
  const bar = query(row, 'b');
  row.classList.toggle('asked', asked);
  query(row, 'span').textContent = label;
  bar.style.left = `${50 + 50 * Math.min(from, to)}%`;
  bar.style.width = `${50 * Math.abs(to - from)}%`;
  query(row, 'output').textContent = `${from.toFixed(2)} → ${to.toFixed(2)}`.replaceAll('-', '−');
  return row;
}
