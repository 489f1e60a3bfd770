/** Transfer: the motion of one drawn clip becomes a z, and that z is played on other stills of its kind. */
import {dom, query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {SEEDS} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {filmsOf} from '../lib/future-renderer.mjs';
import {encoded, sceneOf, tower} from '../lib/requests.mjs';
import {playerOf, start, strip} from '../lib/still-frames.mjs';
import {DRAWN, KINDS, SHOWN, whenVisible} from '../lib/still-store.mjs';
import {Tower} from '../../../../web/engine/trajectory-decoder.mjs';
import {nearest} from '../../../../web/engine/trajectories.mjs';

const TARGETS = 3;
const FULL = 3; // |z| whose bar fills its room
/** What happens in each future of a kind, in the order that the scenes have. @type {Record<string, string[]>} */
const WAYS = {
  'fork-2': ['goes left', 'goes right'],
  'fork-3': ['goes left', 'goes straight on', 'goes right'],
  'fork-4': ['goes far left', 'goes left', 'goes right', 'goes far right'],
  pendulum: ['swings left', 'swings right'],
  figure: ['raises the arm on the left', 'raises the arm on the right', 'raises both arms'],
};
const CANVAS = `<canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img"></canvas>`;
const TARGET = `<figure class="vd-figure" data-target>${CANVAS}<figcaption></figcaption></figure>`;
const OPTIONS = Object.entries(KINDS).map(([kind, words]) => `<option value="${kind}">${words}</option>`);
const TEMPLATE = `
<div class="vd-transfer">
  <div class="stage">
    <figure class="vd-figure" data-part="clip"><h4>A clip</h4>${CANVAS}
      <div class="clips" role="group" aria-label="What happens in the clip" data-part="ways"></div>
      <div class="vd-instants" data-part="strip" hidden></div></figure>
    <div><h4>its z</h4><div class="code" role="img" data-part="code"></div>
      <p class="vd-note" role="status" data-part="rate"></p></div>
    <div class="targets-part"><h4>the same z on other stills</h4>
      <div class="targets">${TARGET.repeat(TARGETS)}</div></div>
  </div>
  <div class="vd-row">
    <span class="vd-controls"><label>Scenes <select data-part="kind">${OPTIONS.join('')}</select></label></span>
    <button type="button" class="vd-main" data-act="play">Play</button>
    <button type="button" class="vd-quiet" data-act="others">Other stills</button>
    ${takeaway('png', 'code', 'badge')}
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/**
 * @typedef {import('../lib/still-store.mjs').Still} Still
 * @typedef {import('../lib/future-renderer.mjs').Film} Film
 * @typedef {{kind: string, stills: Still[], towers: Tower[], clips: Film[]}} Scenes
 *   stills: the clip's first, then those that its z is played on; towers: of these; clips: what may happen in the first
 */

export const mount = mountFold({
  template: TEMPLATE,
  setup(mounted) {
    new Transfer(mounted).begin();
  },
});

class Transfer {
  #mounted;
  #player;
  #canvas;
  #targets;
  #kindChooser;
  /** What is in view. @type {Scenes | null} */
  #scenes = null;
  /** The z of the clip on the other stills. @type {Film[]} */
  #films = [];
  #kind;
  #way;
  #seed;
  /** The still in view in the hero. @type {Still | null} */
  #own = null;
  #open;
  #play;

  /** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.#canvas = query(mounted.part('clip'), 'canvas', HTMLCanvasElement);
    this.#targets = mounted.all('[data-target]').map(box => ({
      box,
      canvas: query(box, 'canvas', HTMLCanvasElement),
      caption: query(box, 'figcaption'),
    }));
    this.#kindChooser = mounted.part('kind', HTMLSelectElement);
    this.#kind = state.choice('clip');
    this.#way = state.whole('way', 1) - 1;
    this.#seed = state.whole('seed', 17);
    this.#player = playerOf(
      mounted,
      () => this.#films.length > 0,
      t => {
        this.#scenes?.clips[this.#way]?.paint(this.#canvas, t, 'motion');
        this.#films.forEach((film, i) => film.paint(this.#targets[i].canvas, t, 'motion'));
      },
    );
    this.#open = newest(signal => this.#openClips(signal));
    this.#play = newest(signal => this.#playClip(signal));
  }

  begin() {
    const {state, showError} = this.#mounted;
    whenVisible(this.#mounted, async ({still}) => {
      const before = this.#own;
      this.#own = still;
      if (!before && still.scene && !state.given('clip')) this.#kind = still.scene.kind;
      if (before !== still) await this.#open();
    });
    this.#kindChooser.addEventListener('change', () => {
      this.#kind = this.#kindChooser.value;
      this.#way = 0;
      this.#reopen().catch(showError);
    });
    this.#mounted.acts({
      way: ({dataset}) => this.#choose(Number(dataset.way)),
      others: () => {
        if (!this.#scenes) return null;
        this.#seed = (this.#seed + TARGETS + 1) % SEEDS;
        return this.#reopen();
      },
      png: () => this.#films.length && this.#savePng(),
      code: () => this.#scenes && showCode(python(this.#scenes, this.#way)),
    });
    this.#mounted.onStop(() => {
      if (this.#films.length) start(this.#player);
    });
    this.#mounted.badge(DRAWN);
  }

  #keep() {
    this.#mounted.state.set({clip: this.#kind, way: this.#way + 1, seed: this.#seed});
  }

  async #reopen() {
    this.#keep();
    await this.#open();
    this.#mounted.showError(null);
  }

  /** Another clip on the same stills. @param {number} way */
  async #choose(way) {
    if (!this.#scenes) return;
    this.#way = way;
    this.#keep();
    await this.#play();
    this.#mounted.showError(null);
  }

  /**
   * Another clip and other stills of its kind; the last of them is the still in view above, if it is of this kind.
   * @param {AbortSignal} signal
   */
  async #openClips(signal) {
    const kind = this.#kind;
    const seeds = Array.from({length: TARGETS + 1}, (_, i) => (this.#seed + i) % SEEDS);
    const stills = await Promise.all(seeds.map(seed => drawn(kind, seed, signal)));
    if (this.#own?.scene?.kind === kind) stills[TARGETS] = this.#own;
    const files = await Promise.all(stills.slice(1).map(still => tower(still.model, still, signal)));
    signal.throwIfAborted();
    const clips = filmsOf(
      stills[0],
      (stills[0].truths ?? []).map((trajectories, mode) => ({trajectories, mode})),
    );
    this.#scenes = {kind, stills, towers: files.map(file => new Tower(file)), clips};
    this.#way = Math.min(this.#way, clips.length - 1);
    this.#kindChooser.value = kind;
    this.#mounted.part('ways').replaceChildren(...WAYS[kind].map(wayOf));
    await this.#playClip(signal);
  }

  /** Encodes the clip, and plays its z. @param {AbortSignal} signal */
  async #playClip(signal) {
    const scenes = this.#scenes;
    const way = this.#way;
    if (!scenes) return;
    const {kind, stills, towers, clips} = scenes;
    const {model, still} = stills[0];
    const {mean, rate} = await encoded(model, still, clips[way].trajectories, signal);
    signal.throwIfAborted();
    if (scenes !== this.#scenes) return; // other scenes came meanwhile
    this.#films = towers.map(
      (decoder, i) => filmsOf(stills[i + 1], [{trajectories: decoder.decode(mean), mode: way}])[0],
    );
    for (const button of this.#mounted.all('[data-way]'))
      button.setAttribute('aria-pressed', String(Number(button.dataset.way) === way));
    this.#showCode(mean);
    this.#mounted.part('rate').textContent =
      `${rate.toFixed(1)} nats: as much the encoder says of what happens, which the still does not tell.`;
    this.#canvas.setAttribute('aria-label', `The clip: the ${thingOf(kind)} ${WAYS[kind][way]}`);
    this.#showTargets(scenes, mean, way);
    strip(this.#mounted.part('strip'), (to, t) => clips[way].paint(to, t, 'motion'));
    start(this.#player);
  }

  /**
   * Says of each other still whether the same happens there.
   * @param {Scenes} scenes
   * @param {number[]} z
   * @param {number} way  what happens in the clip
   */
  #showTargets({kind, stills}, z, way) {
    const ways = WAYS[kind];
    this.#targets.forEach(({box, canvas, caption}, i) => {
      const still = stills[i + 1];
      const found = nearest(this.#films[i].trajectories, still.truths ?? []);
      const words = found === way ? `✓ It ${ways[way]} too.` : `✗ Here it is nearest to “${ways[found]}”.`;
      caption.textContent = still === this.#own ? `Your still. ${words}` : words;
      box.dataset.nearest = String(found);
      canvas.dataset.z = z.map(value => value.toFixed(4)).join();
      canvas.setAttribute('aria-label', `Another still with the z of the clip. ${words}`);
    });
  }

  /** Each latent of z as a bar. @param {number[]} z */
  #showCode(z) {
    const place = this.#mounted.part('code');
    place.setAttribute('aria-label', `z: ${z.map(value => value.toFixed(1)).join(', ')}`);
    place.replaceChildren(...z.map(barOf));
  }

  #savePng() {
    const canvases = [this.#canvas, ...this.#targets.map(({canvas}) => canvas)];
    return savePng('transfer.png', beside(canvases), 1);
  }
}

/** @param {Scenes} scenes @param {number} way */
function python({kind, stills}, way) {
  const [source, ...others] = stills.map(({scene}) => scene?.seed ?? 0);
  return `import torch, vaedemo
from vaedemo.data import motion_scenes

model = vaedemo.load("${DRAWN}")
y = lambda seed: torch.from_numpy(motion_scenes.scene("${kind}", seed).still()).flatten()[None] / 255  # (1, 12288)
clip = motion_scenes.scene("${kind}", ${source}).futures()[${way}:${way + 1}]  # (1, 10, 16, 16)
z = model.encode(clip, y(${source})).mean  # (1, Z)
for seed in (${others.join(', ')}):
    trajectories = model.decode(z, y(seed))  # the same z on another still`;
}

/**
 * @param {string} kind
 * @param {number} seed
 * @param {AbortSignal} signal
 * @returns {Promise<Still>}
 */
const drawn = async (kind, seed, signal) => ({
  ...(await sceneOf(kind, seed, signal)),
  words: KINDS[kind],
  model: DRAWN,
  scene: {kind, seed},
});

/** What moves in scenes of a kind. @param {string} kind */
const thingOf = kind => (kind.startsWith('fork') ? 'car' : kind);

/** A button for what may happen in the clip. @param {string} words @param {number} way */
const wayOf = (words, way) =>
  dom(`<button type="button" class="vd-quiet" data-act="way" data-way="${way}">${words}</button>`);

/** A latent's value as a bar from the middle. @param {number} value @param {number} d */
function barOf(value, d) {
  const row = dom('<div><span></span><i><b></b></i><output></output></div>');
  const wide = 50 * Math.min(1, Math.abs(value) / FULL);
  const bar = query(row, 'b');
  query(row, 'span').textContent = `z${d + 1}`;
  bar.style.left = `${value < 0 ? 50 - wide : 50}%`;
  bar.style.width = `${wide}%`;
  query(row, 'output').textContent = value.toFixed(2).replace('-', '−');
  return row;
}
