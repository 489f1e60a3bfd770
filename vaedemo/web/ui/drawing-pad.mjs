/** A box to draw in, or to drop, paste or choose a picture. What is drawn travels to all sections. */
import {dom} from '../page/dom.mjs';
import {giver, onPicture, setPicture} from '../page/picture-store.mjs';

const SIDE = 280;
const PEN = 22;
const OUTLINE = 4;

/**
 * What the box is for: strokes of a pen, one outline that is filled, or a photo, which nobody draws.
 * @typedef {'digit' | 'shape' | 'photo'} Subject
 * @type {Record<Subject, {hint: string, label: string}>}
 */
const SUBJECTS = {
  digit: {
    hint: 'Draw a digit',
    label: 'Drawing box: draw a digit here with the pointer, or press Enter to choose a picture file',
  },
  shape: {
    hint: 'Draw an outline',
    label: 'Drawing box: draw the outline of a shape here with the pointer, or press Enter to choose a picture file',
  },
  photo: {hint: 'Drop a photo, or click', label: 'Box for a photo: drop one here, or press Enter to choose a file'},
};

const template = ({hint, label}) => `
<div class="vd-pad">
  <canvas class="vd-ink" width="${SIDE}" height="${SIDE}" role="img" tabindex="0" aria-label="${label}"></canvas>
  <span class="hint" aria-hidden="true">${hint}</span>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="clear">Clear</button>
    <button type="button" class="vd-quiet" data-act="file">Upload</button>
    <input type="file" accept="image/*" hidden>
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/**
 * @param {HTMLElement} place @param {Subject} [subject]
 * @returns {HTMLElement}
 */
export function pad(place, subject = 'digit') {
  const element = dom(template(SUBJECTS[subject]));
  const canvas = element.querySelector('canvas');
  const file = element.querySelector('input');
  const context = canvas.getContext('2d', {willReadFrequently: true});
  let last = null;
  let waiting = 0;
  let mine = null;
  let outline = null;
  let turn = 0; // of who has the box: a hand, or a picture from elsewhere
  place.append(element);
  if (subject === 'photo') canvas.className = 'vd-photo';

  function wipe() {
    context.fillStyle = '#000';
    context.fillRect(0, 0, SIDE, SIDE);
    Object.assign(context, {
      strokeStyle: '#fff',
      fillStyle: '#fff',
      lineWidth: subject === 'shape' ? OUTLINE : PEN,
      lineCap: 'round',
      lineJoin: 'round',
    });
  }

  function point(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * SIDE, ((event.clientY - box.top) / box.height) * SIDE];
  }

  function stroke(event) {
    const now = point(event);
    if (subject === 'shape') fill(now);
    else line(now);
    element.classList.add('drawn');
    tellSoon();
  }

  function line(now) {
    context.beginPath();
    context.moveTo(...(last ?? now));
    context.lineTo(...now);
    context.stroke();
    last = now;
  }

  /** The outline so far, closed and filled. */
  function fill(now) {
    outline.lineTo(...now);
    wipe();
    context.fill(outline);
    context.stroke(outline);
  }

  /** While the hand draws, the encoder follows a few times a second. */
  function tellSoon() {
    if (waiting) return;
    waiting = setTimeout(() => {
      const now = turn;
      waiting = 0;
      canvas.toBlob(blob => {
        if (now === turn) setPicture((mine = blob));
      });
    }, 120);
  }

  canvas.addEventListener('pointerdown', event => {
    if (event.button || subject === 'photo') return;
    canvas.setPointerCapture(event.pointerId);
    turn += 1;
    last = null;
    outline = new Path2D(); // a new one takes the place of the last
    stroke(event);
    event.preventDefault();
  });
  canvas.addEventListener('pointermove', event => canvas.hasPointerCapture(event.pointerId) && stroke(event));
  canvas.addEventListener('keydown', event => event.key === 'Enter' && file.click());
  element.addEventListener('click', event => {
    const act = event.target.dataset?.act;
    if (subject === 'photo' && event.target === canvas) file.click();
    if (act === 'clear') setPicture(null);
    if (act === 'file') file.click();
  });
  const say = text => {
    element.querySelector('.vd-trouble').textContent = text;
  };
  const take = giver(say);
  file.addEventListener('change', () => {
    take(file.files[0]);
    file.value = '';
  });
  element.addEventListener('dragover', event => event.preventDefault());
  element.addEventListener('drop', event => {
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
  element.addEventListener('paste', event => take(event.clipboardData.files[0]));

  onPicture(async blob => {
    if (blob && blob === mine) return;
    const now = (turn += 1);
    clearTimeout(waiting);
    waiting = 0;
    mine = blob;
    say('');
    wipe();
    element.classList.toggle('drawn', Boolean(blob));
    if (!blob) return;
    const bitmap = await createImageBitmap(blob).catch(() => null); // the server says what is wrong with it
    if (!bitmap || now !== turn) return;
    const scale = Math.min(SIDE / bitmap.width, SIDE / bitmap.height);
    const w = bitmap.width * scale;
    const h = bitmap.height * scale;
    context.drawImage(bitmap, (SIDE - w) / 2, (SIDE - h) / 2, w, h);
  });
  if (!mine) wipe();
  return element;
}
