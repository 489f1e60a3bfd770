/** Where the futures are seen: all over one another on the screen, each on its own panel, at one clock. */
import {VIEWS, colorOf, letterOf, paintAll, paintStill} from './future-renderer.mjs';
import {SECONDS} from './still-store.mjs';
import {panel} from './hero-template.mjs';
import {Player} from '../../../../web/ui/playback-clock.mjs';
import {dom, prefersReducedMotion as wantsStill} from '../../../../web/page/dom.mjs';
import {paintWheel} from './flow-legend.mjs';

const BUDGET_MS = 10; // of each frame, for panels; those left over are painted at the next
const INSTANTS = [0, 0.25, 0.5, 0.75, 1];

/** @typedef {import('./future-renderer.mjs').Film} Film */
export class Theatre {
  /** @type {Film[]} */ films = [];
  view = VIEWS[0];
  /** The one that is seen alone; -1: all. */ picked = -1;
  #chosen = this.films;
  #words = '';
  #turn = 0;
  #begun = false;
  #pressed = false;

  /** @param {HTMLElement} root  of motion.template.mjs */
  constructor(root) {
    const find = name => root.querySelector(`[data-part="${name}"]`);
    Object.assign(this, {root, find, screen: find('all'), panels: find('panels')});
    this.player = new Player(
      root,
      t => this.#paint(t),
      playing => {
        find('toggle').textContent = playing ? 'Pause' : 'Play';
      },
    );
    find('time').addEventListener('input', () => this.player.pause(Number(find('time').value)));
    paintWheel(find('wheel'));
  }

  /**
   * What is there before its futures are.
   * @param {number} n  panels
   * @param {(canvas: HTMLCanvasElement) => void} paint
   */
  before(n, paint) {
    [this.films, this.#chosen] = [[], []];
    this.#seat(n);
    for (const canvas of [this.screen, ...this.panels.querySelectorAll('canvas')]) paint(canvas);
    for (const box of this.panels.children) box.querySelector('span').textContent = '';
    this.player.pause(0);
    this.panels.setAttribute('aria-busy', 'true');
  }

  /** Nothing will come. */
  failed() {
    this.panels.setAttribute('aria-busy', 'false');
  }

  /** @param {Film[]} films @param {string} words  what the still shows */
  open(films, words) {
    [this.films, this.#words] = [films, words];
    const fresh = this.#seat(films.length);
    [...this.panels.children].forEach((box, i) => {
      const letter = letterOf(films[i].mode);
      box.style.setProperty('--mode', colorOf(films[i].mode));
      box.querySelector('span').textContent = `${i + 1} · ${letter}`;
      box.setAttribute('aria-label', `Future ${i + 1} of ${words}, of group ${letter}`);
      if (fresh) paintStill(box.querySelector('canvas'), films[i].still.shown);
    });
    this.panels.setAttribute('aria-busy', 'false');
    this.pick(this.picked < films.length ? this.picked : -1);
    if (this.#pressed || (this.#begun && !wantsStill())) this.player.play();
    this.#pressed = false;
  }

  #seat(n) {
    const fresh = this.panels.childElementCount !== n;
    if (fresh) this.panels.replaceChildren(...Array.from({length: n}, (_, i) => dom(panel(i))));
    return fresh;
  }

  /** Play, or pause; what is pressed too early is done when the futures are there. */
  toggle() {
    this.#begun = true;
    this.root.classList.add('begun');
    if (this.player.playing) this.player.pause();
    else if (this.films.length) this.player.play();
    else this.#pressed = true;
  }

  /** One future alone, or all: -1. @param {number} i */
  pick(i) {
    this.picked = i;
    this.#chosen = i < 0 ? this.films : [this.films[i]];
    [...this.panels.children].forEach((box, k) => box.setAttribute('aria-pressed', String(k === i)));
    this.see(this.view);
  }

  /** @param {string} view  one of VIEWS */
  see(view) {
    this.view = view;
    for (const button of this.root.querySelectorAll('[data-view]'))
      button.setAttribute('aria-pressed', String(button.dataset.view === view));
    this.find('wheel').hidden = view !== 'flow';
    if (!this.films.length) return;
    const said = this.#said();
    this.find('words').textContent = said;
    this.screen.setAttribute('aria-label', `${this.#words}. ${said}`);
    this.#strip();
    if (!this.player.playing) this.player.pause();
  }

  #said() {
    const {films, picked} = this;
    const groups = new Set(films.map(({mode}) => mode)).size;
    const of = i => `future ${i + 1}, of group ${letterOf(films[i].mode)}`;
    if (picked >= 0) return `This is ${of(picked)}. Click it again for all.`;
    if (this.view === 'flow')
      return `Flows cannot lie over one another: this is that of ${of(0)}. Click another one.`;
    return `${films.length} futures over one another, of ${groups} ${groups === 1 ? 'group' : 'groups'}. Click one to see it alone.`;
  }

  /** Who wants little motion sees the instants beside one another. */
  #strip() {
    this.find('strip').hidden = !wantsStill();
    if (wantsStill())
      this.find('strip').replaceChildren(
        ...INSTANTS.map(t => {
          const canvas = dom(
            `<canvas class="vd-photo" width="${this.screen.width}" height="${this.screen.height}" role="img" aria-label="After ${(SECONDS * t).toFixed(2)} seconds"></canvas>`,
          );
          paintAll(this.#chosen, canvas, t, this.view);
          return canvas;
        }),
      );
  }

  /** The screen, and as many panels as there is time for. @param {number} t */
  #paint(t) {
    this.find('time').value = String(t);
    this.find('seconds').textContent = `${(SECONDS * t).toFixed(2)} s`;
    const {
      films,
      view,
      player: {playing},
    } = this;
    if (!films.length) return;
    paintAll(this.#chosen, this.screen, t, view);
    const canvases = [...this.panels.querySelectorAll('canvas')];
    const end = performance.now() + BUDGET_MS;
    for (let k = 0; k < films.length && (performance.now() < end || !playing); k++, this.#turn++)
      films[this.#turn % films.length].paint(canvases[this.#turn % films.length], t, view);
  }
}
