/** Where a tab's picture comes from: an example, a file, the clipboard, the camera, or another tab. */
import {around, dom, query, queryAll} from '../page/dom.mjs';
import {isPhoto, onPicture, setPicture} from '../page/picture-store.mjs';
import {Camera} from './camera.mjs';
import {thumbnail} from './thumbnail.mjs';

/**
 * @typedef {{picture: string, words: string}} Example  picture: its address; words: what it shows
 * @typedef {object} Options
 * @property {Record<string, Example>} examples
 * @property {string} note  HTML of ours, what becomes of a photo
 * @property {(example: string) => void} choose
 * @property {(blob: Blob) => void} photo
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

export class PhotoPicker {
  #element = dom(TEMPLATE);
  #examples = query(this.#element, '.examples');
  #file = query(this.#element, 'input', HTMLInputElement);
  #trouble = query(this.#element, '.vd-trouble');
  #camera;
  #options;
  /** Whose thumbnail is pressed: an example's, or, for null, one's own. @type {string | null | undefined} */
  #chosen;
  /** The thumbnail of the picture that travels. @type {HTMLElement | null} */
  #own = null;
  /** The picture that travels, an earlier one while this tab's is read. @type {Blob | null} */
  #travelling = null;
  /** Another tab's photo, until this tab comes into view again. @type {Blob | null} */
  #waiting = null;
  #visible = false;

  /**
   * @param {HTMLElement} place
   * @param {HTMLElement} surroundings  where one may drop a photo
   * @param {Options} options
   */
  constructor(place, surroundings, options) {
    this.#options = options;
    query(this.#element, '[data-part="note"]').innerHTML = options.note;
    this.#examples.append(
      ...Object.entries(options.examples).map(([name, {picture, words}]) =>
        thumbnail(picture, `Example: ${words}`, name),
      ),
    );
    place.replaceChildren(this.#element);
    this.#camera = this.#cameraOf();
    this.#element.addEventListener('click', event => this.#click(event));
    this.#hearFiles(surroundings);
    onPicture(blob => this.#follow(blob));
    new IntersectionObserver(entries => {
      this.#visible = entries[entries.length - 1].isIntersecting;
      this.#look();
    }).observe(surroundings);
  }

  /** Chooses an example, the link's or the first; not where another tab's photo waits. @param {string} name */
  begin(name) {
    if (!this.#waiting) this.#options.choose(name);
  }

  /** Presses a thumbnail. @param {string | null | undefined} name  of an example; null: one's own */
  mark(name) {
    this.#chosen = name;
    for (const thumb of queryAll(this.#element, '.vd-thumb'))
      thumb.setAttribute('aria-pressed', String((thumb.dataset.example ?? null) === name));
  }

  /** Offers other tabs a photo, now that it was read. @param {Blob} blob */
  offer(blob) {
    if (blob === this.#travelling) return;
    this.#travelling = blob;
    setPicture(blob);
  }

  #cameraOf() {
    const close = query(this.#element, '[data-act="close"]');
    return new Camera(
      query(this.#element, 'video', HTMLVideoElement),
      query(this.#element, '[data-act="camera"]', HTMLButtonElement),
      {
        facing: 'environment',
        take: blob => this.#give(blob),
        seen: on => {
          close.hidden = !on;
        },
        failed: words => {
          this.#trouble.textContent = words;
        },
      },
    );
  }

  /** @param {Event} event */
  #click(event) {
    const {act, example} = around(event, 'button')?.dataset ?? {};
    if (act !== 'close') this.#trouble.textContent = '';
    if (act === 'file') this.#file.click();
    if (act === 'camera') this.#camera.press();
    if (act === 'close') this.#camera.stop();
    if (!example) return;
    this.#camera.stop();
    this.#options.choose(example);
  }

  /** @param {HTMLElement} surroundings */
  #hearFiles(surroundings) {
    this.#file.addEventListener('change', () => {
      this.#give(this.#file.files?.[0]);
      this.#file.value = '';
    });
    surroundings.addEventListener('dragover', event => {
      event.preventDefault();
      surroundings.classList.add('dropping');
    });
    surroundings.addEventListener('dragleave', ({relatedTarget}) => {
      if (!(relatedTarget instanceof Node && surroundings.contains(relatedTarget)))
        surroundings.classList.remove('dropping');
    });
    surroundings.addEventListener('drop', event => {
      event.preventDefault();
      surroundings.classList.remove('dropping');
      this.#give(event.dataTransfer?.files[0]);
    });
    document.addEventListener('paste', event => {
      if (surroundings.offsetParent) this.#give(event.clipboardData?.files[0]);
    });
  }

  /** @param {Blob | undefined} blob */
  #give(blob) {
    if (!blob) return;
    this.#camera.stop();
    this.#options.photo(blob);
  }

  /**
   * The picture that travels changed: a photo is taken when this tab comes into view again, a drawing lies ready for
   * whoever wants it.
   * @param {Blob | null} blob
   */
  #follow(blob) {
    this.#waiting = null;
    if (this.#own) {
      URL.revokeObjectURL(query(this.#own, 'img', HTMLImageElement).src);
      this.#own.remove();
      this.#own = null;
    }
    if (!blob) return;
    this.#own = thumbnail(URL.createObjectURL(blob), 'Your picture');
    this.#own.addEventListener('click', () => this.#give(blob));
    this.#examples.append(this.#own);
    this.mark(this.#chosen);
    if (blob !== this.#travelling && isPhoto(blob)) this.#waiting = blob;
    this.#travelling = blob;
    this.#look();
  }

  #look() {
    if (!this.#visible || !this.#waiting) return;
    const blob = this.#waiting;
    this.#waiting = null;
    this.#options.photo(blob);
  }
}

/** @param {HTMLElement} place @param {HTMLElement} surroundings @param {Options} options */
export function photoPicker(place, surroundings, options) {
  const picker = new PhotoPicker(place, surroundings, options);
  return {
    /** @param {string} name */
    begin: name => picker.begin(name),
    /** @param {string | null | undefined} name */
    mark: name => picker.mark(name),
    /** @param {Blob} blob */
    offer: blob => picker.offer(blob),
  };
}
