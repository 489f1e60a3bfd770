/** Three codes in one face: each brow and each eye moves by itself. */
import {fileOf} from '../../../../web/page/canvas-pixels.mjs';
import {save} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {STRONGEST, WEAKEST, held} from '../lib/expression-codes.mjs';
import {FaceView} from '../lib/face-view.mjs';
import {blended, partsOf} from '../lib/face-parts.mjs';
import {flowEditor} from '../lib/flow-editor.mjs';
import {face} from '../lib/portrait.mjs';
import {partsInPython} from '../lib/python.mjs';
import {twoDraws} from '../lib/two-draws.mjs';

/** Which part of the face a slider moves, and by which expression. */
const SLIDERS = [
  {words: 'left brow up', part: 0, expression: 'brows_up'},
  {words: 'left eye closed', part: 0, expression: 'eyes_closed'},
  {words: 'right brow up', part: 1, expression: 'brows_up'},
  {words: 'right eye closed', part: 1, expression: 'eyes_closed'},
  {words: 'smile', part: 2, expression: 'smile'},
];
const PRESETS = /** @type {Record<string, {words: string, at: number[]}>} */ ({
  brow: {words: 'One brow', at: [1.1, 0, -0.5, 0, 0.5]},
  wink: {words: 'A wink', at: [0, 0, -0.2, 1.2, 0.9]},
  rest: {words: 'As it is', at: [0, 0, 0, 0, 0]},
});

const TEMPLATE = `
<div class="vd-parts">
  <div class="two">
    <figure class="vd-figure">
      <canvas class="vd-photo" data-part="picture" width="512" height="512" role="img"
        aria-label="The photo, each part of the face moved by itself"></canvas>
      <figcaption>Left and right are those of the picture.</figcaption>
    </figure>
    <div class="controls">
      ${SLIDERS.map(
        ({words}, i) => `<label class="strength">${words} <output></output>
        <input type="range" min="${WEAKEST}" max="${STRONGEST}" step="0.01" data-slider="${i}"></label>`,
      ).join('')}
      <div class="vd-row">${Object.entries(PRESETS)
        .map(
          ([name, {words}]) =>
            `<button type="button" class="vd-quiet" data-act="set" data-set="${name}">${words}</button>`,
        )
        .join('')}</div>
      <div class="vd-row">${takeaway('png', 'code')}</div>
    </div>
  </div>
</div>`;

/** What each part of the face is given. @param {number[]} at  of the sliders */
const editsOf = at =>
  [0, 1, 2].map(part =>
    SLIDERS.flatMap((slider, i) => (slider.part === part ? [{expression: slider.expression, strength: at[i]}] : [])),
  );

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
async function setup(mounted) {
  const {state} = mounted;
  const editor = await flowEditor();
  const view = new FaceView(mounted.part('picture', HTMLCanvasElement));
  const sliders = mounted.all('[data-slider]', HTMLInputElement);
  const outputs = mounted.all('.strength output');
  let at = (state.numbers('at') ?? PRESETS.brow.at).map(held);
  let parts = new Float32Array();

  const draw = twoDraws(fine => {
    const one = face.value;
    if (!one) return;
    const flows = editsOf(at).map(edits => editor.flow(one, edits));
    view.draw(blended(parts, flows), fine);
  });

  function show() {
    sliders.forEach((slider, i) => {
      slider.value = String(at[i]);
      outputs[i].textContent = at[i].toFixed(2).replace('-', '−');
    });
    draw();
  }

  /** @param {number[]} wanted */
  function set(wanted) {
    at = wanted.map(held);
    state.set({at: at.map(value => value.toFixed(2)).join()});
    show();
  }

  for (const slider of sliders) {
    slider.addEventListener('keydown', event => event.stopPropagation()); // the presenter's arrows turn stops
    slider.addEventListener('input', () => set(sliders.map(one => Number(one.value))));
  }
  mounted.acts({
    set: button => set(PRESETS[button.dataset.set ?? ''].at),
    png: async () => save('parts.png', await fileOf(view.canvas)),
    code: () => face.value && showCode(partsInPython(face.value, editsOf(at))),
  });
  face.subscribe(found => {
    parts = partsOf(found.points);
    view.take(found);
    show();
  });
  mounted.onStop(({at: wanted}) => wanted && set(wanted.split(',').map(Number)));
}

export const mount = mountFold({template: TEMPLATE, setup});
