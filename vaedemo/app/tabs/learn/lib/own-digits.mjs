/** What the visitor draws for the VAE to learn from: a pen, and what was drawn so far, which can be taken out. */
import {SIDE} from '../../../../web/engine/training-run.mjs';
import {around, query} from '../../../../web/page/dom.mjs';
import {onDrag} from '../../../../web/ui/drag.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {StrokeRaster} from '../../../../web/ui/stroke-raster.mjs';
import {asDigit} from './as-digit.mjs';

const PAD = 280;
const PEN = 22;
const MOST = 24;
const TIMES_LARGER = 2; // than 28 pixels, of those in the row

const TEMPLATE = `
<div class="own">
  <div class="vd-pad">
    <canvas class="vd-ink" role="img" aria-label="Drawing box: draw a digit here with the pointer"></canvas>
    <span class="hint" aria-hidden="true">Draw anything</span>
    <div class="vd-row">
      <button type="button" class="vd-main" data-own="add">Learn from it</button>
      <button type="button" class="vd-quiet" data-own="clear">Clear</button>
    </div>
    <p class="vd-note" role="status"></p>
  </div>
  <ul></ul>
</div>`;

/** @typedef {import('../../../../web/ui/stroke-raster.mjs').Point} Point */

export class OwnDigits {
  /** @type {Uint8Array[]} */
  #digits = [];
  #onChange;
  #raster = new StrokeRaster(PAD);
  #painter;
  #canvas;
  #pad;
  #words;
  #row;
  /** @type {Point | null} */
  #last = null;

  /** @param {HTMLElement} element  empty @param {(digits: Uint8Array[]) => void} onChange  of 28 x 28 grey bytes */
  constructor(element, onChange) {
    this.#onChange = onChange;
    element.innerHTML = TEMPLATE;
    this.#pad = query(element, '.vd-pad');
    this.#canvas = query(element, 'canvas', HTMLCanvasElement);
    this.#words = query(element, '[role="status"]');
    this.#row = query(element, 'ul');
    this.#painter = new Painter(this.#canvas, [1, PAD, PAD], {crisp: false});
    this.#clear();
    onDrag(this.#canvas, {
      start: event => {
        this.#last = null;
        this.#stroke(event);
        event.preventDefault();
      },
      move: event => this.#stroke(event),
    });
    element.addEventListener('click', event => {
      const act = around(event, '[data-own]')?.dataset.own;
      if (act === 'add') this.#add();
      if (act === 'clear') this.#clear();
      const item = act === 'remove' ? around(event, 'li') : null;
      if (item) this.#remove(Array.from(this.#row.children).indexOf(item));
    });
  }

  /** @param {PointerEvent} event */
  #stroke(event) {
    const box = this.#canvas.getBoundingClientRect();
    const scale = PAD / box.width;
    /** @type {Point} */
    const now = [scale * (event.clientX - box.left), scale * (event.clientY - box.top)];
    this.#raster.line(this.#last ?? now, now, PEN);
    this.#last = now;
    this.#pad.classList.add('drawn');
    this.#painter.draw(this.#raster.bytes);
  }

  #clear() {
    this.#raster.clear();
    this.#pad.classList.remove('drawn');
    this.#painter.draw(this.#raster.bytes);
  }

  #add() {
    const digit = asDigit(this.#raster.bytes, PAD);
    if (!digit) this.#words.textContent = 'Draw something first.';
    else if (this.#digits.length >= MOST) this.#words.textContent = `${MOST} are the most; take one out first.`;
    else {
      this.#digits.push(digit);
      this.#row.append(itemOf(digit));
      this.#changed();
      this.#clear();
    }
  }

  /** @param {number} place */
  #remove(place) {
    this.#digits.splice(place, 1);
    this.#row.children[place].remove();
    this.#changed();
  }

  #changed() {
    const n = this.#digits.length;
    this.#words.textContent = n ? `It learns from ${n} of your own.` : '';
    this.#onChange([...this.#digits]);
  }
}

/** @param {Uint8Array} digit */
function itemOf(digit) {
  const item = document.createElement('li');
  item.innerHTML = '<canvas class="vd-ink" role="img" aria-label="A digit that you drew"></canvas>';
  const words = {type: 'button', className: 'vd-quiet', textContent: 'Take out'};
  const button = Object.assign(document.createElement('button'), words);
  button.dataset.own = 'remove';
  item.append(button);
  const painter = new Painter(query(item, 'canvas', HTMLCanvasElement), [1, SIDE, SIDE]);
  painter.draw(digit);
  painter.fit(TIMES_LARGER * SIDE);
  return item;
}
