/** From one future to another through z, and each latent on its own: decoded in the browser, while the hand pulls. */
import * as address from '../../../../web/page/url-state.mjs';
import {tower} from '../lib/requests.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {Film, filmsOf, letterOf} from '../lib/future-renderer.mjs';
import {SHOWN, asked, inView} from '../lib/still-store.mjs';
import {Player} from '../../../../web/ui/playback-clock.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {saveGif, savePng} from '../../../../web/page/downloads.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {start, strip} from '../lib/still-frames.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {Tower, endsOf, offsetsOf} from '../lib/trajectory-decoder.mjs';
import {stillCode} from '../lib/python.mjs';
import {SliderBank} from '../../../../web/ui/sliders.mjs';

const GIF_STEPS = 24;
const GIF_SIDE = 128;
const canvas = name =>
  `<canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img" data-part="${name}"></canvas>`;
const end = (name, words) => `<figure class="vd-figure end">${canvas(name)}
  <figcaption class="vd-controls"><label>${words} <select data-end="${name}"></select></label></figcaption></figure>`;
const TEMPLATE = `
<div class="vd-morph">
  <div class="stage">
    ${end('from', 'From future')}
    <div class="middle">
      <div class="pair">${canvas('picture')}${canvas('paths')}</div>
      <input type="range" data-part="t" min="0" max="1" step="0.005" value="0.5" aria-label="How far on the way from one future's z to the other's, from 0 to 1">
      <div class="strip" data-part="strip" hidden></div>
      <p class="vd-note" role="status" data-part="words">&nbsp;</p>
    </div>
    ${end('to', 'to future')}
  </div>
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="play">Play</button>
    <button type="button" class="vd-quiet" data-act="apart">The two that differ most</button>
    <button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="gif" title="The way from one future to the other">GIF</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span>
  </div>
  <details class="vd-fold"><summary>Each latent of z on its own</summary><div data-part="bank"></div></details>
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
  /** @type {{still: import('../lib/still-store.mjs').Still, answer: import('../lib/still-store.mjs').Answer} | null} */
  let now = null;
  /** @type {Film[]} */ let films = [];
  /** @type {Film | null} */ let film = null;
  /** @type {Tower | null} */ let decoder = null;
  /** @type {SliderBank | null} */ let bank = null;
  /** @type {number[]} */ let z = [];
  let ends = (address.numbers('morph', 2, 12) ?? [0, 0]).map(value => Math.round(value) - 1);
  let frame = 0;

  const player = new Player(
    root,
    t => {
      if (!film) return;
      film.paint(find('picture'), t, 'motion');
      film.paint(find('paths'), 1, 'paths');
      ['from', 'to'].forEach((name, i) => films[ends[i]].paint(find(name), t, 'motion'));
    },
    playing => {
      root.querySelector('[data-act="play"]').textContent = playing ? 'Pause' : 'Play';
    },
  );

  const filmOf = code =>
    new Film(now.still, {trajectories: decoder.decode(code), mode: films[ends[0]].mode}, films[0].cut);
  const between = t =>
    [...now.answer.futures[ends[0]].z].map((value, d) => value + t * (now.answer.futures[ends[1]].z[d] - value));

  /**
   * Decodes z at the next frame, the newest one; the motion is seen at its end unless it plays.
   * @param {number[]} code
   * @param {string} words
   */
  function show(code, words) {
    z = code;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      film = filmOf(z);
      if (!player.playing) player.pause(1);
      strip(find('strip'), (to, t) => film.paint(to, t, 'motion'));
      find('words').textContent = words;
      find('picture').dataset.z = z.map(value => value.toFixed(4)).join();
      find('picture').setAttribute('aria-label', `${now.still.words}: the future of ${words}`);
      find('paths').setAttribute('aria-label', `The ways of its parts, of ${words}`);
    });
  }

  /** @param {number} t */
  function at(t) {
    find('t').value = String(t);
    bank?.place(between(t));
    show(between(t), `z = ${(1 - t).toFixed(2)} z${sub(ends[0])} + ${t.toFixed(2)} z${sub(ends[1])}`);
  }

  /** @param {number[]} next */
  function choose(next) {
    ends = next;
    ['from', 'to'].forEach((name, i) => {
      chooser(name).value = String(ends[i]);
      // no way leads from one to itself
      for (const option of chooser(name).options) option.disabled = Number(option.value) === ends[1 - i];
      find(name).setAttribute('aria-label', `Future ${ends[i] + 1} of ${now.still.words}`);
    });
    at(Number(find('t').value));
  }

  /** A slider for each latent, that which moves most on this still first. */
  function sliders() {
    const moved = Array.from({length: decoder.z}, (_, d) => pulled(decoder, d));
    const dimensions = [...moved.keys()].sort((a, b) => moved[b] - moved[a]);
    bank = new SliderBank(find('bank'), {
      dimensions,
      kl: moved.map(() => 1),
      labels: dimensions.map(d => `z${sub(d)}`),
      notes: dimensions.map(d => `moves ${moved[d].toFixed(1)} px`),
      onMove: code => show([...code], 'z by hand, off the line'),
    });
    // what a latent costs differs from still to still
    for (const rate of find('bank').querySelectorAll('.kl, [data-act="lock"]')) rate.remove();
  }

  inView(
    root,
    async (next, signal) => {
      const {still, answer} = next;
      const file = await tower(still.model, still.still, signal);
      const first = now === null;
      signal.throwIfAborted();
      [now, decoder, films] = [next, new Tower(file), filmsOf(still, answer.futures)];
      sliders();
      for (const name of ['from', 'to'])
        chooser(name).replaceChildren(
          ...films.map((each, i) => new Option(`${i + 1} · ${letterOf(each.mode)}`, String(i))),
        );
      const linked = first && ends[0] !== ends[1] && ends.every(i => i >= 0 && i < films.length);
      if (!first) address.set({morph: null}); // that was of other futures
      choose(linked ? ends : farthest(films));
      start(player);
      badge(find('badge'), still.model).catch(() => {});
    },
    say,
  );

  async function gif() {
    const small = Object.assign(document.createElement('canvas'), {width: GIF_SIDE, height: GIF_SIDE});
    const context = small.getContext('2d', {willReadFrequently: true});
    const large = document.createElement('canvas');
    [large.width, large.height] = [SHOWN, SHOWN];
    const frames = Array.from({length: GIF_STEPS}, (_, i) => {
      filmOf(between(i / (GIF_STEPS - 1))).paint(large, 1, 'motion');
      context.drawImage(large, 0, 0, GIF_SIDE, GIF_SIDE);
      const {data} = context.getImageData(0, 0, GIF_SIDE, GIF_SIDE);
      const size = GIF_SIDE ** 2;
      return Uint8Array.from({length: 3 * size}, (_, k) => data[4 * (k % size) + Math.floor(k / size)]);
    });
    await saveGif('from-future-to-future.gif', frames, {
      width: GIF_SIDE,
      height: GIF_SIDE,
      channels: 3,
      ms: 100,
      scale: 3,
      back: true,
    });
  }

  root.addEventListener('input', ({target}) => {
    if (target === find('t') && film) {
      player.pause(1);
      at(Number(target.value));
    }
  });
  root.addEventListener('change', ({target}) => {
    if (!target.dataset.end || !now) return;
    choose(['from', 'to'].map(name => Number(chooser(name).value)));
    address.set({morph: ends.map(i => i + 1).join()});
  });
  const acts = {
    play: () => {
      if (player.playing) player.pause();
      else player.play();
    },
    apart: () => {
      choose(farthest(films));
      address.set({morph: null});
    },
    png: () => savePng('from-future-to-future.png', beside(['from', 'picture', 'paths', 'to'].map(find)), 1),
    gif: () => gif().then(() => say(null), say),
    code: () =>
      showCode(`${stillCode(now.still)}
model = vaedemo.load("${now.still.model}")
z = model.futures(y, ${asked.n}, seed=${asked.seed}).z  # (${asked.n}, Z)
t = torch.linspace(0, 1, 33)[:, None]
trajectories = model.decode((1 - t) * z[${ends[0]}] + t * z[${ends[1]}], y[None])  # (33, 10, 16, 16)
offsets = to_offsets(trajectories)  # (33, 2, 16 instants, 16, 16), in pixels of the still`),
  };
  root.addEventListener('click', ({target}) => film && acts[target.dataset.act]?.());
  onStop({tab: 'motion', fold: 'interpolation'}, () => {
    if (film) start(player);
  });
}

const sub = i => String(i + 1).replace(/\d/g, digit => '₀₁₂₃₄₅₆₇₈₉'[digit]);

/**
 * How far the cell that it moves most goes, in pixels, when one latent is pulled from -1 to 1 and the others are 0.
 * @param {Tower} decoder
 * @param {number} d
 */
function pulled(decoder, d) {
  const [low, high] = [-1, 1].map(value =>
    endsOf(offsetsOf(decoder.decode(Array.from({length: decoder.z}, (_, k) => (k === d ? value : 0))))),
  );
  return Math.max(
    ...Array.from({length: low.length / 2}, (_, i) =>
      Math.hypot(high[i] - low[i], high[i + low.length / 2] - low[i + low.length / 2]),
    ),
  );
}

/** The two futures whose cells end farthest apart. @param {Film[]} films @returns {number[]} */
function farthest(films) {
  const ends = films.map(({offsets}) => endsOf(offsets));
  let pair = [0, Math.min(1, films.length - 1)];
  let most = -1;
  ends.forEach((one, i) =>
    ends.slice(0, i).forEach((other, k) => {
      const far = one.reduce((sum, value, c) => sum + (value - other[c]) ** 2, 0);
      if (far > most) [pair, most] = [[k, i], far];
    }),
  );
  return pair;
}
