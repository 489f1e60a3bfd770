/** What the fold of ten labels looks like: the map, what is asked, and the table of errors with its curve. */
import {takeaway} from '../../../../web/page/fold.mjs';
import {TEMPLATE as CURVE} from './error-curve.mjs';
import {CHOICES, LABELS, SPACES, WAYS, keyOf} from './few-labels.mjs';

export const SPACE_WORDS = {
  pixels: '784 pixels',
  plane: '2 latents (digits-2d)',
  codes: '32 latents',
  yours: 'latents of your VAE',
};
export const WAY_WORDS = {nearest: 'the nearest label', spread: 'labels handed on'};

/** @param {import('./few-labels.mjs').Space} space */
const row = space => `
<tr data-part="row-${space}"${space === 'yours' ? ' hidden' : ''}><th scope="row">${SPACE_WORDS[space]}</th>${WAYS.map(
  way => `<td><button type="button" data-act="by" data-by="${keyOf(space, way)}" aria-pressed="false">
    <b data-part="${keyOf(space, way)}">–</b><small data-part="${keyOf(space, way)}-tried">&nbsp;</small>
  </button></td>`,
).join('')}</tr>`;

export const TEMPLATE = `
<div class="ten-labels">
  <figure class="vd-figure">
    <canvas data-part="plane" role="application" aria-label="2,000 digits as dots on the map of two latents. Arrow keys
      go from dot to dot, a digit's key labels it."></canvas>
    <figcaption class="vd-legend" data-part="legend"></figcaption>
    <div class="vd-row" data-part="whose" hidden><label>Dots lie on the map of <select data-part="on-map">
      <option value="plane">digits-2d</option><option value="yours">your VAE</option></select></label></div>
  </figure>
  <div class="ask">
    <p data-part="words" role="status">The digits are on their way.</p>
    <div class="asked" data-part="asked" hidden>
      <canvas class="vd-ink" data-part="digit" role="img" aria-label="The digit to label"></canvas>
      <div class="answers" role="group" aria-label="What is it?">${Array.from(
        {length: LABELS},
        (_, label) => `<button type="button" class="vd-quiet" data-act="say" data-label="${label}">${label}</button>`,
      ).join('')}</div>
    </div>
    <div class="vd-row vd-controls">
      <button type="button" class="vd-main" data-act="unsure">The most unsure</button>
      <button type="button" class="vd-quiet" data-act="next">Next without a label</button>
      <button type="button" class="vd-quiet" data-act="chance">A random one</button>
      <button type="button" class="vd-quiet" data-act="ten">Ten for me</button>
      <button type="button" class="vd-quiet" data-act="clear">No labels</button>
      <button type="button" class="vd-quiet" data-act="mistakes" aria-pressed="false">Mistakes</button>
      ${takeaway('png', 'code', 'badge')}
    </div>
    <div class="vd-row vd-controls"><label>Random choices hold <select data-part="draw">
      <option value="each">as many of each digit</option><option value="any">any digits</option></select></label></div>
  </div>
  <div class="errors">
    <div class="vd-scroll"><table>
      <caption>How many of the other digits get a wrong label. Small: mean and deviation of ${CHOICES} random choices of
        <span data-part="count">ten</span> labels. Click a cell to color the map by it.</caption>
      <thead><tr><th scope="col">digits are compared in</th>${WAYS.map(
        way => `<th scope="col">${WAY_WORDS[way]}</th>`,
      ).join('')}</tr></thead>
      <tbody>${SPACES.map(row).join('')}</tbody>
    </table></div>
    <figure class="vd-figure chart">
      ${CURVE}
      <figcaption><span class="line way">—</span> <span data-part="way-words"></span>, with its deviation;
        <span class="line">- -</span> the nearest label in pixels; <span class="dot">●</span> your labels.
        <output data-part="tried"></output></figcaption>
    </figure>
  </div>
</div>`;
