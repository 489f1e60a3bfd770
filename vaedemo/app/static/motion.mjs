/** Many futures of one still: drawn at random, played over one another and each on its own. */
import * as address from './address.mjs';
import {sceneOf, stillOf} from './askmotion.mjs';
import {badge} from './badge.mjs';
import {showCode} from './code.mjs';
import {Crop} from './crop.mjs';
import {Film, VIEWS, colorOf, letterOf, paintAll, paintStill} from './film.mjs';
import {DRAWN, FEWEST, KINDS, MOST, PEOPLE, SEEDS, SECONDS, again, asked, move, onMoving} from './moving.mjs';
import {TEMPLATE, panel} from './motion.template.mjs';
import {pythonOf, saveFilms} from './motiontaken.mjs';
import {Player} from './player.mjs';
import {dom, onStop, savePng, still as wantsStill} from './shared.mjs';
import {shelf} from './shelf.mjs';
import {paintWheel} from './wheel.mjs';

const SLOW_MS = 300, BUDGET_MS = 10; // BUDGET_MS: of each frame, for panels; those left over are painted at the next
const SCENES = {'fork-3': 6, 'fork-2': 3, 'fork-4': 2, pendulum: 2, figure: 0}; // the seeds of the shipped pictures
const INSTANTS = [0, 0.25, 0.5, 0.75, 1];

/** @param {HTMLElement} element @param {string} base */
export function hero(element, base) {
  const root = dom(TEMPLATE), find = name => root.querySelector(`[data-part="${name}"]`), trouble = element.querySelector('.vd-trouble');
  const all = /** @type {HTMLCanvasElement} */ (find('all')), panels = find('panels'), first = element.querySelector('img');
  const linked = address.choice('scene', Object.keys(KINDS));
  /** @type {import('./moving.mjs').Moving | null} */ let now = null;
  /** @type {Film[]} */ let films = [];
  let view = address.choice('view', VIEWS), picked = address.whole('future', 1, MOST, 0) - 1, chosen = films, begun = false, taking = 0, turn = 0, slow = 0;
  Object.assign(asked, {n: address.whole('futures', FEWEST, MOST, 6), seed: address.whole('dice', 0, SEEDS - 1, 0)});
  const say = text => { trouble.textContent = text; };
  first.src = `${base}live/page/motion/${linked}.png`;
  first.alt = `A still, drawn: ${KINDS[linked]}`;
  all.before(first); // what was there at first paint, until the still is read
  element.querySelector('[data-part="motion"]').replaceWith(root);
  find('count').value = String(asked.n);
  find('count').nextElementSibling.textContent = String(asked.n);
  paintWheel(find('wheel'));

  const player = new Player(root, paint, playing => {
    find('toggle').textContent = playing ? 'Pause' : 'Play';
    root.classList.toggle('playing', playing);
  });

  /** The large picture, and as many panels as there is time for. @param {number} t */
  function paint(t) {
    find('time').value = String(t);
    find('seconds').textContent = `${(SECONDS * t).toFixed(2)} s`;
    if (!films.length) return;
    paintAll(chosen, all, t, view);
    const canvases = [...panels.querySelectorAll('canvas')], end = performance.now() + BUDGET_MS;
    for (let k = 0; k < films.length && (performance.now() < end || !player.playing); k++, turn++) films[turn % films.length].paint(canvases[turn % films.length], t, view);
  }

  /** @param {(signal: AbortSignal) => Promise<import('./moving.mjs').Still>} source */
  async function take(source) {
    const mine = ++taking;
    clearTimeout(slow);
    slow = setTimeout(() => { if (mine === taking) say('Looking at the still …'); }, SLOW_MS);
    const done = text => { if (mine === taking) { clearTimeout(slow); say(text); } };
    await move(base, source, ({scene}) => address.set({scene: scene?.kind ?? null, draw: scene && scene.seed !== SCENES[scene.kind] ? scene.seed : null}))
      .then(() => done(''), error => done(error.message));
  }

  /** @param {string} kind @param {number} [seed] */
  function scene(kind, seed = SCENES[kind]) {
    crop.hide();
    take(async signal => ({...await sceneOf(base, kind, seed, signal), words: KINDS[kind], model: DRAWN, scene: {kind, seed}}));
  }
  const crop = new Crop(find('crop'), square => take(async signal => {
    const seen = await stillOf(base, square, signal);
    return {...seen, words: 'your photo', model: PEOPLE, scene: null, truths: null};
  }));
  const {begin, offer} = shelf(find('shelf'), root, {
    examples: Object.fromEntries(Object.entries(KINDS).map(([kind, words]) => [kind, {picture: `${base}live/page/motion/${kind}.png`, words}])),
    note: 'Or drop a photo of a person anywhere here. It is looked at on this page\'s server, and not kept. The examples are drawn.',
    choose: scene,
    photo: blob => { offer(blob); crop.show(blob); },
  });

  onMoving(next => {
    const another = next.still !== now?.still, {still, answer} = now = next;
    if (another) {
      films = chosen = [];
      first.remove();
      player.pause(0);
      paintStill(all, still.shown);
      for (const thumb of root.querySelectorAll('.vd-thumb')) thumb.setAttribute('aria-pressed', String(thumb.dataset.example === still.scene?.kind));
      find('scene').hidden = !still.scene;
      badge(find('badge'), base, still.model).catch(() => {});
    }
    panels.setAttribute('aria-busy', String(!answer));
    find('far').hidden = !answer?.far;
    find('far').textContent = 'This still is unlike those that the model learned from, people in films: what it foretells may mean little.';
    if (panels.childElementCount !== asked.n) panels.replaceChildren(...Array.from({length: asked.n}, (_, i) => dom(panel(i))));
    if (!answer) for (const canvas of panels.querySelectorAll('canvas')) paintStill(canvas, still.shown);
    else begins(answer.futures);
  });

  /** @param {import('./moving.mjs').Future[]} futures */
  function begins(futures) {
    films = futures.map(future => new Film(now.still, future));
    [...panels.children].forEach((box, i) => {
      const letter = letterOf(films[i].mode);
      box.style.setProperty('--mode', colorOf(films[i].mode));
      box.querySelector('span').textContent = `${i + 1} · ${letter}`;
      box.setAttribute('aria-label', `Future ${i + 1} of ${now.still.words}, of group ${letter}`);
    });
    pick(picked < films.length ? picked : -1);
    if (begun && !wantsStill()) player.play();
  }

  /** One future alone, or all: -1. */
  function pick(i) {
    picked = i;
    chosen = i < 0 ? films : [films[i]];
    [...panels.children].forEach((box, k) => box.setAttribute('aria-pressed', String(k === i)));
    address.set({future: i < 0 ? null : i + 1});
    const {words} = now.still, groups = new Set(films.map(({mode}) => mode)).size;
    find('words').textContent = i < 0
      ? `${films.length} futures of one still over one another, of ${groups} ${groups === 1 ? 'group' : 'groups'}. Click one to see it alone.`
      : `Future ${i + 1}, of group ${letterOf(films[i].mode)}. Click it again for all.`;
    all.setAttribute('aria-label', i < 0 ? `${words}: ${films.length} futures over one another` : `${words}: future ${i + 1}`);
    show();
  }

  /** What is in view, where the clock stands; who wants little motion sees the instants beside one another. */
  function show() {
    for (const button of root.querySelectorAll('[data-view]')) button.setAttribute('aria-pressed', String(button.dataset.view === view));
    find('wheel').hidden = view !== 'flow';
    find('strip').hidden = !wantsStill();
    if (wantsStill()) find('strip').replaceChildren(...INSTANTS.map(t => {
      const canvas = dom(`<canvas class="vd-photo" width="256" height="256" role="img" aria-label="After ${(SECONDS * t).toFixed(2)} seconds"></canvas>`);
      paintAll(chosen, canvas, t, view);
      return canvas;
    }));
    if (!player.playing) player.pause();
  }

  const ask = (changed, kept) => {
    address.set(kept);
    again(base, changed).then(() => say(''), error => say(error.message));
  };
  const acts = {
    play: () => { begun = true; if (player.playing) player.pause(); else player.play(); root.classList.add('begun'); },
    dice: () => { const seed = (asked.seed + 1) % SEEDS; picked = -1; ask({seed}, {dice: seed}); },
    scene: () => { const {kind, seed} = now.still.scene; scene(kind, (seed + 1) % SEEDS); },
    png: () => savePng('futures.png', all, 2),
    gif: () => { say('The server draws the frames …'); saveFilms(base, now.still, asked).then(() => say(''), error => say(error.message)); },
    code: () => showCode(pythonOf(now.still, asked)),
  };
  root.addEventListener('click', ({target}) => {
    const box = target.closest('[data-future]'), {act, view: other} = target.closest('button')?.dataset ?? {};
    if (!films.length) return;
    if (box) pick(picked === Number(box.dataset.future) ? -1 : Number(box.dataset.future));
    if (other) { view = other; address.set({view: view === VIEWS[0] ? null : view}); show(); }
    acts[act]?.();
  });
  find('time').addEventListener('input', () => { root.classList.add('begun'); player.pause(Number(find('time').value)); });
  find('count').addEventListener('input', () => { find('count').nextElementSibling.textContent = find('count').value; });
  find('count').addEventListener('change', () => ask({n: Number(find('count').value)}, {futures: find('count').value}));
  begin(linked);
  onStop('map', ({scene: kind}) => { if (kind && kind !== (now ? now.still.scene?.kind : linked)) scene(kind); });
}
