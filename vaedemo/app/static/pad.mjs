/** A box to draw a digit in, or to drop, paste or choose a picture of one. What is drawn travels to all sections. */
import {dom, onPicture, setPicture} from './shared.mjs';

const SIDE = 280, PEN = 22;

const TEMPLATE = `
<div class="vd-pad">
  <canvas class="vd-ink" width="${SIDE}" height="${SIDE}" role="img" tabindex="0"
    aria-label="Drawing box: draw a digit here with the pointer, or press Enter to choose a picture file"></canvas>
  <span class="hint" aria-hidden="true">Draw a digit</span>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="clear">Clear</button>
    <button type="button" class="vd-quiet" data-act="file">Upload</button>
    <input type="file" accept="image/*" hidden>
  </div>
</div>`;

/** @param {HTMLElement} place @returns {HTMLElement} */
export function pad(place) {
  const element = dom(TEMPLATE), canvas = element.querySelector('canvas'), file = element.querySelector('input');
  const context = canvas.getContext('2d', {willReadFrequently: true});
  let last = null, waiting = 0, mine = null;
  place.append(element);

  function wipe() {
    context.fillStyle = '#000';
    context.fillRect(0, 0, SIDE, SIDE);
    Object.assign(context, {strokeStyle: '#fff', lineWidth: PEN, lineCap: 'round', lineJoin: 'round'});
  }

  function point(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * SIDE, (event.clientY - box.top) / box.height * SIDE];
  }

  function stroke(event) {
    const now = point(event);
    context.beginPath();
    context.moveTo(...(last ?? now));
    context.lineTo(...now);
    context.stroke();
    last = now;
    element.classList.add('drawn');
    tellSoon();
  }

  /** While the hand draws, the encoder follows a few times a second. */
  function tellSoon() {
    if (waiting) return;
    waiting = setTimeout(() => { waiting = 0; canvas.toBlob(blob => { mine = blob; setPicture(blob); }); }, 120);
  }

  canvas.addEventListener('pointerdown', event => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    last = null;
    stroke(event);
    event.preventDefault();
  });
  canvas.addEventListener('pointermove', event => canvas.hasPointerCapture(event.pointerId) && stroke(event));
  canvas.addEventListener('keydown', event => event.key === 'Enter' && file.click());
  element.addEventListener('click', event => {
    const act = event.target.dataset?.act;
    if (act === 'clear') setPicture(null);
    if (act === 'file') file.click();
  });
  const take = blob => blob && setPicture(blob);
  file.addEventListener('change', () => { take(file.files[0]); file.value = ''; });
  element.addEventListener('dragover', event => event.preventDefault());
  element.addEventListener('drop', event => { event.preventDefault(); take(event.dataTransfer.files[0]); });
  element.addEventListener('paste', event => take(event.clipboardData.files[0]));

  onPicture(async blob => {
    if (blob === mine) return;
    mine = blob;
    wipe();
    element.classList.toggle('drawn', Boolean(blob));
    if (!blob) return;
    const bitmap = await createImageBitmap(blob).catch(() => null); // the server says what is wrong with it
    if (!bitmap) return;
    const scale = Math.min(SIDE / bitmap.width, SIDE / bitmap.height), w = bitmap.width * scale, h = bitmap.height * scale;
    context.drawImage(bitmap, (SIDE - w) / 2, (SIDE - h) / 2, w, h);
  });
  if (!mine) wipe();
  return element;
}
