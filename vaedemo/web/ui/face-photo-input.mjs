/**
 * A box for a photo: dropped, pasted, uploaded, taken by the camera, or an example; where asked, one clicks the eyes.
 */
import {cameraOf} from './camera.mjs';
import {dom} from '../page/dom.mjs';
import {giver, isPhoto, onPicture} from '../page/picture-store.mjs';
import {newest} from '../page/request.mjs';

const SIDE = 280;
const TEMPLATE = `
<div class="vd-pad vd-photobox">
  <canvas class="vd-photo" width="${SIDE}" height="${SIDE}" role="img" tabindex="0" aria-label="Box for a photo: drop one here, or press Enter to choose a file"></canvas>
  <video hidden muted playsinline></video>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="file">Upload</button>
    <button type="button" class="vd-quiet" data-act="camera">Camera</button>
    <button type="button" class="vd-quiet" data-act="eyes">Click the eyes</button>
    <button type="button" class="vd-quiet" data-act="example" title="Eileen Collins, by NASA, public domain">Example</button>
    <input type="file" accept="image/*" hidden>
  </div>
  <p class="vd-note" role="status"></p>
</div>`;

/**
 * @param {HTMLElement} place
 * @param {HTMLElement} around  where one may drop a photo
 * @param {string} example  the address of a photo, shown until there is another
 * @param {(photo: Blob, eyes: number[][] | null) => Promise<boolean>} take  whether it could be read; eyes: where
 *   they were pointed at, x and y in parts of the photo's sides
 */
export function photoBox(place, around, example, take) {
  const element = dom(TEMPLATE);
  const canvas = element.querySelector('canvas');
  const file = element.querySelector('input');
  const video = element.querySelector('video');
  const context = canvas.getContext('2d');
  const note = element.querySelector('p');
  let photo = /** @type {Blob | null} */ (null);
  let bitmap = null;
  let marked = /** @type {number[][]} */ ([]);
  let clicks = /** @type {number[][] | null} */ (null);
  /** Where the arrow keys would set an eye. @type {number[] | null} */ let cross = null;
  let turn = 0; // of what comes into the box: an example that comes late leaves the later photo, or the camera
  place.append(element);

  /** Where the photo lies in the box: its scale, left and top. */
  function fitted() {
    const scale = Math.min(SIDE / bitmap.width, SIDE / bitmap.height);
    return [scale, (SIDE - bitmap.width * scale) / 2, (SIDE - bitmap.height * scale) / 2];
  }

  function draw(eyes = []) {
    context.fillStyle = '#000';
    context.fillRect(0, 0, SIDE, SIDE);
    if (!bitmap) return;
    const [scale, left, top] = fitted();
    context.drawImage(bitmap, left, top, bitmap.width * scale, bitmap.height * scale);
    Object.assign(context, {strokeStyle: '#ff922b', lineWidth: 3});
    const ring = ([x, y], radius) => {
      context.beginPath();
      context.arc(left + x * bitmap.width * scale, top + y * bitmap.height * scale, radius, 0, 2 * Math.PI);
      context.stroke();
    };
    eyes.forEach(eye => ring(eye, 7));
    if (cross) ring(cross, 3);
  }

  const show = newest(async (signal, blob) => {
    camera.stop();
    const read = await createImageBitmap(blob);
    const before = {photo, bitmap, marked};
    signal.throwIfAborted();
    note.textContent = '';
    [photo, bitmap, marked, clicks, cross] = [blob, read, [], null, null];
    draw();
    if ((await take(blob, null)) || signal.aborted) return;
    ({photo, bitmap, marked} = before); // more pixels than the server reads
    draw(marked);
  });

  const given = giver(text => {
    note.textContent = text;
  });
  canvas.addEventListener('click', ({clientX, clientY}) => {
    if (!clicks || !bitmap) return file.click();
    const box = canvas.getBoundingClientRect();
    const [scale, left, top] = fitted();
    point([
      (((clientX - box.left) / box.width) * SIDE - left) / scale / bitmap.width,
      (((clientY - box.top) / box.height) * SIDE - top) / scale / bitmap.height,
    ]);
  });
  canvas.addEventListener('keydown', event => {
    const way = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (clicks && way) {
      event.preventDefault();
      event.stopPropagation(); // the presenter's arrows turn stops
      cross = (cross ?? [0.5, 0.5]).map((value, axis) =>
        Math.max(0, Math.min(1, value + way[axis] * (event.shiftKey ? 0.05 : 0.01))),
      );
      draw(clicks);
    } else if (event.key === 'Enter') {
      if (clicks && cross) point(cross);
      else file.click();
    }
  });

  /** One eye; with the second both are told. @param {number[]} eye */
  function point(eye) {
    clicks.push(eye);
    draw(clicks);
    if (clicks.length < 2) return;
    const eyes = clicks;
    [clicks, cross] = [null, null];
    note.textContent = '';
    take(photo, eyes);
  }
  file.addEventListener('change', () => {
    given(file.files[0]);
    file.value = '';
  });
  around.addEventListener('dragover', event => event.preventDefault());
  around.addEventListener('drop', event => {
    event.preventDefault();
    given(event.dataTransfer.files[0]);
  });
  document.addEventListener('paste', event => {
    // a box for digits keeps what is pasted there
    const other = /** @type {Element} */ (event.target).closest('.vd-pad');
    if (element.offsetParent && (!other || other === element)) given(event.clipboardData.files[0]);
  });

  const camera = cameraOf(video, element.querySelector('[data-act="camera"]'), {
    facing: 'user',
    take: given,
    seen: on => {
      canvas.hidden = on;
    },
    failed: () => {
      note.textContent = 'No camera is to be had here.';
    },
  });
  const acts = {
    file: () => file.click(),
    eyes: () => ask(),
    example: () => begin(),
    camera: () => {
      turn += 1;
      camera.press();
    },
  };
  element.addEventListener('click', ({target}) => acts[target.dataset.act]?.());

  /** The next two clicks say where the eyes are. */
  function ask() {
    if (!bitmap) return;
    [clicks, cross] = [[], null];
    draw();
    note.textContent = 'Click one eye, then the other; or move a ring with the arrow keys, and press Enter.';
    // a hand is here; else it is elsewhere
    if (element.contains(document.activeElement)) canvas.focus({preventScroll: true});
  }

  async function begin() {
    const mine = (turn += 1);
    const answer = await fetch(example).catch(() => null);
    if (mine !== turn) return;
    if (answer?.ok) show(await answer.blob());
    else note.textContent = 'The example cannot be had: the server does not answer.';
  }
  // Another tab's photo is looked at when this box comes into view again; what is drawn there is no face.
  let waiting = /** @type {Blob | null} */ (null);
  let visible = false;
  const look = () => {
    if (visible && waiting) show(waiting);
    if (visible) waiting = null;
  };
  onPicture(blob => {
    if (!blob || !isPhoto(blob)) return;
    turn += 1;
    waiting = blob;
    look();
  });
  new IntersectionObserver(([entry]) => {
    visible = entry.isIntersecting;
    look();
  }).observe(element);
  if (!waiting) begin();
  return {ask, /** @param {number[][]} eyes */ mark: eyes => draw((marked = eyes))};
}
