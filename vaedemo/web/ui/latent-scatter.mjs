/**
 * The plane of two latents at a fixed scale: codes as colored points, the prior's circles, one posterior, a few
 * draws.
 */
import {contextOf} from '../page/canvas-pixels.mjs';
import {query, queryAll} from '../page/dom.mjs';
import {COLORS} from './latent-map.mjs';

const RESOLUTION = 480;
const DOT = 3; // pixels of the canvas, and of a code on it
/** The plane ends at |z| = NEAR, unless one steps back. */
export const NEAR = 4;
// Radii in parts of the plane: of the least ellipse that can be seen, of a draw near and far.
const TINY = 0.022;
const SMALL = 0.04;
const SMALLEST = 0.018;

const TEMPLATE = `
<canvas width="${RESOLUTION}" height="${RESOLUTION}"></canvas>
<svg viewBox="-1 -1 2 2" aria-hidden="true">
  <path class="axes" d="M-1 0H1M0-1V1"></path><circle class="prior"></circle><circle class="prior"></circle>
  <g class="draws"></g><ellipse class="ring"></ellipse></svg>`;

export class LatentScatter {
  /** Where the plane ends. */ reach = NEAR;
  #canvas;
  #priors;
  #draws;
  #ring;
  #means = /** @type {ArrayLike<number>} */ ([]);
  #colors = /** @type {ArrayLike<number>} */ ([]);
  #posterior = /** @type {{mean: number[], sigma: number[]} | null} */ (null);
  #thrown = /** @type {ArrayLike<number>} */ ([]);

  /** @param {HTMLElement} element  empty; becomes the plane @param {string} label */
  constructor(element, label) {
    Object.assign(element, {className: 'vd-plane', innerHTML: TEMPLATE});
    element.setAttribute('role', 'img');
    element.setAttribute('aria-label', label);
    this.#canvas = query(element, 'canvas', HTMLCanvasElement);
    this.#priors = queryAll(element, '.prior', SVGElement);
    this.#draws = query(element, '.draws', SVGElement);
    this.#ring = query(element, '.ring', SVGElement);
  }

  /**
   * @param {{data: ArrayLike<number>}} means  pairs
   * @param {{data: ArrayLike<number>}} labels  digits: their colors
   */
  points(means, labels) {
    [this.#means, this.#colors] = [means.data, labels.data];
    this.show(this.reach);
  }

  /** The ellipse of one sigma around a posterior's mean. @param {{mean: number[], sigma: number[]}} posterior */
  ring(posterior) {
    this.#posterior = posterior;
    this.#shapes();
  }

  /** Draws from the prior. @param {ArrayLike<number>} codes  pairs */
  draws(codes) {
    this.#thrown = codes;
    this.#shapes();
  }

  /** The least reach that holds nearly all codes. */
  get far() {
    const sizes = Float32Array.from(this.#colors, (_, i) =>
      Math.max(Math.abs(this.#means[2 * i]), Math.abs(this.#means[2 * i + 1])),
    ).sort();
    return sizes.length ? sizes[Math.floor(0.998 * (sizes.length - 1))] : 0;
  }

  /** The part of the codes that lies beyond the edge, in [0, 1]. */
  get beyond() {
    let out = 0;
    for (let i = 0; i < this.#means.length; i += 2)
      if (Math.max(Math.abs(this.#means[i]), Math.abs(this.#means[i + 1])) > this.reach) out++;
    return out / (this.#colors.length || 1);
  }

  /** All of it, out to |z| = reach. @param {number} reach */
  show(reach) {
    this.reach = reach;
    const context = contextOf(this.#canvas);
    const scale = RESOLUTION / (2 * reach);
    context.clearRect(0, 0, RESOLUTION, RESOLUTION);
    context.globalAlpha = 0.75;
    for (let i = 0; i < this.#colors.length; i++) {
      context.fillStyle = COLORS[this.#colors[i]];
      context.beginPath();
      context.arc((this.#means[2 * i] + reach) * scale, (reach - this.#means[2 * i + 1]) * scale, DOT, 0, 7);
      context.fill();
    }
    this.#shapes();
  }

  #shapes() {
    const {reach} = this;
    const q = this.#posterior;
    const codes = this.#thrown;
    this.#priors.forEach((circle, i) => circle.setAttribute('r', String((i + 1) / reach)));
    if (q) {
      const [rx, ry] = q.sigma.map(sigma => Math.max(TINY, sigma / reach));
      for (const [key, value] of Object.entries({cx: q.mean[0] / reach, cy: -q.mean[1] / reach, rx, ry}))
        this.#ring.setAttribute(key, String(value));
    }
    const size = Math.max(SMALLEST, (SMALL * NEAR) / reach);
    this.#draws.innerHTML = Array.from(
      {length: codes.length / 2},
      (_, i) => `<circle cx="${codes[2 * i] / reach}" cy="${-codes[2 * i + 1] / reach}" r="${size}"></circle>`,
    ).join('');
  }
}
