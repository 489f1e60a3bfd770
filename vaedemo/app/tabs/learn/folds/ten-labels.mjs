/** Ten labels: digits that nobody has labelled, a few that the visitor labels, and what all others are taken for. */
import {ownVae} from '../../../../web/engine/own-vae.mjs';
import {SeededRandom} from '../../../../web/engine/seeded-random.mjs';
import {SIDE} from '../../../../web/engine/training-run.mjs';
import {prefersReducedMotion} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold} from '../../../../web/page/fold.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {digitLegend} from '../../../../web/ui/digit-legend.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {ErrorTable} from '../lib/error-table.mjs';
import {LABELS, askedFor, chosen} from '../lib/few-labels.mjs';
import {python} from '../lib/few-labels-code.mjs';
import {LabelPlane} from '../lib/label-plane.mjs';
import {TEACHER} from '../lib/lesson.mjs';
import {MOST, labelledOf, situation} from '../lib/said-labels.mjs';
import {TEMPLATE} from '../lib/ten-labels-template.mjs';
import {digits} from '../lib/unlabelled-digits.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/few-labels.mjs').Labelled} Labelled
 * @typedef {import('../lib/few-labels.mjs').Told} Told
 * @typedef {import('../lib/few-labels.mjs').Mode} Mode
 * @typedef {import('../lib/unlabelled-digits.mjs').Digits} Digits
 */

const CODES = 'digits';
const PIXELS = SIDE * SIDE;
const TIMES = 4; // the digit that is asked for is so much enlarged
const FLOOD_MS = 900;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  mounted.badge(CODES);
  mounted.needs(TEACHER);
  mounted.part('words').textContent = `${TEACHER} draws 2,000 digits.`;
  const given = await digits();
  const labels = new TenLabels(mounted, given);
  mounted.acts(labels.acts());
  mounted.onVisible(visible => labels.look(visible));
  mounted.onStop(state => labels.goTo(state.labels));
}

class TenLabels {
  #mounted;
  #digits;
  #n;
  #plane;
  #painter;
  #worker;
  #random = new SeededRandom(Date.now());
  /** @type {Labelled[]} */
  #known;
  #errors;
  /** @type {Mode} */
  #draw;
  #selected = -1;
  /** The digit that was asked for last. */
  #last = -1;
  #mistakes = false;
  #asked = 0;
  /** @type {Told | null} */
  #told = null;
  #study = 0;
  /** Where the visitor's VAE has the digits, pairs. @type {Float32Array | null} */
  #yours = null;
  #flood = 0;
  #visible = true;

  /** @param {Mounted} mounted @param {Digits} given */
  constructor(mounted, given) {
    const {state, part} = {state: mounted.state, part: mounted.part.bind(mounted)};
    this.#mounted = mounted;
    this.#digits = given;
    this.#n = given.plane.length / 2;
    this.#plane = new LabelPlane(
      part('plane', HTMLCanvasElement),
      given.plane,
      point => this.#ask(point),
      label => this.#say(label),
    );
    this.#painter = new Painter(part('digit', HTMLCanvasElement), [1, SIDE, SIDE]);
    this.#painter.fit(TIMES * SIDE);
    this.#known = labelledOf(state.numbers('labels') ?? [], this.#n);
    this.#errors = new ErrorTable(mounted, state.choice('by'));
    this.#draw = /** @type {Mode} */ (state.choice('draw'));
    part('draw', HTMLSelectElement).value = this.#draw;
    part('draw', HTMLSelectElement).addEventListener('change', event => {
      this.#draw = /** @type {Mode} */ (/** @type {HTMLSelectElement} */ (event.target).value);
      state.set({draw: this.#draw});
      this.#tryOut();
    });
    part('on-map', HTMLSelectElement).addEventListener('change', () => this.#lay());
    this.#worker = new Worker(new URL('../lib/few-labels-worker.mjs', import.meta.url), {type: 'module'});
    this.#worker.onerror = event => {
      event.preventDefault();
      mounted.showError('Nothing can be computed here: this browser has no module workers.');
    };
    this.#worker.onmessage = ({data}) => this.#hear(data);
    document.addEventListener('visibilitychange', () => this.#tell());
    const pixels = given.planes.map(value => (value > 127 ? 1 : 0));
    this.#worker.postMessage({open: {n: this.#n, pixels, plane: given.plane, codes: given.codes}});
    this.#lay();
    this.#changed();
    this.#tryOut();
    ownVae.subscribe(vae => {
      const {weights, form, steps, axes} = vae;
      this.#worker.postMessage({vae: {weights, form, steps, axes}});
    });
  }

  /** Dots where the chosen map has them. */
  #lay() {
    const {value} = this.#mounted.part('on-map', HTMLSelectElement);
    const isYours = value === 'yours' && this.#yours;
    this.#plane.lay(isYours ? this.#yours : this.#digits.plane);
    this.#plane.show({});
    const words = `Drawn digits, where ${isYours ? 'your VAE' : 'digits-2d'} puts them; a color is the label they get`;
    digitLegend(this.#mounted.part('legend'), true, words);
  }

  /** The visitor's own VAE has encoded the digits. @param {Float32Array} plane */
  #take(plane) {
    const isFirst = !this.#yours;
    this.#yours = plane;
    this.#mounted.part('row-yours').hidden = false;
    this.#mounted.part('whose').hidden = false;
    if (isFirst) this.#mounted.part('on-map', HTMLSelectElement).value = 'yours';
    this.#lay();
    this.#tryOut();
  }

  /** @param {any} message */
  #hear(message) {
    if (message.error) this.#mounted.showError(new Error(message.error));
    else if (message.told && message.asked === this.#asked) this.#hearTold(message.told);
    else if (message.yours) this.#take(message.yours);
    else if (message.errors && message.study === this.#study) this.#errors.add(message);
  }

  /** Random choices, from the first on. */
  #tryOut() {
    this.#study += 1;
    this.#errors.begin();
    this.#worker.postMessage({study: this.#study, mode: this.#draw});
  }

  /** A dot is looked at, and waits for its label. @param {number} point */
  #ask(point) {
    this.#selected = this.#last = point;
    this.#mounted.part('asked').hidden = false;
    this.#painter.draw(this.#digits.planes.subarray(point * PIXELS, (point + 1) * PIXELS));
    this.#plane.show({selected: point});
    const said = this.#known.find(known => known.point === point);
    this.#mounted.part('words').textContent = said ? `You said that it is a ${said.label}. Is it?` : 'What is it?';
  }

  /** The next digit that has no label, in their order. */
  #next() {
    const known = new Set(this.#known.map(({point}) => point));
    for (let i = 1; i <= this.#n; i++) {
      const point = (this.#last + i) % this.#n;
      if (!known.has(point)) return this.#ask(point);
    }
  }

  /** @param {number} label */
  #say(label) {
    const point = this.#selected;
    if (point < 0) return;
    const others = this.#known.filter(known => known.point !== point);
    if (others.length >= MOST) throw new RangeError(`${MOST} labels are the most.`);
    this.#label([...others, {point, label}]);
    const asked = askedFor(point);
    if (label !== asked)
      this.#mounted.part('words').textContent =
        `The decoder was asked for a ${asked}. Your ${label} counts, and is handed on.`;
  }

  /** Other labels than before; no dot waits for one. @param {Labelled[]} known */
  #label(known) {
    this.#known = known;
    this.#selected = -1;
    this.#changed();
  }

  /** The labels have changed. */
  #changed() {
    const known = this.#known;
    this.#mounted.state.set({labels: known.map(({point, label}) => point * LABELS + label).join() || null});
    this.#mounted.part('asked').hidden = this.#selected < 0;
    this.#plane.show({known, selected: this.#selected});
    this.#mounted.part('words').textContent = situation(known, this.#n);
    this.#mounted.root.dataset.labels = String(known.length);
    this.#asked += 1;
    this.#worker.postMessage({known, asked: this.#asked});
    this.#errors.label(known);
  }

  /** @param {Told} told */
  #hearTold(told) {
    const isNew = this.#told?.hops !== told.hops;
    this.#told = told;
    this.#errors.tell(told);
    this.#mounted.root.dataset.told = String(Object.keys(told.answers).length);
    this.#mounted.root.dataset.answered = String(this.#known.length);
    this.#paint(isNew);
  }

  /** @param {boolean} flooding  whether labels are seen on their way */
  #paint(flooding) {
    const {hops} = this.#told ?? {hops: new Int16Array()};
    const answers = this.#errors.answers ?? new Int8Array();
    const last = hops.reduce((a, b) => Math.max(a, b), 0);
    const isStill = !flooding || !this.#errors.isSpread || !last || prefersReducedMotion();
    cancelAnimationFrame(this.#flood);
    const begun = performance.now();
    const frame = () => {
      const far = isStill ? Infinity : (last * (performance.now() - begun)) / FLOOD_MS;
      this.#plane.show({answers, mistakes: this.#mistakes, isReached: point => hops[point] <= far});
      if (far < last) this.#flood = requestAnimationFrame(frame);
    };
    frame();
  }

  /** Nothing is tried while nobody looks. @param {boolean} visible */
  look(visible) {
    this.#visible = visible;
    this.#tell();
  }

  #tell() {
    this.#worker.postMessage({play: this.#visible && !document.hidden});
  }

  /** The tour's stop, or a link's. @param {string} labels */
  goTo(labels) {
    this.#label(labelledOf(labels.split(',').map(Number), this.#n));
  }

  /** @returns {Record<string, import('../../../../web/page/fold.mjs').Act>} */
  acts() {
    return {
      say: button => this.#say(Number(button.dataset.label)),
      next: () => this.#next(),
      chance: () => this.#ask(this.#random.below(this.#n)),
      unsure: () => {
        const unsure = this.#known.length ? (this.#told?.unsure ?? -1) : -1;
        this.#ask(unsure < 0 ? this.#random.below(this.#n) : unsure);
      },
      ten: () => {
        const count = LABELS * (1 + Math.floor(this.#known.length / LABELS));
        this.#label(chosen(this.#n, Math.min(MOST, count), this.#draw, 1 + this.#random.below(1e6)));
      },
      clear: () => this.#label([]),
      mistakes: button => {
        this.#mistakes = !this.#mistakes;
        button.setAttribute('aria-pressed', String(this.#mistakes));
        this.#paint(false);
      },
      by: button => {
        const {by = ''} = button.dataset;
        this.#mounted.state.set({by});
        this.#errors.choose(by);
        this.#paint(true);
      },
      png: () => savePng('labels.png', this.#mounted.part('plane', HTMLCanvasElement), 1),
      code: () => showCode(python(this.#known)),
    };
  }
}
