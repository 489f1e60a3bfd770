/** From one future to another through z, and each latent on its own: decoded in the browser, while the hand pulls. */
import {query, queryAll} from '../../../../web/page/dom.mjs';
import {saveGif, savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {SliderBank} from '../../../../web/ui/sliders.mjs';
import {Film, filmsOf, halfPlanes, letterOf} from '../lib/future-renderer.mjs';
import {stillCode} from '../lib/python.mjs';
import {tower} from '../lib/requests.mjs';
import {playerOf, start, strip} from '../lib/still-frames.mjs';
import {SHOWN, asked, whenVisible} from '../lib/still-store.mjs';
import {Tower, pulled} from '../../../../web/engine/trajectory-decoder.mjs';
import {farthest} from '../../../../web/engine/trajectories.mjs';

const GIF_STEPS = 24;
const GIF = {width: SHOWN / 2, height: SHOWN / 2, channels: 3, ms: 100, scale: 3, back: true};

/** @param {string} name */
const canvas = name =>
  `<canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img" data-part="${name}"></canvas>`;
/** @param {string} name @param {string} words */
const end = (name, words) => `<figure class="vd-figure end">${canvas(name)}
  <figcaption class="vd-controls"><label>${words} <select data-end="${name}"></select></label></figcaption></figure>`;
const TEMPLATE = `
<div class="vd-morph">
  <div class="stage">
    ${end('from', 'From future')}
    <div class="middle">
      <div class="pair">${canvas('picture')}${canvas('paths')}</div>
      <input type="range" data-part="t" min="0" max="1" step="0.005" value="0.5"
        aria-label="How far on the way from one future's z to the other's, from 0 to 1">
      <div class="vd-instants" data-part="strip" hidden></div>
      <p class="vd-note" role="status" data-part="words">&nbsp;</p>
    </div>
    ${end('to', 'to future')}
  </div>
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="play">Play</button>
    <button type="button" class="vd-quiet" data-act="apart">The two that differ most</button>
    ${takeaway('png', 'gif', 'code', 'badge')}
  </div>
  <details class="vd-fold"><summary>Each latent of z on its own</summary><div data-part="bank"></div></details>
  <p class="vd-trouble" role="status"></p>
</div>`;
const ENDS = ['from', 'to'];

/**
 * What there is once the still's decoder is here.
 * @typedef {{still: import('../lib/still-store.mjs').Still, decoder: Tower, films: Film[], latents: number[][]}} Ready
 */

export const mount = mountFold({
  template: TEMPLATE,
  setup(mounted) {
    new Interpolation(mounted).begin();
  },
});

class Interpolation {
  #mounted;
  #player;
  #canvases;
  #choosers;
  #slider;
  /** @type {Ready | null} */
  #ready = null;
  /** The future on the way. @type {Film | null} */
  #film = null;
  /** @type {SliderBank | null} */
  #bank = null;
  /** Which two futures. @type {number[]} */
  #ends;
  #frame = 0;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    /** @param {string} name */
    const part = name => mounted.part(name, HTMLCanvasElement);
    this.#mounted = mounted;
    this.#canvases = {picture: part('picture'), paths: part('paths'), ends: ENDS.map(part)};
    this.#choosers = ENDS.map(name => query(mounted.root, `[data-end="${name}"]`, HTMLSelectElement));
    this.#slider = mounted.part('t', HTMLInputElement);
    this.#ends = (mounted.state.numbers('ends') ?? [0, 0]).map(value => Math.round(value) - 1);
    this.#player = playerOf(
      mounted,
      () => this.#film !== null,
      t => this.#paint(t),
    );
  }

  begin() {
    const {state} = this.#mounted;
    whenVisible(this.#mounted, (now, signal) => this.#open(now, signal));
    this.#slider.addEventListener('input', () => {
      if (!this.#film) return;
      this.#player.pause(1);
      this.#goTo(Number(this.#slider.value));
    });
    for (const chooser of this.#choosers)
      chooser.addEventListener('change', () => {
        this.#choose(this.#choosers.map(({value}) => Number(value)));
        state.set({ends: this.#ends.map(i => i + 1).join()});
      });
    this.#mounted.acts({
      apart: () => this.#ready && this.#chooseFarthest(this.#ready),
      png: () => this.#film && this.#savePng(),
      gif: () => this.#ready && this.#saveGif(this.#ready),
      code: () => this.#ready && showCode(python(this.#ready.still, this.#ends)),
    });
    this.#mounted.onStop(() => {
      if (this.#film) start(this.#player);
    });
  }

  /** @param {import('../lib/still-store.mjs').Forecast} now @param {AbortSignal} signal */
  async #open({still, answer}, signal) {
    const file = await tower(still.model, still, signal);
    signal.throwIfAborted();
    const first = this.#ready === null;
    const films = filmsOf(still, answer.futures);
    const latents = answer.futures.map(({z}) => Array.from(z ?? []));
    this.#ready = {still, decoder: new Tower(file), films, latents};
    this.#buildSliders(this.#ready.decoder);
    for (const chooser of this.#choosers)
      chooser.replaceChildren(...films.map(({mode}, i) => new Option(`${i + 1} · ${letterOf(mode)}`, String(i))));
    const [from, to] = this.#ends;
    const linked = first && from !== to && this.#ends.every(i => i >= 0 && i < films.length);
    if (linked) this.#choose(this.#ends);
    else this.#choose(farthest(films.map(({offsets}) => offsets)));
    if (!first) this.#mounted.state.set({ends: null}); // that was of other futures
    start(this.#player);
    this.#mounted.badge(still.model);
  }

  /** @param {number} t */
  #paint(t) {
    if (!this.#ready || !this.#film) return;
    const {films} = this.#ready;
    this.#film.paint(this.#canvases.picture, t, 'motion');
    this.#film.paint(this.#canvases.paths, 1, 'paths');
    this.#canvases.ends.forEach((place, i) => films[this.#ends[i]].paint(place, t, 'motion'));
  }

  /** @param {Ready} ready @param {number[]} z */
  #filmOf({still, decoder, films}, z) {
    return new Film(still, {trajectories: decoder.decode(z), mode: films[this.#ends[0]].mode}, films[0].cut);
  }

  /** z on the straight line between the two. @param {Ready} ready @param {number} t */
  #between({latents}, t) {
    const [from, to] = this.#ends.map(i => latents[i]);
    return from.map((value, d) => value + t * (to[d] - value));
  }

  /**
   * Decodes z at the next frame, the newest one; the motion is seen at its end unless it plays.
   * @param {Ready} ready
   * @param {number[]} z
   * @param {string} words
   */
  #show(ready, z, words) {
    const {picture, paths} = this.#canvases;
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      const film = this.#filmOf(ready, z);
      this.#film = film;
      if (!this.#player.playing) this.#player.pause(1);
      strip(this.#mounted.part('strip'), (to, t) => film.paint(to, t, 'motion'));
      this.#mounted.part('words').textContent = words;
      picture.dataset.z = z.map(value => value.toFixed(4)).join();
      picture.setAttribute('aria-label', `${ready.still.words}: the future of ${words}`);
      paths.setAttribute('aria-label', `The ways of its parts, of ${words}`);
    });
  }

  /** @param {number} t  how far on the way */
  #goTo(t) {
    if (!this.#ready) return;
    const z = this.#between(this.#ready, t);
    const [from, to] = this.#ends;
    this.#slider.value = String(t);
    this.#bank?.place(z);
    this.#show(this.#ready, z, `z = ${(1 - t).toFixed(2)} z${subscript(from)} + ${t.toFixed(2)} z${subscript(to)}`);
  }

  /** @param {number[]} ends */
  #choose(ends) {
    this.#ends = ends;
    this.#choosers.forEach((chooser, i) => {
      chooser.value = String(ends[i]);
      // No way leads from one to itself.
      for (const option of chooser.options) option.disabled = Number(option.value) === ends[1 - i];
      const words = `Future ${ends[i] + 1} of ${this.#ready?.still.words}`;
      this.#canvases.ends[i].setAttribute('aria-label', words);
    });
    this.#goTo(Number(this.#slider.value));
  }

  /** @param {Ready} ready */
  #chooseFarthest({films}) {
    this.#choose(farthest(films.map(({offsets}) => offsets)));
    this.#mounted.state.set({ends: null});
  }

  /** A slider for each latent, that which moves most on this still first. @param {Tower} decoder */
  #buildSliders(decoder) {
    const place = this.#mounted.part('bank');
    const moved = Array.from({length: decoder.z}, (_, d) => pulled(decoder, d));
    const dimensions = [...moved.keys()].sort((a, b) => moved[b] - moved[a]);
    this.#bank = new SliderBank(place, {
      dimensions,
      kl: moved.map(() => 1),
      labels: dimensions.map(d => `z${subscript(d)}`),
      notes: dimensions.map(d => `moves ${moved[d].toFixed(1)} px`),
      onMove: z => this.#ready && this.#show(this.#ready, [...z], 'z by hand, off the line'),
    });
    // What a latent costs differs from still to still.
    for (const rate of queryAll(place, '.kl, [data-act="lock"]')) rate.remove();
  }

  #savePng() {
    const {ends, picture, paths} = this.#canvases;
    return savePng('from-future-to-future.png', beside([ends[0], picture, paths, ends[1]]), 1);
  }

  /** The way from one future to the other. @param {Ready} ready */
  async #saveGif(ready) {
    const frames = Array.from({length: GIF_STEPS}, (_, i) =>
      halfPlanes(this.#filmOf(ready, this.#between(ready, i / (GIF_STEPS - 1)))),
    );
    await saveGif('from-future-to-future.gif', frames, GIF);
    this.#mounted.showError(null);
  }
}

/** The number of a latent or a future, small and low. @param {number} i  from 0 */
const subscript = i => String(i + 1).replace(/\d/g, digit => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)]);

/** @param {import('../lib/still-store.mjs').Still} still @param {number[]} ends */
const python = (still, [from, to]) => `${stillCode(still)}
model = vaedemo.load("${still.model}")
z = model.futures(y, ${asked.n}, seed=${asked.seed}).z  # (${asked.n}, Z)
t = torch.linspace(0, 1, 33)[:, None]
trajectories = model.decode((1 - t) * z[${from}] + t * z[${to}], y[None])  # (33, 10, 16, 16)
offsets = to_offsets(trajectories)  # (33, 2, 16 instants, 16, 16), in pixels of the still`;
