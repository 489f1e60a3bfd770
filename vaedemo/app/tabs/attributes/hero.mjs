/** The label dial on the live map: z stays where the dot is, the label turns, and the whole map turns with it. */
import {decoderOf, latents} from '../../../web/engine/model-store.mjs';
import {normal} from '../../../web/engine/normal.mjs';
import {newCanvas} from '../../../web/page/canvas-pixels.mjs';
import {prefersReducedMotion, query} from '../../../web/page/dom.mjs';
import {saveGif, savePng} from '../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../web/page/fold.mjs';
import {shown} from '../../../web/page/format.mjs';
import {showCode} from '../../../web/ui/code-dialog.mjs';
import {Dial, parts} from '../../../web/ui/dial.mjs';
import {digitLegend} from '../../../web/ui/digit-legend.mjs';
import {LatentGrid} from '../../../web/ui/latent-grid.mjs';
import {LatentMap} from '../../../web/ui/latent-map.mjs';
import {LatentScatter} from '../../../web/ui/latent-scatter.mjs';
import {Painter} from '../../../web/ui/painter.mjs';
import {moveByItself} from '../../../web/ui/self-motion.mjs';
import {decoded} from '../../../web/ui/side-by-side.mjs';

/**
 * @typedef {import('../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../../../web/engine/live-decoder.mjs').LiveDecoder} LiveDecoder
 */
const MODEL = 'digits-cvae-2d';
const UNTOLD = 'digits-2d';
const DIGITS = Array.from('0123456789');
const GRID = 10;
const FRAMES = 60;
const SLOW_MS = 300;
const REST_MS = 1400; // of the dial that turns by itself, at a label
const TURN_MS = 1200; // and on to the next

/** @param {string} name @param {string} words */
const plane = (name, words) => `
<figure class="vd-figure">
  <div data-part="${name}"></div><figcaption><b>${name}</b>, ${words}</figcaption>
</figure>`;
const TEMPLATE = `
<div>
  <div class="vd-turn">
    <figure class="vd-figure">
      <div data-part="dial"><canvas class="vd-ink" data-part="picture" width="28" height="28" role="img"></canvas></div>
      <figcaption data-part="words"></figcaption>
    </figure>
    <figure class="vd-figure">
      <div data-part="plane"></div>
      <figcaption class="vd-row">
        <button type="button" class="vd-quiet" data-act="dice">Throw the dot</button>
        ${takeaway('png')}
        <button type="button" class="vd-quiet" data-act="sheet">PNG of the map</button>
        <button type="button" class="vd-quiet" data-act="gif" title="Once around the dial">GIF</button>
        ${takeaway('code', 'badge')}
      </figcaption>
    </figure>
    <div>
      <p class="vd-note">
        z is the dot, y the dial. Between two labels y is a bit of both, which the decoder was never shown.</p>
      <button type="button" class="vd-quiet" data-act="clouds" aria-pressed="false" aria-expanded="false">
        Test digits</button>
      <div class="clouds" hidden>
        ${plane(UNTOLD, 'told nothing: the classes share out the plane')}
        ${plane(MODEL, 'told the label: each class has all of it')}
        <p class="vd-legend" data-part="legend"></p>
      </div>
    </div>
  </div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  const {state, showError} = mounted;
  const turning = !prefersReducedMotion() && !state.given('label') && !state.given('style');
  const turn = new Turn(mounted);
  const slow = setTimeout(() => showError(`Opening ${MODEL} …`), SLOW_MS);
  const open = await decoderOf(MODEL, 'turn')
    .finally(() => clearTimeout(slow))
    .catch(showError);
  if (!open) return;
  showError(null);
  turn.open(open);
  mounted.acts(turn.acts());
  mounted.followConnection();
  mounted.badge(MODEL);
  if (turning) turn.wander();
}

/** The dial, the map under its label, and the picture of both. */
class Turn {
  #mounted;
  #canvas;
  #sheet = newCanvas(1, 1);
  #dial;
  #map;
  #byHand = false;
  /** @type {LiveDecoder | null} */
  #open = null;
  /** @type {Painter | null} */
  #painter = null;
  /** @type {LatentGrid | null} */
  #manifold = null;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.#canvas = mounted.part('picture', HTMLCanvasElement);
    this.#dial = new Dial(mounted.part('dial'), {
      label: 'The label y',
      labels: DIGITS,
      onTurn: (_, byHand) => {
        this.#manifold?.show(this.#dial.parts);
        this.#show(byHand);
      },
    });
    this.#map = new LatentMap(mounted.part('plane'), {
      label: `Map of the two latents of ${MODEL}, under the dial's label`,
      picture: this.#sheet,
      onMove: (_, byHand) => this.#show(byHand),
    });
    this.#map.place(state.numbers('style') ?? [-0.6, 0.3]);
    this.#dial.place((state.numbers('label') ?? [7])[0]);
  }

  /** The decoder is there. @param {LiveDecoder} open */
  open(open) {
    this.#open = open;
    this.#painter = new Painter(this.#canvas, open.shape);
    this.#manifold = new LatentGrid(this.#sheet, open, GRID);
    this.#dial.turn(this.#dial.value);
  }

  /** @param {boolean} byHand */
  #show(byHand) {
    const {z} = this.#map;
    const {value, words, parts: y} = this.#dial;
    if (byHand) {
      this.#byHand = true;
      this.#mounted.state.set({label: value.toFixed(2), style: z.map(part => part.toFixed(3)).join()});
    }
    this.#mounted.part('words').textContent = `z = (${shown(z)}), y = ${words}`;
    const label = `What the decoder draws for the dot's z and the label ${words}`;
    this.#canvas.setAttribute('aria-label', label);
    this.#open?.show([...z, ...y], planes => {
      this.#painter?.draw(planes);
      this.#canvas.dataset.drawn = this.#open?.place;
    });
  }

  /** Until the hand comes the dial goes on from label to label by itself. */
  wander() {
    const from = this.#dial.value;
    const going = () => !this.#byHand;
    moveByItself(this.#mounted.root, going, spent => {
      const round = spent / (REST_MS + TURN_MS);
      const t = Math.max(0, ((round % 1) * (REST_MS + TURN_MS) - REST_MS) / TURN_MS);
      if (t) this.#dial.turn(from + Math.floor(round) + t * t * (3 - 2 * t));
    });
  }

  acts() {
    return {
      dice: () => this.#map.move([normal(), normal()], true),
      clouds: (/** @type {HTMLElement} */ button) => showClouds(this.#mounted, button),
      png: () => savePng('digit.png', this.#canvas, 16),
      sheet: () => savePng('map.png', this.#sheet, 3),
      gif: () => this.#open && this.#saveRound(this.#open),
      code: () => showCode(python(this.#map.z, this.#dial.parts)),
    };
  }

  /** Once around the dial as a GIF. @param {LiveDecoder} open */
  async #saveRound(open) {
    const {z} = this.#map;
    const round = Array.from({length: FRAMES}, (_, i) => [
      ...z,
      ...parts((i * DIGITS.length) / FRAMES, DIGITS.length),
    ]);
    await saveGif('ten-labels.gif', await decoded({open}, round));
    this.#mounted.showError(null);
  }
}

/**
 * Shows the two planes of test digits, or hides them.
 * @param {Mounted} mounted
 * @param {HTMLElement} button
 */
async function showClouds(mounted, button) {
  const hidden = query(mounted.root, '.clouds').toggleAttribute('hidden');
  for (const state of ['aria-pressed', 'aria-expanded']) button.setAttribute(state, String(!hidden));
  if (hidden || mounted.part(MODEL).firstChild) return;
  digitLegend(mounted.part('legend'), true);
  for (const name of [UNTOLD, MODEL]) {
    const words = 'posterior means of test digits, colored by class, over circles at one and two sigma of the prior';
    const points = new LatentScatter(mounted.part(name), `The plane of ${name}: ${words}`);
    const known = await latents(name);
    points.points(known.points, known.labels);
  }
}

/** @param {number[]} z @param {number[]} y */
const python = (z, y) => `import torch, vaedemo

model = vaedemo.load("${MODEL}")
z = torch.tensor([[${z.map(value => value.toFixed(3)).join(', ')}]])
y = torch.tensor([[${y.map(part => part.toFixed(2)).join(', ')}]])  # one-hot, or between two
picture = model.render(model.decode(z, y))  # (1, 1, 28, 28), the mean of p(x|z, y)`;
