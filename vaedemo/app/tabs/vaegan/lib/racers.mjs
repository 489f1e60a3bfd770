/** The starts of a search as pictures: the leader large, and each small, as fast as the browser decodes them. */
import {dom, query, queryAll} from '../../../../web/page/dom.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {SHAPE} from './models.mjs';
import {leaderOf} from './portrait.mjs';

/**
 * @typedef {import('../../../../web/engine/live-decoder.mjs').LiveDecoder} LiveDecoder
 * @typedef {import('./portrait.mjs').Found} Found
 */
const SIZE = SHAPE.reduce((a, b) => a * b);

/** @param {number} start */
const small = start => `
<figure class="vd-figure empty">
  <canvas class="vd-photo" width="64" height="64" role="img" aria-label="Start ${start + 1} of the search"></canvas>
  <figcaption>&nbsp;</figcaption>
</figure>`;

export class Racers {
  #large;
  #figures;
  #small;
  /** Whose small picture is decoded next: the leader's comes along each time. */
  #next = 0;

  /** @param {HTMLElement} place  of the small pictures @param {HTMLCanvasElement} large @param {number} starts */
  constructor(place, large, starts) {
    place.replaceChildren(...Array.from({length: starts}, (_, start) => dom(small(start))));
    this.#figures = queryAll(place, 'figure');
    this.#small = this.#figures.map(
      figure => new Painter(query(figure, 'canvas', HTMLCanvasElement), SHAPE, {crisp: false}),
    );
    this.#large = new Painter(large, SHAPE, {crisp: false});
  }

  /**
   * Draws a step of the search: the leader's picture, and that of one other in turn.
   * @param {LiveDecoder} open @param {Found} now @param {() => boolean} isWanted  whether it still is to be shown
   */
  show(open, now, isWanted) {
    const leader = this.#mark(now);
    const other = this.#turn(leader, now.z.length);
    const pair = [leader, other];
    open.show(
      pair.flatMap(start => now.z[start]),
      planes => {
        if (!isWanted()) return;
        this.#next = other + 1;
        pair.forEach((start, i) => this.#draw(start, planes, i));
        this.#drawLarge(planes, 0);
      },
      pair.length,
    );
  }

  /** Draws all of them. @param {LiveDecoder} open @param {Found} now @param {() => boolean} isWanted */
  showAll(open, now, isWanted) {
    const leader = this.#mark(now);
    open.show(
      now.z.flat(),
      planes => {
        if (!isWanted()) return;
        now.z.forEach((_, start) => this.#draw(start, planes, start));
        this.#drawLarge(planes, leader);
      },
      now.z.length,
    );
  }

  /** @param {number} start @param {Uint8Array} planes @param {number} place  of its picture among them */
  #draw(start, planes, place) {
    this.#small[start].draw(planes.subarray(place * SIZE, (place + 1) * SIZE));
    this.#figures[start].classList.remove('empty');
  }

  /** @param {Uint8Array} planes @param {number} place */
  #drawLarge(planes, place) {
    this.#large.draw(planes.subarray(place * SIZE, (place + 1) * SIZE));
    this.#large.canvas.parentElement?.classList.remove('empty');
  }

  /** Nothing is shown. */
  clear() {
    this.#large.canvas.parentElement?.classList.add('empty');
    for (const figure of this.#figures) {
      figure.classList.remove('leads');
      figure.classList.add('empty');
      query(figure, 'figcaption').textContent = '\u00a0';
    }
  }

  /** The next small picture but the leader's. @param {number} leader @param {number} starts */
  #turn(leader, starts) {
    const next = this.#next % starts;
    return next === leader && starts > 1 ? (next + 1) % starts : next;
  }

  /** Writes the errors, and who leads; returns who does. @param {Found} now */
  #mark(now) {
    const leader = leaderOf(now);
    this.#figures.forEach((figure, start) => {
      const leads = start === leader;
      figure.classList.toggle('leads', leads);
      query(figure, 'figcaption').textContent = (leads ? '★' : '') + now.errors[start].toFixed(3).replace(/^0/, '');
    });
    return leader;
  }
}
