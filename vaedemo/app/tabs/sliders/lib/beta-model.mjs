/** One rung of the ladder: a model of one beta, what it makes of the digit and of four draws, and what that costs. */
import {badge} from '../../../../web/ui/model-badge.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {encode} from '../../../../web/page/request.mjs';
import {grid} from '../../../../web/ui/decoded-grid.mjs';
import {examples} from '../../../../web/ui/digit-examples.mjs';
import {decoder, facts, latents} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {DEAD} from '../../../../web/ui/sliders.mjs';
import {Plane} from '../../../../web/ui/latent-scatter.mjs';

const SIDE = 28;
const LONGEST = 55; // LONGEST: percent of the width, a name and a number beside it

/** @typedef {{name: string, beta: number, label: string, words: string}} Step */

const template = ({beta, label, words}) => `
<section class="vd-rung" aria-label="beta ${beta}" data-beta="${beta}">
  <header><h4>β = ${label}</h4> <span>${words}</span></header>
  <figure class="vd-figure"><canvas class="vd-ink" data-part="redrawn" width="${SIDE}" height="${SIDE}" role="img"></canvas>
    <figcaption>redrawn</figcaption></figure>
  <figure class="vd-figure"><canvas class="vd-ink" data-part="draws" width="${2 * SIDE}" height="${2 * SIDE}" role="img"></canvas>
    <figcaption>four draws</figcaption></figure>
  <figure class="vd-figure"><div data-part="plane"></div><figcaption data-part="beyond"></figcaption></figure>
  <div class="vd-price"></div>
  <p class="vd-trouble" role="status"></p>
</section>`;

export class Rung {
  /** @type {import('../../../../web/page/request.mjs').Encoded | null} */ answer = null;
  /** What the model costs on average: its metrics, where they were measured. @type {any} */ test = {};
  /** @type {Plane} */ plane;
  #find;
  #ready;
  #kl = /** @type {number[]} */ ([]);

  /** @param {Step} step @param {HTMLElement} badges  takes the model's */
  constructor(step, badges) {
    this.step = step;
    this.element = dom(template(step));
    this.#find = part => this.element.querySelector(`[data-part="${part}"]`);
    this.plane = new Plane(
      this.#find('plane'),
      `The plane of z at beta ${step.beta}: means of q(z|x) of test digits, around them the prior's circles`,
    );
    const place = dom('<span></span>');
    badges.append(place);
    this.#ready = this.#open(place);
    this.#ready.catch(error => this.say(error));
  }

  /** @param {Error | null} error */
  say(error) {
    this.element.querySelector('.vd-trouble').textContent = error ? error.message.split('\n')[0] : '';
  }

  /** Resolves when the model is known; rejects where there is none. */
  get ready() {
    return this.#ready;
  }

  async #open(place) {
    // Asked first: a decoder would wait for ever for a model that no source has.
    this.test = (
      await facts(this.step.name).catch(error => {
        throw Object.assign(new Error(`${this.step.name} is not here.`), {cause: error});
      })
    ).metrics;
    badge(place, this.step.name);
    const {points, labels, kl} = await latents(this.step.name);
    this.#kl = [...kl.data];
    this.plane.points(points, labels);
    this.look(this.plane.reach);
  }

  /** The plane out to |z| = reach. @param {number} reach */
  look(reach) {
    this.plane.show(reach);
    const out = Math.round(100 * this.plane.beyond);
    this.#find('beyond').textContent = out ? `${out}% beyond the edge` : '';
  }

  /** The picture through encoder and decoder; null clears. @param {Blob | null} blob @param {AbortSignal} signal */
  async show(blob, signal) {
    await this.ready;
    if (!blob) return;
    const answer = await encode(this.step.name, blob, signal);
    const canvas = this.#find('redrawn');
    await grid(this.step.name, canvas, Float32Array.from(answer.mean), 1, signal);
    this.say(null);
    this.answer = answer;
    canvas.setAttribute(
      'aria-label',
      `The digit as redrawn at beta ${this.step.beta}: distortion ${answer.distortion.toFixed(0)} nats`,
    );
    this.plane.ring(answer);
  }

  /** Before the encoder has answered: the model's own example of that digit. @param {number} digit */
  async preview(digit) {
    await this.ready;
    const [z] = (await examples(this.step.name))[digit];
    const open = await decoder(this.step.name);
    await open.batch(z, 1, planes => {
      if (!this.answer) new Painter(this.#find('redrawn'), open.shape).draw(planes);
    });
  }

  /** @param {Float32Array} codes  of the draws @param {AbortSignal} signal */
  async throw(codes, signal) {
    await this.ready;
    this.plane.draws(codes);
    this.#find('draws').setAttribute(
      'aria-label',
      `${codes.length / 2} draws from the prior, decoded at beta ${this.step.beta}`,
    );
    await grid(this.step.name, this.#find('draws'), codes, 2, signal);
  }

  /** What the digit costs here. @param {number} most  nats of a bar that fills its room; longer ones fade out there */
  price(most) {
    if (!this.answer) return;
    const {distortion, rate, rates} = this.answer;
    const place = this.element.querySelector('.vd-price');
    const bars = rates.map((nats, d) => {
      const dead = this.#kl[d] < DEAD;
      return `<div class="${dead ? 'dead' : ''}"><span>z${d}</span><i class="${nats > most ? 'beyond' : ''}" style="width: ${Math.min(LONGEST, (LONGEST * nats) / most).toFixed(1)}%"></i><span>${dead ? 'dead' : nats.toFixed(1)}</span></div>`;
    });
    place.innerHTML = `<p>distortion <b>${distortion.toFixed(0)}</b></p><p>rate <b class="rate">${rate.toFixed(1)}</b></p>${bars.join('')}`;
  }
}
