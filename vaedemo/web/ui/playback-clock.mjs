/** A clock that runs through 0.6 seconds again and again, slowly; a hand may hold it anywhere. Out of view it rests. */
import {prefersReducedMotion} from '../page/dom.mjs';

// 0.6 seconds, three times slower, and a rest at either end.
const BEFORE_MS = 450;
const PLAYED_MS = 1800;
const AFTER_MS = 900;

export class PlaybackClock {
  /** From 0, the still, to 1. */ t = 0;
  playing = false;
  #paint;
  #hear;
  #begun = 0;
  #frame = 0;
  #visible = true;

  /**
   * @param {HTMLElement} root
   * @param {(t: number) => void} paint
   * @param {(playing: boolean) => void} [hear]  it plays, or no more
   */
  constructor(root, paint, hear = () => {}) {
    this.#paint = paint;
    this.#hear = hear;
    new IntersectionObserver(entries => {
      this.#visible = entries[entries.length - 1].isIntersecting;
      if (this.#visible && this.playing) this.#next();
    }).observe(root);
  }

  /** Plays on from where it is. Who wants little motion sees it once, others again and again. */
  play() {
    if (this.t >= 1) this.t = 0;
    this.#begun = performance.now() - (this.t > 0 ? BEFORE_MS + this.t * PLAYED_MS : 0);
    this.#set(true);
    this.#next();
  }

  /** @param {number} [t]  where to */
  pause(t = this.t) {
    this.#set(false);
    this.t = t;
    this.#paint(t);
  }

  /** @param {boolean} playing */
  #set(playing) {
    if (this.playing !== playing) this.#hear((this.playing = playing));
  }

  #next() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(now => {
      if (!this.playing || !this.#visible) return;
      const past = now - this.#begun;
      const over = past - BEFORE_MS - PLAYED_MS;
      if (over > AFTER_MS) this.#begun = now;
      this.t = Math.max(0, Math.min(1, (past - BEFORE_MS) / PLAYED_MS));
      this.#paint(this.t);
      if (over > 0 && prefersReducedMotion()) this.#set(false);
      else this.#next();
    });
  }
}
