/** Attribute sliders on a face: z stays, the description changes; z changes, the description stays. */
import {ROOT} from '../../../../web/engine/root.mjs';
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {
  MODEL,
  SAID,
  SEEDS,
  SHARP,
  SWING,
  describe,
  onFace,
  opened,
  passing,
  people,
  python,
  words,
} from '../lib/described-face.mjs';
import {decoderOf} from '../../../../web/engine/model-store.mjs';
import {dom, prefersReducedMotion} from '../../../../web/page/dom.mjs';
import {saveGif, savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {decoded} from '../../../../web/ui/side-by-side.mjs';
import {connection} from '../../../../web/engine/model-store.mjs';
import {Knobs} from '../../../../web/ui/condition-sliders.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const FRAMES = 24;
const SWING_MS = 5000;
const REST_MS = 250;
const ALIKE = 0.1; // ALIKE: of the reader's scores, what is no movement

const TEMPLATE = `
<div class="vd-faces">
  <div class="stage">
    <figure class="vd-figure">
      <canvas class="vd-photo" data-part="picture" width="64" height="64" role="img"></canvas>
      <figcaption data-part="words"></figcaption>
      <div class="vd-row vd-controls">
        <button type="button" class="vd-main" data-act="dice">Another person</button>
        <button type="button" class="vd-quiet" data-act="undo" disabled>Undo</button>
        <label title="The same z and description, by a decoder that a critic has taught"><input type="checkbox" data-part="sharp" disabled> Sharp</label>
      </div>
      <div class="vd-row">
        <button type="button" class="vd-quiet" data-act="png">PNG</button>
        <button type="button" class="vd-quiet" data-act="gif" title="The slider pulled last, there and back">GIF</button>
        <button type="button" class="vd-quiet" data-act="code">Code</button>
        <span data-part="badge"></span>
      </div>
    </figure>
    <div data-part="knobs"></div>
    <div>
      <h3 class="vd-note">What else moved</h3>
      <ul class="moved" data-part="moved"></ul>
      <p class="vd-note">A net that no model learned from reads the face before and after the last pull: from −1, surely not there, to 1, surely there.</p>
    </div>
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export async function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const undo = root.querySelector('[data-act="undo"]');
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  let swinging = !prefersReducedMotion() && address.get('asked') === null;
  let last = 0;
  const faces = await opened().catch(say);
  if (!faces) return;
  const {open, names, labels, latents} = faces;
  const painter = new Painter(find('picture'), open.shape, {crisp: false});
  const box = /** @type {HTMLInputElement} */ (find('sharp'));
  let model = MODEL;
  let decoder = open; // or, of the same z and y, what a critic has taught
  /** @type {import('../lib/described-face.mjs').Face} */ let face;
  /** What Undo brings back, and what the reader compares with: the face before the last pull began. @type {import('../lib/described-face.mjs').Face | null} */ let before =
    null;
  let pulled = -1;
  let timer = 0;

  const knobs = new Knobs(find('knobs'), {
    labels,
    values: Array(labels.length).fill(-1),
    onMove(y, i, byHand) {
      if (byHand) swinging = false;
      if (byHand && pulled !== i) [before, pulled] = [face, i];
      last = i;
      describe({y: [...y]}, byHand ? 'knobs' : SWING, byHand);
    },
  });

  onFace((next, who) => {
    const was = face;
    face = next;
    if (who && who !== SWING) swinging = false; // the hand took this face elsewhere
    if (who !== 'knobs' && who !== SWING) {
      if (who === 'undo') before = null;
      else if (who && who !== 'dice') before = was;
      pulled = -1;
      knobs.place(face.y);
    }
    undo.disabled = !before;
    show();
    if (!swinging) soon();
  });

  function show() {
    const said = words(labels, face.seed < 0 ? face.y.map((value, i) => (SAID.has(names[i]) ? value : -1)) : face.y);
    find('words').textContent = said;
    find('picture').setAttribute('aria-label', `A face drawn by ${model}: ${said}`);
    const mine = decoder;
    mine.show([...face.z, ...face.y], planes => {
      if (mine !== decoder) return; // the other one came late
      painter.draw(planes);
      find('picture').dataset.drawn = mine.place;
    });
  }

  const sharpen = newest(async signal => {
    address.set({sharp: box.checked ? 1 : null});
    const next = box.checked ? await decoderOf(SHARP, 'describe') : open;
    signal.throwIfAborted();
    [model, decoder] = [box.checked ? SHARP : MODEL, next];
    say(null);
    show();
    soon();
    badge(find('badge'), model);
  });

  const choose = () =>
    sharpen().catch(error => {
      box.checked = false;
      address.set({sharp: null});
      say(error);
    });

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(
      () => compare().catch(() => tell('faces-reader, which would say, is not to be had.')),
      REST_MS,
    );
  }

  const tell = text =>
    find('moved').replaceChildren(Object.assign(document.createElement('li'), {textContent: text}));

  const compare = newest(async signal => {
    const asked = pulled; // the hand may be at another slider when the answer comes
    if (!before || asked < 0) return tell('Nothing yet: pull a slider.');
    const body = new Float32Array([before, face].flatMap(({z, y}) => [...z, ...y]));
    const answer = await fetch(`${ROOT}live/read/${model}`, {method: 'POST', body, signal});
    signal.throwIfAborted();
    if (!answer.ok) throw new Error(await answer.text());
    const scores = new Float32Array(await answer.arrayBuffer());
    const count = labels.length;
    const moves = labels
      .map((label, i) => ({label, i, from: scores[i], to: scores[count + i]}))
      .sort(
        (a, b) => Number(b.i === asked) - Number(a.i === asked) || Math.abs(b.to - b.from) - Math.abs(a.to - a.from),
      )
      .filter(({i, from, to}) => i === asked || Math.abs(to - from) > ALIKE);
    find('moved').replaceChildren(
      ...moves.slice(0, 8).map(({label, i, from, to}) => {
        const item = dom('<li><span></span><i><b></b></i><output></output></li>');
        const bar = item.querySelector('b');
        item.classList.toggle('asked', i === asked);
        item.querySelector('span').textContent = label;
        Object.assign(bar.style, {left: `${50 + 50 * Math.min(from, to)}%`, width: `${50 * Math.abs(to - from)}%`});
        item.querySelector('output').textContent = `${from.toFixed(2)} → ${to.toFixed(2)}`.replaceAll('-', '−');
        return item;
      }),
    );
  });

  async function another(seed) {
    swinging = false;
    const [z] = await people(latents, seed, 1);
    [before, pulled] = [face, -1];
    describe({seed, row: 0, z}, 'dice');
  }

  async function gif() {
    const planes = await decoded(
      {open: decoder},
      passing(face.y, last, FRAMES).map(y => [...face.z, ...y]),
    );
    const [channels, height, width] = open.shape;
    await saveGif(`${labels[last].replaceAll(' ', '-')}.gif`, planes, {
      channels,
      height,
      width,
      scale: 4,
      back: true,
    });
  }

  const acts = {
    dice: () => another((Math.max(0, face.seed) + 1) % SEEDS).catch(say),
    undo: () => {
      if (before) describe(before, 'undo');
    },
    png: () => savePng('face.png', find('picture'), 8),
    gif: () => gif().then(() => say(null), say),
    code: () => showCode(python(model, names, face)),
  };
  root.addEventListener('click', ({target}) => acts[target.dataset.act]?.());
  connection.subscribe(error => say(error && new Error('The server does not answer; trying again.')));
  badge(find('badge'), model);
  box.addEventListener('change', choose);
  box.checked = address.whole('sharp', 0, 1, 0) === 1;
  box.disabled = false;
  if (box.checked) choose();
  onStop({tab: 'attributes', fold: 'attribute-sliders'}, ({face: seed}) => seed && another(Number(seed)).catch(say));
  if (swinging) swing();

  /** Until the hand comes, the first slider swings by itself. */
  function swing() {
    let visible = true;
    let spent = 0;
    let then = performance.now();
    new IntersectionObserver(([entry]) => {
      visible = entry.isIntersecting;
    }).observe(root);
    requestAnimationFrame(function turn(now) {
      if (!swinging) return;
      if (visible && !document.hidden) {
        spent += Math.max(0, Math.min(100, now - then));
        knobs.pull(0, -Math.cos((2 * Math.PI * spent) / SWING_MS), false);
      }
      then = now;
      requestAnimationFrame(turn);
    });
  }
}
