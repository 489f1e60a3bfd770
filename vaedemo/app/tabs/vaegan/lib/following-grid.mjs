/** A grid of decoded codes that follows a hand: it redraws place after place, and never begins anew. */
import {nextStale} from './stale.mjs';

/**
 * @typedef {import('../../../../web/engine/live-decoder.mjs').LiveDecoder} LiveDecoder
 * @typedef {import('../../../../web/ui/painter.mjs').Painter} Painter
 */

export class FollowingGrid {
  #open;
  #painter;
  #onError;
  /** @type {number[][]} */
  #codes = [];
  /** Which version of its code each place shows. @type {number[]} */
  #shown = [];
  #version = 0;
  #last = -1;
  #running = false;

  /** @param {LiveDecoder} open @param {Painter} painter @param {(error: Error) => void} onError */
  constructor(open, painter, onError) {
    this.#open = open;
    this.#painter = painter;
    this.#onError = onError;
  }

  /** The codes of all places; they are drawn as fast as the decoder goes. @param {number[][]} codes */
  show(codes) {
    this.#codes = codes;
    this.#version += 1;
    if (!this.#running) this.#run().catch(this.#onError);
  }

  async #run() {
    this.#running = true;
    try {
      for (;;) {
        const place = nextStale(this.#shown, this.#version, this.#last, this.#codes.length);
        if (place < 0) return;
        this.#last = place;
        this.#shown[place] = this.#version;
        await this.#open.batch(this.#codes[place], 1, planes => this.#painter.draw(planes, place));
      }
    } finally {
      this.#running = false;
    }
  }
}
