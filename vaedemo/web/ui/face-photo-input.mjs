/**
 * A box for a photo: dropped, pasted, uploaded, taken by the camera, or an example; where asked, one clicks the eyes.
 * A single example has a button, several have thumbnails.
 */
import {contextOf} from '../page/canvas-pixels.mjs';
import {around, dom, query, queryAll} from '../page/dom.mjs';
import {upright} from '../page/photo-file.mjs';
import {giver, isPhoto, onPicture} from '../page/picture-store.mjs';
import {fetchExample, newest} from '../page/request.mjs';
import {Camera} from './camera.mjs';
import {thumbnail} from './thumbnail.mjs';

const SIDE = 280;
const KEYS = /** @type {Record<string, number[]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});
const STEP = 0.01; // of a key, in parts of the photo's sides
const LARGE_STEP = 0.05;
const LABEL = 'Box for a photo: drop one here, or press Enter to choose a file';
const TEMPLATE = `
<div class="vd-pad vd-photobox">
  <canvas class="vd-photo" width="${SIDE}" height="${SIDE}" role="img" tabindex="0" aria-label="${LABEL}"></canvas>
  <video hidden muted playsinline></video>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="file">Upload</button>
    <button type="button" class="vd-quiet" data-act="camera">Camera</button>
    <button type="button" class="vd-quiet" data-act="eyes">Click the eyes</button>
    <button type="button" class="vd-quiet" data-act="example">Example</button>
    <input type="file" accept="image/*" hidden>
  </div>
  <div class="examples" role="group" aria-label="Choose an example" hidden></div>
  <p class="vd-note" role="status"></p>
</div>`;

/**
 * @typedef {{name: string, picture: string, words: string, eyes?: number[][]}} Example  picture: its address; words:
 *   what it shows, and whose it is; eyes: where they are, if that is known, in parts of the photo's sides
 */

/**
 * Reads a photo; answers whether it could.
 * @callback Take
 * @param {Blob} photo
 * @param {number[][] | null} eyes  where they were pointed at, x and y in parts of the photo's sides
 * @param {string | null} example  the name of the example that it is; null: somebody's own photo
 * @returns {Promise<boolean>}
 */

/** The photo in the box, and rings on it. */
class PhotoView {
  #context;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.bitmap = /** @type {ImageBitmap | null} */ (null);
    this.#context = contextOf(canvas);
  }

  /** Where the photo lies in the box: its scale, left and top. @param {ImageBitmap} bitmap */
  #fitted({width, height}) {
    const scale = Math.min(SIDE / width, SIDE / height);
    return [scale, (SIDE - width * scale) / 2, (SIDE - height * scale) / 2];
  }

  /** The photo with a ring around each eye. @param {number[][]} eyes @param {number[] | null} [cross]  the next one */
  draw(eyes, cross = null) {
    const context = this.#context;
    context.fillStyle = '#000';
    context.fillRect(0, 0, SIDE, SIDE);
    if (!this.bitmap) return;
    const {width, height} = this.bitmap;
    const [scale, left, top] = this.#fitted(this.bitmap);
    context.drawImage(this.bitmap, left, top, width * scale, height * scale);
    Object.assign(context, {strokeStyle: '#ff922b', lineWidth: 3});
    /** @param {number[]} place @param {number} radius */
    const ring = ([x, y], radius) => {
      context.beginPath();
      context.arc(left + x * width * scale, top + y * height * scale, radius, 0, 2 * Math.PI);
      context.stroke();
    };
    eyes.forEach(eye => ring(eye, 7));
    if (cross) ring(cross, 3);
  }

  /** Where on the photo a pointer is, in parts of its sides. @param {MouseEvent} event @param {ImageBitmap} bitmap */
  placeOf({clientX, clientY}, bitmap) {
    const box = this.canvas.getBoundingClientRect();
    const [scale, left, top] = this.#fitted(bitmap);
    return [
      (((clientX - box.left) / box.width) * SIDE - left) / scale / bitmap.width,
      (((clientY - box.top) / box.height) * SIDE - top) / scale / bitmap.height,
    ];
  }
}

export class FacePhotoInput {
  #element = dom(TEMPLATE);
  #file = query(this.#element, 'input', HTMLInputElement);
  #note = query(this.#element, 'p');
  #view = new PhotoView(query(this.#element, 'canvas', HTMLCanvasElement));
  #camera;
  #examples;
  /** The example that the button brings, or whose thumbnail was pressed last. */
  #example;
  #take;
  #travels;
  #photo = /** @type {Blob | null} */ (null);
  /** The example that the photo is. @type {string | null} */
  #named = null;
  #marked = /** @type {number[][]} */ ([]);
  /** The eyes that were pointed at so far; null: nobody asks for them. @type {number[][] | null} */
  #clicks = null;
  /** Where the arrow keys would set an eye. @type {number[] | null} */
  #cross = null;
  #turn = 0; // of what comes into the box: an example that comes late leaves the later photo, or the camera
  /** Another tab's photo, until this box comes into view again. @type {Blob | null} */
  #waiting = null;
  #visible = false;

  /**
   * @param {HTMLElement} place
   * @param {HTMLElement} surroundings  where one may drop a photo
   * @param {Example[]} examples
   * @param {Take} take
   * @param {string} [first]  the name of the example that is shown until there is another photo
   * @param {boolean} [travels]  whether the photo is that of other tabs, too; else it stays in this box
   */
  constructor(place, surroundings, examples, take, first = examples[0].name, travels = true) {
    this.#travels = travels;
    this.#examples = examples;
    this.#example = this.#exampleOf(first);
    this.#take = take;
    this.#offerExamples();
    place.append(this.#element);
    const say = (/** @type {string} */ words) => this.#say(words);
    const give = travels ? giver(say) : giver(say, blob => this.#keep(blob));
    this.#camera = new Camera(
      query(this.#element, 'video', HTMLVideoElement),
      query(this.#element, '[data-act="camera"]', HTMLButtonElement),
      {
        facing: 'user',
        take: give,
        seen: on => {
          this.#view.canvas.hidden = on;
        },
        failed: words => this.#say(words),
      },
    );
    this.#hearFiles(surroundings, give);
    this.#hearHands();
    if (travels) this.#followPicture();
    if (!this.#waiting) this.#showExample();
  }

  /** Shows an example. @param {string} name */
  choose(name) {
    this.#example = this.#exampleOf(name);
    this.#camera.stop();
    return this.#showExample();
  }

  /** @param {string} name */
  #exampleOf(name) {
    return this.#examples.find(one => one.name === name) ?? this.#examples[0];
  }

  #offerExamples() {
    const button = query(this.#element, '[data-act="example"]', HTMLButtonElement);
    const row = query(this.#element, '.examples');
    const several = this.#examples.length > 1;
    [button.hidden, row.hidden, button.title] = [several, !several, this.#example.words];
    if (several) row.append(...this.#examples.map(({picture, words, name}) => thumbnail(picture, words, name)));
  }

  /** The photo's own thumbnail is pressed. */
  #markExample() {
    for (const thumb of queryAll(this.#element, '.vd-thumb'))
      thumb.setAttribute('aria-pressed', String(thumb.dataset.example === this.#named));
  }

  /** Marks the eyes that were found. @param {number[][]} eyes */
  mark(eyes) {
    this.#marked = eyes;
    this.#view.draw(eyes);
  }

  /** A photo that lies on its side is turned and looked at again; else the next two clicks say where the eyes are. */
  ask() {
    if (!this.#view.bitmap) return;
    const turned = this.#photo && upright(this.#photo);
    if (turned) {
      this.#showTurned(turned);
      return;
    }
    [this.#clicks, this.#cross] = [[], null];
    this.#view.draw([]);
    this.#say('Click one eye, then the other; or move a ring with the arrow keys, and press Enter.');
    // a hand is here; else it is elsewhere
    if (this.#element.contains(document.activeElement)) this.#view.canvas.focus({preventScroll: true});
  }

  /** @param {Promise<Blob>} turned */
  async #showTurned(turned) {
    const turn = this.#turn;
    try {
      const photo = await turned;
      if (turn === this.#turn) this.#show(photo, null);
    } catch (error) {
      if (turn === this.#turn) this.#say(/** @type {Error} */ (error).message);
    }
  }

  /** @param {string} words */
  #say(words) {
    this.#note.textContent = words;
  }

  /** @param {HTMLElement} surroundings @param {(file: Blob | null | undefined) => void} give */
  #hearFiles(surroundings, give) {
    this.#file.addEventListener('change', () => {
      give(this.#file.files?.[0]);
      this.#file.value = '';
    });
    surroundings.addEventListener('dragover', event => event.preventDefault());
    surroundings.addEventListener('drop', event => {
      event.preventDefault();
      give(event.dataTransfer?.files[0]);
    });
    document.addEventListener('paste', event => {
      // a box for digits keeps what is pasted there
      const other = around(event, '.vd-pad');
      const here = this.#element.offsetParent && (other ? other === this.#element : this.#travels);
      if (here) give(event.clipboardData?.files[0]);
    });
  }

  #hearHands() {
    const acts = /** @type {Record<string, () => void>} */ ({
      file: () => this.#file.click(),
      eyes: () => this.ask(),
      example: () => this.#showExample(),
      camera: () => {
        this.#turn += 1;
        this.#camera.press();
      },
    });
    this.#element.addEventListener('click', event => {
      acts[around(event, '[data-act]')?.dataset.act ?? '']?.();
      const example = around(event, '[data-example]')?.dataset.example;
      if (example) this.choose(example);
    });
    const {canvas} = this.#view;
    canvas.addEventListener('click', event => {
      if (this.#clicks && this.#view.bitmap) this.#point(this.#view.placeOf(event, this.#view.bitmap));
      else this.#file.click();
    });
    canvas.addEventListener('keydown', event => this.#key(event));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = KEYS[event.key];
    if (this.#clicks && way) {
      event.preventDefault();
      event.stopPropagation(); // the presenter's arrows turn stops
      const step = event.shiftKey ? LARGE_STEP : STEP;
      const from = this.#cross ?? [0.5, 0.5];
      this.#cross = from.map((value, axis) => Math.max(0, Math.min(1, value + way[axis] * step)));
      this.#view.draw(this.#clicks, this.#cross);
    } else if (event.key === 'Enter') {
      if (this.#clicks && this.#cross) this.#point(this.#cross);
      else this.#file.click();
    }
  }

  /** One eye; with the second both are told. @param {number[]} eye */
  #point(eye) {
    const eyes = [...(this.#clicks ?? []), eye];
    this.#clicks = eyes;
    this.#view.draw(eyes, this.#cross);
    if (eyes.length < 2 || !this.#photo) return;
    [this.#clicks, this.#cross] = [null, null];
    this.#say('');
    this.#take(this.#photo, eyes, this.#named);
  }

  #show = newest(async (signal, /** @type {Blob} */ blob, /** @type {Example | null} */ example) => {
    this.#camera.stop();
    const read = await createImageBitmap(blob);
    const [photo, bitmap, marked, named] = [this.#photo, this.#view.bitmap, this.#marked, this.#named];
    signal.throwIfAborted();
    this.#say('');
    [this.#photo, this.#view.bitmap, this.#marked, this.#named] = [blob, read, [], example?.name ?? null];
    [this.#clicks, this.#cross] = [null, null];
    this.#view.draw([]);
    this.#markExample();
    if ((await this.#take(blob, example?.eyes ?? null, this.#named)) || signal.aborted) return;
    // more pixels than the server reads
    [this.#photo, this.#view.bitmap, this.#marked, this.#named] = [photo, bitmap, marked, named];
    this.#view.draw(marked);
    this.#markExample();
  });

  async #showExample() {
    const turn = (this.#turn += 1);
    const example = this.#example;
    try {
      const blob = await fetchExample(example.picture);
      if (turn === this.#turn) this.#show(blob, example);
    } catch (error) {
      if (turn === this.#turn) this.#say(/** @type {Error} */ (error).message);
    }
  }

  /** Somebody's photo for this box alone. @param {Blob} blob */
  #keep(blob) {
    this.#turn += 1;
    this.#show(blob, null);
  }

  /** Another tab's photo is looked at when this box comes into view again; what is drawn there is no face. */
  #followPicture() {
    const look = () => {
      if (this.#visible && this.#waiting) this.#show(this.#waiting, null);
      if (this.#visible) this.#waiting = null;
    };
    onPicture(blob => {
      if (!blob || !isPhoto(blob)) return;
      this.#turn += 1;
      this.#waiting = blob;
      look();
    });
    new IntersectionObserver(entries => {
      this.#visible = entries[entries.length - 1].isIntersecting;
      look();
    }).observe(this.#element);
  }
}
