/** What the tab opens with: five pictures in a row, the search below the GAN's. */
import {takeaway} from '../../../../web/page/fold.mjs';
import {ROOT} from '../../../../web/engine/root.mjs';
import {MODELS} from './models.mjs';
import {STEPS} from './search-run.mjs';

/** @param {string} name  of a model, or x @param {string} title @param {string} words  for whom does not see it */
const figure = (name, title, words) => `
<figure class="vd-figure" data-figure="${name}">
  <div class="frame empty">
    <canvas class="vd-photo" data-part="${name}" width="64" height="64" role="img" aria-label="${words}"></canvas>
    <p class="absent" data-part="absent-${name}" hidden></p>
  </div>
  <figcaption><b>${title}</b><span data-part="error-${name}"></span><span data-part="time-${name}"></span></figcaption>
</figure>`;

const RACE = `
<div class="race">
  <div class="racers" data-part="racers" role="group" aria-label="The starts of the search; a star leads"></div>
  <div data-part="curve"></div>
  <progress max="${STEPS}" value="0" aria-label="Steps of the search"></progress>
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="search" disabled>Search</button>
    <button type="button" class="vd-main" data-act="stop" hidden>Stop</button>
    <button type="button" class="vd-quiet" data-act="undo" title="Back to the search before" hidden>Undo</button>
  </div>
</div>`;

const SAID = `
<div class="said">
  <p><b>An encoder gives its z in one step,</b> and gives the person back only as far as encoder and decoder have
    learned to.</p>
  <p><b>The GAN has no encoder.</b> A search goes down the error, by ${STEPS} steps of back-propagation on z. It can
    only find what the GAN is able to draw.</p>
  <p class="vd-note" role="status" data-part="words"></p>
  <div class="vd-row">
    ${takeaway('png')}
    <button type="button" class="vd-quiet" data-act="gif" title="The leader, from start to end" disabled>GIF</button>
    ${takeaway('code')}
  </div>
  <div class="vd-row">${MODELS.map(({name}) => `<span data-part="badge-${name}"></span>`).join('')}</div>
</div>`;

const BOX = `
<div class="box">
  <div data-part="box"></div>
  <p class="vd-trouble" role="status"></p>
  <p class="vd-note">Of several faces the largest in the middle counts; for another, click its eyes. A photo is not
    kept. Four examples are averages of faces by Lisa DeBruine, cropped, under
    <a target="_blank" href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>.
    <a target="_blank" href="${ROOT}vaedemo/web/examples/LICENSES.md">Whose the others are</a></p>
</div>`;

export const TEMPLATE = `
<div class="vd-race">
  <div class="five">
    ${figure('x', 'Photo', 'The photo, as the models see it')}
    ${MODELS.map(({name, title}) => figure(name, title, `What ${title} draws of it`)).join('')}
    ${RACE}
    ${BOX}
    ${SAID}
  </div>
</div>`;
