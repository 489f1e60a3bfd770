/**
 * Every slider's latent as a film strip around the z that the hero shows; the frame that is clicked is where the hand
 * goes.
 */
import {dom, query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {shown as words} from '../../../../web/page/format.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {saveSwing} from '../lib/export.mjs';
import {moves, shownNow} from '../lib/paired-models.mjs';
import {sheet} from '../lib/strips-sheet.mjs';
import {along, pulledTo, through} from '../lib/traversal.mjs';

/**
 * @typedef {import('../lib/paired-models.mjs').Shown} Shown
 * @typedef {import('../lib/paired-models.mjs').Row} Row
 * @typedef {{canvas: HTMLCanvasElement, mark: HTMLElement, painter: Painter}} Strip
 * @typedef {{row: Row, strips: Strip[], element: HTMLElement}} Line  strips: one a model
 */

const FRAMES = 9;
const REST_MS = 200; // drawn anew when the hand has rested
const PATIENCE_MS = 800; // or when it has not for so long
const KEYS = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1};

const TEMPLATE = `
<div class="vd-strips">
  <div data-part="lines" class="rows"></div>
  <div class="vd-row">${takeaway('png', 'gif')}</div>
  <p class="vd-note">Frames lie at quantiles 0.02 to 0.98 of the prior, equal masses apart; where a model's codes spread
    wider than it, of a Gaussian as wide as they. The line below a strip marks where the slider stands.</p>
  <p class="vd-trouble" role="status"></p>
</div>`;
const STRIP = '<div class="strip"><canvas tabindex="0" role="slider" aria-valuemin="1"></canvas><i></i></div>';

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
function setup(mounted) {
  const strips = new Strips(mounted);
  mounted.acts({
    png: () => strips.savePicture(),
    gif: () => strips.saveSwing(),
  });
  shownNow.subscribe((shown, how) => strips.take(shown, how !== 'codes'));
  mounted.onVisible(visible => strips.setVisible(visible));
}

class Strips {
  /** @type {Shown} */
  #shown;
  /** @type {Line[]} */
  #lines = [];
  /** The row whose swing the GIF will be. @type {Row} */
  #chosen;
  #mounted;
  #visible = false;
  #timer = 0;
  /** Since when the strips show what was before. */
  #since = 0;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
  }

  /** @param {Shown} shown @param {boolean} isOther  other models, not only other codes */
  take(shown, isOther) {
    this.#shown = shown;
    if (isOther) this.#build();
    if (this.#visible) this.#drawSoon();
  }

  /** @param {boolean} visible */
  setVisible(visible) {
    this.#visible = visible;
    if (visible) this.#drawSoon();
  }

  #build() {
    const {models, rows} = this.#shown;
    this.#mounted.root.classList.toggle('alone', models.length === 1);
    this.#lines = rows.map(row => this.#line(row));
    const head = dom('<div class="line head"><span></span></div>');
    head.append(...models.map(({title}) => span(title)));
    this.#mounted.part('lines').replaceChildren(head, ...this.#lines.map(({element}) => element));
    this.#choose(rows[0]);
  }

  /** @param {Row} row @returns {Line} */
  #line(row) {
    const element = dom('<div class="line"></div>');
    element.append(span(row.label, 'name'));
    const strips = this.#shown.models.map(model => {
      const strip = dom(STRIP);
      element.append(strip);
      return this.#strip(row, model, strip);
    });
    if (strips[1]) element.append(span(row.note, 'note'));
    return {row, strips, element};
  }

  /** @param {Row} row @param {Shown['models'][0]} model @param {HTMLElement} element @returns {Strip} */
  #strip(row, {title, open}, element) {
    const canvas = query(element, 'canvas', HTMLCanvasElement);
    canvas.className = this.#shown.kind.ink ? 'vd-ink' : 'vd-photo';
    canvas.setAttribute('aria-label', `${row.label}, ${title}: a strip of ${FRAMES} pictures`);
    canvas.setAttribute('aria-valuemax', String(FRAMES));
    canvas.addEventListener('click', ({offsetX}) =>
      this.#go(row, Math.floor((FRAMES * offsetX) / canvas.clientWidth)),
    );
    canvas.addEventListener('keydown', event => this.#key(event, row));
    return {
      canvas,
      mark: query(element, 'i'),
      painter: new Painter(canvas, open.shape, {columns: FRAMES, crisp: false}),
    };
  }

  /** @param {Row} row */
  #choose(row) {
    this.#chosen = row;
    this.#mounted.button('gif').textContent = `GIF of ${row.label.split(',')[0]}`;
  }

  /** The hand goes to a frame. @param {Row} row @param {number} frame */
  #go(row, frame) {
    this.#choose(row);
    if (this.#shown.locked(row)) {
      this.#mounted.showError(`${row.label} is locked.`);
      return;
    }
    this.#mounted.showError(null);
    const value = through(FRAMES, row)[Math.max(0, Math.min(FRAMES - 1, frame))];
    moves.publish({codes: pulledTo(this.#shown, row, value)});
  }

  /** The frame that is nearest to where the slider stands. @param {Row} row */
  #frameOf(row) {
    return Math.round(along(this.#shown.codes[0][row.d], row) * (FRAMES - 1));
  }

  /** @param {KeyboardEvent} event @param {Row} row */
  #key(event, row) {
    const way = KEYS[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    this.#go(row, this.#frameOf(row) + way);
  }

  #drawSoon() {
    this.#since ||= performance.now();
    clearTimeout(this.#timer);
    const rest = Math.min(REST_MS, this.#since + PATIENCE_MS - performance.now());
    this.#timer = setTimeout(() => this.#draw().catch(this.#mounted.showError), Math.max(0, rest));
  }

  #draw = newest(async signal => {
    this.#since = 0;
    if (!this.#visible || !this.#shown) return;
    this.#mark();
    await Promise.all(this.#shown.models.map((model, i) => this.#drawModel(model, i, signal)));
    const {dataset} = this.#mounted.root;
    dataset.drawn = String(Number(dataset.drawn ?? 0) + 1);
  });

  /** All strips of model i. @param {Shown['models'][0]} model @param {number} i @param {AbortSignal} signal */
  async #drawModel({open}, i, signal) {
    const codes = this.#lines.flatMap(({row}) =>
      through(FRAMES, row).map(value => pulledTo(this.#shown, row, value)[i]),
    );
    const painters = this.#lines.map(({strips}) => strips[i].painter);
    const size = open.shape.reduce((a, b) => a * b);
    const paint = (planes, first, count) => {
      for (let k = 0; k < count; k++) {
        const place = first + k;
        painters[Math.floor(place / FRAMES)].draw(planes.subarray(k * size, (k + 1) * size), place % FRAMES);
      }
    };
    await open.batch(codes.flat(), codes.length, paint, signal);
  }

  /** Marks where the sliders stand. */
  #mark() {
    for (const {row, strips} of this.#lines) {
      const value = this.#shown.codes[0][row.d];
      const at = along(value, row);
      const frame = this.#frameOf(row);
      for (const {canvas, mark} of strips) {
        mark.style.left = `${(100 * (0.5 + at * (FRAMES - 1))) / FRAMES}%`;
        canvas.setAttribute('aria-valuenow', String(frame + 1));
        canvas.setAttribute('aria-valuetext', `frame ${frame + 1} of ${FRAMES}, z = ${words([value])}`);
      }
    }
  }

  savePicture() {
    if (!this.#shown) return;
    savePng('strips.png', sheet(this.#shown, this.#lines), 1);
  }

  async saveSwing() {
    if (!this.#shown) return;
    await saveSwing(this.#shown, this.#chosen);
    this.#mounted.showError(null);
  }
}

/** @param {string} text @param {string} [name]  its class */
function span(text, name = '') {
  const element = document.createElement('span');
  element.className = name;
  element.textContent = text;
  return element;
}
