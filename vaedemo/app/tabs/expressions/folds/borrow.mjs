/** One face is pulled by its points; the z that makes it so moves other faces, each from its own landmarks. */
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {onDrag} from '../../../../web/ui/drag.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {EXAMPLES} from '../lib/examples.mjs';
import {FaceView} from '../lib/face-view.mjs';
import {PulledFace, carried, fittedCode} from '../lib/fitted-code.mjs';
import {flowEditor} from '../lib/flow-editor.mjs';
import {inverse} from '../lib/face-warp.mjs';
import {exampleFace, face} from '../lib/portrait.mjs';
import {borrowedOf} from '../lib/python.mjs';
import {twoDraws} from '../lib/two-draws.mjs';

/** @typedef {import('../lib/portrait.mjs').Face} Face */

const SIDE = 384; // pixels of a picture
const FARTHEST = 5; // pixels of 64 that a point may be pulled along x and y
const STEP = 0.5; // of the arrow keys
const FOLLOWERS = 2;
const FIRST = 5; // of EXAMPLES, for a start
/** Which landmarks are pulled. */
const POINTS = /** @type {[number, string][]} */ ([
  [98, 'left corner of the mouth'],
  [108, 'right corner of the mouth'],
  [103, 'lower lip'],
  [37, 'left brow, outside'],
  [40, 'left brow, inside'],
  [50, 'right brow, inside'],
  [47, 'right brow, outside'],
]);
const PRESETS = /** @type {Record<string, {words: string, pulls: number[]}>} */ ({
  smile: {words: 'Corners up', pulls: [-1.5, -2.5, 1.5, -2.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]},
  frown: {words: 'Brows together', pulls: [0, 1, 0, 1, 0, 0, 0, 0, 1, 1.5, -1, 1.5, 0, 0]},
  brows: {words: 'Brows up', pulls: [0, 0, 0, 0, 0, 0, 0, -2.5, 0, -2.5, 0, -2.5, 0, -2.5]},
  rest: {words: 'Let go', pulls: Array(2 * POINTS.length).fill(0)},
});
const KEYS = /** @type {Record<string, number[]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});

const handle = (/** @type {string} */ words, /** @type {number} */ i) =>
  `<button type="button" class="handle" data-point="${i}" aria-label="Pull: ${words}" title="${words}"></button>`;

const TEMPLATE = `
<div class="vd-borrow">
  <div class="three">
    <figure class="vd-figure">
      <div class="pulled"><canvas class="vd-photo" data-part="first" width="${SIDE}" height="${SIDE}" role="img"
        aria-label="The face that is pulled"></canvas>${POINTS.map(([, words], i) => handle(words, i)).join('')}</div>
      <figcaption><b>Pulled.</b> Drag a point, or press the arrow keys on it.</figcaption>
    </figure>
    ${Array.from(
      {length: FOLLOWERS},
      (_, i) => `<figure class="vd-figure">
      <canvas class="vd-photo" data-part="follower-${i}" width="${SIDE}" height="${SIDE}" role="img"
        aria-label="Another face with the same z"></canvas>
      <figcaption><b>Borrowed.</b> The same z, this face’s landmarks.</figcaption>
    </figure>`,
    ).join('')}
  </div>
  <p class="vd-note" role="status" data-part="words"></p>
  <div class="vd-row">${Object.entries(PRESETS)
    .map(
      ([name, {words}]) =>
        `<button type="button" class="vd-quiet" data-act="set" data-set="${name}">${words}</button>`,
    )
    .join('')}
    <button type="button" class="vd-quiet" data-act="others">Other faces</button>
    ${takeaway('png', 'code')}</div>
</div>`;

/** @param {number} value */
const held = value => Math.max(-FARTHEST, Math.min(FARTHEST, value));

class Borrow {
  #mounted;
  #editor;
  #views;
  /** @type {Face[]} */ #followers = [];
  /** @type {PulledFace | null} */ #pulled = null;
  #pulls;
  #others;
  /** The code that is shown. */
  #z;
  #draw = twoDraws(fine => this.#paint(fine));

  /**
   * @param {import('../../../../web/page/fold.mjs').Mounted} mounted
   * @param {import('../lib/flow-editor.mjs').FlowEditor} editor
   */
  constructor(mounted, editor) {
    this.#mounted = mounted;
    this.#editor = editor;
    this.#z = new Float32Array(editor.z);
    this.#pulls = (mounted.state.numbers('pulls') ?? PRESETS.smile.pulls).map(held);
    this.#others = mounted.state.whole('others', FIRST);
    this.#views = mounted.all('canvas', HTMLCanvasElement).map(canvas => new FaceView(canvas, SIDE));
    for (const button of mounted.all('[data-point]')) this.#hear(button, Number(button.dataset.point));
    face.subscribe(found => {
      this.#views[0].take(found);
      this.#pulled = new PulledFace(z => editor.decoded(found, z), editor.z);
      this.#draw();
    });
    this.#follow().catch(mounted.showError);
  }

  /** @param {HTMLElement} button @param {number} point */
  #hear(button, point) {
    /** @type {number[]} */ let from = [];
    onDrag(button, {
      start: ({clientX, clientY}) => {
        from = [clientX, clientY, this.#pulls[2 * point], this.#pulls[2 * point + 1]];
      },
      move: ({clientX, clientY}) => {
        const [right, down] = this.#ownWay(clientX - from[0], clientY - from[1]);
        this.#pull(point, [from[2] + right, from[3] + down]);
      },
    });
    button.addEventListener('keydown', event => {
      const way = KEYS[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation(); // the presenter's arrows turn stops
      this.#pull(
        point,
        way.map((value, axis) => this.#pulls[2 * point + axis] + STEP * value),
      );
    });
  }

  /** A way on the screen, in pixels of the face's own square. @param {number} x @param {number} y */
  #ownWay(x, y) {
    const {canvas, placement} = this.#views[0];
    if (!placement) return [0, 0];
    const scale = canvas.width / canvas.getBoundingClientRect().width;
    return inverse(placement.linear).map(([a, b]) => scale * (a * x + b * y));
  }

  /** @param {number} point @param {number[]} to */
  #pull(point, to) {
    this.set(this.#pulls.map((value, i) => (i >> 1 === point ? to[i & 1] : value)));
  }

  /** @param {number[]} pulls  x and y of each point */
  set(pulls) {
    this.#pulls = pulls.map(held);
    this.#mounted.state.set({pulls: this.#pulls.map(value => value.toFixed(1)).join()});
    this.#draw();
  }

  #names() {
    return Array.from({length: FOLLOWERS}, (_, i) => EXAMPLES[(this.#others + i) % EXAMPLES.length].name);
  }

  #follow = newest(async signal => {
    const faces = await Promise.all(this.#names().map(name => exampleFace(name, signal)));
    signal.throwIfAborted();
    this.#followers = faces;
    faces.forEach((one, i) => this.#views[1 + i].take(one));
    this.#draw();
  });

  /** Places of the edit that are told where to read, and how far away: only what was pulled. @param {Face} one */
  #asked({points}) {
    const which = POINTS.flatMap((_, i) => (this.#pulls[2 * i] || this.#pulls[2 * i + 1] ? [i] : []));
    const places = which.flatMap(i =>
      [0, 1].map(axis => points[2 * POINTS[i][0] + axis] + this.#pulls[2 * i + axis]),
    );
    return {which, places, moves: which.flatMap(i => [-this.#pulls[2 * i], -this.#pulls[2 * i + 1]])};
  }

  /** @param {boolean} fine */
  #paint(fine) {
    const one = face.value;
    if (!one || !this.#pulled) return;
    const {places, moves} = this.#asked(one);
    const decode = (/** @type {Float32Array} */ z) => this.#editor.decoded(one, z);
    this.#z = fine ? fittedCode(decode, this.#editor.z, places, moves) : this.#pulled.code(places, moves);
    const flow = decode(this.#z);
    this.#views[0].draw(flow, fine);
    this.#place(one, flow);
    this.#followers.forEach((follower, i) => this.#views[1 + i].draw(this.#editor.decoded(follower, this.#z), fine));
    const [length, usual] = [Math.hypot(...this.#z), Math.sqrt(this.#z.length)].map(value => value.toFixed(1));
    this.#mounted.part('words').textContent = moves.length
      ? `The most probable z for what you pull has the length ${length}; draws from the prior have about ${usual}.`
      : 'Nothing is pulled: z = 0, and each face is as its photo has it.';
  }

  /** Puts the handles where their points are in the edit. @param {Face} one @param {Float32Array} flow */
  #place({points}, flow) {
    const {canvas, placement} = this.#views[0];
    if (!placement) return;
    const {linear, offset} = placement;
    for (const button of this.#mounted.all('[data-point]')) {
      const i = Number(button.dataset.point);
      const landmark = 2 * POINTS[i][0];
      const [x, y] = carried(flow, points[landmark], points[landmark + 1]);
      const [left, top] = linear.map(([a, b], axis) => a * x + b * y + offset[axis]);
      Object.assign(button.style, {
        left: `${(100 * left) / canvas.width}%`,
        top: `${(100 * top) / canvas.height}%`,
      });
      button.classList.toggle('held', Boolean(this.#pulls[2 * i] || this.#pulls[2 * i + 1]));
    }
  }

  acts() {
    return {
      /** @param {HTMLElement} button */
      set: button => this.set(PRESETS[button.dataset.set ?? ''].pulls),
      others: () => {
        this.#others = (this.#others + FOLLOWERS) % EXAMPLES.length;
        this.#mounted.state.set({others: this.#others});
        return this.#follow();
      },
      png: () => savePng('borrowed.png', beside(this.#views.map(({canvas}) => canvas)), 1),
      code: () => {
        if (!face.value) return;
        const {which, moves} = this.#asked(face.value);
        const landmarks = which.map(i => POINTS[i][0]);
        return showCode(borrowedOf(face.value, this.#followers, landmarks, moves));
      },
    };
  }
}

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
async function setup(mounted) {
  const borrow = new Borrow(mounted, await flowEditor());
  mounted.acts(borrow.acts());
  mounted.onStop(({pulls}) => pulls && borrow.set(pulls.split(',').map(Number)));
}

export const mount = mountFold({template: TEMPLATE, setup});
