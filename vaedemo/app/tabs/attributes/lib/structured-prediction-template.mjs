/** What stands in the fold of the rest of a digit. */
const COUNT = 8;

/** A picture with what was given marked on it; PART stands for that in its words. */
const picture = (part, label, caption = '') => `<figure class="vd-figure"><div class="marked">
  <canvas class="vd-ink" width="28" height="28" role="img" ${part} data-label="${label}" aria-label="${label.replace('PART', 'a part of it')}"></canvas><i></i></div>
  ${caption && `<figcaption>${caption}</figcaption>`}</figure>`;

export const TEMPLATE = `
<div class="vd-quadrant">
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="parts">
    <div data-part="pad"></div>
    ${picture('data-part="given"', 'What the models are given of your digit: PART', 'y, what is given')}
    <div class="vd-controls">
      <fieldset><legend>Given</legend>
        ${[
          ['1', 'a quarter'],
          ['2', 'a half'],
          ['3', 'three quarters'],
        ]
          .map(([value, words]) => `<label><input type="radio" name="given" value="${value}"> ${words}</label>`)
          .join('')}
      </fieldset>
      <p class="vd-note" role="status" data-part="words"></p>
      <button type="button" class="vd-main" data-act="throw">Eight other z</button>
    </div>
  </div>
  <div class="answers">
    <div><p class="vd-note">Eight z, eight answers of the CVAE</p>
      <div class="guesses">${Array.from({length: COUNT}, (_, i) => picture('', `Guess ${i + 1} of the CVAE at the rest of your digit, given PART`)).join('')}</div></div>
    <div><p class="vd-note">No z, one answer of the net</p>
      ${picture('data-part="net"', 'The one answer of the net without latent space, given PART')}</div>
  </div>
  <p class="vd-note">Tinted: what was given, and stays as drawn. The rest is the mean of p(x|z, y); of the net, which has no z, of p(x|y).</p>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="digits-quadrant"></span><span data-part="digits-quadrant-net"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;
