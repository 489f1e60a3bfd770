/** What the Motion tab opens with. */
import {takeaway} from '../../../../web/page/fold.mjs';
import {FEWEST, MOST, SHOWN} from './still-store.mjs';

const WHEEL = [
  'The color of each direction: right is red, down yellow-green, left cyan, up violet;',
  'white stands still',
].join(' ');

export const TEMPLATE = `
<div class="vd-moves">
  <div class="stage">
    <figure class="vd-figure">
      <div class="screen">
        <canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img" data-part="all"></canvas>
        <button type="button" class="start" data-act="play" aria-label="Play">
          <span aria-hidden="true">▶</span> Play</button>
      </div>
      <div class="vd-row clock">
        <button type="button" class="vd-quiet" data-act="play" data-part="toggle">Play</button>
        <input type="range" min="0" max="1" step="0.01" value="0" data-part="time"
          aria-label="Time, from the still to 0.6 seconds later">
        <output data-part="seconds">0.00 s</output>
      </div>
      <div class="vd-row" role="group" aria-label="How the futures are shown">
        <button type="button" class="vd-quiet" data-act="view" data-view="motion" aria-pressed="true">Motion</button>
        <button type="button" class="vd-quiet" data-act="view" data-view="paths" aria-pressed="false">Paths</button>
        <button type="button" class="vd-quiet" data-act="view" data-view="flow" aria-pressed="false"
          >Flow in colors</button>
        <canvas class="wheel" width="96" height="96" role="img" aria-label="${WHEEL}" hidden data-part="wheel"></canvas>
      </div>
      <div class="strip vd-instants" data-part="strip" hidden></div>
      <figcaption role="status" data-part="words">&nbsp;</figcaption>
    </figure>
    <div>
      <div class="panels" role="group" aria-label="Futures, each drawn at random" aria-busy="true"
        data-part="panels"></div>
      <div class="vd-row vd-controls">
        <label>Futures <input type="range" min="${FEWEST}" max="${MOST}" step="1" data-part="count">
          <output data-part="counted"></output></label>
        <button type="button" class="vd-quiet" data-act="dice" title="Other z, drawn from the prior"
          >Draw others</button>
        <button type="button" class="vd-quiet" data-act="scene" title="Another still of the same kind"
          >Another scene</button>
        ${takeaway('gif', 'png', 'code', 'badge')}
      </div>
      <p class="vd-note">Each is the decoder's answer to a z drawn from N(0, I): where the still's parts go in 0.6
        seconds. Shown three times slower. Its letter tells the group that it falls into.</p>
      <p class="vd-note" data-part="far" hidden><b>Unlike what it learned from.</b> This still is far from the stills of
        people in films that the model saw; what it foretells may mean little.</p>
    </div>
  </div>
  <div data-part="shelf"></div>
  <div data-part="crop" hidden></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {number} i */
export const panel = i =>
  `<button type="button" aria-pressed="false" data-act="future" data-future="${i}">
    <canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}"></canvas><span></span></button>`;
