/** Thirty-two latents: those that carry most as sliders, and how many carry nothing. */
import {LiveDecoder} from '../../../../web/engine/live-decoder.mjs';
import {draw, latents} from '../../../../web/engine/model-store.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {SEEDS} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {examples} from '../../../../web/ui/digit-examples.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {DEAD, SliderBank} from '../../../../web/ui/sliders.mjs';

const MODEL = 'digits';
const SLIDERS = 10;
const OPENING = 3; // the digit that the fold opens with
const SCALE = 16; // of the PNG

const digits = Array.from({length: 10}, (_, digit) => `<option value="${digit}">a ${digit}</option>`);

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="random">Randomize all but locked</button>
    <button type="button" class="vd-quiet" data-act="zero">All to 0</button>
    <label>Start from <select data-part="start">
      <option value="">…</option><option value="prior">a random z</option>${digits.join('')}</select></label>
  </div>
  <div class="vd-bank">
    <figure class="vd-figure"><canvas class="vd-ink" data-part="digit" width="28" height="28" role="img"
      aria-label="The digit that the decoder draws for the sliders' z"></canvas></figure>
    <div>
      <div data-part="sliders"></div>
      <details class="vd-fold"><summary></summary><div data-part="others"></div></details>
    </div>
  </div>
  <div class="vd-row">${takeaway('png', 'code', 'badge')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
async function setup(mounted) {
  const {state, showError} = mounted;
  const [open, known] = await Promise.all([
    // One of its own: the newest picture asked of a shared decoder may be another fold's.
    LiveDecoder.open(MODEL, {onError: showError}),
    latents(MODEL),
  ]);
  const kl = [...known.kl.data];
  const z = state.numbers('z', kl.length) ?? (await examples(MODEL))[OPENING][0];
  const banks = new Banks(mounted, open, kl, z);
  mounted.acts({
    random: () => banks.randomize(),
    zero: () => banks.take(kl.map(() => 0)),
    png: () => savePng(`${MODEL}.png`, mounted.part('digit', HTMLCanvasElement), SCALE),
    code: () => showCode(python(banks.z)),
  });
  const start = mounted.part('start', HTMLSelectElement);
  start.addEventListener('change', () => {
    if (start.value) banks.start(start.value).catch(showError);
    start.value = '';
  });
  mounted.badge(MODEL);
}

/** The sliders in two banks, which hold one z, and its picture. */
class Banks {
  #mounted;
  #open;
  #kl;
  #painter;
  /** The latents without a slider in the first bank. */
  #rest;
  #banks;
  /** Counts moves of the hand. */
  #moves = 0;

  /**
   * @param {import('../../../../web/page/fold.mjs').Mounted} mounted
   * @param {LiveDecoder} open
   * @param {number[]} kl
   * @param {number[]} z
   */
  constructor(mounted, open, kl, z) {
    this.#mounted = mounted;
    this.#open = open;
    this.#kl = kl;
    this.z = z;
    this.#painter = new Painter(mounted.part('digit', HTMLCanvasElement), open.shape);
    const order = [...kl.keys()].sort((a, b) => kl[b] - kl[a]);
    this.#rest = order.slice(SLIDERS);
    this.#banks = [this.#bank('sliders', order.slice(0, SLIDERS)), this.#bank('others', this.#rest)];
    this.#show(z, false);
  }

  /** @param {string} part @param {number[]} dimensions */
  #bank(part, dimensions) {
    return new SliderBank(this.#mounted.part(part), {
      dimensions,
      kl: this.#kl,
      labels: dimensions.map(d => `z${d}`),
      onMove: (z, byHand) => this.#show(z, byHand),
    });
  }

  /** Both banks and the picture hold the same z; whichever moved tells. @param {number[]} z @param {boolean} byHand */
  #show(z, byHand) {
    this.z = [...z];
    for (const bank of this.#banks) bank.place(this.z);
    query(this.#mounted.root, 'summary').textContent = others(this.#rest, this.#kl, this.z);
    this.#open.show(this.z, planes => this.#painter.draw(planes));
    if (!byHand) return;
    this.#moves += 1;
    this.#mounted.state.set({z: this.z.map(value => +value.toFixed(2)).join()});
  }

  /** A whole code, of which locked sliders take nothing. @param {ArrayLike<number>} code */
  take(code) {
    for (const bank of this.#banks) bank.set(d => code[d]);
  }

  randomize() {
    this.#banks[0].randomize();
  }

  /** Goes to an example of a digit, or to a draw from the prior. */
  start = newest(async (signal, /** @type {string} */ what) => {
    const then = this.#moves;
    const code = what === 'prior' ? await fromPrior(this.#kl.length) : await example(Number(what));
    signal.throwIfAborted();
    if (then === this.#moves) this.take(code); // else the hand has gone elsewhere meanwhile
  });
}

/** @param {number} latents */
const fromPrior = latents => draw(1, latents, Math.floor(Math.random() * SEEDS));

/** One of the three codes of a digit. @param {number} digit */
const example = async digit => (await examples(MODEL))[digit][Math.floor(3 * Math.random())];

/** What the latents without a slider do. @param {number[]} rest @param {number[]} kl @param {number[]} z */
function others(rest, kl, z) {
  const dead = rest.filter(d => kl[d] < DEAD).length;
  const moved = rest.filter(d => z[d]).length;
  return (
    `The other ${rest.length}: ${moved ? `${moved} of them not at 0` : 'all at 0'}; ` +
    `${dead || 'none'} ${dead === 1 ? 'is' : 'are'} dead (KL below ${DEAD} nats)`
  );
}

/** @param {number[]} z */
const python = z => `import torch, vaedemo

model = vaedemo.load("${MODEL}")
z = torch.tensor([[${z.map(value => value.toFixed(2)).join(', ')}]])
picture = model.render(model.decode(z))  # (1, 1, 28, 28), the mean of p(x|z)`;
