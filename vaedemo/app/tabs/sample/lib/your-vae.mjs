/** The VAE that the visitor trained in Learn, beside the shipped one: its digit for the same z, and its map. */
import {kernelsOf} from '../../../../web/engine/kernels.mjs';
import {OwnNet, ownVae} from '../../../../web/engine/own-vae.mjs';
import {GRID, SIDE} from '../../../../web/engine/training-run.mjs';
import {pngOf} from '../../../../web/page/png.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

/**
 * @typedef {{data: ArrayLike<number>}} Numbers
 * @typedef {{points: Numbers, labels: Numbers, words: string}} Dots  pairs, their digits, and what they are
 */

export class YourVae {
  /** Whether the map shows it. */
  isOnMap = false;
  /** The map's address. */
  map = '';
  /** @type {Dots | null} */
  dots = null;
  #mounted;
  /** @type {OwnNet | null} */
  #net = null;
  /** @type {Painter | null} */
  #painter = null;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted @param {() => void} onChange */
  constructor(mounted, onChange) {
    this.#mounted = mounted;
    ownVae.subscribe(vae => this.#take(vae).then(onChange, mounted.showError));
  }

  /** @param {import('../../../../web/engine/own-vae.mjs').OwnVae} vae */
  async #take(vae) {
    const {part} = {part: this.#mounted.part.bind(this.#mounted)};
    const net = new OwnNet(await kernelsOf('training-kernels'), vae);
    const side = GRID * SIDE;
    const before = this.map;
    this.map = URL.createObjectURL(await pngOf(net.map(), [1, side, side]));
    URL.revokeObjectURL(before);
    this.#net = net;
    this.#painter = new Painter(part('your-digit', HTMLCanvasElement), [1, SIDE, SIDE]);
    const {means, labels, axes, form, steps} = vae;
    this.dots = {
      points: {data: means},
      labels: {data: labels},
      words: 'Posterior means of 500 drawn digits, by yours',
    };
    const which = form.z > 2 ? `, of ${form.z} latents ${axes.join(' and ')} follow the dot` : '';
    part('your-words').textContent = `Yours: trained in Learn for ${steps.toLocaleString('en')} steps${which}.`;
    part('yours').hidden = false;
    part('yours').dataset.steps = String(steps);
    this.#mounted.button('yours').hidden = false;
  }

  /** @param {number[]} z */
  show(z) {
    if (this.#net && this.#painter) this.#painter.draw(this.#net.picture(z));
  }
}
