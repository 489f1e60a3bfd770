/** Where the futures are seen: all over one another on the screen, each on its own panel, at one clock. */
import {dom, prefersReducedMotion, query, queryAll} from '../../../../web/page/dom.mjs';
import {PlaybackClock} from '../../../../web/ui/playback-clock.mjs';
import {paintWheel} from './flow-legend.mjs';
import {VIEWS, colorOf, letterOf, paintAll, paintStill} from './future-renderer.mjs';
import {panel} from './hero-template.mjs';
import {strip} from './still-frames.mjs';
import {SECONDS} from './still-store.mjs';

const BUDGET_MS = 10; // of each frame, for panels; those left over are painted at the next

/**
 * @typedef {import('./future-renderer.mjs').Film} Film
 * @typedef {import('./future-renderer.mjs').View} View
 */

export class FuturesGallery {
  /** @type {Film[]} */
  films = [];
  /** @type {View} */
  view = VIEWS[0];
  /** The one that is seen alone; -1: all. */
  picked = -1;
  #mounted;
  #panels;
  #player;
  #time;
  /** The films on the screen. */
  #chosen = this.films;
  #words = '';
  #turn = 0; // of the panels
  #begun = false;
  #pressed = false;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted  of hero-template.mjs */
  constructor(mounted) {
    this.#mounted = mounted;
    this.screen = mounted.part('all', HTMLCanvasElement);
    this.#panels = mounted.part('panels');
    this.#time = mounted.part('time', HTMLInputElement);
    const toggle = mounted.part('toggle');
    this.#player = new PlaybackClock(
      mounted.root,
      t => this.#paint(t),
      playing => {
        toggle.textContent = playing ? 'Pause' : 'Play';
      },
    );
    this.#time.addEventListener('input', () => {
      mounted.root.classList.add('begun');
      this.#player.pause(Number(this.#time.value));
    });
    paintWheel(mounted.part('wheel', HTMLCanvasElement));
  }

  /**
   * What is there before its futures are.
   * @param {number} n  panels
   * @param {(canvas: HTMLCanvasElement) => void} paint
   */
  before(n, paint) {
    this.films = [];
    this.#chosen = [];
    this.#seat(n);
    for (const canvas of [this.screen, ...this.#canvases()]) paint(canvas);
    for (const words of queryAll(this.#panels, 'span')) words.textContent = '';
    this.#player.pause(0);
    this.#panels.setAttribute('aria-busy', 'true');
  }

  /** Nothing will come. */
  failed() {
    this.#panels.setAttribute('aria-busy', 'false');
  }

  /** @param {Film[]} films @param {string} words  what the still shows */
  open(films, words) {
    this.films = films;
    this.#words = words;
    const fresh = this.#seat(films.length);
    queryAll(this.#panels, 'button').forEach((box, i) => {
      const letter = letterOf(films[i].mode);
      box.style.setProperty('--mode', colorOf(films[i].mode));
      query(box, 'span').textContent = `${i + 1} · ${letter}`;
      box.setAttribute('aria-label', `Future ${i + 1} of ${words}, of group ${letter}`);
      if (fresh) paintStill(query(box, 'canvas', HTMLCanvasElement), films[i].still.shown);
    });
    this.#panels.setAttribute('aria-busy', 'false');
    this.pick(this.picked < films.length ? this.picked : -1);
    if (this.#pressed || (this.#begun && !prefersReducedMotion())) this.#player.play();
    this.#pressed = false;
  }

  /** As many panels as there are futures. @param {number} n @returns {boolean} whether they are new */
  #seat(n) {
    const fresh = this.#panels.childElementCount !== n;
    if (fresh) this.#panels.replaceChildren(...Array.from({length: n}, (_, i) => dom(panel(i))));
    return fresh;
  }

  #canvases() {
    return queryAll(this.#panels, 'canvas', HTMLCanvasElement);
  }

  /** Play, or pause; what is pressed too early is done when the futures are there. */
  toggle() {
    this.#begun = true;
    this.#mounted.root.classList.add('begun');
    if (this.#player.playing) this.#player.pause();
    else if (this.films.length) this.#player.play();
    else this.#pressed = true;
  }

  /** One future alone, or all: -1. @param {number} i */
  pick(i) {
    this.picked = i;
    this.#chosen = i < 0 ? this.films : [this.films[i]];
    queryAll(this.#panels, 'button').forEach((box, k) => box.setAttribute('aria-pressed', String(k === i)));
    this.see(this.view);
  }

  /** @param {View} view */
  see(view) {
    this.view = view;
    for (const button of this.#mounted.all('[data-view]'))
      button.setAttribute('aria-pressed', String(button.dataset.view === view));
    this.#mounted.part('wheel', HTMLCanvasElement).hidden = view !== 'flow';
    if (!this.films.length) return;
    const words = this.#caption();
    this.#mounted.part('words').textContent = words;
    this.screen.setAttribute('aria-label', `${this.#words}. ${words}`);
    strip(this.#mounted.part('strip'), (canvas, t) => paintAll(this.#chosen, canvas, t, view));
    if (!this.#player.playing) this.#player.pause();
  }

  #caption() {
    const {films, picked} = this;
    const groups = new Set(films.map(({mode}) => mode)).size;
    /** @param {number} i */
    const named = i => `future ${i + 1}, of group ${letterOf(films[i].mode)}`;
    if (picked >= 0) return `This is ${named(picked)}. Click it again for all.`;
    if (this.view === 'flow')
      return `Flows cannot lie over one another: this is that of ${named(0)}. Click another one.`;
    const counted = `${groups} ${groups === 1 ? 'group' : 'groups'}`;
    return `${films.length} futures over one another, of ${counted}. Click one to see it alone.`;
  }

  /** The screen, and as many panels as there is time for. @param {number} t */
  #paint(t) {
    this.#time.value = String(t);
    this.#mounted.part('seconds').textContent = `${(SECONDS * t).toFixed(2)} s`;
    const {films, view} = this;
    if (!films.length) return;
    paintAll(this.#chosen, this.screen, t, view);
    const canvases = this.#canvases();
    const end = performance.now() + BUDGET_MS;
    for (let k = 0; k < films.length && (performance.now() < end || !this.#player.playing); k++, this.#turn++)
      films[this.#turn % films.length].paint(canvases[this.#turn % films.length], t, view);
  }
}
