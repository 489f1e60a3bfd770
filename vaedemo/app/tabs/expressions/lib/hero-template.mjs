/** What the tab opens with: the portrait, and beside it the slider, the expressions and the box for a photo. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {takeaway} from '../../../../web/page/fold.mjs';
import {STRONGEST, WEAKEST} from './expression-codes.mjs';
import {HONEST, NEARLY} from './expression-words.mjs';

/** @param {[string, string][]} expressions */
const buttons = expressions =>
  expressions
    .map(
      ([name, words]) =>
        `<button type="button" class="vd-quiet" data-act="express" data-expression="${name}">${words}</button>`,
    )
    .join('');

const CONTROLS = `
<div class="controls">
  <label class="strength"><b data-part="name"></b> <output data-part="words"></output>
    <input type="range" min="${WEAKEST}" max="${STRONGEST}" step="0.01" value="0" data-part="strength"></label>
  <div class="ends" aria-hidden="true"><span>suppress</span><span>as it is</span><span>magnify</span></div>
  <div class="vd-row" role="group" aria-label="Expression">${buttons(HONEST)}</div>
  <div class="vd-row nearly" role="group" aria-label="Expressions that it makes only nearly">
    <span class="vd-note">Nearly:</span>${buttons(NEARLY)}</div>
  <p class="vd-note limit" role="status" data-part="limit"></p>
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="swing" aria-pressed="false">Swing</button>
    ${takeaway('png', 'gif', 'code', 'badge')}
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

const BOX = `
<div class="box">
  <div data-part="box"></div>
  <p class="vd-note">Of several faces the largest in the middle counts; for another, click its eyes. Best from the
    front, with eyes and mouth free. A photo is not kept. The averages of faces are by Lisa DeBruine, cropped, under
    <a target="_blank" href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>; the heads are rendered with ICT-FaceKit (MIT).
    <a target="_blank" href="${ROOT}vaedemo/web/examples/LICENSES.md">Whose the portraits are</a></p>
</div>`;

export const TEMPLATE = `
<div class="vd-express">
  <div class="stage">
    <figure class="vd-figure">
      <div class="screen"><canvas class="vd-photo" data-part="picture" width="512" height="512" role="img"
        aria-label="The photo, with the expression changed"></canvas></div>
      <figcaption>The photo itself, read along a flow of 64 × 64 cells: all skin and hair is its own.</figcaption>
    </figure>
    ${CONTROLS}
    ${BOX}
  </div>
</div>`;
