/** The switch "Smooth": each fold of described faces shows it, and it is one choice for all of them. */
import {MODEL, SHARP, chooseDecoder, drawer, drawing} from './described-face.mjs';

/** @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted */

/** For a fold's template: the switch, and a line that says why the other decoder draws. */
export const SWITCH = `
<label title="Checked: ${MODEL} draws the mean of p(x|z, y). Else ${SHARP}, which a critic taught, draws the same z">
  <input type="checkbox" data-part="smooth" disabled> Smooth</label>
<span class="vd-note" role="status" data-part="instead"></span>`;

/**
 * Binds a fold's switch and badge to the decoder that draws. To be called once opened() is done.
 * @param {Mounted} mounted  its template holds SWITCH and a badge
 * @param {() => void} redraw  called now, and whenever another decoder draws
 */
export function followDrawer(mounted, redraw) {
  const box = mounted.part('smooth', HTMLInputElement);
  const show = () => {
    box.checked = drawing().name === MODEL;
  };
  drawer.subscribe(({open, instead}) => {
    show();
    mounted.part('instead').textContent = instead;
    mounted.badge(open.name);
    redraw();
  });
  box.addEventListener('change', () =>
    chooseDecoder(box.checked).catch(error => {
      show();
      mounted.showError(error);
    }),
  );
  box.disabled = false;
}
