/** Many futures of one still: drawn at random, played over one another and each on its own. */
import {ROOT} from '../../../web/engine/root.mjs';
import * as address from '../../../web/page/url-state.mjs';
import {sceneOf, stillOf} from './lib/requests.mjs';
import {badge} from '../../../web/ui/model-badge.mjs';
import {showCode} from '../../../web/ui/code-dialog.mjs';
import {Crop} from './lib/crop-box.mjs';
import {VIEWS, filmsOf, paintStill} from './lib/future-renderer.mjs';
import {DRAWN, FEWEST, KINDS, MOST, PEOPLE, SEEDS, again, asked, move, onMoving} from './lib/still-store.mjs';
import {TEMPLATE} from './lib/hero-template.mjs';
import {pythonOf, saveFilms} from './lib/export.mjs';
import {dom} from '../../../web/page/dom.mjs';
import {savePng} from '../../../web/page/downloads.mjs';
import {onStop} from '../../../web/page/tour-events.mjs';
import {shelf} from '../../../web/ui/photo-picker.mjs';
import {Theatre} from './lib/futures-gallery.mjs';

const SLOW_MS = 300;
const SCENES = {'fork-3': 6, 'fork-2': 3, 'fork-4': 2, pendulum: 2, figure: 0}; // the seeds of the shipped pictures

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const trouble = element.querySelector('.vd-trouble');
  const first = element.querySelector('img');
  const linked = address.choice('scene', Object.keys(KINDS));
  const drawing = address.whole('draw', 0, SEEDS - 1, SCENES[linked]);
  /** @type {import('./lib/still-store.mjs').Moving | null} */ let now = null;
  let taking = 0;
  let slow = 0;
  let calling = /** @type {{kind: string, seed: number} | null} */ (null); // the scene that is in view, or on its way
  const say = text => {
    trouble.textContent = text;
  };
  first.src = picture(linked);
  first.alt = `A still, drawn: ${KINDS[linked]}`;
  find('all').before(first); // what was there at first paint, until the still is read
  element.querySelector('[data-part="motion"]').replaceWith(root);
  Object.assign(asked, {
    n: address.whole('futures', FEWEST, MOST, asked.n),
    seed: address.whole('dice', 0, SEEDS - 1, asked.seed),
  });
  find('count').value = find('count').nextElementSibling.textContent = String(asked.n);
  const theatre = new Theatre(root);
  theatre.picked = address.whole('future', 1, MOST, 0) - 1;
  theatre.see(address.choice('view', VIEWS));
  first.decode().then(
    () => {
      if (!now)
        theatre.before(asked.n, canvas =>
          canvas.getContext('2d').drawImage(first, 0, 0, canvas.width, canvas.height),
        );
    },
    () => {},
  );

  /** @param {string} kind */
  function picture(kind) {
    return `${ROOT}vaedemo/app/tabs/motion/stills/${kind}.png`;
  }

  /**
   * @param {(signal: AbortSignal) => Promise<import('./lib/still-store.mjs').Still>} source
   * @param {Blob} [photo]  that it is of: other tabs are offered it once it was read
   */
  async function take(source, photo) {
    const mine = ++taking;
    const done = text => {
      if (mine !== taking) return;
      clearTimeout(slow);
      say(text);
    };
    clearTimeout(slow);
    slow = setTimeout(() => say('Looking at the still …'), SLOW_MS);
    let read = false;
    await move(source, ({scene}) => {
      read = true;
      if (photo) {
        offer(photo);
        calling = null;
      }
      address.set({scene: scene && scene.kind, draw: scene && scene.seed !== SCENES[scene.kind] ? scene.seed : null});
    }).then(
      () => done(''),
      error => {
        theatre.failed();
        done(error.message);
      },
    );
    return read;
  }

  /** @param {string} kind @param {number} [seed] */
  function scene(kind, seed = SCENES[kind]) {
    calling = {kind, seed};
    crop.hide();
    take(async signal => ({
      ...(await sceneOf(kind, seed, signal)),
      words: KINDS[kind],
      model: DRAWN,
      scene: {kind, seed},
    }));
  }
  const crop = new Crop(find('crop'), (square, photo, region) =>
    take(
      async signal => ({
        ...(await stillOf(square, signal)),
        words: 'your photo',
        model: PEOPLE,
        scene: null,
        truths: null,
        region,
      }),
      photo,
    ),
  );
  const {begin, mark, offer} = shelf(find('shelf'), root, {
    examples: Object.fromEntries(
      Object.entries(KINDS).map(([kind, words]) => [kind, {picture: picture(kind), words}]),
    ),
    note: "Or drop a photo of a person anywhere here. It is looked at on this page's server, and not kept. The examples are drawn.",
    choose: kind => scene(kind, now ? SCENES[kind] : drawing),
    photo: blob => crop.show(blob),
  });

  onMoving(next => {
    const another = next.still !== now?.still;
    const {still, answer} = (now = next);
    first.remove();
    if (another) {
      mark(still.scene?.kind ?? null);
      find('scene').hidden = !still.scene;
      badge(find('badge'), still.model).catch(() => {}); // without the model nothing is foretold, and that is said
    }
    find('far').hidden = !answer?.far;
    if (answer) theatre.open(filmsOf(still, answer.futures), still.words);
    else theatre.before(asked.n, canvas => paintStill(canvas, still.shown));
  });

  const ask = (changed, kept) => {
    address.set(kept);
    again(changed).then(
      () => say(''),
      error => {
        theatre.failed();
        say(error.message);
      },
    );
  };
  const pick = i => {
    theatre.pick(i);
    address.set({future: i < 0 ? null : i + 1});
  };
  const acts = {
    dice: () => {
      const seed = (asked.seed + 1) % SEEDS;
      pick(-1);
      ask({seed}, {dice: seed});
    },
    scene: () => {
      if (calling) scene(calling.kind, (calling.seed + 1) % SEEDS);
    },
    png: () => savePng('futures.png', theatre.screen, 2),
    gif: button => {
      say('The server draws the frames …');
      button.disabled = true;
      saveFilms(now.still, asked)
        .then(
          () => say(''),
          error => say(error.message),
        )
        .finally(() => {
          button.disabled = false;
        });
    },
    code: () => showCode(pythonOf(now.still, asked)),
  };
  root.addEventListener('click', ({target}) => {
    const button = target.closest('button');
    const {act, view, future} = button?.dataset ?? {};
    if (act === 'play') theatre.toggle();
    if (view) {
      theatre.see(view);
      address.set({view: view === VIEWS[0] ? null : view});
    }
    const films = theatre.films.length > 0;
    if (future && films) pick(theatre.picked === Number(future) ? -1 : Number(future));
    if (now && (films || (act !== 'png' && act !== 'gif'))) acts[act]?.(button); // after a failure one may draw others
  });
  find('time').addEventListener('input', () => root.classList.add('begun'));
  find('count').addEventListener('input', () => {
    find('count').nextElementSibling.textContent = find('count').value;
  });
  find('count').addEventListener('change', () =>
    ask({n: Number(find('count').value)}, {futures: find('count').value}),
  );
  find('shelf').querySelector('.vd-row').after(trouble); // beside the button that gives a photo
  begin(linked);
  onStop({tab: 'motion', fold: null}, ({scene: kind}) => {
    if (kind && kind !== (now ? now.still.scene?.kind : linked)) scene(kind);
  });
}
