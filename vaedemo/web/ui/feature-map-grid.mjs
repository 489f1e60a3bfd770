/** Feature maps as small pictures: those of a layer that tell most of the picture, the more active the stronger. */
import {query, queryAll} from '../page/dom.mjs';
import {Painter} from './painter.mjs';

/** @typedef {import('../engine/activations.mjs').Feature} Feature */

const MOST = 16;

export class FeatureMaps {
  #maps;
  #captions;
  #where;
  /** @type {Painter[]} */
  #painters = [];
  /** Which channels are shown, by net: chosen once, so that each map keeps its place. @type {Map<string, number[]>} */
  #chosen = new Map();

  /** @param {HTMLElement} figure  empty @param {string} where  "encoder" or "decoder", for those who do not see */
  constructor(figure, where) {
    this.#where = where;
    figure.innerHTML = '<div class="maps" role="img"></div><figcaption><span></span><span></span></figcaption>';
    this.#maps = query(figure, '.maps');
    this.#captions = queryAll(figure, 'figcaption span');
  }

  /** @param {string} net  whose layer it is @param {Feature} feature */
  show(net, feature) {
    const {channels, height, width, planes, peaks} = feature;
    const chosen = this.#chosen.get(net) ?? liveliest(feature);
    this.#chosen.set(net, chosen);
    const strongest = Math.max(...chosen.map(channel => peaks[channel]));
    if (this.#painters.length !== chosen.length) this.#build(chosen.length, height, width);
    chosen.forEach((channel, i) => {
      const strength = strongest > 0 ? Math.max(0, peaks[channel] / strongest) : 1;
      const plane = planes.subarray(channel * height * width, (channel + 1) * height * width);
      this.#painters[i].draw(plane.map(value => value * strength));
    });
    const maps = channels === 1 ? '1 map' : `${channels} maps`;
    this.#captions[0].textContent = `${height} × ${width}`;
    this.#captions[1].textContent = maps;
    this.#maps.setAttribute(
      'aria-label',
      `${chosen.length} of the ${this.#where}'s ${maps} of ${height} by ${width}`,
    );
  }

  /** @param {number} count @param {number} height @param {number} width */
  #build(count, height, width) {
    this.#maps.innerHTML = '<span><canvas class="vd-ink"></canvas></span>'.repeat(count);
    this.#painters = queryAll(this.#maps, 'canvas', HTMLCanvasElement).map(
      canvas => new Painter(canvas, [1, height, width]),
    );
  }
}

/**
 * The channels that vary most, in their own order. The outermost pixels do not count: zeros lie beyond them, and some
 * maps answer to nothing else, whatever the picture.
 * @param {Feature} feature
 * @param {number} [most]  so many of them
 */
export function liveliest({channels, height, width, planes, peaks}, most = MOST) {
  const variance = Array.from({length: channels}, (_, channel) => {
    let sum = 0;
    let squares = 0;
    for (let row = 1; row < height - 1; row++)
      for (let column = 1; column < width - 1; column++) {
        const value = planes[(channel * height + row) * width + column] * peaks[channel];
        sum += value;
        squares += value * value;
      }
    return squares - (sum * sum) / ((height - 2) * (width - 2));
  });
  const order = [...variance.keys()].sort((a, b) => variance[b] - variance[a]);
  return order.slice(0, most).sort((a, b) => a - b);
}
