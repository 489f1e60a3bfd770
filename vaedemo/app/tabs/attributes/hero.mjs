/** The label dial on the live map: z stays where the dot is, the label turns, and the whole map turns with it. */
import * as address from '../../../web/page/url-state.mjs';
import {badge} from '../../../web/ui/model-badge.mjs';
import {showCode} from '../../../web/ui/code-dialog.mjs';
import {legend} from '../../../web/ui/digit-legend.mjs';
import {decoderOf} from '../../../web/engine/model-store.mjs';
import {dom, prefersReducedMotion} from '../../../web/page/dom.mjs';
import {saveGif, savePng} from '../../../web/page/downloads.mjs';
import {shown} from '../../../web/page/format.mjs';
import {decoded} from '../../../web/ui/side-by-side.mjs';
import {Plane} from '../../../web/ui/latent-scatter.mjs';
import {Dial, parts} from '../../../web/ui/dial.mjs';
import {normal} from '../../../web/engine/normal.mjs';
import {Manifold} from '../../../web/ui/latent-grid.mjs';
import {LatentMap} from '../../../web/ui/latent-map.mjs';
import {connection, latents} from '../../../web/engine/model-store.mjs';
import {Painter} from '../../../web/ui/painter.mjs';

const MODEL = 'digits-cvae-2d';
const UNTOLD = 'digits-2d';
const DIGITS = Array.from('0123456789');
const GRID = 10;
const FRAMES = 60;
const SLOW_MS = 300;
const REST_MS = 1400;
const TURN_MS = 1200; // of the dial that turns by itself, at a label and on to the next

const plane = (name, words) =>
  `<figure class="vd-figure"><div data-part="${name}"></div><figcaption><b>${name}</b>, ${words}</figcaption></figure>`;
const TEMPLATE = `
<div class="vd-turn">
  <figure class="vd-figure">
    <div data-part="dial"><canvas class="vd-ink" data-part="picture" width="28" height="28" role="img"></canvas></div>
    <figcaption data-part="words"></figcaption>
  </figure>
  <figure class="vd-figure">
    <div data-part="plane"></div>
    <figcaption class="vd-row">
      <button type="button" class="vd-quiet" data-act="dice">Throw the dot</button>
      <button type="button" class="vd-quiet" data-act="png">PNG</button>
      <button type="button" class="vd-quiet" data-act="sheet">PNG of the map</button>
      <button type="button" class="vd-quiet" data-act="gif" title="Once around the dial">GIF</button>
      <button type="button" class="vd-quiet" data-act="code">Code</button>
      <span data-part="badge"></span>
    </figcaption>
  </figure>
  <div>
    <p class="vd-note">z is the dot, y the dial. Between two labels y is a bit of both, which the decoder was never shown.</p>
    <button type="button" class="vd-quiet" data-act="clouds" aria-pressed="false" aria-expanded="false">Test digits</button>
    <div class="clouds" hidden>
      ${plane(UNTOLD, 'told nothing: the classes share out the plane')}
      ${plane(MODEL, 'told the label: each class has all of it')}
      <p class="vd-legend" data-part="legend"></p>
    </div>
  </div>
</div>`;

/** @param {HTMLElement} element */
export async function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const trouble = element.querySelector('.vd-trouble');
  const say = error => {
    trouble.textContent = error ? error.message : '';
  };
  element.querySelector('[data-part="turn"]').replaceWith(root);
  const sheet = Object.assign(document.createElement('canvas'), {width: 1, height: 1});
  const canvas = find('picture');
  let open;
  let painter;
  let manifold;
  let turning = !prefersReducedMotion() && address.get('label') === null && address.get('style') === null;

  const dial = new Dial(find('dial'), {
    label: 'The label y',
    labels: DIGITS,
    onTurn: (_, byHand) => {
      manifold?.show(dial.parts);
      show(byHand);
    },
  });
  const map = new LatentMap(find('plane'), {
    label: `Map of the two latents of ${MODEL}, under the dial's label`,
    picture: sheet,
    onMove: (_, byHand) => show(byHand),
  });

  function show(byHand) {
    if (byHand) {
      turning = false;
      address.set({label: dial.value.toFixed(2), style: map.z.map(value => value.toFixed(3)).join()});
    }
    find('words').textContent = `z = (${shown(map.z)}), y = ${dial.words}`;
    canvas.setAttribute('aria-label', `What the decoder draws for the dot's z and the label ${dial.words}`);
    open?.show([...map.z, ...dial.parts], planes => {
      painter.draw(planes);
      canvas.dataset.drawn = open.place;
    });
  }

  async function gif() {
    const around = Array.from({length: FRAMES}, (_, i) => [
      ...map.z,
      ...parts((i * DIGITS.length) / FRAMES, DIGITS.length),
    ]);
    await saveGif('ten-labels.gif', await decoded({open}, around));
  }

  async function clouds(button) {
    const hidden = root.querySelector('.clouds').toggleAttribute('hidden');
    for (const state of ['aria-pressed', 'aria-expanded']) button.setAttribute(state, String(!hidden));
    if (hidden || find(MODEL).firstChild) return;
    legend(find('legend'), true);
    for (const name of [UNTOLD, MODEL]) {
      const points = new Plane(
        find(name),
        `The plane of ${name}: posterior means of test digits, colored by class, over circles at one and two sigma of the prior`,
      );
      const known = await latents(name);
      points.points(known.points, known.labels);
    }
  }

  const acts = {
    dice: () => map.move([normal(), normal()], true),
    clouds: button => clouds(button).catch(say),
    png: () => savePng('digit.png', canvas, 16),
    sheet: () => savePng('map.png', sheet, 3),
    gif: () => gif().then(() => say(null), say),
    code: () => showCode(python(map.z, dial.parts)),
  };
  root.addEventListener('click', ({target}) => open && acts[target.dataset.act]?.(target));
  connection.subscribe(error => {
    if (open) say(error && new Error('The server does not answer; trying again.'));
  });

  map.place(address.numbers('style', 2, 4) ?? [-0.6, 0.3]);
  dial.place((address.numbers('label', 1, DIGITS.length) ?? [7])[0]);
  const slow = setTimeout(() => say(new Error(`Opening ${MODEL} …`)), SLOW_MS);
  open = await decoderOf(MODEL, 'turn')
    .finally(() => clearTimeout(slow))
    .catch(say);
  if (!open) return;
  say(null);
  painter = new Painter(canvas, open.shape);
  manifold = new Manifold(sheet, open, GRID);
  dial.turn(dial.value);
  badge(find('badge'), MODEL);
  if (turning) wander();

  /** Until the hand comes the dial goes on from label to label by itself. */
  function wander() {
    const from = dial.value;
    let visible = true;
    let spent = 0;
    let then = performance.now();
    new IntersectionObserver(([entry]) => {
      visible = entry.isIntersecting;
    }).observe(root);
    requestAnimationFrame(function turn(now) {
      if (!turning) return;
      if (visible && !document.hidden) spent += Math.max(0, Math.min(100, now - then));
      then = now;
      const round = spent / (REST_MS + TURN_MS);
      const t = Math.max(0, ((round % 1) * (REST_MS + TURN_MS) - REST_MS) / TURN_MS);
      const next = from + Math.floor(round) + t * t * (3 - 2 * t);
      if (t) dial.turn(next);
      requestAnimationFrame(turn);
    });
  }
}

/** @param {number[]} z @param {number[]} y */
const python = (z, y) => `import torch, vaedemo

model = vaedemo.load("${MODEL}")
z = torch.tensor([[${z.map(value => value.toFixed(3)).join(', ')}]])
y = torch.tensor([[${y.map(part => +part.toFixed(2)).join(', ')}]])  # one-hot, or between two
picture = model.render(model.decode(z, y))  # (1, 1, 28, 28), the mean of p(x|z, y)`;
