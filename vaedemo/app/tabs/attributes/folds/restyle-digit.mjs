/** Your digit in ten classes: the encoder, told the label, reads the style; the decoder writes all ten digits in it. */
import {decoderOf} from '../../../../web/engine/model-store.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {nats} from '../../../../web/page/format.mjs';
import {onPicture, setPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {parts} from '../../../../web/ui/dial.mjs';
import {openWithDigit} from '../../../../web/ui/digit-examples.mjs';
import {drawingPad} from '../../../../web/ui/drawing-pad.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {beside, decoded} from '../../../../web/ui/side-by-side.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../../../../web/page/request.mjs').Encoded} Encoded
 */
const MODEL = 'digits-cvae';
const DIGITS = Array.from('0123456789');

/** @param {string} digit */
const figure = digit => `
<figure class="vd-figure">
  <canvas class="vd-ink" width="28" height="28" role="img" aria-label="Your style as a ${digit}"></canvas>
  <figcaption>${digit}</figcaption>
</figure>`;
const TEMPLATE = `
<div class="vd-restyle">
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="parts">
    <div data-part="pad"></div>
    <figure class="vd-figure">
      <canvas class="vd-ink" data-part="x" width="28" height="28" role="img"
        aria-label="The picture as the encoder sees it, 28 by 28"></canvas>
      <figcaption>x, as the encoder sees it</figcaption>
    </figure>
    <div class="vd-controls">
      <label>This is a <select data-part="label" disabled>
        ${DIGITS.map(digit => `<option>${digit}</option>`).join('')}</select></label>
      <p class="vd-note" role="status" data-part="guess"></p>
    </div>
  </div>
  <div class="ten">${DIGITS.map(figure).join('')}</div>
  <p class="vd-note">One z, the mean of q(z|x, y), decoded under each of the ten labels.
    Framed: the label it was read with.</p>
  <div class="vd-row">${takeaway('png', 'code', 'badge')}</div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const {state, showError} = mounted;
  const ten = new TenClasses(mounted);
  /** The example that is on its way to travel. @type {number | null} */
  let example = null;
  mounted.acts(ten.acts());
  drawingPad(mounted.part('pad'));
  mounted.badge(MODEL);
  const linked = state.whole('digit', 4);
  const label = state.whole('as', null);
  openWithDigit(
    mounted.part('examples'),
    linked,
    blob => ten.show(blob, label).catch(showError),
    (blob, digit) => {
      example = digit;
      setPicture(blob);
    },
  ).catch(showError);
  onPicture(blob => {
    state.set({digit: blob && example, as: null});
    example = null;
    ten.show(blob, null).catch(showError);
  });
}

/** The picture in ten classes, and the label it was read with. */
class TenClasses {
  #mounted;
  #figures;
  #canvases;
  #choice;
  /** @type {Blob | null} */
  #picture = null;
  /** What the model takes the picture for. @type {Encoded | null} */
  #guess = null;
  #corrected = false;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.#figures = mounted.all('.ten figure');
    this.#canvases = this.#figures.map(one => query(one, 'canvas', HTMLCanvasElement));
    this.#choice = mounted.part('label', HTMLSelectElement);
    this.#choice.addEventListener('change', () => {
      const {value} = this.#choice;
      mounted.state.set({as: value});
      this.show(this.#picture, Number(value)).catch(mounted.showError);
    });
  }

  /** Shows a picture; label: what the person says that it is, null: what the model takes it for. */
  show = newest(async (signal, /** @type {Blob | null} */ blob, /** @type {number | null} */ label) => {
    this.#picture = blob;
    this.#choice.disabled = !blob;
    if (!blob) {
      this.#mounted.part('guess').textContent = '';
      return;
    }
    const open = await decoderOf(MODEL);
    if (label === null) this.#guess = null;
    const guess = this.#guess ?? (await encode(MODEL, blob, signal));
    const answer = label === null ? guess : await encode(MODEL, blob, signal, label);
    const vectors = DIGITS.map((_, y) => [...answer.mean, ...parts(y, DIGITS.length)]);
    const planes = await decoded({open}, vectors);
    signal.throwIfAborted();
    this.#guess = guess;
    this.#corrected = label !== null;
    this.#paint(open.shape, answer, planes);
    this.#mounted.part('guess').textContent = verdict(guess, answer);
    this.#mounted.showError(null);
  });

  /**
   * @param {import('../../../../web/ui/painter.mjs').Shape} shape
   * @param {Encoded} answer
   * @param {Uint8Array} planes  of the ten
   */
  #paint(shape, {x, label}, planes) {
    this.#choice.value = String(label);
    new Painter(this.#mounted.part('x', HTMLCanvasElement), shape).draw(x);
    this.#figures.forEach((figure, y) => {
      figure.classList.toggle('told', y === label);
      new Painter(this.#canvases[y], shape).draw(planes.subarray(y * x.length, (y + 1) * x.length));
    });
  }

  acts() {
    return {
      png: () => savePng('ten-classes.png', beside(this.#canvases), 8),
      code: () => showCode(python(this.#corrected ? this.#choice.value : null)),
    };
  }
}

/**
 * Whose word it is that the digit was read with, and what the other one's would cost.
 * @param {Encoded} guess
 * @param {Encoded} answer
 */
function verdict(guess, answer) {
  /** @param {Encoded} told */
  const cost = ({label, rate, distortion}) => `told ${label}, it costs ${nats(rate + distortion)}`;
  if (guess.label === answer.label)
    return `So the model reads it: ${cost(answer)}, less than under any other label. Is it wrong? Choose.`;
  return `The model took it for a ${guess.label}: ${cost(guess)}; ${cost(answer)}.`;
}

/** @param {string | null} label  as the person corrected it */
const python = label => `import torch, vaedemo
from vaedemo.vision import preprocessing

model = vaedemo.load("${MODEL}")
x = torch.from_numpy(preprocessing.to_digit(preprocessing.read("digit.png")))[None]  # (1, 1, 28, 28)
label = ${label === null ? 'model.recognize(x)  # (1,), the one that explains x best' : `torch.tensor([${label}])`}
z = model.encode(x, model.condition(label)).mean  # (1, Z)
ten = model.render(model.decode(z.expand(10, -1), torch.eye(10)))  # (10, 1, 28, 28)`;
