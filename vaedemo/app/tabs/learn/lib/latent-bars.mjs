/** A button for each latent, as high as its rate: grey where it is dead; the two on the map are framed. */
import {DEAD} from '../../../../web/engine/training-run.mjs';
import {around} from '../../../../web/page/dom.mjs';

const LEAST_MOST = 1; // nats: the height of the highest bar, at least

export class LatentBars {
  #element;
  #axes = /** @type {[number, number]} */ ([0, 1]);

  /** @param {HTMLElement} element @param {(axes: [number, number]) => void} onChoose */
  constructor(element, onChoose) {
    this.#element = element;
    element.addEventListener('click', event => {
      const button = around(event, 'button');
      if (!button) return;
      const chosen = Array.from(element.children).indexOf(button);
      if (!this.#axes.includes(chosen)) onChoose([this.#axes[1], chosen]);
    });
  }

  /** @param {Float32Array} rates  in nats a picture @param {[number, number]} axes */
  show(rates, axes) {
    this.#axes = axes;
    if (this.#element.children.length !== rates.length)
      this.#element.replaceChildren(...Array.from(rates, (_, i) => button(i)));
    const most = Math.max(LEAST_MOST, ...rates);
    Array.from(this.#element.children).forEach((child, i) => {
      const isDead = rates[i] < DEAD;
      child.classList.toggle('dead', isDead);
      child.setAttribute('aria-pressed', String(axes.includes(i)));
      child.setAttribute('aria-label', `Latent ${i}: ${isDead ? 'dead' : `${rates[i].toFixed(2)} nats`}`);
      /** @type {HTMLElement} */ (child.firstElementChild).style.height = `${(40 * Math.max(0, rates[i])) / most}px`;
    });
  }
}

/** @param {number} i */
function button(i) {
  const made = Object.assign(document.createElement('button'), {type: 'button', innerHTML: '<i></i><span></span>'});
  /** @type {HTMLElement} */ (made.lastElementChild).textContent = String(i);
  return made;
}
