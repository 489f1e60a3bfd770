/** A box to draw in, or to drop, paste or choose a picture. What is drawn travels to all sections. */
import {contextOf, pixelsAreTrue, pixelsOf} from '../page/canvas-pixels.mjs';
import {around, dom, query} from '../page/dom.mjs';
import {giver, onPicture, setPicture} from '../page/picture-store.mjs';
import {pngOf} from '../page/png.mjs';
import {onDrag} from './drag.mjs';
import {Painter} from './painter.mjs';
import {StrokeRaster} from './stroke-raster.mjs';

/** @typedef {import('./stroke-raster.mjs').Point} Point */

const SIDE = 280;
const PEN = 22;
const OUTLINE = 4;
const FOLLOW_MS = 120; // while the hand draws, the encoder follows a few times a second

/**
 * What the box is for: strokes of a pen, one outline that is filled, or a photo, which nobody draws.
 * @typedef {'digit' | 'shape' | 'photo'} Subject
 * @type {Record<Subject, {hint: string, label: string}>}
 */
const SUBJECTS = {
  digit: {
    hint: 'Draw a digit',
    label: 'Drawing box: draw a digit here with the pointer, or press Enter to choose a picture file',
  },
  shape: {
    hint: 'Draw an outline',
    label: 'Drawing box: draw the outline of a shape here with the pointer, or press Enter to choose a picture file',
  },
  photo: {hint: 'Drop a photo, or click', label: 'Box for a photo: drop one here, or press Enter to choose a file'},
};

/** @param {{hint: string, label: string}} words */
const template = ({hint, label}) => `
<div class="vd-pad">
  <canvas class="vd-ink" width="${SIDE}" height="${SIDE}" role="img" tabindex="0" aria-label="${label}"></canvas>
  <span class="hint" aria-hidden="true">${hint}</span>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="clear">Clear</button>
    <button type="button" class="vd-quiet" data-act="file">Upload</button>
    <input type="file" accept="image/*" hidden>
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

class DrawingPad {
  #subject;
  #canvas;
  #trouble;
  #painter;
  #raster = new StrokeRaster(SIDE);
  /** Of the stroke that is being drawn. @type {Point[]} */
  #points = [];
  /** What the box shows and has told, or was told. @type {Blob | null} */
  #shown = null;
  #foreign = false; // it shows a picture that the raster does not hold
  #turn = 0; // of who has the box: a hand, or a picture from elsewhere
  #timer = 0;

  /** @param {Subject} subject */
  constructor(subject) {
    this.#subject = subject;
    this.element = dom(template(SUBJECTS[subject]));
    this.#canvas = query(this.element, 'canvas', HTMLCanvasElement);
    this.#trouble = query(this.element, '.vd-trouble');
    if (subject === 'photo') this.#canvas.className = 'vd-photo';
    this.#painter = new Painter(this.#canvas, [1, SIDE, SIDE], {crisp: false});
    this.#paint();
    this.#hearFiles();
    if (subject !== 'photo')
      onDrag(this.#canvas, {start: event => this.#begin(event), move: event => this.#stroke(event)});
    onPicture(blob => this.#show(blob));
  }

  #hearFiles() {
    const file = query(this.element, 'input', HTMLInputElement);
    const take = giver(words => {
      this.#trouble.textContent = words;
    });
    this.#canvas.addEventListener('keydown', event => event.key === 'Enter' && file.click());
    this.element.addEventListener('click', event => {
      const act = around(event, '[data-act]')?.dataset.act;
      if (this.#subject === 'photo' && around(event, 'canvas', HTMLCanvasElement)) file.click();
      if (act === 'clear') setPicture(null);
      if (act === 'file') file.click();
    });
    file.addEventListener('change', () => {
      take(file.files?.[0]);
      file.value = '';
    });
    this.element.addEventListener('dragover', event => event.preventDefault());
    this.element.addEventListener('drop', event => {
      event.preventDefault();
      take(event.dataTransfer?.files[0]);
    });
    this.element.addEventListener('paste', event => take(event.clipboardData?.files[0]));
  }

  /** @param {PointerEvent} event */
  #begin(event) {
    this.#turn += 1;
    this.#points = [];
    if (this.#foreign) this.#takeOver();
    this.#stroke(event);
    event.preventDefault();
  }

  /** The hand draws on a picture from elsewhere; where the browser does not let it be read, it begins anew. */
  #takeOver() {
    this.#foreign = false;
    if (this.#subject === 'digit' && pixelsAreTrue()) this.#raster.load(pixelsOf(this.#canvas));
    else this.#raster.clear();
  }

  /** @param {PointerEvent} event */
  #stroke(event) {
    const box = this.#canvas.getBoundingClientRect();
    /** @type {Point} */
    const now = [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
    this.#points.push(now);
    if (this.#subject === 'shape') this.#outline();
    else this.#raster.line(this.#points.at(-2) ?? now, now, PEN);
    this.#paint();
    this.element.classList.add('drawn');
    this.#tellSoon();
  }

  /** The outline so far, closed and filled; a new one takes the place of the last. */
  #outline() {
    this.#raster.clear();
    this.#raster.fill(this.#points);
    this.#points.forEach((point, i) => this.#raster.line(this.#points[i - 1] ?? point, point, OUTLINE));
  }

  #paint() {
    this.#painter.draw(this.#raster.bytes);
  }

  #tellSoon() {
    this.#timer ||= window.setTimeout(async () => {
      const turn = this.#turn;
      this.#timer = 0;
      const blob = await pngOf(this.#raster.bytes, [1, SIDE, SIDE]);
      if (turn === this.#turn) setPicture((this.#shown = blob));
    }, FOLLOW_MS);
  }

  /** A picture came from elsewhere, or the box was cleared. @param {Blob | null} blob */
  async #show(blob) {
    if (blob && blob === this.#shown) return;
    const turn = (this.#turn += 1);
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#shown = blob;
    this.#trouble.textContent = '';
    this.#raster.clear();
    this.#paint();
    this.#foreign = Boolean(blob);
    this.element.classList.toggle('drawn', Boolean(blob));
    if (!blob) return;
    const bitmap = await createImageBitmap(blob).catch(() => null); // the server says what is wrong with it
    if (!bitmap || turn !== this.#turn) return;
    const scale = Math.min(SIDE / bitmap.width, SIDE / bitmap.height);
    const [w, h] = [bitmap.width * scale, bitmap.height * scale];
    contextOf(this.#canvas).drawImage(bitmap, (SIDE - w) / 2, (SIDE - h) / 2, w, h);
  }
}

/**
 * @param {HTMLElement} place
 * @param {Subject} [subject]
 * @returns {HTMLElement}
 */
export function drawingPad(place, subject = 'digit') {
  const {element} = new DrawingPad(subject);
  place.append(element);
  return element;
}
