/** A strength that swings by itself until a hand takes over; out of view, and for who wants little motion, it rests. */
import {prefersReducedMotion} from '../../../../web/page/dom.mjs';

const PERIOD_MS = 4200;
const MIDDLE = 0.4;
const FAR = 0.8;

/** The strength after so many milliseconds: from 0 up to 1.2, down to -0.4, and so on. @param {number} ms */
export const swung = ms => MIDDLE + FAR * Math.sin((2 * Math.PI * ms) / PERIOD_MS - Math.PI / 6);

export class Swing {
  swinging = false;
  #move;
  #hear;
  #begun = 0;
  #frame = 0;
  #visible = false;

  /** @param {(strength: number) => void} move @param {(swinging: boolean) => void} hear  it swings, or no more */
  constructor(move, hear) {
    this.#move = move;
    this.#hear = hear;
  }

  /** Begins, unless the visitor wants nothing to move by itself. */
  beginIfWelcome() {
    if (!prefersReducedMotion()) this.start();
  }

  start() {
    this.#begun = performance.now();
    this.#set(true);
    this.#next();
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#set(false);
  }

  /** @param {boolean} visible */
  look(visible) {
    this.#visible = visible;
    if (this.swinging) this.#next();
  }

  /** @param {boolean} swinging */
  #set(swinging) {
    if (this.swinging !== swinging) this.#hear((this.swinging = swinging));
  }

  #next() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(now => {
      if (!this.swinging || !this.#visible) return;
      this.#move(swung(now - this.#begun));
      this.#next();
    });
  }
}
