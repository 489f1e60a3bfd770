/** The flow of the expression above, seen: arrows over the photo, and the grid that it bends. */
import {contextOf} from '../../../../web/page/canvas-pixels.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {FaceView} from '../lib/face-view.mjs';
import {arrowsOf, drawArrows, drawLines, gridOf} from '../lib/flow-arrows.mjs';
import {flowEditor} from '../lib/flow-editor.mjs';
import {edit, face} from '../lib/portrait.mjs';
import {flowOf} from '../lib/python.mjs';

const STILL = new Float32Array(2 * 64 * 64);

/** @param {string} name @param {string} label @param {string} caption */
const figure = (name, label, caption) => `
<figure class="vd-figure">
  <canvas class="vd-photo" data-part="${name}" width="512" height="512" role="img" aria-label="${label}"></canvas>
  <figcaption>${caption}</figcaption>
</figure>`;

const TEMPLATE = `
<div class="vd-flow">
  <div class="three">
    ${figure('arrows', 'The photo with arrows', 'The photo. An arrow ends where its part of the face goes.')}
    ${figure('grid', 'The photo with a bent grid', 'An even grid on the edit, drawn where it comes from in the photo.')}
    ${figure('edited', 'The edited photo', 'The photo, read along the flow.')}
  </div>
  <p class="vd-note" role="status" data-part="longest"></p>
  <div class="vd-row">${takeaway('png', 'code')}</div>
</div>`;

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
async function setup(mounted) {
  const editor = await flowEditor();
  const canvases = ['arrows', 'grid', 'edited'].map(name => mounted.part(name, HTMLCanvasElement));
  const views = canvases.map(canvas => new FaceView(canvas));
  let frame = 0;
  let seen = false;

  function paint() {
    if (!face.value || !edit.value) return;
    const flow = editor.flow(face.value, [edit.value]);
    views[0].draw(STILL);
    views[1].draw(STILL);
    views[2].draw(flow);
    const {placement} = views[0];
    if (!placement) return;
    drawArrows(contextOf(canvases[0]), placement, arrowsOf(flow));
    drawLines(contextOf(canvases[1]), placement, gridOf(flow));
    const longest = Array.from({length: flow.length / 2}, (_, i) => Math.hypot(flow[2 * i], flow[2 * i + 1]));
    const far = Math.max(...longest).toFixed(1);
    mounted.part('longest').textContent = `The longest arrow has ${far} of the face's 64 pixels.`;
  }

  function soon() {
    cancelAnimationFrame(frame);
    if (seen) frame = requestAnimationFrame(paint);
  }

  face.subscribe(found => {
    views.forEach(view => view.take(found));
    soon();
  });
  edit.subscribe(soon);
  mounted.onVisible(visible => {
    seen = visible;
    soon();
  });
  mounted.acts({
    png: () => savePng('flow.png', beside(canvases), 1),
    code: () => face.value && edit.value && showCode(flowOf(face.value, edit.value)),
  });
}

export const mount = mountFold({template: TEMPLATE, setup});
