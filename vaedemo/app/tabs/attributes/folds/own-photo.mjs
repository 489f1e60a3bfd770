/**
 * Your photo: the face is found, aligned and encoded; its z goes to the sliders, or is fitted, or its hidden part
 * completed.
 */
import {facts} from '../../../../web/engine/model-store.mjs';
import {ROOT} from '../../../../web/engine/root.mjs';
import {dom, query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {FacePhotoInput} from '../../../../web/ui/face-photo-input.mjs';
import {MaskPainter} from '../../../../web/ui/mask-painter.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {beside, decoded} from '../../../../web/ui/side-by-side.mjs';
import {MODEL, describe, drawing, opened} from '../lib/described-face.mjs';
import {discreet, words} from '../lib/descriptions.mjs';
import {faceIn, fit} from '../lib/face-requests.mjs';
import {SWITCH, followDrawer} from '../lib/smooth-switch.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/described-face.mjs').Faces} Faces
 * @typedef {{x: Uint8Array, visible: Uint8Array, vectors: number[][], painters: Painter[]}} Guesses
 * @typedef {import('../lib/face-requests.mjs').Found} Found
 */
const SHAPE = /** @type {[number, number, number]} */ ([3, 64, 64]);
const AREA = 64 * 64;
const STEPS = 150;
const ANSWERS = 6;
const LOOKING = 'Looking for a face …';
const POINT = 'No face was found. Click the two eyes in your photo, one after the other.';
const EXAMPLE = {
  name: 'astronaut',
  picture: `${ROOT}vaedemo/web/examples/astronaut.jpg`,
  words: 'Eileen Collins, by NASA, public domain',
};
const PICTURES = '[data-part="x"], [data-part="drawn"], .answers canvas';
const FAR = 2.5; // times the mean squared error of test faces: the model has not seen the like

/** @param {string} name @param {string} caption */
const figure = (name, caption) => `
<figure class="vd-figure">
  <canvas class="vd-photo" data-part="${name}" width="64" height="64" role="img"></canvas>
  <figcaption>${caption}</figcaption>
</figure>`;
const AS_SEEN = `x, the face as the models see it.
  Paint over a part to hide it; keys 1 to 4 hide eyes, mouth, a half.`;
const TEMPLATE = `
<div class="vd-facephoto">
  <div class="parts">
    <div data-part="box"></div>
    <div>${figure('x', AS_SEEN)}
      <button type="button" class="vd-quiet" data-act="uncover">Uncover</button></div>
    <div>${figure('drawn', 'what the decoder makes of z')}
      <div class="vd-row">${SWITCH}</div></div>
    <div class="vd-controls acts">
      <button type="button" class="vd-main" data-act="sliders" disabled>Take it to the sliders</button>
      <button type="button" class="vd-quiet" data-act="fit" disabled>Fit z step by step</button>
      <button type="button" class="vd-quiet" data-act="complete" disabled>Complete what is hidden</button>
      <button type="button" class="vd-quiet" data-act="stop" hidden>Stop</button>
      <progress max="${STEPS}" value="0" hidden aria-label="Steps of the fit"></progress>
      <p class="vd-note" role="status" data-part="words"></p>
    </div>
  </div>
  <div class="answers" data-part="answers"></div>
  <div class="vd-row">${takeaway('png', 'code', 'badge')}</div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  const faces = await opened().catch(mounted.showError);
  if (!faces) return;
  const photo = new OwnPhoto(mounted, faces);
  mounted.acts(photo.acts());
  followDrawer(mounted, () => photo.redraw());
}

class OwnPhoto {
  #mounted;
  #faces;
  #drawn;
  #mask;
  #progress;
  #box;
  /** @type {Found | null} */
  #face = null;
  /** The z that is shown: the encoder's, or a fitted one. @type {number[]} */
  #z = [];
  /** @type {"encoder's" | 'fitted'} */
  #whose = "encoder's";
  /** Guesses at what is hidden, once there are some. @type {Guesses | null} */
  #guesses = null;
  /** The fit under way. @type {AbortController | null} */
  #running = null;
  #seed = 0;

  /** @param {Mounted} mounted @param {Faces} faces */
  constructor(mounted, faces) {
    this.#mounted = mounted;
    this.#faces = faces;
    this.#drawn = new Painter(mounted.part('drawn', HTMLCanvasElement), SHAPE, {crisp: false});
    this.#mask = new MaskPainter(mounted.part('x', HTMLCanvasElement), () => this.#enable());
    this.#progress = query(mounted.root, 'progress', HTMLProgressElement);
    this.#box = new FacePhotoInput(mounted.part('box'), mounted.root, [EXAMPLE], async (blob, eyes) => {
      try {
        await this.#take(blob, eyes);
        return true;
      } catch (error) {
        mounted.showError(/** @type {Error} */ (error));
        return false;
      }
    });
  }

  /** @param {string} text */
  #say(text) {
    this.#mounted.part('words').textContent = text;
  }

  /** What can be done now. */
  #enable() {
    const busy = !this.#face || Boolean(this.#running);
    const {hidden} = this.#mask;
    for (const name of ['sliders', 'fit', 'complete'])
      this.#mounted.button(name).disabled = busy || (name === 'complete' && !hidden);
    this.#mounted.button('stop').hidden = !this.#running;
    this.#progress.hidden = !this.#running;
  }

  /** A photo, or where its eyes are. */
  #take = newest(async (signal, /** @type {Blob} */ blob, /** @type {number[][] | null} */ eyes) => {
    this.#running?.abort();
    const found = await this.#look(blob, eyes, signal);
    signal.throwIfAborted();
    this.#mounted.showError(null);
    this.#running?.abort(); // begun meanwhile, with the face before
    this.#face = null;
    this.#mask.show(null);
    this.#drawn.draw(new Uint8Array(3 * AREA));
    this.#mounted.part('answers').replaceChildren();
    this.#guesses = null;
    this.#enable();
    if (!found) {
      this.#say(POINT);
      this.#box.ask();
      return;
    }
    this.#box.mark(found.eyes);
    this.#face = found;
    this.#z = found.z;
    this.#mask.show(found.x);
    this.#enable();
    this.#whose = "encoder's";
    await this.#show();
  });

  /**
   * The face in a photo, or null; while it is looked for, that is said.
   * @param {Blob} blob
   * @param {number[][] | null} eyes
   * @param {AbortSignal} signal
   */
  async #look(blob, eyes, signal) {
    const before = this.#mounted.part('words').textContent ?? '';
    this.#say(LOOKING);
    return faceIn(blob, eyes, signal).catch(error => {
      if (!signal.aborted) this.#say(before === LOOKING ? '' : before);
      throw error;
    });
  }

  /** Another decoder draws. */
  redraw() {
    Promise.all([this.#show(), this.#showGuesses()]).catch(this.#mounted.showError);
  }

  /** Shows what the decoder makes of z, and says how well it fits. */
  async #show() {
    const face = this.#face;
    const whose = this.#whose;
    if (!face) return;
    const open = drawing();
    const planes = await decoded({open}, [[...this.#z, ...face.y]]);
    const {metrics} = await facts(open.name);
    if (face !== this.#face || open !== drawing()) return; // another photo has come, or another decoder
    const error = planes.reduce((sum, value, i) => sum + ((value - face.x[i]) / 255) ** 2, 0) / planes.length;
    this.#drawn.draw(planes);
    this.#drawn.canvas.setAttribute('aria-label', `What ${open.name} draws for the ${whose} z of the photo`);
    const far = error > FAR * (metrics.pixel_mse ?? Infinity); // of test faces
    const read = words(this.#faces.labels, discreet(this.#faces.names, face.y));
    const said = [
      `Read in it: ${read}.`,
      `Squared error ${error.toFixed(4)} a value, by the ${whose} z, drawn by ${open.name}.`,
      far ? 'It lies far from the faces that the model learned from: expect little likeness.' : '',
    ];
    this.#say(said.filter(Boolean).join(' '));
  }

  /**
   * A fit that tells of its steps, until it is done, stopped, or another photo comes.
   * @param {Parameters<typeof fit>[0]} asked
   * @param {(vectors: number[][]) => void} onStep
   */
  async #fit(asked, onStep) {
    const running = new AbortController();
    this.#running = running;
    this.#enable();
    try {
      const tell = (/** @type {number[][]} */ vectors, /** @type {number} */ step) => {
        if (this.#running !== running) return;
        this.#progress.value = step;
        onStep(vectors);
      };
      await fit(asked, tell, running.signal);
      this.#mounted.showError(null);
    } finally {
      if (this.#running === running) this.#running = null;
      this.#enable();
    }
  }

  /** Several guesses at what is hidden now, whatever is painted meanwhile. */
  async #complete() {
    if (!this.#face) return;
    const visible = this.#mask.visible.slice();
    const {x} = this.#face;
    const figures = Array.from({length: ANSWERS}, (_, i) => dom(figure(`answer${i}`, `guess ${i + 1}`)));
    this.#mounted.part('answers').replaceChildren(...figures);
    const painters = figures.map(one => new Painter(query(one, 'canvas', HTMLCanvasElement), SHAPE, {crisp: false}));
    await this.#fit({x, visible, n: ANSWERS, spread: true, seed: this.#seed++}, vectors => {
      this.#guesses = {x, visible, vectors, painters};
      this.#showGuesses().catch(this.#mounted.showError);
    });
  }

  /** Shows what is visible, and what the decoder makes of the rest. */
  async #showGuesses() {
    const guesses = this.#guesses;
    if (!guesses) return;
    const {x, visible, vectors, painters} = guesses;
    const open = drawing();
    const planes = await decoded({open}, vectors);
    if (guesses !== this.#guesses || open !== drawing()) return; // something newer is on its way
    painters.forEach((painter, i) => {
      const guess = planes.subarray(i * 3 * AREA, (i + 1) * 3 * AREA);
      painter.draw(guess.map((value, k) => (visible[k % AREA] ? x[k] : value)));
    });
  }

  /** z step by step nearer to the photo, or to what is visible of it. */
  async #fitOne() {
    if (!this.#face) return;
    const {x, y} = this.#face;
    const visible = this.#mask.hidden ? this.#mask.visible : null;
    await this.#fit({x, y, visible}, vectors => {
      this.#z = vectors[0].slice(0, this.#faces.latents);
      this.#whose = 'fitted';
      this.#show().catch(this.#mounted.showError);
    });
  }

  acts() {
    return {
      sliders: () => {
        if (!this.#face) return;
        describe({seed: -1, row: 0, z: this.#z, y: this.#face.y}, 'photo');
        document.querySelector('#fold-attributes-attribute-sliders')?.scrollIntoView({behavior: 'smooth'});
      },
      fit: () => this.#fitOne(),
      complete: () => this.#complete(),
      stop: () => this.#running?.abort(),
      uncover: () => this.#mask.clear(),
      png: () => savePng('photo.png', beside(this.#mounted.all(PICTURES, HTMLCanvasElement)), 4),
      code: () => showCode(python(drawing().name, this.#whose === 'fitted')),
    };
  }
}

/** @param {string} drawer  the model that draws @param {boolean} isFitted  z is, else the encoder gave it */
const python = (drawer, isFitted) => `import torch, vaedemo
from vaedemo.vision import preprocessing
${isFitted ? 'from vaedemo.vision.latent_inversion import fitted\n' : ''}
model, reader = vaedemo.load("${MODEL}"), vaedemo.load_net("faces-reader")
photo = preprocessing.read("photo.jpg")
x = torch.from_numpy(preprocessing.prepared(photo, "faces", vaedemo.load_net("faces-eyes")))[None]  # (1, 3, 64, 64)
y = reader.expected(x)[:, model.columns]  # (1, A), what is read in it
${isFitted ? FITTED : ENCODED}
drawer = vaedemo.load("${drawer}")  # of the same z and y
picture = drawer.render(drawer.decode(z, y))  # (1, 3, 64, 64)`;
const ENCODED = 'z = model.encode(x, y).mean  # (1, Z)';
const FITTED = '*_, (step, z) = fitted(model, x[0], y[0])  # (1, Z); visible=: (64, 64), 1 where x counts, else 0';
