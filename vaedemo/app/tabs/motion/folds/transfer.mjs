/** Transfer: the motion of one drawn clip becomes a z, and that z is played on other stills of its kind. */
import * as address from '../../../../web/page/url-state.mjs';
import {encoded, sceneOf, tower} from '../lib/requests.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {filmsOf} from '../lib/future-renderer.mjs';
import {DRAWN, KINDS, SEEDS, SHOWN, inView} from '../lib/still-store.mjs';
import {Player} from '../../../../web/ui/playback-clock.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {start, strip} from '../lib/still-frames.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {Tower} from '../lib/trajectory-decoder.mjs';

const TARGETS = 3;
const FULL = 3; // FULL: |z| whose bar fills its room
/** What happens in each future of a kind, in the order that the scenes have. */
const WAYS = {
  'fork-2': ['goes left', 'goes right'],
  'fork-3': ['goes left', 'goes straight on', 'goes right'],
  'fork-4': ['goes far left', 'goes left', 'goes right', 'goes far right'],
  pendulum: ['swings left', 'swings right'],
  figure: ['raises the arm on the left', 'raises the arm on the right', 'raises both arms'],
};
const canvas = '<canvas class="vd-photo" width="256" height="256" role="img"></canvas>';
const TEMPLATE = `
<div class="vd-transfer">
  <div class="stage">
    <figure class="vd-figure" data-part="clip"><h4>A clip</h4>${canvas}
      <div class="clips" role="group" aria-label="What happens in the clip" data-part="ways"></div>
      <div class="strip" data-part="strip" hidden></div></figure>
    <div><h4>its z</h4><div class="code" role="img" data-part="code"></div><p class="vd-note" role="status" data-part="rate"></p></div>
    <div class="targets-part"><h4>the same z on other stills</h4>
      <div class="targets">${`<figure class="vd-figure" data-target>${canvas}<figcaption></figcaption></figure>`.repeat(TARGETS)}</div></div>
  </div>
  <div class="vd-row">
    <span class="vd-controls"><label>Scenes <select data-part="kind">${Object.entries(KINDS)
      .map(([kind, words]) => `<option value="${kind}">${words}</option>`)
      .join('')}</select></label></span>
    <button type="button" class="vd-main" data-act="play">Play</button>
    <button type="button" class="vd-quiet" data-act="others">Other stills</button>
    <button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="pycode">Code</button><span data-part="badge"></span>
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const targets = [...root.querySelectorAll('[data-target]')];
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  /** @typedef {import('../lib/still-store.mjs').Still} Still */
  /** The clip's still first, then those that its z is played on. @type {Still[]} */ let stills = [];
  /** @type {Tower[]} */ let towers = [];
  /** @type {import("../lib/future-renderer.mjs").Film[]} */ let clips = [];
  let films = [];
  let kind = address.choice('clip', Object.keys(KINDS));
  let way = address.whole('clipway', 1, 4, 1) - 1;
  let seed = address.whole('clipseed', 0, SEEDS - 1, 17);
  let mine = {still: /** @type {Still | null} */ (null)};

  const player = new Player(
    root,
    t => {
      clips[way]?.paint(find('clip').querySelector('canvas'), t, 'motion');
      films.forEach((film, i) => film.paint(targets[i].querySelector('canvas'), t, 'motion'));
    },
    playing => {
      root.querySelector('[data-act="play"]').textContent = playing ? 'Pause' : 'Play';
    },
  );

  /** Another clip and other stills of its kind; the last of them is the still in view above, if it is of this kind. */
  const open = newest(async signal => {
    const seeds = Array.from({length: TARGETS + 1}, (_, i) => (seed + i) % SEEDS);
    const words = KINDS[kind];
    const next = await Promise.all(
      seeds.map(async each => ({
        ...(await sceneOf(kind, each, signal)),
        words,
        model: DRAWN,
        scene: {kind, seed: each},
      })),
    );
    if (mine.still?.scene?.kind === kind) next[TARGETS] = mine.still;
    const files = await Promise.all(next.slice(1).map(({model, still}) => tower(model, still, signal)));
    signal.throwIfAborted();
    [stills, towers, way] = [next, files.map(file => new Tower(file)), Math.min(way, WAYS[kind].length - 1)];
    clips = filmsOf(
      stills[0],
      stills[0].truths.map((trajectories, k) => ({trajectories, mode: k})),
    );
    find('kind').value = kind;
    find('ways').replaceChildren(
      ...WAYS[kind].map((words, k) =>
        dom(`<button type="button" class="vd-quiet" data-way="${k}">${words}</button>`),
      ),
    );
    await play(signal);
  });

  /** Encodes the clip, and plays its z. @param {AbortSignal} signal */
  async function play(signal) {
    const [source] = stills;
    const chosen = way;
    const {mean, rate} = await encoded(DRAWN, source.still, source.truths[chosen], signal);
    signal.throwIfAborted();
    films = towers.map(
      (decoder, i) => filmsOf(stills[i + 1], [{trajectories: decoder.decode(mean), mode: chosen}])[0],
    );
    for (const button of find('ways').children)
      button.setAttribute('aria-pressed', String(Number(button.dataset.way) === chosen));
    bars(mean);
    find('rate').textContent =
      `${rate.toFixed(1)} nats: as much the encoder says of what happens, which the still does not tell.`;
    const does = WAYS[kind][chosen];
    const thing = kind === 'figure' ? 'figure' : kind === 'pendulum' ? 'pendulum' : 'car';
    find('clip').querySelector('canvas').setAttribute('aria-label', `The clip: the ${thing} ${does}`);
    const found = films.map(({trajectories}, i) => nearest(trajectories, stills[i + 1].truths));
    targets.forEach((box, i) => {
      const same = found[i] === chosen;
      const words = same ? `✓ It ${does} too.` : `✗ Here it is nearest to “${WAYS[kind][found[i]]}”.`;
      box.querySelector('figcaption').textContent = stills[i + 1] === mine.still ? `Your still. ${words}` : words;
      box.dataset.nearest = String(found[i]);
      box.querySelector('canvas').dataset.z = mean.map(value => value.toFixed(4)).join();
      box.querySelector('canvas').setAttribute('aria-label', `Another still with the z of the clip. ${words}`);
    });
    strip(find('strip'), (to, t) => clips[way].paint(to, t, 'motion'));
    start(player);
  }

  /** @param {number[]} z */
  function bars(z) {
    find('code').setAttribute('aria-label', `z: ${z.map(value => value.toFixed(1)).join(', ')}`);
    find('code').replaceChildren(
      ...z.map((value, d) => {
        const row = dom('<div><span></span><i><b></b></i><output></output></div>');
        const wide = 50 * Math.min(1, Math.abs(value) / FULL);
        row.querySelector('span').textContent = `z${d + 1}`;
        Object.assign(row.querySelector('b').style, {left: `${value < 0 ? 50 - wide : 50}%`, width: `${wide}%`});
        row.querySelector('output').textContent = value.toFixed(2).replace('-', '−');
        return row;
      }),
    );
  }

  const begin = () => {
    address.set({clip: kind, clipway: way + 1, clipseed: seed});
    return open().then(() => say(null), say);
  };
  const again = newest(play);
  inView(
    root,
    async ({still}) => {
      const another = mine.still !== still;
      const before = mine.still;
      mine = {still};
      if (before === null && still.scene && address.get('clip') === null) kind = still.scene.kind;
      if (another) await open();
    },
    say,
  );
  root.addEventListener('change', ({target}) => {
    if (target !== find('kind')) return;
    [kind, way] = [target.value, 0];
    begin();
  });
  const acts = {
    play: () => {
      if (player.playing) player.pause();
      else player.play();
    },
    others: () => {
      seed = (seed + TARGETS + 1) % SEEDS;
      begin();
    },
    png: () =>
      savePng(
        'transfer.png',
        beside([...root.querySelectorAll('.stage > figure > canvas, [data-target] canvas')]),
        1,
      ),
    pycode: () =>
      showCode(
        python(
          kind,
          stills.map(({scene}) => scene.seed),
          way,
        ),
      ),
  };
  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act, way: chosen},
      },
    }) => {
      if (chosen && stills.length) {
        way = Number(chosen);
        address.set({clip: kind, clipway: way + 1, clipseed: seed});
        again().then(() => say(null), say);
      } else if (stills.length) acts[act]?.();
    },
  );
  onStop({tab: 'motion', fold: 'transfer'}, () => {
    if (films.length) start(player);
  });
  badge(find('badge'), DRAWN).catch(() => {});
}

/** Which of some futures trajectories are nearest to. @param {Float32Array} one @param {Float32Array[]} truths */
function nearest(one, truths) {
  const away = truths.map(truth => one.reduce((sum, value, i) => sum + (value - truth[i]) ** 2, 0));
  return away.indexOf(Math.min(...away));
}

const python = (kind, [source, ...others], way) => `import torch, vaedemo
from vaedemo.data import motion_scenes

model = vaedemo.load("${DRAWN}")
y = lambda seed: torch.from_numpy(motion_scenes.scene("${kind}", seed).still()).flatten()[None] / 255  # (1, 12288)
clip = motion_scenes.scene("${kind}", ${source}).futures()[${way}:${way + 1}]  # (1, 10, 16, 16)
z = model.encode(clip, y(${source})).mean  # (1, Z)
for seed in (${others.join(', ')}):
    trajectories = model.decode(z, y(seed))  # the same z on another still`;
