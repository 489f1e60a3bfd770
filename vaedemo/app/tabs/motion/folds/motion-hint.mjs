/**
 * One hint: an arrow tells where a cell ends, 512 draws are weighed by how well they agree, and the rest of the
 * picture follows.
 */
import {dom, prefersReducedMotion, query, queryAll} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {percent} from '../../../../web/page/format.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {pythonOf, saveFilms} from '../lib/export.mjs';
import {Film, colorOf, filmsOf, letterOf, paintAll} from '../lib/future-renderer.mjs';
import {ArrowEditor, MOST, arrowsOf, counted, numbersOf} from '../lib/motion-hints-editor.mjs';
import {weighed} from '../lib/requests.mjs';
import {playerOf} from '../lib/still-frames.mjs';
import {SHOWN, asked, whenVisible} from '../lib/still-store.mjs';
import {CELLS, GRID, offsetAt} from '../../../../web/engine/trajectories.mjs';

const FAR = 5; // pixels: of a best draw that does not agree
const NEAR = 2.5; // cells that a hand may miss by
const MOVES = 1; // pixels: of a cell that moves in any draw
const DRAWS = 512;
const FAINT = 0.18; // how much is seen of a future that contradicts
const TEMPLATE = `
<div class="vd-arrows">
  <div class="stage">
    <figure class="vd-figure">
      <div data-part="pull"></div>
      <figcaption role="status" data-part="words"></figcaption>
      <div class="vd-row">
        <button type="button" class="vd-quiet" data-act="play">Play</button>
        <button type="button" class="vd-quiet" data-act="undo" disabled>Undo</button>
        <button type="button" class="vd-quiet" data-act="reset" disabled>Without hints</button>
      </div>
    </figure>
    <div>
      <div class="panels" role="group" aria-label="What the hint leaves of the futures" data-part="panels"></div>
      <div class="groups" data-part="groups"></div>
      <div class="vd-row">
        ${takeaway('gif', 'png', 'code', 'badge')}
      </div>
      <p class="vd-note">A draw counts by exp(−d²/2s²), d how far from the arrow's end its cell ends, s = 2.5 pixels of
        a still of 64. Faded: futures that contradict.</p>
    </div>
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;
const PANEL = `
<figure class="vd-figure">
  <canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img"></canvas><span class="tag"></span>
</figure>`;
const GROUP = '<div data-share=""><span></span> <i aria-hidden="true"><b></b></i><output></output></div>';

/**
 * @typedef {import('../lib/requests.mjs').Arrow} Arrow
 * @typedef {import('../lib/requests.mjs').Weighed} Weighed
 * @typedef {import('../lib/still-store.mjs').Forecast} Forecast
 */

export const mount = mountFold({
  template: TEMPLATE,
  setup(mounted) {
    new MotionHint(mounted).begin();
  },
});

class MotionHint {
  #mounted;
  #editor;
  #player;
  /** @type {Forecast | null} */
  #now = null;
  /** Of the futures, then of the groups' typical ones: all that moves in any of them is cut out. @type {Film[]} */
  #films = [];
  /** What is played on the large picture. @type {Film[]} */
  #shown = [];
  /** What the arrows leave; null: there are none. @type {Weighed | null} */
  #found = null;
  /** Of the link or a stop, until there is a still. @type {Arrow[] | null} */
  #linked;
  #busy = false;
  #waiting = false;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.#linked = linkedArrows(mounted.state);
    this.#editor = new ArrowEditor(mounted.part('pull'), {
      from: (row, column) => snapped(this.#films, row, column),
      onChange: done => this.#changed(done),
    });
    this.#player = playerOf(
      mounted,
      () => this.#shown.length > 0,
      t => this.#paint(t),
    );
  }

  begin() {
    const {showError} = this.#mounted;
    whenVisible(this.#mounted, (now, signal) => this.#open(now, signal));
    this.#mounted.acts({
      undo: () => this.#now && this.#editor.set(this.#editor.arrows.slice(0, -1)),
      reset: () => this.#now && this.#editor.set([]),
      png: () => this.#now && savePng('hinted.png', this.#editor.canvas, 2),
      gif: () => this.#now && saveFilms(this.#now.still, asked, this.#editor.arrows).then(() => showError(null)),
      code: () => this.#now && showCode(pythonOf(this.#now.still, asked, this.#editor.arrows)),
    });
    this.#mounted.onStop(({arrows: text}) => {
      const arrows = text ? arrowsOf(text.split(',').map(Number)) : null;
      if (arrows && this.#now) this.#editor.set(arrows);
      else this.#linked = arrows ?? this.#linked;
    });
  }

  /** @param {Forecast} now @param {AbortSignal} signal */
  async #open(now, signal) {
    const {still, answer} = now;
    const {futures, typical, shares} = answer;
    const another = this.#now?.still !== still;
    this.#now = now;
    this.#films = filmsOf(still, [...futures, ...typical]);
    this.#shown = this.#films.slice(0, futures.length);
    this.#found = null;
    this.#mounted.part('panels').replaceChildren(...futures.map(({mode}, i) => panelOf(i, mode)));
    this.#mounted.part('groups').replaceChildren(...shares.map((_, k) => groupOf(k)));
    this.#player.pause(0);
    this.#show(now, []);
    this.#mounted.badge(still.model);
    const kept = this.#linked ?? (another ? [] : this.#editor.arrows);
    this.#linked = null;
    this.#editor.set(kept);
    if (kept.length) return;
    // The draws are made before the first arrow is: then a drag follows the hand.
    await weighed(still.model, still, {...asked, hints: [{row: 0, column: 0, right: 0, down: 0}]}, signal);
  }

  /** Arrows changed. @param {boolean} done  the hand has let go */
  #changed(done) {
    const {arrows} = this.#editor;
    if (done) this.#mounted.state.set({arrows: numbersOf(arrows).join() || null});
    for (const name of ['undo', 'reset']) this.#mounted.button(name).disabled = !arrows.length;
    this.#player.pause(1);
    this.#weigh(done).catch(this.#mounted.showError);
  }

  /**
   * Asks what the arrows leave, one question at a time and then the newest.
   * @param {boolean} [done]  the hand has let go
   */
  async #weigh(done = true) {
    if (this.#busy) {
      this.#waiting = true;
      return;
    }
    const now = this.#now;
    const hints = this.#editor.shown;
    if (!now) return;
    this.#busy = true;
    try {
      const {still} = now;
      this.#found = hints.length ? await weighed(still.model, still, {...asked, hints}) : null;
      this.#mounted.showError(null);
    } finally {
      this.#busy = false;
    }
    if (this.#waiting || now !== this.#now) {
      this.#waiting = false;
      await this.#weigh();
      return;
    }
    this.#show(now, hints);
    if (done && !prefersReducedMotion() && hints === this.#editor.arrows) this.#player.play();
  }

  /** @param {Forecast} now @param {Arrow[]} hints  of which the weights are known */
  #show(now, hints) {
    const {still, answer} = now;
    const {futures, shares} = answer;
    const found = this.#found;
    const best = found ? new Film(still, found.best, this.#films[0].cut) : null;
    this.#shown = best ? [best] : this.#films.slice(0, futures.length);
    this.#showWeights(futures, found);
    this.#showShares(found?.shares ?? shares);
    this.#mounted.part('words').textContent =
      found && best ? outcome(hints, found, best) : 'Drag from what shall move to where it is to be in 0.6 seconds.';
    const what = found
      ? `the draw that agrees best with ${counted(hints.length)}`
      : `${futures.length} futures over one another`;
    this.#editor.canvas.setAttribute('aria-label', `${still.words}: ${what}`);
    this.#paint(this.#player.t);
  }

  /** Fades the futures that the arrows contradict. @param {{mode: number}[]} futures @param {Weighed | null} found */
  #showWeights(futures, found) {
    queryAll(this.#mounted.part('panels'), 'figure').forEach((box, i) => {
      const part = found ? found.weights[i] / Math.max(found.heaviest, 1e-9) : 1;
      const weight = found ? `, weight ${percent(found.weights[i])}` : '';
      const words = `Future ${i + 1}, of group ${letterOf(futures[i].mode)}${weight}`;
      box.style.setProperty('--seen', found ? (FAINT + (1 - FAINT) * part).toFixed(3) : '1');
      query(box, 'canvas', HTMLCanvasElement).setAttribute('aria-label', words);
    });
  }

  /** @param {number[]} shares  of each group */
  #showShares(shares) {
    const most = Math.max(...shares);
    queryAll(this.#mounted.part('groups'), '[data-share]').forEach((box, k) => {
      box.dataset.share = shares[k].toFixed(4);
      query(box, 'b').style.width = `${(100 * shares[k]) / most}%`;
      query(box, 'output').textContent = percent(shares[k]);
    });
  }

  /** @param {number} t */
  #paint(t) {
    if (!this.#shown.length) return;
    paintAll(this.#shown, this.#editor.canvas, t, 'motion');
    queryAll(this.#mounted.part('panels'), 'canvas', HTMLCanvasElement).forEach((canvas, i) =>
      this.#films[i].paint(canvas, t, 'motion'),
    );
  }
}

/**
 * What arrows leave, in words.
 * @param {Arrow[]} hints
 * @param {Weighed} found
 * @param {Film} film  of the best draw
 */
function outcome(hints, {best, effective}, {offsets}) {
  const off = Math.max(
    ...hints.map(({row, column, right, down}) => {
      const [x, y] = offsetAt(offsets, row * GRID + column, 1);
      return Math.hypot(x - right, y - down);
    }),
  );
  if (off > FAR)
    return `None of ${DRAWS} draws goes there: the nearest misses by ${off.toFixed(0)} pixels of 64, and is shown.`;
  const left = effective < 10 ? effective.toFixed(1) : Math.round(effective);
  return (
    `After ${counted(hints.length)} as much as ${left} of ${DRAWS} draws is left. ` +
    `Shown is the heaviest, of group ${letterOf(best.mode)}.`
  );
}

/**
 * The nearest cell that moves in any of the futures; this one, if nothing near it moves.
 * @param {Film[]} films
 * @param {number} row
 * @param {number} column
 */
function snapped(films, row, column) {
  /** @param {number} cell */
  const far = cell => Math.max(0, ...films.map(({reach}) => reach[cell]));
  /** @param {number} cell */
  const away = cell => Math.hypot(Math.floor(cell / GRID) - row, (cell % GRID) - column);
  const near = Array.from({length: CELLS}, (_, cell) => cell).filter(
    cell => away(cell) <= NEAR && far(cell) >= MOVES,
  );
  const best = near.sort((a, b) => away(a) - away(b))[0] ?? row * GRID + column;
  return {row: Math.floor(best / GRID), column: best % GRID};
}

/** A future among the small ones. @param {number} i @param {number} mode */
function panelOf(i, mode) {
  const box = dom(PANEL);
  query(box, '.tag').textContent = `${i + 1} · ${letterOf(mode)}`;
  box.style.setProperty('--mode', colorOf(mode));
  return box;
}

/** A group's row: its name, a bar, its share of the draws. @param {number} k */
function groupOf(k) {
  const box = dom(GROUP);
  query(box, 'span').textContent = `Group ${letterOf(k)}`;
  box.style.setProperty('--mode', colorOf(k));
  return box;
}

/**
 * The link's arrows: refused where a number is missing, or where there are too many.
 * @param {import('../../../../web/page/url-state.mjs').UrlState} state
 */
function linkedArrows(state) {
  const count = state.numbers('arrows')?.length ?? 0;
  const values = count ? state.numbers('arrows', 4 * Math.max(1, Math.min(MOST, Math.floor(count / 4)))) : null;
  return values && arrowsOf(values);
}
