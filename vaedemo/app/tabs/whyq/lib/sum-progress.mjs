/** A line that tells how the sum over the plane goes on, once it takes a while. */
import {dom} from '../../../../web/page/dom.mjs';

const AFTER_MS = 300;

export class SumProgress {
  #line = dom('<p class="vd-note" role="status" hidden><progress></progress> <span></span></p>');
  #timer = 0;

  /** @param {HTMLElement} place  empty */
  constructor(place) {
    place.append(this.#line);
  }

  /** Bound, so that it can be handed on. @param {number} n  z that are scored so far */
  count = n => {
    this.#timer ||= window.setTimeout(() => {
      this.#line.hidden = false;
    }, AFTER_MS);
    const words = this.#line.querySelector('span');
    if (words) words.textContent = `Summing the plane: ${n.toLocaleString('en')} z decoded and scored.`;
  };

  done() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#line.hidden = true;
  }
}
