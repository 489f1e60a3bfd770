/** A model of one beta: what it makes of the digit and of four draws from the prior, and what that costs. */
import {dom, query} from '../../../../web/page/dom.mjs';
import {encode} from '../../../../web/page/request.mjs';
import {decoder, facts, latents} from '../../../../web/engine/model-store.mjs';
import {decodedGrid} from '../../../../web/ui/decoded-grid.mjs';
import {examples} from '../../../../web/ui/digit-examples.mjs';
import {LatentScatter} from '../../../../web/ui/latent-scatter.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {DEAD} from '../../../../web/ui/sliders.mjs';

const SIDE = 28;
const LONGEST = 55; // percent of the width: a name and a number stand beside a bar

/**
 * @typedef {{name: string, beta: number, label: string, words: string}} Step
 * @typedef {import('../../../../web/page/request.mjs').Encoded} Encoded
 */

/** @param {string} part @param {number} side  in pixels */
const canvas = (part, side) =>
  `<canvas class="vd-ink" data-part="${part}" width="${side}" height="${side}" role="img"></canvas>`;

/** @param {Step} step */
const template = ({beta, label, words}) => `
<section class="vd-rung" aria-label="beta ${beta}" data-beta="${beta}">
  <header><h4>β = ${label}</h4> <span>${words}</span></header>
  <figure class="vd-figure">${canvas('redrawn', SIDE)}<figcaption>redrawn</figcaption></figure>
  <figure class="vd-figure">${canvas('draws', 2 * SIDE)}<figcaption>four draws</figcaption></figure>
  <figure class="vd-figure"><div data-part="plane"></div><figcaption data-part="beyond"></figcaption></figure>
  <div class="vd-price" data-part="costs"></div>
  <p class="vd-trouble" role="status" data-part="trouble"></p>
</section>`;

export class BetaModel {
  /** @type {Encoded | null} */
  answer = null;
  /** What the model costs on average: its metrics, where they were measured. @type {Record<string, any>} */
  test = {};
  /** @type {LatentScatter} */
  plane;
  /** Resolves when the model is known; rejects where there is none. @type {Promise<void>} */
  ready;
  #kl = /** @type {number[]} */ ([]);

  /** @param {Step} step @param {HTMLElement} badges  takes the model's */
  constructor(step, badges) {
    this.step = step;
    this.element = dom(template(step));
    this.plane = new LatentScatter(
      this.#part('plane'),
      `The plane of z at beta ${step.beta}: means of q(z|x) of test digits, around them the prior's circles`,
    );
    const place = dom('<span></span>');
    badges.append(place);
    this.ready = this.#open(place);
    this.ready.catch(this.showError);
  }

  /**
   * @template {HTMLElement} [T=HTMLElement]
   * @param {string} name
   * @param {new () => T} [kind]
   */
  #part(name, kind) {
    return query(this.element, `[data-part="${name}"]`, kind);
  }

  /** @param {Error | null} error */
  showError = error => {
    this.#part('trouble').textContent = error ? error.message.split('\n')[0] : '';
  };

  /** @param {HTMLElement} place  of the badge */
  async #open(place) {
    // Asked first: a decoder would wait for ever for a model that no source has.
    const {metrics} = await facts(this.step.name);
    this.test = metrics;
    badge(place, this.step.name).catch(() => {});
    const {points, labels, kl} = await latents(this.step.name);
    this.#kl = [...kl.data];
    this.plane.points(points, labels);
    this.look(this.plane.reach);
  }

  /** Shows the plane out to |z| = reach. @param {number} reach */
  look(reach) {
    this.plane.show(reach);
    const out = Math.round(100 * this.plane.beyond);
    this.#part('beyond').textContent = out ? `${out}% beyond the edge` : '';
  }

  /** The picture through encoder and decoder. @param {Blob} blob @param {AbortSignal} signal */
  async show(blob, signal) {
    await this.ready;
    const answer = await encode(this.step.name, blob, signal);
    const redrawn = this.#part('redrawn', HTMLCanvasElement);
    await decodedGrid(this.step.name, redrawn, Float32Array.from(answer.mean), 1, signal);
    this.showError(null);
    this.answer = answer;
    const nats = answer.distortion.toFixed(0);
    redrawn.setAttribute('aria-label', `The digit as redrawn at beta ${this.step.beta}: distortion ${nats} nats`);
    this.plane.ring(answer);
  }

  /** Before the encoder has answered: the model's own example of that digit. @param {number} digit */
  async preview(digit) {
    await this.ready;
    const [z] = (await examples(this.step.name))[digit];
    const open = await decoder(this.step.name);
    await open.batch(z, 1, planes => {
      if (!this.answer) new Painter(this.#part('redrawn', HTMLCanvasElement), open.shape).draw(planes);
    });
  }

  /** @param {Float32Array} codes  of the draws @param {AbortSignal} signal */
  async showDraws(codes, signal) {
    await this.ready;
    this.plane.draws(codes);
    const draws = this.#part('draws', HTMLCanvasElement);
    const words = `${codes.length / 2} draws from the prior, decoded at beta ${this.step.beta}`;
    draws.setAttribute('aria-label', words);
    await decodedGrid(this.step.name, draws, codes, 2, signal);
  }

  /** What the digit costs here. @param {number} most  nats of a bar that fills its room; longer ones fade out there */
  showCosts(most) {
    if (!this.answer) return;
    const {distortion, rate, rates} = this.answer;
    const bars = rates.map((nats, d) => bar(`z${d}`, nats, most, this.#kl[d] < DEAD));
    this.#part('costs').innerHTML = `
      <p>distortion <b>${distortion.toFixed(0)}</b></p>
      <p>rate <b class="rate">${rate.toFixed(1)}</b></p>
      ${bars.join('')}`;
  }
}

/** @param {string} name @param {number} nats @param {number} most @param {boolean} isDead */
function bar(name, nats, most, isDead) {
  const width = Math.min(LONGEST, (LONGEST * nats) / most).toFixed(1);
  return `
    <div class="${isDead ? 'dead' : ''}"><span>${name}</span>
      <i class="${nats > most ? 'beyond' : ''}" style="width: ${width}%"></i>
      <span>${isDead ? 'dead' : nats.toFixed(1)}</span></div>`;
}
