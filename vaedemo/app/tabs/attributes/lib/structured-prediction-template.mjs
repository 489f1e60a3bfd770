/** What stands in the fold of the rest of a digit. */
import {takeaway} from '../../../../web/page/fold.mjs';

export const COUNT = 8;
const GIVEN = {1: 'a quarter', 2: 'a half', 3: 'three quarters'};
const NET = 'The one answer of the net without latent space, given PART';

/**
 * A picture with what was given marked on it.
 * @param {string} label  PART stands for what was given
 * @param {string} [part]
 * @param {string} [caption]
 */
const picture = (label, part = '', caption = '') => `
<figure class="vd-figure">
  <div class="marked">
    <canvas class="vd-ink" width="28" height="28" role="img" data-part="${part}"
      data-label="${label}" aria-label="${label.replace('PART', 'a part of it')}"></canvas><i></i>
  </div>
  ${caption && `<figcaption>${caption}</figcaption>`}
</figure>`;
const guesses = Array.from({length: COUNT}, (_, i) =>
  picture(`Guess ${i + 1} of the CVAE at the rest of your digit, given PART`, `guess${i}`),
);
const choices = Object.entries(GIVEN).map(
  ([value, words]) => `<label><input type="radio" name="given" value="${value}"> ${words}</label>`,
);

export const TEMPLATE = `
<div class="vd-quadrant">
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="parts">
    <div data-part="pad"></div>
    ${picture('What the models are given of your digit: PART', 'given', 'y, what is given')}
    <div class="vd-controls">
      <fieldset><legend>Given</legend>${choices.join('')}</fieldset>
      <p class="vd-note" role="status" data-part="words"></p>
      <button type="button" class="vd-main" data-act="throw">Eight other z</button>
    </div>
  </div>
  <div class="answers">
    <div><p class="vd-note">Eight z, eight answers of the CVAE</p>
      <div class="guesses">${guesses.join('')}</div></div>
    <div><p class="vd-note">No z, one answer of the net</p>
      ${picture(NET, 'net')}</div>
  </div>
  <p class="vd-note">Tinted: what was given, and stays as drawn.
    The rest is the mean of p(x|z, y); of the net, which has no z, of p(x|y).</p>
  <div class="vd-row">
    ${takeaway('png', 'code', 'badge')}<span data-part="net-badge"></span>
  </div>
</div>`;
