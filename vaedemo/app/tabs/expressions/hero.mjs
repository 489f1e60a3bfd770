/** A portrait and one slider: its expression is suppressed, left as it is, or magnified, under the hand. */
import {fileOf} from '../../../web/page/canvas-pixels.mjs';
import {save, saveGif} from '../../../web/page/downloads.mjs';
import {mountFold} from '../../../web/page/fold.mjs';
import {newest} from '../../../web/page/request.mjs';
import {showCode} from '../../../web/ui/code-dialog.mjs';
import {FacePhotoInput} from '../../../web/ui/face-photo-input.mjs';
import {EXAMPLES} from './lib/examples.mjs';
import {EXPRESSIONS, held} from './lib/expression-codes.mjs';
import {limitOf, nameOf, strengthWords} from './lib/expression-words.mjs';
import {FaceView} from './lib/face-view.mjs';
import {MODEL, flowEditor} from './lib/flow-editor.mjs';
import {TEMPLATE} from './lib/hero-template.mjs';
import {edit, face, faceIn} from './lib/portrait.mjs';
import {editOf} from './lib/python.mjs';
import {Swing} from './lib/swing.mjs';
import {twoDraws} from './lib/two-draws.mjs';

/** @typedef {import('../../../web/page/fold.mjs').Mounted} Mounted @typedef {import('./lib/portrait.mjs').Edit} Edit */

const POINT = 'No face was found. Click the two eyes in the photo, one after the other.';
const LOOKING = 'Looking for a face …';
const SLOW_MS = 300;
const MOVING = 512; // pixels of the photo's longer side that follow the hand
const RESTING = 1024; // that are shown when it rests: a screen shows no more
const LARGEST = 4096; // of a PNG's longer side
const GIF = {side: 400, frames: 14, ms: 60, from: -0.4, to: 1.2};

export const mount = mountFold({
  template: TEMPLATE,
  setup(mounted) {
    mounted.badge(MODEL);
    const hero = new Hero(mounted);
    return hero.begin();
  },
});

class Hero {
  #mounted;
  /** Until it is there, the photo is shown as it is. @type {import('./lib/flow-editor.mjs').FlowEditor | null} */
  #editor = null;
  #view;
  #slider;
  #swing;
  #box;
  #draw = twoDraws(fine => this.#paint(fine));
  #touched = false; // by a hand or a stop
  /** @type {Edit} */
  #now;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.#view = new FaceView(mounted.part('picture', HTMLCanvasElement), MOVING, RESTING);
    this.#slider = mounted.part('strength', HTMLInputElement);
    this.#now = {expression: state.choice('expression'), strength: held(state.numbers('strength')?.[0] ?? 1)};
    this.#swing = new Swing(
      strength => this.#set({strength}),
      swinging => mounted.button('swing').setAttribute('aria-pressed', String(swinging)),
    );
    const names = EXAMPLES.map(({name}) => name);
    const first = state.choice('photo', names);
    this.#showFirst(first);
    this.#box = new FacePhotoInput(
      mounted.part('box'),
      mounted.root,
      EXAMPLES,
      (...photo) => this.#take(...photo),
      first,
    );
  }

  async begin() {
    const mounted = this.#mounted;
    const swings = !mounted.state.given('strength');
    face.subscribe(found => {
      this.#view.take(found);
      this.#draw();
    });
    this.#set({});
    this.#slider.addEventListener('input', () => this.#byHand({strength: Number(this.#slider.value)}));
    this.#slider.addEventListener('pointerdown', () => this.#swing.stop());
    this.#slider.addEventListener('keydown', event => event.stopPropagation()); // the presenter's arrows turn stops
    mounted.acts({
      express: button => this.#choose(button.dataset.expression ?? EXPRESSIONS[0]),
      swing: () => (this.#swing.swinging ? this.#swing.stop() : this.#swing.start()),
      png: () => this.#savePng(),
      gif: () => this.#saveGif(),
      code: () => face.value && showCode(editOf(face.value, this.#now)),
    });
    mounted.onVisible(visible => this.#swing.look(visible));
    mounted.onStop(({photo, expression, strength}) => {
      if (photo) this.#box.choose(photo);
      if (expression) this.#byHand({expression, strength: Number(strength ?? 1)});
    });
    await this.#open();
    if (swings && !this.#touched) this.#swing.beginIfWelcome();
  }

  /** Fetches the model; where that failed, the next hand's move asks again. */
  async #open() {
    this.#editor = await flowEditor();
    this.#draw();
  }

  /** The first paint's picture stays until the photo is read. @param {string} name  the example that comes */
  #showFirst(name) {
    const image = this.#mounted.first?.querySelector('img');
    if (image?.complete && image.naturalWidth && image.src.endsWith(`/${name}.jpg`)) this.#view.showStill(image);
  }

  /** Another expression: the swing goes on with it; at rest it is shown whole. @param {string} expression */
  #choose(expression) {
    if (this.#swing.swinging) {
      this.#set({expression});
      this.#mounted.state.set({expression});
    } else this.#byHand({expression, strength: this.#now.strength > 0 ? this.#now.strength : 1});
  }

  /** What a hand asks for: the swing ends, and the address keeps it. @param {Partial<Edit>} change */
  #byHand(change) {
    this.#touched = true;
    this.#swing.stop();
    if (!this.#editor) this.#open().catch(this.#mounted.showError);
    this.#set(change);
    const {expression, strength} = this.#now;
    this.#mounted.state.set({expression, strength: strength.toFixed(2)});
  }

  /** @param {Partial<Edit>} change */
  #set(change) {
    this.#now = {...this.#now, ...change};
    const {expression, strength} = this.#now;
    this.#slider.value = String(strength);
    const words = strengthWords(strength);
    this.#slider.setAttribute('aria-valuetext', words);
    this.#mounted.part('name').textContent = nameOf(expression);
    this.#mounted.part('words').textContent = words;
    for (const button of this.#mounted.all('[data-expression]'))
      button.setAttribute('aria-pressed', String(button.dataset.expression === expression));
    this.#draw();
    edit.publish(this.#now);
  }

  /** @param {boolean} fine */
  #paint(fine) {
    if (!face.value || !this.#editor) return;
    this.#view.draw(this.#editor.flow(face.value, [this.#now]), fine);
    this.#mounted.part('limit').textContent = limitOf(this.#now.expression, this.#view.painted);
  }

  /** @param {Blob} photo @param {number[][] | null} eyes @param {string | null} example */
  async #take(photo, eyes, example) {
    const {showError} = this.#mounted;
    try {
      await this.#read(photo, eyes, example);
      return true;
    } catch (error) {
      showError(/** @type {Error} */ (error));
      if (face.value) this.#view.take(face.value); // the box shows the photo before again, too
      this.#draw();
      return false;
    }
  }

  #read = newest(
    async (
      signal,
      /** @type {Blob} */ photo,
      /** @type {number[][] | null} */ eyes,
      /** @type {string | null} */ example,
    ) => {
      const {showError, state} = this.#mounted;
      const bitmap = await createImageBitmap(photo);
      signal.throwIfAborted();
      this.#view.showStill(bitmap);
      const slow = setTimeout(() => showError(LOOKING), SLOW_MS);
      const found = await faceIn({photo, bitmap, example}, eyes, signal).finally(() => clearTimeout(slow));
      signal.throwIfAborted();
      state.set({photo: example === EXAMPLES[0].name ? null : example});
      if (!found) {
        this.#box.ask();
        showError(POINT);
        return;
      }
      showError(null);
      this.#box.mark(found.eyes);
      face.publish(found);
    },
  );

  /** The photo at its full size. */
  async #savePng() {
    if (!face.value || !this.#editor) return;
    const whole = new FaceView(undefined, LARGEST);
    whole.take(face.value);
    whole.draw(this.#editor.flow(face.value, [this.#now]), true);
    save(`${this.#now.expression}.png`, await fileOf(whole.canvas));
  }

  /** From suppressed to magnified, and back. */
  async #saveGif() {
    const editor = this.#editor;
    const one = face.value;
    if (!one || !editor) return;
    const view = new FaceView(undefined, GIF.side);
    view.take(one);
    const {expression} = this.#now;
    const frames = Array.from({length: GIF.frames}, (_, i) => {
      const strength = GIF.from + ((GIF.to - GIF.from) * i) / (GIF.frames - 1);
      view.draw(editor.flow(one, [{expression, strength}]));
      return view.planes();
    });
    const {width, height} = view.canvas;
    await saveGif(`${expression}.gif`, frames, {width, height, channels: 3, ms: GIF.ms, scale: 1, back: true});
  }
}
