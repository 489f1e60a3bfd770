/** From one coloring to another through z: a film of color fields, fetched once, that a slider runs through. */
import * as address from '../../../../web/page/url-state.mjs';
import {painted} from '../lib/requests.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {COUNT, MODEL, apart, inView} from '../lib/photo-store.mjs';
import {percent} from '../../../../web/page/format.mjs';
import {dom, prefersReducedMotion} from '../../../../web/page/dom.mjs';
import {saveGif, savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';

const STEPS = 33;
const PLAY_MS = 4000;
const GIF_BYTES = 1_900_000;
const GIF_STEPS = 17; // GIF_BYTES: what the server takes at once

const options = Array.from({length: COUNT}, (_, i) => `<option value="${i}">${i + 1}</option>`).join('');
const end = (
  name,
  words,
) => `<figure class="vd-figure"><canvas class="vd-photo" width="4" height="4" role="img" data-part="${name}"></canvas>
  <figcaption class="vd-controls"><label>${words} <select data-end="${name}">${options}</select></label></figcaption></figure>`;
const TEMPLATE = `
<div class="vd-film">
  <div class="stage">
    ${end('from', 'From coloring')}
    <figure class="vd-figure middle"><canvas class="vd-photo" width="4" height="4" role="img" data-part="picture"></canvas>
      <input type="range" data-part="t" min="0" max="1" step="0.005" value="0.5" aria-label="How far on the way, from 0 to 1">
      <figcaption role="status" data-part="words">&nbsp;</figcaption></figure>
    ${end('to', 'to coloring')}
  </div>
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="play">Play</button>
    <button type="button" class="vd-quiet" data-act="apart">The two that differ most</button>
    <button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="gif">GIF</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span>
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const chooser = name => root.querySelector(`[data-end="${name}"]`);
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  /** @type {{photo: import('../lib/photo-store.mjs').Photo, eight: import('../lib/photo-store.mjs').Eight} | null} */
  let now = null;
  /** @type {import('../lib/color-field-painter.mjs').Field[] | null} */ let film = null;
  let ends = [address.whole('begin', 1, COUNT, 0) - 1, address.whole('finish', 1, COUNT, 0) - 1];
  let playing = 0;

  /** Fetches the way between the two ends. */
  const change = newest(async signal => {
    const {
      photo: {coloring, grey, words},
      eight: {fields, weights, z},
    } = now;
    ['from', 'to'].forEach((name, i) => {
      chooser(name).value = String(ends[i]);
      coloring.paint(find(name), fields[ends[i]], true);
      find(name).setAttribute(
        'aria-label',
        `Coloring ${ends[i] + 1} of ${words}, weight ${percent(weights[ends[i]])}`,
      );
    });
    const [a, b] = ends.map(i => z[i]);
    const next = await painted(
      MODEL,
      grey,
      Array.from({length: STEPS}, (_, i) => a.map((value, d) => value + ((b[d] - value) * i) / (STEPS - 1))),
      signal,
    );
    signal.throwIfAborted();
    film = next;
    at(Number(find('t').value));
    say(null);
  });

  /** The coloring at a place between 0 and 1: between two of the film's, a bit of both. @param {number} t */
  function fieldAt(t) {
    const place = t * (STEPS - 1);
    const i = Math.min(STEPS - 2, Math.floor(place));
    const part = place - i;
    return part ? film[i].map((value, k) => value + part * (film[i + 1][k] - value)) : film[i];
  }

  /** @param {number} t */
  function at(t) {
    if (!film) return;
    find('t').value = t;
    now.photo.coloring.paint(find('picture'), fieldAt(t));
    find('picture').dataset.at = t.toFixed(3);
    const words = `z = ${(1 - t).toFixed(2)} z${sub(ends[0])} + ${t.toFixed(2)} z${sub(ends[1])}`;
    find('words').textContent = words;
    find('picture').setAttribute('aria-label', `${now.photo.words} at ${words}`);
  }

  function play() {
    const start = performance.now();
    const mine = ++playing;
    if (prefersReducedMotion()) return at(Number(find('t').value) < 0.5 ? 1 : 0); // nothing moves by itself
    requestAnimationFrame(function step(time) {
      if (mine !== playing) return;
      const part = Math.min(1, (time - start) / PLAY_MS);
      at(0.5 - 0.5 * Math.cos(2 * Math.PI * part));
      if (part < 1) requestAnimationFrame(step);
    });
  }

  function choose(next) {
    playing++;
    [film, ends] = [null, next];
    address.set({begin: ends[0] + 1, finish: ends[1] + 1});
    change().catch(say);
  }

  async function gif() {
    const canvas = document.createElement('canvas');
    const {width, height} = now.photo.coloring;
    const large = document.createElement('canvas');
    const side = Math.min(1, Math.sqrt(GIF_BYTES / GIF_STEPS / 3 / width / height));
    const size = [width, height].map(value => Math.max(1, Math.floor(value * side)));
    [canvas.width, canvas.height] = size;
    const context = canvas.getContext('2d', {willReadFrequently: true});
    const frames = Array.from({length: GIF_STEPS}, (_, i) => {
      now.photo.coloring.paint(large, fieldAt(i / (GIF_STEPS - 1)));
      context.drawImage(large, 0, 0, ...size);
      const {data} = context.getImageData(0, 0, ...size);
      const planes = new Uint8Array(3 * size[0] * size[1]);
      for (let k = 0; k < planes.length; k++)
        planes[k] = data[4 * (k % (planes.length / 3)) + Math.floor((3 * k) / planes.length)];
      return planes;
    });
    await saveGif('colorings.gif', frames, {
      width: size[0],
      height: size[1],
      channels: 3,
      ms: 100,
      scale: 2,
      back: true,
    });
  }

  inView(
    root,
    async colored => {
      const first = now === null;
      now = colored;
      film = null;
      root.style.setProperty('--aspect', String(now.photo.coloring.width / now.photo.coloring.height));
      if (!first) address.set({begin: null, finish: null}); // these were of other colorings
      if (!first || ends.includes(-1)) ends = farthest(now.eight.fields);
      await change();
    },
    say,
  );

  root.addEventListener('input', ({target}) => {
    if (target === find('t')) {
      playing++;
      at(Number(target.value));
    }
  });
  root.addEventListener('change', ({target}) => {
    if (target.dataset.end && now) choose(['from', 'to'].map(name => Number(chooser(name).value)));
  });
  const acts = {
    play,
    apart: () => choose(farthest(now.eight.fields)),
    png: () => savePng('on-the-way.png', beside([find('picture')]), 1),
    gif: () => gif().then(() => say(null), say),
    code: () => showCode(python(ends)),
  };
  root.addEventListener('click', ({target}) => film && acts[target.dataset.act]?.());
  onStop({tab: 'colorization', fold: 'interpolation'}, () => {
    if (film) play();
  });
  badge(find('badge'), MODEL).catch(() => {});
}

const sub = i => '₁₂₃₄₅₆₇₈'[i];

/** The two colorings that lie farthest apart. @param {import('../lib/color-field-painter.mjs').Field[]} fields */
function farthest(fields) {
  let pair = [0, Math.min(1, fields.length - 1)];
  let most = -1;
  fields.forEach((one, i) =>
    fields.slice(0, i).forEach((other, k) => {
      const far = apart(one, other);
      if (far > most) [pair, most] = [[k, i], far];
    }),
  );
  return pair;
}

const python = ([from, to]) => `import torch, vaedemo
from vaedemo import colorize

photo = colorize.photo(open("photo.jpg", "rb").read())
y = torch.from_numpy(photo.grey) / 255  # (4096,), its lightness at 64 x 64
model = vaedemo.load("${MODEL}")
z = model.answers(y, ${COUNT}, seed=0).z  # (${COUNT}, Z), the components' means, the heaviest first
t = torch.linspace(0, 1, ${STEPS})[:, None]
fields = model.decode((1 - t) * z[${from}] + t * z[${to}], y[None])  # (${STEPS}, 2, 32, 32), ab / 128`;
