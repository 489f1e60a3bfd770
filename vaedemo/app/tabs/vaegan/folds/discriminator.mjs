/** Fool the discriminator: its score, and where it looks, for the photo and three models while z is pulled. */
import {decoderOf, draw} from '../../../../web/engine/model-store.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {percent} from '../../../../web/page/format.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {heatmapOverlay} from '../../../../web/ui/heatmap-overlay.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {beside, decoded} from '../../../../web/ui/side-by-side.mjs';
import {CRITIC, looksOf} from '../lib/critic.mjs';
import {GAN, LATENTS, MODELS, SHAPE} from '../lib/models.mjs';
import {leading, portrait} from '../lib/portrait.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/portrait.mjs').Portrait} Portrait
 */

const NAMES = ['faces-vae', GAN, 'faces-vae-gan'];
/** @param {string} name */
const racer = name => /** @type {typeof MODELS[number]} */ (MODELS.find(one => one.name === name));
const FARTHEST = 8; // the prior's z lie about as far from 0

/** @param {string} name @param {string} title */
const column = (name, title) => `
<figure class="vd-figure" data-part="${name}">
  <canvas class="vd-photo" width="64" height="64" role="img" aria-label="${title}"></canvas>
  <canvas class="vd-photo" width="64" height="64" role="img" aria-label="${title}: where it looks drawn"></canvas>
  <figcaption><span>${title}</span>
    <span class="bar"><span class="track"><i></i></span><b>…</b></span></figcaption>
</figure>`;

const TEMPLATE = `
<div class="vd-fool">
  <div class="pictures">${column('photo', 'The photo')}
    ${NAMES.map(name => column(name, racer(name).title)).join('')}</div>
  <p class="said" data-part="sentence" role="status">The discriminator looks …</p>
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="dice">Throw z</button>
    <button type="button" class="vd-quiet" data-act="portrait">The portrait’s z</button>
    <label>Pull z <input type="range" min="-${FARTHEST}" max="${FARTHEST}" step="0.1" data-part="pull">
      <output data-part="pull-value"></output></label>
    <button type="button" class="vd-quiet" data-act="direction">Another direction</button>
  </div>
  <p class="vd-note">Below each picture: the same, brighter where it looks drawn. Percent: the probability that the
    whole picture is a photograph, where photographs and drawn pictures are equally frequent.
    <span data-part="start"></span></p>
  <p class="vd-note">This discriminator, ${CRITIC}, learned after the decoders, from photographs and from what they
    draw; none of them has tried to fool it. Those that taught the GAN and the VAE/GAN stand on EfficientNet-Lite0,
    and do not ship.</p>
  <div class="vd-row">${takeaway('png', 'code', 'badge')}</div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const fool = new Fool(mounted);
  const slider = mounted.part('pull', HTMLInputElement);
  slider.addEventListener('input', () => fool.set({pull: Number(slider.value)}));
  mounted.acts({
    dice: () => fool.set({seed: nextSeed(fool.seed ?? 0)}),
    portrait: () => fool.set({seed: null, pull: 0}),
    direction: () => fool.set({direction: nextSeed(fool.direction)}),
    png: () => fool.savePictures(),
    code: () => showCode(python(fool)),
  });
  mounted.badge(CRITIC);
  portrait.whenVisible(
    mounted.root,
    () => true,
    (now, signal) => fool.take(now, signal),
    mounted.showError,
  );
  mounted.onStop(({seed, direction}) => {
    if (seed || direction) fool.set({seed: seed ? Number(seed) : null, direction: Number(direction ?? 1), pull: 0});
  });
}

/** Where z starts, how far it is pulled along which direction, and what the discriminator says. */
class Fool {
  #mounted;
  #painters;
  /** @type {Portrait | null} */
  #portrait = null;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    const {state} = mounted;
    this.#mounted = mounted;
    /** Whose z is thrown; null: the portrait's codes. @type {number | null} */
    this.seed = state.whole('seed', null);
    /** The seed of the direction. */
    this.direction = state.whole('direction', 1);
    this.pull = (state.given('pull') ? state.numbers('pull')?.[0] : 0) ?? 0;
    this.#painters = new Map(
      ['photo', ...NAMES].map(name => [name, this.#canvases(name).map(canvas => painter(canvas))]),
    );
    this.#place();
  }

  /** @param {string} name */
  #canvases(name) {
    return this.#mounted.all(`[data-part="${name}"] canvas`, HTMLCanvasElement);
  }

  /** @param {{seed?: number | null, direction?: number, pull?: number}} wanted */
  set({seed = this.seed, direction = this.direction, pull = this.pull}) {
    Object.assign(this, {seed, direction, pull});
    this.#place();
    this.#mounted.state.set({
      seed,
      direction: direction === 1 ? null : direction,
      pull: pull ? pull.toFixed(1) : null,
    });
    if (this.#portrait) this.#follow().catch(this.#mounted.showError);
  }

  #place() {
    this.#mounted.part('pull', HTMLInputElement).value = String(this.pull);
    this.#mounted.part('pull-value').textContent = this.pull.toFixed(1).replace('-', '−');
    const isDrawn = this.seed !== null;
    this.#mounted.button('portrait').setAttribute('aria-pressed', String(!isDrawn));
    this.#mounted.part('start').textContent = isDrawn
      ? 'All three draw the same z from N(0, I).'
      : 'VAE and VAE/GAN draw the portrait’s z. The GAN draws what the search above has found, else a thrown z.';
  }

  #follow = newest(signal => this.#look(signal));

  /** @param {Portrait} now @param {AbortSignal} signal */
  take(now, signal) {
    this.#portrait = now;
    return this.#look(signal);
  }

  /** The z of a model. @param {string} name @param {Float32Array} thrown @param {Float32Array} way */
  #code(name, thrown, way) {
    const own = name === GAN ? leading() : this.#portrait?.codes[name]?.mean;
    const start = this.seed === null && own ? own : [...thrown];
    return start.map((value, d) => value + this.pull * way[d]);
  }

  /** @param {AbortSignal} signal */
  async #look(signal) {
    const {x} = /** @type {Portrait} */ (this.#portrait);
    const [thrown, two] = await Promise.all([draw(1, LATENTS, this.seed ?? 0), draw(2, LATENTS, this.direction)]);
    const ahead = two.subarray(LATENTS); // the second: the first is what this seed throws, and leads straight to 0
    const length = Math.hypot(...ahead);
    const way = ahead.map(value => value / length);
    /** @type {[string, Uint8Array][]} */
    const faces = [['photo', x]];
    await Promise.all(
      NAMES.map(async (name, i) => {
        const open = await decoderOf(name, 'fool').catch(() => null);
        if (open) faces[i + 1] = [name, await decoded({open}, [this.#code(name, thrown, way)], signal)];
        else this.#say(name, `${name} is not here.`);
      }),
    );
    signal.throwIfAborted();
    const there = faces.filter(Boolean);
    for (const [name, planes] of there) this.#painters.get(name)?.forEach(one => one.draw(planes));
    const looks = await looksOf(
      there.map(([, planes]) => planes),
      signal,
    );
    signal.throwIfAborted();
    there.forEach(([name], i) => this.#show(name, looks.scores[i], looks.where[i]));
    this.#mounted.part('sentence').textContent = sentence(
      there.map(([name]) => name),
      looks.scores,
    );
    this.#mounted.showError(null);
    this.#mounted.root.dataset.drawn = [this.seed, this.direction, this.pull].join();
    this.#mounted.root.dataset.scores = looks.scores.map(score => score.toFixed(3)).join();
  }

  /** @param {string} name @param {number} score @param {Float32Array} where */
  #show(name, score, where) {
    heatmapOverlay(
      this.#canvases(name)[1],
      where.map(photo => 1 - photo),
      1,
    );
    query(this.#mounted.part(name), 'i').style.width = `${100 * score}%`;
    this.#say(name, percent(score));
  }

  /** @param {string} name @param {string} words */
  #say(name, words) {
    query(this.#mounted.part(name), 'b').textContent = words;
  }

  savePictures() {
    const names = ['photo', ...NAMES];
    savePng('discriminator.png', beside([0, 1].flatMap(row => names.map(name => this.#canvases(name)[row]))), 4);
  }
}

/** @param {HTMLCanvasElement} canvas */
const painter = canvas => new Painter(canvas, SHAPE, {crisp: false});

/** @param {string[]} names  the photo first @param {number[]} scores */
function sentence(names, [photo, ...scores]) {
  const own = `The discriminator gives the photo ${percent(photo)}.`;
  if (!scores.length) return own;
  const best = scores.indexOf(Math.max(...scores));
  const {title} = racer(names[best + 1]);
  const drawn = `Of the drawn pictures the ${title}’s scores highest, ${percent(scores[best])}`;
  if (scores[best] <= 0.5) return `${own} ${drawn}: no drawn picture fools it.`;
  return `${own} ${drawn}${scores[best] > photo ? ', more than the photo' : ''}: it is fooled.`;
}

/** @param {Fool} fool */
const python = ({seed, direction, pull}) => `import torch, vaedemo
from vaedemo.latents import draw
from vaedemo.vision import preprocessing
from vaedemo.vision.picture_errors import looks

critic = vaedemo.load_net("${CRITIC}")
photo = preprocessing.read("photo.jpg")
x = torch.from_numpy(preprocessing.prepared(photo, "faces", vaedemo.load_net("faces-eyes")))[None]  # (1, 3, 64, 64)
way = torch.from_numpy(draw(2, ${LATENTS}, seed=${direction})[1:])
faces = [x]
for name in (${NAMES.map(name => `"${name}"`).join(', ')}):
    model = vaedemo.load(name)
    z = ${pythonStart(seed)}
    faces.append(model.render(model.decode(z + ${pull.toFixed(1)} * way / way.norm())))
seen = looks(critic, torch.cat(faces))
print(seen.scores)  # (4,): probabilities of a photograph; seen.where: (4, 64, 64), of what surrounds each pixel`;

/** @param {number | null} seed */
const pythonStart = seed =>
  seed === null
    ? `torch.from_numpy(draw(1, model.z, seed=0)) if name == "${GAN}" else model.encode(x).mean`
    : `torch.from_numpy(draw(1, model.z, seed=${seed}))  # the same for all`;
