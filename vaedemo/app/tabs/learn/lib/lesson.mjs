/** The Worker in which the VAE learns, as the page sees it: it runs only while somebody may be looking. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {Store} from '../../../../web/page/store.mjs';

export const TEACHER = 'digits-cvae';

/**
 * @typedef {import('../../../../web/engine/training-run.mjs').Frame} Frame
 * @typedef {import('../../../../web/engine/vae-trainer.mjs').Settings} Settings
 * @typedef {import('../../../../web/engine/own-vae.mjs').Vae} Vae
 * @typedef {{frame: Frame, drawn: number, own: number, small: boolean, rested: boolean}} Shown  drawn: digits it can
 *   learn from so far; own: those of the visitor's hand; small: this browser is slow, and the net has fewer hidden
 *   units; rested: it paused by itself, after long
 * @typedef {{z: number, settings: Settings, seed: number}} Wanted
 */

export class Lesson {
  /** @type {Store<Shown>} */
  shown = new Store();
  /** @type {Store<{labels: Uint8Array, grey: Uint8Array}>} */
  digits = new Store();
  /** What the visitor wants. @type {Store<boolean>} */
  playing = new Store(false);
  #worker;
  #wanted;
  #visible = true;
  /** Who waits for weights. @type {((vae: Vae) => void)[]} */
  #hearWeights = [];

  /** @param {Wanted} wanted @param {(error: Error) => void} showError */
  constructor(wanted, showError) {
    this.#wanted = wanted;
    this.#worker = new Worker(new URL('../../../../web/engine/training-worker.mjs', import.meta.url), {
      type: 'module',
    });
    this.#worker.onerror = event => {
      event.preventDefault();
      showError(
        new Error('Nothing can be trained in this browser: it has no WebAssembly SIMD, or no module workers.'),
      );
    };
    this.#worker.onmessage = ({data}) => this.#hear(data, showError);
    this.#worker.postMessage({open: {digits: `${ROOT}live/models/${TEACHER}.safetensors`, ...this.#asked()}});
    document.addEventListener('visibilitychange', () => this.#tell());
  }

  #asked() {
    const {z, settings, seed} = this.#wanted;
    return {form: {z}, settings: {...settings}, seed};
  }

  /** @param {any} data @param {(error: Error) => void} showError */
  #hear(data, showError) {
    if (data.error) showError(new Error(data.error));
    else if (data.labels) this.digits.publish(data);
    else if (data.weights) for (const hear of this.#hearWeights.splice(0)) hear(data);
    else this.#show(data);
  }

  /** @param {Shown} shown */
  #show(shown) {
    if (shown.rested || shown.frame.diverged) this.playing.publish(false);
    this.shown.publish(shown);
    // The next frame is made once this one is on the screen: a busy page gets fewer.
    requestAnimationFrame(() => this.#worker.postMessage({painted: true}));
  }

  /** @param {boolean} playing */
  play(playing) {
    this.playing.publish(playing);
    this.#tell();
  }

  /** Whether the place on the page can be seen. @param {boolean} visible */
  look(visible) {
    this.#visible = visible;
    this.#tell();
  }

  #tell() {
    this.#worker.postMessage({play: Boolean(this.playing.value) && this.#visible && !document.hidden});
  }

  step() {
    this.playing.publish(false);
    this.#worker.postMessage({step: true});
  }

  /** Changes while it runs. @param {Partial<Settings>} settings */
  set(settings) {
    Object.assign(this.#wanted.settings, settings);
    this.#worker.postMessage({settings});
  }

  /** From the beginning. @param {{z?: number, seed?: number}} [changes] */
  again(changes = {}) {
    Object.assign(this.#wanted, changes);
    this.#worker.postMessage({again: this.#asked()});
    this.#tell();
  }

  /** Which two latents the map shows; null: those that carry most. @param {[number, number] | null} axes */
  show(axes) {
    this.#worker.postMessage({axes});
  }

  /** A net that was trained before goes on. @param {Vae} vae */
  take({weights, form, steps}) {
    this.#wanted.z = form.z;
    this.#worker.postMessage({given: {...this.#asked(), form, weights, steps}});
    this.#tell();
  }

  /** It learns from these, too. @param {Uint8Array[]} own  grey pictures of 28 x 28 */
  learnAlso(own) {
    this.#worker.postMessage({own});
  }

  /** What has been learned by now. @returns {Promise<Vae>} */
  weights() {
    return new Promise(resolve => {
      this.#hearWeights.push(resolve);
      this.#worker.postMessage({weights: true});
    });
  }
}
