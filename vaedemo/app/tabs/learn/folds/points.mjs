/** A VAE and a GAN learn the same points in the plane, side by side: what each covers, and what each misses. */
import {contextOf} from '../../../../web/page/canvas-pixels.mjs';
import {prefersReducedMotion} from '../../../../web/page/dom.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {drawCurves, template} from '../lib/curves.mjs';
import {History} from '../lib/history.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../../../../web/engine/plane-worker.mjs').Sides} Sides
 */

const PIXELS = 480; // of a plane
const REACH = 1.2; // where it ends
const SIDE = 48; // cells of the discriminator's surface
const DOT = 2.5;
const LONGEST = 40; // pixels of an arrow
const MOST_MODES = 12;
const SETS = {gaussians: 'eight Gaussians', ring: 'a ring', spiral: 'a spiral', moons: 'two moons', own: 'your own'};
const COLORS = {data: '#8a8a8a', vae: '#4363d8', gan: '#d9480f'};

const SHARES = [
  {key: 'found', words: 'modes found'},
  {key: 'stray', words: 'points off the data'},
];
const LOSSES = {
  vae: [
    {key: 'distortion', words: 'distortion'},
    {key: 'rate', words: 'rate, nats a point'},
  ],
  gan: [
    {key: 'critic', words: 'loss of the discriminator'},
    {key: 'generator', words: 'of the generator, nats'},
  ],
};

/** @param {'vae' | 'gan'} name @param {string} title @param {string} label */
const side = (name, title, label) => `
<figure class="vd-figure">
  <canvas data-part="${name}" width="${PIXELS}" height="${PIXELS}" role="img" aria-label="${label}"></canvas>
  <figcaption><b>${title}</b><br><span data-part="${name}-figures"></span><br>
    <span data-part="${name}-losses"></span></figcaption>
  <div class="chart">${template(`${name}-loss-curves`, LOSSES[name])}${template(`${name}-share-curves`, SHARES)}</div>
</figure>`;
const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <label>points <select data-part="set">${Object.entries(SETS)
      .map(([key, words]) => `<option value="${key}">${words}</option>`)
      .join('')}</select></label>
    <button type="button" class="vd-main" data-act="play">Play</button>
    <button type="button" class="vd-quiet" data-act="step">One step</button>
    <button type="button" class="vd-quiet" data-act="again">Again</button>
    <button type="button" class="vd-quiet" data-act="other">Another seed</button>
    ${takeaway('png')}
    <output data-part="steps" role="status"></output>
  </div>
  <div class="vd-pair points">
    ${side('vae', 'VAE', 'Points of the data in grey, and those that the VAE draws in blue')}
    ${side('gan', 'GAN', 'Points of the data in grey, those that the GAN draws in orange, and where D says "real"')}
  </div>
  <p class="vd-note">Grey: the data. The GAN's background is its discriminator: dark where it says "real". Arrows show
    where each point is pushed. Click into a plane to place a mode of your own.</p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const contest = new Contest(mounted);
  mounted.acts(contest.acts());
  mounted.onVisible(visible => contest.look(visible));
  mounted.onStop(({set}) => contest.choose(set));
}

class Contest {
  #mounted;
  #worker;
  #seed;
  #set;
  /** @type {[number, number][]} */
  #modes = [];
  #playing = !prefersReducedMotion();
  #visible = false;
  /** @type {Float32Array} */
  #data = new Float32Array();
  /** @type {Record<'vae' | 'gan', History<import('../lib/curves.mjs').Point>>} */
  #histories = {
    vae: new History(['rate', 'distortion', 'found', 'stray']),
    gan: new History(['critic', 'generator', 'found', 'stray']),
  };

  /** @param {Mounted} mounted */
  constructor(mounted) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.#seed = state.whole('seed', 1);
    this.#set = state.choice('set');
    this.#modes = pairs(this.#set === 'own' ? (state.numbers('modes') ?? []) : []);
    this.#worker = new Worker(new URL('../../../../web/engine/plane-worker.mjs', import.meta.url), {type: 'module'});
    this.#worker.onerror = event => {
      event.preventDefault();
      mounted.showError('Nothing can be trained in this browser: it has no WebAssembly SIMD, or no module workers.');
    };
    this.#worker.onmessage = ({data}) => this.#hear(data);
    document.addEventListener('visibilitychange', () => this.#tell());
    mounted.part('set', HTMLSelectElement).addEventListener('change', event => {
      this.choose(/** @type {HTMLSelectElement} */ (event.target).value);
    });
    for (const name of ['vae', 'gan'])
      mounted.part(name, HTMLCanvasElement).addEventListener('click', event => this.#place(event));
    this.#open();
  }

  /** @returns {Record<string, import('../../../../web/page/fold.mjs').Act>} */
  acts() {
    return {
      play: () => {
        this.#playing = !this.#playing;
        this.#tell();
      },
      step: () => {
        this.#playing = false;
        this.#worker.postMessage({step: true});
        this.#tell();
      },
      again: () => this.#open(),
      other: () => {
        this.#seed = nextSeed(this.#seed);
        this.#mounted.state.set({seed: this.#seed});
        this.#open();
      },
      png: () => savePng('gan.png', this.#mounted.part('gan', HTMLCanvasElement), 1),
    };
  }

  /** @param {string} set */
  choose(set) {
    this.#set = set;
    this.#mounted.state.set({set});
    this.#open();
  }

  /** A mode of the visitor's own; the oldest goes where there are many. @param {MouseEvent} event */
  #place(event) {
    const box = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    const x = REACH * ((2 * (event.clientX - box.left)) / box.width - 1);
    const y = REACH * (1 - (2 * (event.clientY - box.top)) / box.height);
    this.#modes = [...(this.#set === 'own' ? this.#modes : []), /** @type {[number, number]} */ ([x, y])];
    this.#modes = this.#modes.slice(-MOST_MODES);
    this.#mounted.state.set({
      modes: this.#modes
        .flat()
        .map(value => value.toFixed(2))
        .join(),
    });
    this.choose('own');
  }

  #open() {
    this.#mounted.part('set', HTMLSelectElement).value = this.#set;
    const isEmpty = this.#set === 'own' && !this.#modes.length;
    this.#mounted.showError(isEmpty ? 'Click into a plane to place a mode.' : null);
    if (isEmpty) return;
    for (const history of Object.values(this.#histories)) history.clear();
    this.#worker.postMessage({open: {set: this.#set === 'own' ? this.#modes : this.#set, seed: this.#seed}});
    this.#tell();
  }

  /** @param {boolean} visible */
  look(visible) {
    this.#visible = visible;
    this.#tell();
  }

  #tell() {
    this.#mounted.button('play').textContent = this.#playing ? 'Pause' : 'Play';
    this.#worker.postMessage({play: this.#playing && this.#visible && !document.hidden});
  }

  /** @param {any} message */
  #hear(message) {
    if (message.error) this.#mounted.showError(new Error(message.error));
    else if (message.data) this.#data = message.data;
    else this.#show(message);
  }

  /** @param {Sides} sides */
  #show({steps, rested, vae, gan}) {
    requestAnimationFrame(() => this.#worker.postMessage({painted: true}));
    const {part} = {part: this.#mounted.part.bind(this.#mounted)};
    const left = begun(part('vae', HTMLCanvasElement));
    dots(left, this.#data, COLORS.data);
    dots(left, vae.points, COLORS.vae);
    const right = begun(part('gan', HTMLCanvasElement));
    surface(right, gan.surface);
    dots(right, this.#data, COLORS.data);
    arrows(right, gan.points, gan.pushes);
    dots(right, gan.points, COLORS.gan);
    part('vae-figures').textContent = figuresOf(vae.figures);
    part('gan-figures').textContent = figuresOf(gan.figures);
    if (Number.isFinite(vae.rate)) {
      this.#histories.vae.push({steps, rate: vae.rate, distortion: vae.distortion, ...vae.figures});
      this.#histories.gan.push({steps, critic: gan.critic, generator: gan.generator, ...gan.figures});
      part('vae-losses').textContent =
        `rate ${vae.rate.toFixed(2)}, distortion ${vae.distortion.toFixed(2)} nats a point`;
      part('gan-losses').textContent =
        `loss of the discriminator ${gan.critic.toFixed(2)}, of the generator ${gan.generator.toFixed(2)} nats`;
    }
    this.#drawCurves();
    part('steps').textContent =
      `${steps.toLocaleString('en')} steps${rested ? '; it rests, press Play to go on' : ''}`;
    this.#mounted.root.dataset.steps = String(steps);
    if (rested) {
      this.#playing = false;
      this.#tell();
    }
  }

  #drawCurves() {
    for (const name of /** @type {const} */ (['vae', 'gan'])) {
      const {points} = this.#histories[name];
      drawCurves(this.#mounted.part(`${name}-loss-curves`, SVGSVGElement), points, 'Losses');
      drawCurves(this.#mounted.part(`${name}-share-curves`, SVGSVGElement), points, 'Shares', [0, 1]);
    }
  }
}

/** @param {number[]} numbers @returns {[number, number][]} */
const pairs = numbers =>
  Array.from({length: Math.floor(numbers.length / 2)}, (_, i) => [numbers[2 * i], numbers[2 * i + 1]]);

/** @param {{found: number, stray: number}} figures */
const figuresOf = ({found, stray}) =>
  `finds ${Math.round(100 * found)}% of the modes; ${Math.round(100 * stray)}% of its points lie off the data`;

/** @param {HTMLCanvasElement} canvas */
function begun(canvas) {
  const context = contextOf(canvas);
  context.clearRect(0, 0, PIXELS, PIXELS);
  return context;
}

/** @param {number} x */
const across = x => (PIXELS * (x / REACH + 1)) / 2;
/** @param {number} y */
const down = y => (PIXELS * (1 - y / REACH)) / 2;

/** @param {CanvasRenderingContext2D} context @param {Float32Array} points @param {string} color */
function dots(context, points, color) {
  context.fillStyle = color;
  context.globalAlpha = 0.7;
  for (let i = 0; i < points.length; i += 2)
    context.fillRect(across(points[i]) - DOT / 2, down(points[i + 1]) - DOT / 2, DOT, DOT);
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Float32Array} cells */
function surface(context, cells) {
  const cell = PIXELS / SIDE;
  context.fillStyle = COLORS.gan;
  cells.forEach((real, i) => {
    context.globalAlpha = 0.35 * real;
    context.fillRect((i % SIDE) * cell, Math.floor(i / SIDE) * cell, cell, cell);
  });
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Float32Array} points @param {Float32Array} pushes */
function arrows(context, points, pushes) {
  const longest = Math.max(1e-9, ...Array.from({length: pushes.length / 2}, (_, i) => lengthOf(pushes, i)));
  context.strokeStyle = COLORS.gan;
  context.globalAlpha = 0.6;
  context.beginPath();
  for (let i = 0; i < pushes.length / 2; i++) {
    const scale = LONGEST / longest;
    const [x, y] = [across(points[2 * i]), down(points[2 * i + 1])];
    context.moveTo(x, y);
    context.lineTo(x + scale * pushes[2 * i], y - scale * pushes[2 * i + 1]);
  }
  context.stroke();
  context.globalAlpha = 1;
}

/** @param {Float32Array} pushes @param {number} i */
const lengthOf = (pushes, i) => Math.hypot(pushes[2 * i], pushes[2 * i + 1]);
