/** The first ten seconds: a digit morphs as a dot wanders over its map; the hand takes over; "Draw yours". */
import {ROOT} from '../../../web/engine/root.mjs';
import {decoder, latents} from '../../../web/engine/model-store.mjs';
import {normal} from '../../../web/engine/normal.mjs';
import {contextOf} from '../../../web/page/canvas-pixels.mjs';
import {prefersReducedMotion, query} from '../../../web/page/dom.mjs';
import {savePng} from '../../../web/page/downloads.mjs';
import {mountFold} from '../../../web/page/fold.mjs';
import {shown} from '../../../web/page/format.mjs';
import {onPicture} from '../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../web/page/request.mjs';
import {showCode} from '../../../web/ui/code-dialog.mjs';
import {digitLegend} from '../../../web/ui/digit-legend.mjs';
import {drawingPad} from '../../../web/ui/drawing-pad.mjs';
import {LatentMap} from '../../../web/ui/latent-map.mjs';
import {Painter} from '../../../web/ui/painter.mjs';
import {moveByItself} from '../../../web/ui/self-motion.mjs';
import {untilTrained} from './lib/opening-training.mjs';

const MODEL = 'digits-2d';
const GRID = 24;
const SIDE = 28; // the map's picture: see vaedemo/release/export.py
const OPENING = [-0.6, 0.3]; // z of the first picture
const INVITE_MS = 5000;
const SCALE = 16; // of the PNG
const DEBUG = new URLSearchParams(location.search).has('debug');

export const mount = mountFold({setup}); // its first paint is tab.py's

/** @param {import('../../../web/page/fold.mjs').Mounted} mounted */
async function setup(mounted) {
  const {showError} = mounted;
  const hero = new Hero(mounted);
  mounted.acts({
    dice: () => hero.map.move([normal(), normal()], true),
    colors: () => hero.toggleColors(),
    yours: () => hero.toggleYours(),
    png: () => savePng('digit.png', hero.canvas, SCALE),
    code: () => showCode(python(hero.map.z)),
  });
  onPicture(blob => hero.take(blob).catch(showError), mounted.root);
  const place = mounted.part('pad');
  drawingPad(place);
  setTimeout(() => place.classList.add('invited'), INVITE_MS);
  mounted.followConnection();
  await untilTrained(MODEL, mounted, hero.image);
  await hero.start();
}

class Hero {
  #mounted;
  /** @type {Painter} */
  #painter;
  /** @type {import('../../../web/engine/live-decoder.mjs').LiveDecoder | undefined} */
  #decoder;
  /** Whether the dot still moves by itself. */
  #wandering;
  #isOpen = false;
  #isMarked = false;
  /** What the visitor trained, once the page is live. @type {import('./lib/your-vae.mjs').YourVae | null} */
  #yours = null;
  /** Of the shipped model, once they are here. @type {import('./lib/your-vae.mjs').Dots | null} */
  #dots = null;

  /** @param {import('../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.canvas = mounted.part('digit', HTMLCanvasElement);
    this.#wandering = !prefersReducedMotion() && !mounted.state.given('z');
    this.map = new LatentMap(mounted.part('map'), {
      label: 'Map of the two latents of handwritten digits',
      picture: `${ROOT}live/models/${MODEL}/map.png`,
      onMove: (z, byHand) => this.#show(z, byHand),
    });
    this.image = query(this.map.element, 'img', HTMLImageElement);
    this.image.addEventListener('load', () => this.#open());
    this.map.place(mounted.state.numbers('z') ?? OPENING);
    this.#tell(this.map.z);
    if (this.image.naturalWidth) this.#open();
  }

  /** @param {number[]} z */
  #tell(z) {
    this.#mounted.part('z').textContent = `z = (${shown(z)})`;
  }

  /** @param {number[]} z @param {boolean} byHand */
  #show(z, byHand) {
    if (byHand) {
      this.#wandering = false;
      this.#mounted.state.set({z: z.map(value => value.toFixed(3)).join()});
    }
    this.#tell(z);
    this.#yours?.show(z);
    if (this.#decoder) this.#decoder.show(z, planes => this.#paint(planes));
    else this.#showFromMap();
  }

  /** @param {Uint8Array} planes */
  #paint(planes) {
    this.#painter.draw(planes);
    this.canvas.dataset.drawn = this.#decoder.place;
    if (!this.#isMarked) performance.mark('vd-picture'); // the page's first; benchmarks/live.py reads it
    this.#isMarked = true;
    if (!DEBUG) return;
    const taken = performance.now() - this.#decoder.timing.asked;
    this.#mounted.part('debug').textContent =
      `${taken.toFixed(1)} ms from hand to picture, decoded on the ${this.#decoder.place}`;
  }

  /** The map, or the decoder, is here: the digit follows the dot, which wanders until the hand comes. */
  #open() {
    if (!this.#decoder) this.#showFromMap();
    if (this.#isOpen) return;
    this.#isOpen = true;
    performance.mark('vd-map-picture'); // benchmarks/site.py reads it
    const going = () => this.#wandering;
    moveByItself(this.canvas, going, spent => {
      const t = spent / 1000;
      this.map.move(this.map.fromPlane([0.5 + 0.36 * Math.sin(0.31 * t + 0.6), 0.5 + 0.36 * Math.sin(0.47 * t)]));
    });
  }

  /** Before the decoder is here: the map's own picture of that place, which was decoded when the map was made. */
  #showFromMap() {
    if (!this.image.naturalWidth) return;
    const [x, y] = this.map.toPlane(this.map.z).map(p => Math.min(GRID - 1, Math.floor(p * GRID)) * SIDE);
    this.canvas.width = SIDE;
    this.canvas.height = SIDE;
    contextOf(this.canvas).drawImage(this.image, x, y, SIDE, SIDE, 0, 0, SIDE, SIDE);
  }

  /** The decoder takes over. */
  async start() {
    await this.image.decode().catch(() => {}); // on a slow network the map comes first: it is live, too
    this.#decoder = await decoder(MODEL, 'hero');
    this.#painter = new Painter(this.canvas, this.#decoder.shape);
    this.map.move(this.map.z);
    this.#open();
    this.#mounted.badge(MODEL);
    const {YourVae} = await import('./lib/your-vae.mjs');
    this.#yours = new YourVae(this.#mounted, () => this.#changedYours());
    const {points, labels} = await latents(MODEL);
    this.#dots = {points, labels, words: 'Posterior means of 2,000 test digits'};
    this.#overlay();
  }

  /** The visitor trained another one, or opened a file. */
  #changedYours() {
    this.#yours?.show(this.map.z);
    if (this.#yours?.isOnMap) this.#showMap();
  }

  toggleYours() {
    if (!this.#yours) return;
    this.#yours.isOnMap = !this.#yours.isOnMap;
    this.#mounted.button('yours').setAttribute('aria-pressed', String(this.#yours.isOnMap));
    this.#showMap();
  }

  #showMap() {
    this.image.src = this.#yours?.isOnMap ? this.#yours.map : `${ROOT}live/models/${MODEL}/map.png`;
    this.#overlay();
  }

  /** The dots of the map that is shown. */
  #overlay() {
    const dots = this.#yours?.isOnMap ? this.#yours.dots : this.#dots;
    if (!dots) return;
    this.map.overlay(dots.points, dots.labels);
    const isColored = this.map.element.classList.contains('colored');
    digitLegend(this.#mounted.part('legend'), isColored, dots.words);
  }

  /** The dot jumps to the picture that was drawn. */
  take = newest(async (signal, /** @type {Blob | null} */ blob) => {
    if (!blob) {
      this.map.ring();
      return;
    }
    const here = await import('../../../web/page/encode-here.mjs').catch(() => null); // else the server is asked
    const encoded = await (here?.encodeDrawn ?? encode)(MODEL, blob, signal);
    this.#mounted.showError(null);
    this.#wandering = false;
    this.map.ring(encoded);
    this.map.move(encoded.mean);
  });

  toggleColors() {
    const isColored = this.map.element.classList.toggle('colored');
    this.#mounted.button('colors').setAttribute('aria-pressed', String(isColored));
    digitLegend(this.#mounted.part('legend'), isColored);
    this.#overlay();
  }
}

/** @param {number[]} z */
const python = z => `import torch, vaedemo

model = vaedemo.load("${MODEL}")
z = torch.tensor([[${z.map(value => value.toFixed(3)).join(', ')}]])
picture = model.render(model.decode(z))  # (1, 1, 28, 28), the mean of p(x|z)`;
