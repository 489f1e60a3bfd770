/** Many futures of one still: drawn at random, played over one another and each on its own. */
import {HAS_SERVER, ROOT} from '../../../web/engine/root.mjs';
import {contextOf} from '../../../web/page/canvas-pixels.mjs';
import {query} from '../../../web/page/dom.mjs';
import {savePng} from '../../../web/page/downloads.mjs';
import {mountFold} from '../../../web/page/fold.mjs';
import {nextSeed} from '../../../web/page/seeds.mjs';
import {showCode} from '../../../web/ui/code-dialog.mjs';
import {photoPicker} from '../../../web/ui/photo-picker.mjs';
import {CropBox} from './lib/crop-box.mjs';
import {pythonOf, saveFilms} from './lib/export.mjs';
import {VIEWS, filmsOf, paintStill} from './lib/future-renderer.mjs';
import {FuturesGallery} from './lib/futures-gallery.mjs';
import {TEMPLATE} from './lib/hero-template.mjs';
import {sceneOf, stillOf} from './lib/requests.mjs';
import {DRAWN, KINDS, PEOPLE, again, asked, move, onMoving} from './lib/still-store.mjs';

const SLOW_MS = 300;
/** Of each kind the seed of the picture that is shipped. @type {Record<string, number>} */
const SHIPPED = {'fork-3': 6, 'fork-2': 3, 'fork-4': 2, pendulum: 2, figure: 0};
const PRIVACY = HAS_SERVER
  ? "It is looked at on this page's server, and not kept."
  : 'It stays in your browser, which fetches the nets for it.';
const NOTE = `Or drop a photo of a person anywhere here. ${PRIVACY} The examples are drawn.`;

/** @typedef {import('./lib/still-store.mjs').Still} Still */

export const mount = mountFold({
  template: TEMPLATE,
  setup(mounted) {
    new Hero(mounted).begin();
  },
});

/** @param {string} kind */
const pictureOf = kind => `${ROOT}vaedemo/app/tabs/motion/stills/${kind}.png`;

class Hero {
  #mounted;
  #gallery;
  #crop;
  #shelf;
  /** The kind of the link, or the first, and which one of it. */
  #linked;
  #linkedSeed;
  /** @type {import('./lib/still-store.mjs').Moving | null} */
  #now = null;
  /** The scene that is in view, or on its way. @type {{kind: string, seed: number} | null} */
  #scene = null;
  #turn = 0; // of stills that were chosen: what is said of an earlier one comes too late
  #slow = 0;

  /** @param {import('../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.#linked = state.choice('scene');
    this.#linkedSeed = state.whole('draw', SHIPPED[this.#linked]);
    asked.n = state.whole('futures', asked.n);
    asked.seed = state.whole('dice', asked.seed);
    this.#gallery = new FuturesGallery(mounted);
    this.#gallery.picked = state.whole('future', 0) - 1;
    this.#gallery.see(VIEWS.find(view => view === state.choice('view')) ?? VIEWS[0]);
    const trouble = query(mounted.root, '.vd-trouble');
    this.#crop = new CropBox(mounted.part('crop'), square => this.#takePhoto(square));
    this.#shelf = photoPicker(mounted.part('shelf'), mounted.root, {
      examples: Object.fromEntries(
        Object.entries(KINDS).map(([kind, words]) => [kind, {picture: pictureOf(kind), words}]),
      ),
      note: NOTE,
      choose: kind => this.#takeScene(kind, this.#now ? SHIPPED[kind] : this.#linkedSeed),
      photo: blob => this.#crop.show(blob).catch(mounted.showError),
    });
    query(mounted.part('shelf'), '.vd-row').after(trouble); // beside the button that gives a photo
  }

  begin() {
    const first = this.#firstPaint();
    this.#listen();
    onMoving(now => {
      first?.remove();
      this.#show(now);
    });
    this.#shelf.begin(this.#linked);
    this.#mounted.onStop(({scene: kind}) => {
      const shown = this.#now ? this.#now.still.scene?.kind : this.#linked;
      if (kind && kind !== shown) this.#takeScene(kind);
    });
  }

  /** The picture that was there before any module lies on the screen, and in the panels, until the still is read. */
  #firstPaint() {
    const first = this.#mounted.first?.querySelector('img');
    if (!first) return null;
    first.src = pictureOf(this.#linked);
    first.alt = `A still, drawn: ${KINDS[this.#linked]}`;
    this.#gallery.screen.before(first);
    first.decode().then(
      () => {
        if (this.#now) return;
        this.#gallery.before(asked.n, canvas =>
          contextOf(canvas).drawImage(first, 0, 0, canvas.width, canvas.height),
        );
      },
      () => {}, // the server says what is wrong
    );
    return first;
  }

  #listen() {
    const {state} = this.#mounted;
    const count = this.#mounted.part('count', HTMLInputElement);
    const counted = this.#mounted.part('counted');
    count.value = String(asked.n);
    counted.textContent = count.value;
    count.addEventListener('input', () => {
      counted.textContent = count.value;
    });
    count.addEventListener('change', () => {
      state.set({futures: count.value});
      this.#again({n: Number(count.value)});
    });
    this.#mounted.acts({
      play: () => this.#gallery.toggle(),
      view: ({dataset}) => this.#see(dataset.view),
      future: ({dataset}) => this.#press(Number(dataset.future)),
      dice: () => this.#now && this.#dice(),
      scene: () => this.#scene && this.#takeScene(this.#scene.kind, nextSeed(this.#scene.seed)),
      png: () => this.#gallery.films.length && savePng('futures.png', this.#gallery.screen, 2),
      gif: () => this.#saveGif(),
      code: () => this.#now && showCode(pythonOf(this.#now.still, asked)),
    });
  }

  /** @param {import('./lib/still-store.mjs').Moving} now */
  #show(now) {
    const another = now.still !== this.#now?.still;
    const {still, answer} = now;
    this.#now = now;
    if (another) {
      this.#shelf.mark(still.scene?.kind ?? null);
      this.#mounted.button('scene').hidden = !still.scene;
      this.#mounted.badge(still.model);
    }
    this.#mounted.part('far').hidden = !answer?.far;
    if (answer) this.#gallery.open(filmsOf(still, answer.futures), still.words);
    else this.#gallery.before(asked.n, canvas => paintStill(canvas, still.shown));
  }

  /** @param {string} kind @param {number} [seed] */
  #takeScene(kind, seed = SHIPPED[kind]) {
    this.#scene = {kind, seed};
    this.#crop.hide();
    return this.#take(async signal => ({
      ...(await sceneOf(kind, seed, signal)),
      words: KINDS[kind],
      model: DRAWN,
      scene: {kind, seed},
    }));
  }

  /** @param {import('./lib/crop-box.mjs').Square} square */
  #takePhoto({file, part, photo, region}) {
    return this.#take(
      async signal => ({
        ...(await stillOf(file, part, signal)),
        words: 'your photo',
        model: PEOPLE,
        scene: null,
        truths: null,
        region,
      }),
      photo,
    );
  }

  /**
   * @param {import('./lib/still-store.mjs').Source} source
   * @param {Blob} [photo]  that it is of: other tabs are offered it once it was read
   * @returns {Promise<boolean>} whether the still was read
   */
  async #take(source, photo) {
    const {showError, state} = this.#mounted;
    const turn = (this.#turn += 1);
    /** @param {Error | null} error */
    const done = error => {
      if (turn !== this.#turn) return;
      clearTimeout(this.#slow);
      showError(error);
    };
    clearTimeout(this.#slow);
    this.#slow = setTimeout(() => showError('Looking at the still …'), SLOW_MS);
    let read = false;
    /** @param {Still} still */
    const chosen = ({scene}) => {
      read = true;
      if (photo) {
        this.#shelf.offer(photo);
        this.#scene = null;
      }
      const seed = scene && scene.seed !== SHIPPED[scene.kind] ? scene.seed : null;
      state.set({scene: scene && scene.kind, draw: seed});
    };
    await move(source, chosen).then(
      () => done(null),
      error => {
        this.#gallery.failed();
        done(error);
      },
    );
    return read;
  }

  /** The same still with another number of futures, or other ones. @param {Partial<typeof asked>} changed */
  async #again(changed) {
    await again(changed).then(
      () => this.#mounted.showError(null),
      error => {
        this.#gallery.failed();
        this.#mounted.showError(error);
      },
    );
  }

  #dice() {
    const seed = nextSeed(asked.seed);
    this.#pick(-1);
    this.#mounted.state.set({dice: seed});
    return this.#again({seed});
  }

  /** @param {string | undefined} name  of a view */
  #see(name) {
    const view = VIEWS.find(one => one === name);
    if (!view) return;
    this.#gallery.see(view);
    this.#mounted.state.set({view: view === VIEWS[0] ? null : view});
  }

  /** A panel was pressed: its future alone; once more, and all. @param {number} i */
  #press(i) {
    if (this.#gallery.films.length) this.#pick(this.#gallery.picked === i ? -1 : i);
  }

  /** @param {number} i  -1: all */
  #pick(i) {
    this.#gallery.pick(i);
    this.#mounted.state.set({future: i < 0 ? null : i + 1});
  }

  async #saveGif() {
    const {showError} = this.#mounted;
    const button = this.#mounted.button('gif');
    if (!this.#now || !this.#gallery.films.length) return;
    showError('The server draws the frames …');
    button.disabled = true;
    try {
      await saveFilms(this.#now.still, asked);
      showError(null);
    } finally {
      button.disabled = false;
    }
  }
}
