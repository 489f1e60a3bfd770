/** The two photos of a blend, and a code of each in every model; the GAN's have to be searched for. */
import {GAN, MODELS} from './models.mjs';
import {leading, portrait, search} from './portrait.mjs';

/** @typedef {import('./portrait.mjs').Portrait} Portrait */

export const STEPS = 120; // of a search for one end

export class Ends {
  /** The second photo. @type {Portrait | null} */
  second = null;
  /** What was searched for, by photo. @type {WeakMap<Portrait, number[]>} */
  #searched = new WeakMap();

  /** The first photo: the portrait. */
  get first() {
    return portrait.value;
  }

  /** Both codes of a model; null where one is not known. @param {string} name @returns {[number[], number[]] | null} */
  codes(name) {
    const [a, b] = [this.first, this.second].map(photo => this.#code(name, photo));
    return a && b && [a, b];
  }

  /** Why there are no codes of a model, or '' where there are. @param {string} name */
  why(name) {
    if (this.codes(name)) return '';
    if (!this.first) return 'There is no portrait yet.';
    if (!this.second) return 'There is no second photo yet.';
    return name === GAN ? 'No encoder: search for its two ends.' : this.first.missing[name];
  }

  /** @param {string} name @param {Portrait | null} photo @returns {number[] | null} */
  #code(name, photo) {
    if (!photo) return null;
    if (name !== GAN) return photo.codes[name]?.mean ?? null;
    return this.#searched.get(photo) ?? (photo === this.first ? leading() : null);
  }

  /**
   * Searches for the GAN's codes that are not known yet. Throws a RequestError, or the signal's reason.
   * @param {(done: number) => void} onStep  told what part of the work is done, from 0 to 1
   * @param {AbortSignal} signal
   */
  async search(onStep, signal) {
    const photos = [this.first, this.second].filter(photo => photo !== null);
    const wanted = photos.filter(photo => !this.#code(GAN, photo));
    for (const [i, photo] of wanted.entries()) {
      const asked = {x: photo.x, steps: STEPS};
      await search(
        asked,
        now => {
          this.#searched.set(photo, leading(now) ?? []);
          onStep((i + now.step / STEPS) / wanted.length);
        },
        signal,
      );
    }
  }
}

/** The ways from one photo to the other: the pixels', and each model's. */
export const WAYS = [{name: 'pixels', title: 'Cross-fade'}, ...MODELS];
