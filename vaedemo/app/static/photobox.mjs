/** A box for a photo: dropped, pasted, uploaded, taken by the camera, or an example; where asked, one clicks the eyes. */
import {dom, onPicture, setPicture} from './shared.mjs';

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
 * @param {HTMLElement} place @param {string} example  the address of a photo, shown until there is another
 * @param {(photo: Blob | null, eyes: number[][] | null) => void} take  eyes: in pixels of the photo, where they were clicked
 */
export function photoBox(place, example, take) {
  const element = dom(TEMPLATE), canvas = element.querySelector('canvas'), file = element.querySelector('input'), video = element.querySelector('video');
  const context = canvas.getContext('2d'), note = element.querySelector('p');
  let photo = /** @type {Blob | null} */ (null), bitmap = null, clicks = /** @type {number[][] | null} */ (null);
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
    for (const [x, y] of eyes) {
      context.beginPath();
      context.arc(left + x * scale, top + y * scale, 7, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  async function show(blob) {
    [photo, clicks] = [blob, null];
    note.textContent = '';
    bitmap = blob && await createImageBitmap(blob).catch(() => null); // the server says what is wrong with it
    draw();
    take(blob, null);
  }

  const given = blob => blob && setPicture(blob);
  canvas.addEventListener('click', ({clientX, clientY}) => {
    if (!clicks || !bitmap) return file.click();
    const box = canvas.getBoundingClientRect(), [scale, left, top] = fitted();
    clicks.push([((clientX - box.left) / box.width * SIDE - left) / scale, ((clientY - box.top) / box.height * SIDE - top) / scale]);
    draw(clicks);
    if (clicks.length < 2) return;
    const eyes = clicks;
    clicks = null;
    note.textContent = '';
    take(photo, eyes);
  });
  canvas.addEventListener('keydown', event => event.key === 'Enter' && file.click());
  file.addEventListener('change', () => { given(file.files[0]); file.value = ''; });
  element.addEventListener('dragover', event => event.preventDefault());
  element.addEventListener('drop', event => { event.preventDefault(); given(event.dataTransfer.files[0]); });
  element.addEventListener('paste', event => given(event.clipboardData.files[0]));

  const acts = {
    file: () => file.click(),
    eyes: () => ask(),
    example: () => begin(),
    camera: button => camera(button).catch(() => { note.textContent = 'No camera is to be had here.'; }),
  };
  element.addEventListener('click', ({target}) => acts[target.dataset.act]?.(target));

  /** The first click shows what the camera sees, the second takes it. */
  async function camera(button) {
    const stream = /** @type {MediaStream | null} */ (video.srcObject);
    if (!stream) {
      video.srcObject = await navigator.mediaDevices.getUserMedia({video: {facingMode: 'user'}});
      await video.play();
      [video.hidden, canvas.hidden, button.textContent] = [false, true, 'Take it'];
      return;
    }
    const shot = Object.assign(document.createElement('canvas'), {width: video.videoWidth, height: video.videoHeight});
    shot.getContext('2d').drawImage(video, 0, 0);
    stream.getTracks().forEach(track => track.stop());
    [video.srcObject, video.hidden, canvas.hidden, button.textContent] = [null, true, false, 'Camera'];
    shot.toBlob(given, 'image/jpeg', 0.92);
  }

  /** The next two clicks say where the eyes are. */
  function ask() {
    if (!bitmap) return;
    clicks = [];
    draw();
    note.textContent = 'Click one eye, then the other.';
  }

  const begin = async () => show(await (await fetch(example)).blob());
  let travels = false;
  onPicture(blob => {
    travels = Boolean(blob);
    if (blob) show(blob);
  });
  if (!travels) begin();
  return {ask, /** @param {number[][]} eyes */ mark: eyes => draw(eyes)};
}
