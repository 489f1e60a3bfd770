/** A plane of two expressions: their codes add up, and the face follows the dot. */
import {fileOf} from '../../../../web/page/canvas-pixels.mjs';
import {save} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {STRONGEST, WEAKEST, held} from '../lib/expression-codes.mjs';
import {HONEST, NEARLY, limitOf, nameOf} from '../lib/expression-words.mjs';
import {FaceView} from '../lib/face-view.mjs';
import {flowEditor} from '../lib/flow-editor.mjs';
import {face} from '../lib/portrait.mjs';
import {mixOf} from '../lib/python.mjs';
import {twoDraws} from '../lib/two-draws.mjs';

const RANGE = STRONGEST - WEAKEST;
const STEP = 0.05; // of the arrow keys
const OPTIONS = [...HONEST, ...NEARLY].map(([name, words]) => `<option value="${name}">${words}</option>`).join('');
const AXES = /** @type {const} */ (['x', 'y']);
const KEYS = /** @type {Record<string, number[]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
});

const TEMPLATE = `
<div class="vd-mixed">
  <div class="two">
    <figure class="vd-figure">
      <canvas class="vd-photo" data-part="picture" width="512" height="512" role="img"
        aria-label="The photo with both expressions"></canvas>
      <figcaption data-part="words" role="status"></figcaption>
    </figure>
    <div>
      <div class="field" data-part="field" tabindex="0" role="application"
        aria-label="A plane of two expressions: drag the dot, or press the arrow keys">
        <i class="axis across"></i><i class="axis down"></i><i class="dot" data-part="dot"></i>
      </div>
      <div class="vd-controls">
        <label>to the right <select data-part="x" aria-label="Expression to the right">${OPTIONS}</select></label>
        <label>upwards <select data-part="y" aria-label="Expression upwards">${OPTIONS}</select></label>
      </div>
      <p class="vd-note limit" data-part="limit"></p>
      <div class="vd-row">${takeaway('png', 'code')}</div>
    </div>
  </div>
</div>`;

class Plane {
  #mounted;
  #editor;
  #view;
  #selects;
  #field;
  #strengths;
  #draw = twoDraws(fine => this.#paint(fine));

  /**
   * @param {import('../../../../web/page/fold.mjs').Mounted} mounted
   * @param {import('../lib/flow-editor.mjs').FlowEditor} editor
   */
  constructor(mounted, editor) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.#editor = editor;
    this.#view = new FaceView(mounted.part('picture', HTMLCanvasElement));
    this.#field = mounted.part('field');
    this.#strengths = (state.numbers('at') ?? [0.8, 0.8]).map(held);
    this.#selects = AXES.map(axis => mounted.part(axis, HTMLSelectElement));
    this.choose(AXES.map(axis => state.choice(axis)));
    this.#hear();
    face.subscribe(found => {
      this.#view.take(found);
      this.#show();
    });
  }

  /** What the two ways are. @param {(string | undefined)[]} expressions */
  choose(expressions) {
    this.#selects.forEach((select, axis) => {
      select.value = expressions[axis] ?? select.value;
    });
  }

  /** @param {number[]} place  the two strengths */
  move(place) {
    this.#strengths = place.map(held);
    this.#keep();
    this.#show();
  }

  acts() {
    return {
      png: async () => save('two-expressions.png', await fileOf(this.#view.canvas)),
      code: () => face.value && showCode(mixOf(face.value, this.#edits())),
    };
  }

  #hear() {
    const field = this.#field;
    field.addEventListener('pointerdown', event => {
      field.setPointerCapture(event.pointerId);
      this.#point(event);
    });
    field.addEventListener('pointermove', event => field.hasPointerCapture(event.pointerId) && this.#point(event));
    field.addEventListener('keydown', event => {
      const way = KEYS[event.key];
      if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation(); // the presenter's arrows turn stops
      this.move(this.#strengths.map((value, axis) => value + STEP * way[axis]));
    });
    for (const select of this.#selects) select.addEventListener('change', () => this.move(this.#strengths));
  }

  /** @param {PointerEvent} event */
  #point({clientX, clientY}) {
    const {left, top, width, height} = this.#field.getBoundingClientRect();
    this.move([WEAKEST + (RANGE * (clientX - left)) / width, STRONGEST - (RANGE * (clientY - top)) / height]);
  }

  #keep() {
    const [x, y] = this.#selects.map(({value}) => value);
    this.#mounted.state.set({x, y, at: this.#strengths.map(value => value.toFixed(2)).join()});
  }

  #edits() {
    return this.#selects.map(({value}, axis) => ({expression: value, strength: this.#strengths[axis]}));
  }

  #show() {
    const dot = this.#mounted.part('dot');
    const [right, up] = this.#strengths.map(value => (100 * (value - WEAKEST)) / RANGE);
    Object.assign(dot.style, {left: `${right}%`, top: `${100 - up}%`});
    this.#mounted.part('words').textContent = this.#edits()
      .map(({expression, strength}) => `${nameOf(expression)} ${strength.toFixed(2).replace('-', '−')}`)
      .join(' + ');
    this.#draw();
  }

  /** @param {boolean} fine */
  #paint(fine) {
    if (!face.value) return;
    this.#view.draw(this.#editor.flow(face.value, this.#edits()), fine);
    this.#mounted.part('limit').textContent = limitOf('', this.#view.painted);
  }
}

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
async function setup(mounted) {
  const plane = new Plane(mounted, await flowEditor());
  mounted.acts(plane.acts());
  mounted.onStop(({x, y, at}) => {
    plane.choose([x, y]);
    if (at) plane.move(at.split(',').map(Number));
  });
}

export const mount = mountFold({template: TEMPLATE, setup});
