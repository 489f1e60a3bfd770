/** Half a digit: eight guesses at the rest of it by the CVAE, beside the one answer of a net without latent space. */
import {decoderOf, draw} from '../../../../web/engine/model-store.mjs';
import {HAS_SERVER} from '../../../../web/engine/root.mjs';
import {around, query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold} from '../../../../web/page/fold.mjs';
import {onPicture, setPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest, request} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {openWithDigit} from '../../../../web/ui/digit-examples.mjs';
import {drawingPad} from '../../../../web/ui/drawing-pad.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {beside, decoded} from '../../../../web/ui/side-by-side.mjs';
import {SIDE, condition, pasted, seen} from '../lib/quadrants.mjs';
import {COUNT, TEMPLATE} from '../lib/structured-prediction-template.mjs';

/** @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted */
const MODEL = 'digits-quadrant';
const NET = 'digits-quadrant-net';
/** @type {Record<number, string>} */
const PARTS = {1: 'its lower left quarter', 2: 'its left half', 3: 'all but its upper right quarter'};

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const {state, showError} = mounted;
  const rest = new Rest(mounted);
  /** The example that is on its way to travel. @type {number | null} */
  let example = null;
  mounted.acts(rest.acts());
  mounted.root.addEventListener('change', event => {
    const choice = around(event, '[name="given"]', HTMLInputElement);
    if (choice) rest.turn({given: Number(choice.value)}).catch(showError);
  });
  drawingPad(mounted.part('pad'));
  mounted.badge(MODEL);
  mounted.badge(NET, 'net-badge');
  openWithDigit(
    mounted.part('examples'),
    state.whole('digit', 3),
    blob => rest.look(blob).catch(showError),
    (blob, digit) => {
      example = digit;
      setPicture(blob);
    },
  ).catch(showError);
  onPicture(blob => {
    state.set({digit: blob && example});
    example = null;
    rest.look(blob).catch(showError);
  });
}

/**
 * A picture as the models see it; without a server it is prepared here, and no encoder is fetched.
 * @param {Blob} blob
 * @param {AbortSignal} signal
 */
async function seenOf(blob, signal) {
  if (HAS_SERVER) return (await encode(MODEL, blob, signal)).x;
  const {seenHere} = await import('../../../../web/page/encode-here.mjs');
  return seenHere(MODEL, blob);
}

/** What is given of a digit, and the answers to it. */
class Rest {
  #mounted;
  #canvases;
  #painters;
  #given;
  #seed;
  /** The picture as the models see it, 0 to 255. @type {Uint8Array | null} */
  #x = null;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    const {state} = mounted;
    const names = ['given', ...Array.from({length: COUNT}, (_, i) => `guess${i}`), 'net'];
    this.#mounted = mounted;
    this.#canvases = names.map(name => mounted.part(name, HTMLCanvasElement));
    this.#painters = this.#canvases.map(canvas => new Painter(canvas, [1, SIDE, SIDE]));
    this.#given = state.whole('given', 2);
    this.#seed = state.whole('seed', 1);
    this.#check();
  }

  /** The choice of what is given. */
  #check() {
    query(this.#mounted.root, `[name="given"][value="${this.#given}"]`, HTMLInputElement).checked = true;
  }

  /** Another picture, or none. */
  look = newest(async (signal, /** @type {Blob | null} */ blob) => {
    const x = blob && (await seenOf(blob, signal));
    signal.throwIfAborted();
    this.#x = x;
    await this.#complete();
  });

  /** Another part is given, or other z are drawn. @param {{given?: number, seed?: number}} next */
  turn({given = this.#given, seed = this.#seed}) {
    this.#given = given;
    this.#seed = seed;
    this.#check();
    this.#mounted.state.set({given, seed});
    return this.#complete();
  }

  #complete = newest(async signal => {
    const given = this.#given;
    const x = this.#x;
    const [first, ...guesses] = this.#painters;
    this.#mounted.root.dataset.given = String(given);
    this.#mounted.part('words').textContent = `Given: ${PARTS[given]}.`;
    if (!x) {
      for (const painter of this.#painters) painter.draw(new Uint8Array(SIDE ** 2));
      return;
    }
    const mask = seen(given);
    const y = condition(x, mask);
    const open = await decoderOf(MODEL);
    first.draw(x.map((value, i) => (mask[i] ? value : 0)));
    const z = await draw(COUNT, open.inputs - y.length, this.#seed);
    const each = z.length / COUNT;
    const vectors = Array.from({length: COUNT}, (_, i) => [...z.subarray(i * each, (i + 1) * each), ...y]);
    const planes = pasted(await decoded({open}, vectors), x, mask);
    signal.throwIfAborted();
    for (let i = 0; i < COUNT; i++) guesses[i].draw(planes.subarray(i * y.length, (i + 1) * y.length));
    guesses[COUNT].draw(pasted(await predicted(y, signal), x, mask));
    for (const canvas of this.#canvases)
      canvas.setAttribute('aria-label', (canvas.dataset.label ?? '').replace('PART', PARTS[given]));
    this.#mounted.showError(null);
  });

  acts() {
    return {
      throw: () => this.turn({seed: nextSeed(this.#seed)}),
      png: () => savePng('the-rest-of-a-digit.png', beside(this.#canvases), 8),
      code: () => showCode(python(this.#given, this.#seed)),
    };
  }
}

/** The net's answer. @param {number[]} y @param {AbortSignal} signal */
async function predicted(y, signal) {
  const options = {purpose: 'ask the net without z', body: Float32Array.from(y), model: NET, signal};
  return new Uint8Array(await (await request(`predict/${NET}`, options)).arrayBuffer());
}

/** @param {number} given @param {number} seed */
const python = (given, seed) => `import torch, vaedemo
from vaedemo.vision import preprocessing
from vaedemo.latents import draw
from vaedemo.models.quadrant import completed, hide

model, net = vaedemo.load("${MODEL}"), vaedemo.load_net("${NET}")
x = torch.from_numpy(preprocessing.to_digit(preprocessing.read("digit.png")))[None]  # (1, 1, 28, 28)
y = hide(x, ${given})  # (1, 784): hidden pixels are -1
z = torch.from_numpy(draw(${COUNT}, model.z, seed=${seed}))  # (${COUNT}, Z)
guesses = completed(model.decode(z, y.expand(${COUNT}, -1)), y.expand(${COUNT}, -1))  # (${COUNT}, 1, 28, 28)
answer = completed(net.predict(y), y)  # (1, 1, 28, 28)`;
