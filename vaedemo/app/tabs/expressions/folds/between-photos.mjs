/** Between two photos: warped from both sides along the flow and blended, beside a cross-fade and a VAE of pixels. */
import {lerp} from '../../../../web/engine/interpolation.mjs';
import {decoderOf} from '../../../../web/engine/model-store.mjs';
import {contextOf, fileOf, newCanvas, pixelsOf} from '../../../../web/page/canvas-pixels.mjs';
import {saveGif, savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest, request} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {FacePhotoInput} from '../../../../web/ui/face-photo-input.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {EXAMPLES} from '../lib/examples.mjs';
import {FacePair, eyesIn, placementIn} from '../lib/face-pair.mjs';
import {flowEditor} from '../lib/flow-editor.mjs';
import {exampleFace, face, faceIn} from '../lib/portrait.mjs';
import {pairOf} from '../lib/python.mjs';
import {twoDraws} from '../lib/two-draws.mjs';

/** @typedef {import('../lib/portrait.mjs').Face} Face */
/** @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted */

const SIDE = 384; // pixels of a picture
const PIXELS = 'faces-cvae';
const SHAPE = /** @type {[number, number, number]} */ ([3, 64, 64]);
const ASIDE = 0.5; // pixels of 64: so much lower and more to the right models see a face than flows have it
const SECOND = 'author'; // where a visitor's first photo is to go, until there is a second
const GIF = {side: 240, frames: 12, ms: 80};
const POINT = 'No face was found. Click the two eyes in the second photo, one after the other.';
const OWN = 'own';
const PAIRS = /** @type {Record<string, {words: string, names: string[]}>} */ ({
  person: {words: 'one person, two photos', names: ['author_2', 'author']},
  averages: {words: 'two averages of faces', names: ['average_6', 'average_9']},
  heads: {words: 'two rendered heads', names: ['head_1', 'head_4']},
  [OWN]: {words: 'the portrait above and another', names: []},
});

/** @param {string} name @param {string} title @param {string} caption */
const figure = (name, title, caption) => `
<figure class="vd-figure">
  <canvas class="vd-photo" data-part="${name}" width="${SIDE}" height="${SIDE}" role="img"
    aria-label="Between the two photos: ${title}"></canvas>
  <figcaption><b>${title}</b> ${caption}</figcaption>
</figure>`;

const TEMPLATE = `
<div class="vd-between">
  <div class="vd-controls">
    <label>Between <select data-part="pair">${Object.entries(PAIRS)
      .map(([name, {words}]) => `<option value="${name}">${words}</option>`)
      .join('')}</select></label>
  </div>
  <label class="strength">From the first photo to the second <output data-part="told"></output>
    <input type="range" min="0" max="100" step="1" data-part="t"></label>
  <div class="three">
    ${figure('flow', 'Along the flow', 'both photos, warped towards each other and blended')}
    ${figure('fade', 'Cross-fade', 'both photos where they are, blended')}
    ${figure('pixels', 'A VAE of pixels', 'faces-cvae decodes what lies between two z, in its 64 × 64 pixels')}
  </div>
  <p class="vd-note" role="status" data-part="left"></p>
  <div data-part="box" hidden></div>
  <div class="vd-row">${takeaway('png', 'gif', 'code')}</div>
</div>`;

class Between {
  #mounted;
  #editor;
  #open;
  #painter = new Painter(newCanvas(64, 64), SHAPE, {crisp: false});
  #slider;
  #select;
  #hasBox = false;
  /** The visitor's second photo. @type {Face | null} */ #second = null;
  /** @type {Face[]} */ #faces = [];
  /** @type {FacePair | null} */ #pair = null;
  /** [z, y] of both photos for the model of pixels. @type {number[][]} */ #codes = [];
  #draw = twoDraws(fine => this.#paint(fine));

  /**
   * @param {Mounted} mounted @param {import('../lib/flow-editor.mjs').FlowEditor} editor
   * @param {import('../../../../web/engine/live-decoder.mjs').LiveDecoder} open  of PIXELS
   */
  constructor(mounted, editor, open) {
    this.#mounted = mounted;
    this.#editor = editor;
    this.#open = open;
    this.#slider = mounted.part('t', HTMLInputElement);
    this.#select = mounted.part('pair', HTMLSelectElement);
    this.#slider.value = String(mounted.state.whole('t', 50));
    this.#select.value = mounted.state.choice('pair');
    this.#slider.addEventListener('keydown', event => event.stopPropagation()); // the presenter's arrows turn stops
    this.#slider.addEventListener('input', () => this.goTo(this.#slider.value));
    this.#select.addEventListener('change', () => this.choose(this.#select.value));
    face.subscribe(() => this.#select.value === OWN && this.#load().catch(mounted.showError));
  }

  get #t() {
    return Number(this.#slider.value) / 100;
  }

  /** @param {string} t  in percent */
  goTo(t) {
    this.#slider.value = t;
    this.#mounted.state.set({t: this.#slider.value});
    this.#show();
  }

  /** Another pair. @param {string} pair */
  choose(pair) {
    this.#select.value = pair;
    this.#mounted.state.set({pair});
    return this.open();
  }

  open() {
    return this.#load().catch(this.#mounted.showError);
  }

  #load = newest(async signal => {
    const pair = this.#select.value;
    const place = this.#mounted.part('box');
    place.hidden = pair !== OWN;
    if (pair === OWN && !this.#hasBox) this.#openBox(place);
    const faces =
      pair === OWN
        ? [face.value, this.#second]
        : await Promise.all(PAIRS[pair].names.map(name => exampleFace(name, signal)));
    signal.throwIfAborted();
    const [one, other] = faces;
    if (!one || !other) return;
    this.#faces = [one, other];
    this.#pair = new FacePair(this.#editor, one, other, SIDE);
    this.#codes = [];
    this.#mounted.showError(null);
    this.#show();
    const codes = await Promise.all(this.#pair.canvases.map(canvas => encoded(canvas, signal)));
    signal.throwIfAborted();
    this.#codes = codes;
    this.#show();
  });

  /** The box for the second photo. @param {HTMLElement} place */
  #openBox(place) {
    this.#hasBox = true;
    /** @type {FacePhotoInput} */
    const box = new FacePhotoInput(
      place,
      place, // what is dropped elsewhere is the first photo
      EXAMPLES,
      async (...photo) => {
        try {
          await this.#take(box, ...photo);
          return true;
        } catch (error) {
          this.#mounted.showError(/** @type {Error} */ (error));
          return false;
        }
      },
      SECOND,
      false,
    );
  }

  #take = newest(
    async (
      signal,
      /** @type {FacePhotoInput} */ box,
      /** @type {Blob} */ photo,
      /** @type {number[][] | null} */ eyes,
      /** @type {string | null} */ example,
    ) => {
      const bitmap = await createImageBitmap(photo);
      const found = await faceIn({photo, bitmap, example}, eyes, signal);
      signal.throwIfAborted();
      this.#mounted.showError(found ? null : POINT);
      if (!found) return box.ask();
      box.mark(found.eyes);
      this.#second = found;
      return this.open();
    },
  );

  #show() {
    this.#mounted.part('told').textContent = `${this.#slider.value} %`;
    this.#draw();
  }

  /** @param {boolean} fine */
  #paint(fine) {
    const pair = this.#pair;
    if (!pair) return;
    const t = this.#t;
    this.#canvas('flow').putImageData(pair.at(t, fine), 0, 0);
    fade(this.#canvas('fade'), pair.canvases, t);
    for (const name of ['flow', 'fade']) this.#mounted.part(name).dataset.drawn = '';
    const said = Math.round(100 * (1 - pair.left));
    this.#mounted.part('left').textContent =
      `One z explains ${said} % of the landmarks’ moves (of their squares); the rest is spread smoothly around them.`;
    const [one, other] = this.#codes;
    if (!other) return void this.#canvas('pixels').clearRect(0, 0, SIDE, SIDE);
    this.#open.show(lerp(one, other, t), planes => this.#drawPixels(planes));
  }

  /** @param {string} name */
  #canvas(name) {
    return contextOf(this.#mounted.part(name, HTMLCanvasElement));
  }

  /** The picture of 64 pixels where the face lies in the photos. @param {Uint8Array} planes */
  #drawPixels(planes) {
    this.#painter.draw(planes);
    const {linear, offset} = placementIn(SIDE);
    const scale = linear[0][0];
    const start = offset[0] - scale * ASIDE;
    this.#canvas('pixels').drawImage(this.#painter.canvas, start, start, 64 * scale, 64 * scale);
    this.#mounted.part('pixels').dataset.drawn = '';
  }

  #pictures() {
    return ['flow', 'fade', 'pixels'].map(name => this.#mounted.part(name, HTMLCanvasElement));
  }

  acts() {
    return {
      png: () => savePng('between-photos.png', beside(this.#pictures()), 1),
      gif: () => this.#saveGif(),
      code: () => this.#faces.length && showCode(pairOf(this.#faces[0], this.#faces[1], this.#t)),
    };
  }

  /** From the first photo to the second and back: along the flow, and beside it the cross-fade. */
  async #saveGif() {
    const [one, other] = this.#faces;
    if (!one) return;
    const {side, frames, ms} = GIF;
    const pair = new FacePair(this.#editor, one, other, side);
    const [flow, faded] = [newCanvas(side, side), newCanvas(side, side)];
    const planes = Array.from({length: frames}, (_, i) => {
      const t = i / (frames - 1);
      contextOf(flow).putImageData(pair.at(t, true), 0, 0);
      fade(contextOf(faded), pair.canvases, t);
      return planesOf(beside([flow, faded]));
    });
    const {width, height} = beside([flow, faded]);
    await saveGif('between-photos.gif', planes, {width, height, channels: 3, ms, scale: 1, back: true});
  }
}

/**
 * One picture over the other.
 * @param {CanvasRenderingContext2D} context @param {HTMLCanvasElement[]} pictures @param {number} t
 */
function fade(context, [one, other], t) {
  context.globalAlpha = 1;
  context.drawImage(one, 0, 0);
  context.globalAlpha = t;
  context.drawImage(other, 0, 0);
}

/** All red, then all green, then all blue. @param {HTMLCanvasElement} canvas */
function planesOf(canvas) {
  const data = pixelsOf(canvas);
  const area = data.length / 4;
  return Uint8Array.from({length: 3 * area}, (_, i) => data[4 * (i % area) + Math.floor(i / area)]);
}

/** What the model of pixels makes of a face: [z, y]. @param {HTMLCanvasElement} canvas @param {AbortSignal} signal */
async function encoded(canvas, signal) {
  const answer = await request('express/encoded', {
    purpose: 'encode a photo',
    body: await fileOf(canvas, 'image/jpeg', 0.95),
    query: {eyes: eyesIn().join()},
    signal,
  });
  const {z, y} = await answer.json();
  return /** @type {number[]} */ ([...z, ...y]);
}

/** @param {Mounted} mounted */
async function setup(mounted) {
  const [editor, open] = await Promise.all([flowEditor(), decoderOf(PIXELS, 'between-photos')]);
  const between = new Between(mounted, editor, open);
  mounted.acts(between.acts());
  mounted.onStop(({pair, t}) => {
    if (t) between.goTo(t);
    if (pair) return between.choose(pair);
  });
  await between.open();
}

export const mount = mountFold({template: TEMPLATE, setup});
