/** One step of the training, line by line: a minibatch, eps, the forward pass, the loss, its gradients, Adam. */
import {kernelsOf} from '../../../../web/engine/kernels.mjs';
import {decoder} from '../../../../web/engine/model-store.mjs';
import {SeededRandom} from '../../../../web/engine/seeded-random.mjs';
import {SIDE, labelledCodes} from '../../../../web/engine/training-run.mjs';
import {VaeTrainer, binarized} from '../../../../web/engine/vae-trainer.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {TEACHER} from '../lib/lesson.mjs';
import {drawStep} from '../lib/step-plane.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/step-plane.mjs').Codes} Codes
 * @typedef {{x: Uint8Array, codes: Codes, planes: Uint8Array, rate: number, distortion: number, after: number,
 *   changed: number}} Step  after: the loss of the same batch with the same eps once the weights are changed;
 *   changed: the length of that change, in parts of the weights' own
 */

const BATCH = 12;
const DIGITS = 360;
const SKIPPED = 200;
const RATE = 3e-3;
const PIXELS = SIDE * SIDE;
const LINES = [
  `x &larr; ${BATCH} digits, each pixel a coin`,
  'mean, sigma &larr; encoder(x)',
  'eps &larr; a draw from N(0, I); z &larr; mean + sigma &middot; eps',
  'p(x|z) &larr; decoder(z)',
  'L &larr; distortion + rate',
  'gradients of L &larr; backpropagation',
  'weights &larr; Adam(weights, gradients)',
];
const TEMPLATE = `
<div class="one-step">
  <div>
    <ol class="lines">${LINES.map(line => `<li>${line}</li>`).join('')}</ol>
    <div class="vd-row">
      <button type="button" class="vd-main" data-act="next">Next line</button>
      <button type="button" class="vd-quiet" data-act="skip">Skip ${SKIPPED} steps</button>
      <button type="button" class="vd-quiet" data-act="again">Begin again</button>
      ${takeaway('badge')}
    </div>
    <p data-part="words" role="status"></p>
  </div>
  <figure class="vd-figure">
    <canvas class="vd-ink" data-part="x" role="img" aria-label="The minibatch"></canvas>
    <canvas class="vd-ink" data-part="p" role="img" aria-label="What the decoder draws for each z"></canvas>
    <figcaption>Above the digits, below them the decoder's answers, the means of p(x|z)</figcaption>
  </figure>
  <figure class="vd-figure at-z">
    <canvas data-part="plane" width="480" height="480" role="img" aria-label="The plane of z: an ellipse for each
      digit's mean and sigma, a dot for its z, arrows where the step pushes them"></canvas>
    <figcaption>Ellipses: mean and sigma. Dots: z. Arrows: minus the gradients by mean and by sigma, each digit's own,
      the longest drawn to one length.</figcaption>
  </figure>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  mounted.badge(TEACHER);
  mounted.needs(TEACHER);
  const [kernels, grey] = await Promise.all([kernelsOf('training-kernels'), digits()]);
  const slowly = new Slowly(mounted, kernels, grey);
  mounted.acts(slowly.acts());
  mounted.onStop(({line}) => slowly.goTo(Number(line)));
}

/** Drawn digits, the labels 0 to 9 in turn, as grey bytes. */
async function digits() {
  const teacher = await decoder(TEACHER);
  const grey = new Uint8Array(DIGITS * PIXELS);
  const vectors = labelledCodes(DIGITS, teacher.inputs, 0, new SeededRandom(0));
  await teacher.batch(vectors, DIGITS, (planes, first) => grey.set(planes, first * PIXELS));
  return grey;
}

class Slowly {
  #mounted;
  #grey;
  #trainer;
  #random;
  #line;
  /** @type {Step} */
  #step;

  /** @param {Mounted} mounted @param {WebAssembly.Module} kernels @param {Uint8Array} grey */
  constructor(mounted, kernels, grey) {
    this.#mounted = mounted;
    this.#grey = grey;
    this.#trainer = new VaeTrainer(kernels, {z: 2, batch: BATCH}, 1);
    this.#trainer.settings.rate = RATE;
    this.#random = new SeededRandom(1);
    this.#step = this.#made();
    this.#line = mounted.state.whole('line', 1);
    this.#show();
  }

  /** @returns {Record<string, import('../../../../web/page/fold.mjs').Act>} */
  acts() {
    return {
      next: () => {
        if (this.#line === LINES.length) this.#step = this.#made();
        this.goTo((this.#line % LINES.length) + 1);
      },
      skip: () => {
        for (let i = 0; i < SKIPPED; i++) this.#trainer.step(this.#batch(), this.#random.normals(2 * BATCH));
        this.#step = this.#made();
        this.goTo(1);
      },
      again: () => {
        this.#trainer.start(1);
        this.#random = new SeededRandom(1);
        this.#step = this.#made();
        this.goTo(1);
      },
    };
  }

  /** @param {number} line  from 1 */
  goTo(line) {
    this.#line = line;
    this.#mounted.state.set({line});
    this.#show();
  }

  #batch() {
    const grey = new Uint8Array(BATCH * PIXELS);
    for (let i = 0; i < BATCH; i++) {
      const pick = this.#random.below(DIGITS);
      grey.set(this.#grey.subarray(pick * PIXELS, (pick + 1) * PIXELS), i * PIXELS);
    }
    return binarized(grey, this.#random);
  }

  /** A whole step is made at once; what its lines show is kept. @returns {Step} */
  #made() {
    const trainer = this.#trainer;
    const x = this.#batch();
    const eps = this.#random.normals(2 * BATCH);
    const {mean, sigma} = trainer.encode(x);
    const z = mean.map((value, i) => value + sigma[i] * eps[i]);
    const planes = trainer.decode(z);
    const before = trainer.parameters.map(weights => weights.slice());
    const {rate, distortion} = trainer.step(x, eps);
    const {slopes} = trainer.codes;
    const byMean = mean.map((_, i) => slopes[4 * (i >> 1) + (i & 1)]);
    // By the log variance it is; sigma is the exponential of half of it.
    const bySigma = mean.map((_, i) => (2 * slopes[4 * (i >> 1) + 2 + (i & 1)]) / sigma[i]);
    const changed = lengthOf(trainer.parameters.map((weights, net) => weights.map((w, i) => w - before[net][i])));
    const after = trainer.evaluate(x, eps);
    return {
      x,
      codes: {mean, sigma, z, byMean, bySigma},
      planes,
      rate,
      distortion,
      after: after.rate + after.distortion,
      changed: changed / lengthOf(before),
    };
  }

  #show() {
    const {part} = {part: this.#mounted.part.bind(this.#mounted)};
    const {x, planes, codes} = this.#step;
    const line = this.#line;
    this.#mounted.all('.lines li').forEach((element, i) => {
      element.classList.toggle('lit', i + 1 === line);
      if (i + 1 === line) element.setAttribute('aria-current', 'step');
      else element.removeAttribute('aria-current');
    });
    const shape = /** @type {[number, number, number]} */ ([1, SIDE, SIDE]);
    new Painter(part('x', HTMLCanvasElement), shape, {columns: BATCH}).draw(x.map(bit => 255 * bit));
    const answers = line < 4 ? new Uint8Array(planes.length) : planes;
    new Painter(part('p', HTMLCanvasElement), shape, {columns: BATCH}).draw(answers);
    drawStep(part('plane', HTMLCanvasElement), codes, line);
    part('words').textContent = this.#words();
    this.#mounted.root.dataset.line = String(line);
    this.#mounted.root.dataset.steps = String(this.#trainer.steps);
  }

  #words() {
    const {rate, distortion, after, changed} = this.#step;
    const loss = rate + distortion;
    const moved = `The weights move by ${(100 * changed).toFixed(2)}% of their length.`;
    const said = [
      `Step ${this.#trainer.steps}. The minibatch is drawn afresh at each step.`,
      'The encoder answers with a mean and a sigma for each digit: an ellipse.',
      'The dice are thrown outside the net, so z has a derivative by mean and sigma.',
      'The decoder gives each pixel a probability of ink.',
      `${distortion.toFixed(1)} + ${rate.toFixed(1)} = ${loss.toFixed(1)} nats a digit.`,
      'Each arrow shows how the loss wants to move a mean, and to widen or narrow a sigma.',
      `${moved} The same digits with the same eps now cost ${after.toFixed(1)} nats, not ${loss.toFixed(1)}.`,
    ];
    return said[this.#line - 1];
  }
}

/** The length of some vectors, taken as one. @param {Float32Array[]} vectors */
const lengthOf = vectors =>
  Math.sqrt(vectors.reduce((sum, vector) => sum + vector.reduce((part, value) => part + value * value, 0), 0));
