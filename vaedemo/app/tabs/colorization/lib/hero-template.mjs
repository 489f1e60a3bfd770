/** What the Colorization tab opens with. */
import {takeaway} from '../../../../web/page/fold.mjs';
import {COUNT} from './photo-store.mjs';

/** @param {number} i */
const box = i => `
<button type="button" data-act="pick" disabled aria-pressed="false" aria-label="A coloring that is on its way">
  <canvas class="vd-photo" width="4" height="4" data-eight="${i}"></canvas>
  <i aria-hidden="true"><b></b></i><span></span>
</button>`;

export const TEMPLATE = `
<div class="vd-colors">
  <div class="stage">
    <figure class="vd-figure">
      <div data-part="wipe"></div>
      <figcaption role="status" data-part="words">&nbsp;</figcaption>
      <div class="vd-row">
        <button type="button" class="vd-quiet" data-act="reveal" aria-pressed="false" disabled>
          Reveal true colors</button>
        <button type="button" class="vd-quiet" data-act="png" title="What is shown, as it stands">PNG</button>
        <button type="button" class="vd-quiet" data-act="jpeg" disabled
          title="The chosen coloring, as large as your photo">JPEG, full size</button>
      </div>
      <p class="vd-note" data-part="grey" hidden>This photo came without colors: there is no truth to reveal.</p>
    </figure>
    <div>
      <div class="eight" role="group" aria-label="Eight colorings, the likeliest first" data-part="eight"
        aria-busy="true">${Array.from({length: COUNT}, (_, i) => box(i)).join('')}</div>
      <div class="vd-row">
        <label title="The eight may differ by a tint over the whole photo, as well">
          <input type="checkbox" data-part="tints"> Tints too</label>
        <button type="button" class="vd-quiet" data-act="sheet" disabled>PNG of the eight</button>
        ${takeaway('code', 'badge')}
      </div>
      <p class="vd-note">
        Below each coloring its share of 128 draws of the model: how likely it holds what is like this one.</p>
    </div>
  </div>
  <div data-part="shelf"></div>
</div>`;
