/** Where a tab's picture comes from: an example, a file, the clipboard, the camera, or another tab. */
import {cameraOf} from './camera.mjs';
import {dom} from '../page/dom.mjs';
import {isPhoto, onPicture, setPicture} from '../page/picture-store.mjs';

/**
 * @typedef {{picture: string, words: string}} Example  picture: its address; words: what it shows
 * @typedef {{examples: Record<string, Example>, note: string, choose: (example: string) => void, photo: (blob: Blob)
 *   => void}} Options
 *   note: HTML of ours, what becomes of a photo
 */
const TEMPLATE = `
<div class="vd-shelf">
  <div class="vd-row" role="group" aria-label="Choose a picture">
    <div class="examples"></div>
    <button type="button" class="vd-main" data-act="file">Upload a photo</button>
    <button type="button" class="vd-quiet" data-act="camera">Camera</button>
    <button type="button" class="vd-quiet" data-act="close" hidden>Close the camera</button>
    <input type="file" accept="image/*" hidden>
  </div>
  <video hidden muted playsinline></video>
  <p class="vd-note" data-part="note"></p>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} place @param {HTMLElement} around  where one may drop a photo @param {Options} options */
export function shelf(place, around, {examples, note, choose, photo}) {
  const element = dom(TEMPLATE);
  const file = element.querySelector('input');
  const video = element.querySelector('video');
  const button = act => element.querySelector(`[data-act="${act}"]`);
  const trouble = element.querySelector('.vd-trouble');
  element.querySelector('[data-part="note"]').innerHTML = note;
  element
    .querySelector('.examples')
    .append(
      ...Object.entries(examples).map(([name, {picture, words}]) => thumbnail(picture, `Example: ${words}`, name)),
    );
  place.replaceChildren(element);

  const given = blob => {
    if (!blob) return;
    camera.stop();
    photo(blob);
  };
  const camera = cameraOf(video, button('camera'), {
    facing: 'environment',
    take: given,
    seen: on => {
      button('close').hidden = !on;
    },
    failed: () => {
      trouble.textContent = 'No camera is to be had here.';
    },
  });
  const acts = {file: () => file.click(), camera: camera.press, close: camera.stop};
  element.addEventListener('click', ({target}) => {
    const {act, example: name} = target.closest('button')?.dataset ?? {};
    if (act !== 'close') trouble.textContent = '';
    if (act) acts[act]();
    if (!name) return;
    camera.stop();
    choose(name);
  });
  file.addEventListener('change', () => {
    given(file.files[0]);
    file.value = '';
  });
  around.addEventListener('dragover', event => {
    event.preventDefault();
    around.classList.add('dropping');
  });
  around.addEventListener('dragleave', ({relatedTarget}) => {
    if (!around.contains(relatedTarget)) around.classList.remove('dropping');
  });
  around.addEventListener('drop', event => {
    event.preventDefault();
    around.classList.remove('dropping');
    given(event.dataTransfer.files[0]);
  });
  document.addEventListener('paste', event => {
    if (around.offsetParent) given(event.clipboardData.files[0]);
  });

  /** Whose thumbnail is pressed: an example's, or, for null, one's own. @type {string | null | undefined} */ let chosen;
  /** @param {string | null | undefined} name */
  function mark(name) {
    chosen = name;
    for (const thumb of element.querySelectorAll('.vd-thumb'))
      thumb.setAttribute('aria-pressed', String((thumb.dataset.example ?? null) === chosen));
  }

  // Another tab's picture: a photo is taken when this tab comes into view again, a drawing lies ready for whoever wants
  // it.
  let waiting = /** @type {Blob | null} */ (null);
  let travelling = waiting;
  let visible = false;
  let mine = /** @type {HTMLElement | null} */ (null);
  const look = () => {
    if (!visible || !waiting) return;
    const blob = waiting;
    waiting = null;
    photo(blob);
  };
  onPicture(blob => {
    waiting = null;
    if (mine) {
      URL.revokeObjectURL(mine.querySelector('img').src);
      mine.remove();
      mine = null;
    }
    if (!blob) return;
    mine = thumbnail(URL.createObjectURL(blob), 'Your picture');
    mine.addEventListener('click', () => given(blob));
    element.querySelector('.examples').append(mine);
    mark(chosen);
    if (blob !== travelling && isPhoto(blob)) waiting = blob;
    travelling = blob;
    look();
  });
  new IntersectionObserver(entries => {
    visible = entries.at(-1).isIntersecting;
    look();
  }).observe(around);
  return {
    /** The link's, or the first. @param {string} name */
    begin(name) {
      if (!waiting) choose(name);
    },
    mark,
    /** Offers other tabs a photo, now that it was read. @param {Blob} blob */
    offer(blob) {
      if (blob === travelling) return;
      travelling = blob;
      setPicture(blob);
    },
  };
}

/** A button with a small picture. @param {string} url @param {string} words @param {string} [name]  of an example */
function thumbnail(url, words, name) {
  const button = dom('<button type="button" class="vd-thumb"><img alt="" width="48" height="48"></button>');
  const img = button.querySelector('img');
  if (name) button.dataset.example = name;
  button.title = words;
  button.setAttribute('aria-label', words);
  img.src = url;
  img.onerror = () => button.classList.add('unseen'); // the server says what is wrong with it
  return button;
}
