/** Dice over z: expressions that nobody made. */
import {draw} from '../../../../web/engine/model-store.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {FaceView} from '../lib/face-view.mjs';
import {flowEditor} from '../lib/flow-editor.mjs';
import {face} from '../lib/portrait.mjs';
import {drawnOf} from '../lib/python.mjs';

const N = 6;
const SIDE = 256; // pixels of a picture
const TEMPLATE = `
<div class="vd-dice">
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="throw">Throw</button>
    <label class="vd-row">temperature <input type="range" min="1" max="4" step="1" data-part="temperature">
      <output data-part="told"></output></label>
    ${takeaway('png', 'code')}
  </div>
  <div class="faces">${Array.from(
    {length: N},
    (_, i) => `<canvas class="vd-photo" width="256" height="256" role="img"
    aria-label="Draw ${i + 1}"></canvas>`,
  ).join('')}</div>
</div>`;

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
async function setup(mounted) {
  const editor = await flowEditor();
  const width = editor.z;
  const {state, showError} = mounted;
  const slider = mounted.part('temperature', HTMLInputElement);
  const canvases = mounted.all('canvas', HTMLCanvasElement);
  const views = canvases.map(canvas => new FaceView(canvas, SIDE));
  let seed = state.whole('seed', 0);
  slider.value = String(state.whole('temperature', 3));

  const show = newest(async signal => {
    const drawn = await draw(N, width, seed);
    signal.throwIfAborted();
    mounted.part('told').textContent = slider.value;
    if (!face.value) return;
    for (const [i, view] of views.entries()) {
      const z = drawn.subarray(i * width, (i + 1) * width).map(value => Number(slider.value) * value);
      view.draw(editor.decoded(face.value, z), true);
    }
    showError(null);
  });

  const keep = () => state.set({seed, temperature: slider.value});
  slider.addEventListener('keydown', event => event.stopPropagation()); // the presenter's arrows turn stops
  slider.addEventListener('input', () => {
    keep();
    show().catch(showError);
  });
  mounted.acts({
    throw() {
      seed = nextSeed(seed);
      keep();
      return show();
    },
    png: () => savePng('drawn-expressions.png', beside(canvases), 1),
    code: () =>
      face.value && showCode(drawnOf(face.value, {n: N, z: width, seed, temperature: Number(slider.value)})),
  });
  face.subscribe(found => {
    views.forEach(view => view.take(found));
    show().catch(showError);
  });
  mounted.onStop(({temperature}) => {
    if (temperature) slider.value = temperature;
    keep();
    show().catch(showError);
  });
}

export const mount = mountFold({template: TEMPLATE, setup});
