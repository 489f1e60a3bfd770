/** One hand on two maps: a VAE, and the same net without KL and noise, with holes between its codes. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {LiveDecoder} from '../../../../web/engine/live-decoder.mjs';
import {facts, latents} from '../../../../web/engine/model-store.mjs';
import {contextOf, newCanvas} from '../../../../web/page/canvas-pixels.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {nats, shown} from '../../../../web/page/format.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {digitLegend} from '../../../../web/ui/digit-legend.mjs';
import {LatentMap} from '../../../../web/ui/latent-map.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {doubt, findHoles, nearest} from '../lib/latent-holes.mjs';
import {doubtOfMap} from '../lib/map-doubt.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {keyof typeof MODELS} Key
 * @typedef {[number, number]} Place  in the plane, [0, 1] x [0, 1]
 */

const MODELS = {vae: 'digits-2d', ae: 'digits-ae'};
const TITLES = {vae: 'VAE', ae: 'Autoencoder: the same net, no KL, no noise'};
const IN_DOUBT = 'Ink in doubt: the mean of 1 − p over the ink, p being the mean of p(x|z)';
const SCALE = 16; // of the PNG

/** @param {Key} key */
const map = key => `
<figure class="vd-figure ${key}-map">
  <div data-part="${key}-map"></div><figcaption>${TITLES[key]}</figcaption>
</figure>`;

/** @param {Key} key */
const digit = key => `
<figure class="vd-figure ${key}-digit">
  <canvas class="vd-ink" data-part="${key}-digit" width="28" height="28" role="img"></canvas>
  <figcaption data-part="${key}-words" title="${IN_DOUBT}"></figcaption>
</figure>`;

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="hole">Jump to a hole</button>
    <button type="button" class="vd-quiet" data-act="codes" aria-pressed="false">Test digits</button>
    <span class="vd-legend" data-part="legend" hidden></span>
  </div>
  <div class="vd-holes">${map('vae')}${digit('vae')}${digit('ae')}${map('ae')}</div>
  <p class="vd-note" role="status" data-part="found"></p>
  <p class="vd-note" data-part="metrics"></p>
  <div class="vd-row">${takeaway('png', 'code')}
    <span data-part="vae-badge"></span><span data-part="ae-badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  const [vae, ae] = await Promise.all([openHalf(mounted, 'vae'), openHalf(mounted, 'ae')]);
  const pair = new Pair(mounted, vae, ae);
  mounted.acts({
    hole: () => pair.jump(),
    codes: button => pair.toggleCodes(button),
    png: () => savePng('vae-and-autoencoder.png', beside(pair.canvases()), SCALE),
    code: () => showCode(python(pair.codes())),
  });
  mounted.onStop(() => pair.jump());
  mounted.part('metrics').textContent = await compared();
}

/** @param {Mounted} mounted @param {Key} key */
async function openHalf(mounted, key) {
  const name = MODELS[key];
  // A decoder of its own: the newest picture asked of a shared one may be another fold's.
  const [open, known] = await Promise.all([LiveDecoder.open(name, {onError: mounted.showError}), latents(name)]);
  mounted.badge(name, `${key}-badge`);
  return new Half(mounted, key, open, known);
}

/** One model: its map, its digit, what it says of a place. */
class Half {
  #name;
  #open;
  #words;
  #painter;
  /** Told where the hand goes. @type {(place: Place) => void} */
  onMove = () => {};

  /**
   * @param {Mounted} mounted
   * @param {Key} key
   * @param {LiveDecoder} open
   * @param {import('../../../../web/engine/model-store.mjs').Tensors} known
   */
  constructor(mounted, key, open, known) {
    this.#name = MODELS[key];
    this.#open = open;
    this.#words = mounted.part(`${key}-words`);
    this.known = known;
    this.canvas = mounted.part(`${key}-digit`, HTMLCanvasElement);
    this.#painter = new Painter(this.canvas, open.shape);
    this.map = new LatentMap(mounted.part(`${key}-map`), {
      label: `Map of ${this.#name}`,
      picture: `${ROOT}live/models/${this.#name}/map.png`,
      frame: key === 'ae' ? {mean: known.mean.data, std: known.std.data} : undefined,
      onMove: z => this.onMove(this.#placeOf(z)),
    });
    this.image = query(this.map.element, 'img', HTMLImageElement);
  }

  /** @param {number[]} z @returns {Place} */
  #placeOf(z) {
    const [x, y] = this.map.toPlane(z);
    return [x, y];
  }

  /** The test digits' codes in the plane. */
  get places() {
    const codes = this.known.points.data;
    return Array.from({length: codes.length / 2}, (_, i) => this.#placeOf([codes[2 * i], codes[2 * i + 1]])).flat();
  }

  /** @param {Place} place */
  show(place) {
    const z = this.map.fromPlane(place);
    this.map.place(z);
    this.#open.show(z, planes => {
      this.#painter.draw(planes);
      const inDoubt = `${Math.round(100 * doubt(planes))}% of its ink is in doubt`;
      this.canvas.setAttribute('aria-label', `The digit that ${this.#name} draws there: ${inDoubt}`);
      const away = this.distance().toFixed(2);
      this.#words.textContent = `z = (${shown(z)}): ${inDoubt}. Nearest code of a test digit: ${away} std away.`;
    });
  }

  /** From the dot to the nearest code of a test digit, in standard deviations of the codes. */
  distance() {
    return nearest(this.map.z, this.known.points.data, this.known.std.data);
  }
}

class Pair {
  #mounted;
  #vae;
  #ae;
  /** @type {import('../lib/latent-holes.mjs').Cell[] | undefined} */
  #holes;
  /** Which of the holes comes next. */
  #next = 0;

  /** @param {Mounted} mounted @param {Half} vae @param {Half} ae */
  constructor(mounted, vae, ae) {
    this.#mounted = mounted;
    this.#vae = vae;
    this.#ae = ae;
    for (const half of [vae, ae])
      half.onMove = place => {
        this.#tell('');
        this.#go(place);
      };
    vae.map.overlay(vae.known.points, vae.known.labels);
    ae.map.overlay(ae.known.points, ae.known.labels);
    const [x, y] = mounted.state.numbers('place') ?? [0.5, 0.5];
    this.#show([x, y]);
  }

  canvases() {
    return [this.#vae.canvas, this.#ae.canvas];
  }

  /** Where both dots are. */
  codes() {
    return {vae: this.#vae.map.z, ae: this.#ae.map.z};
  }

  /** @param {Place} place */
  #show(place) {
    this.#vae.show(place);
    this.#ae.show(place);
  }

  /** @param {Place} place */
  #go(place) {
    this.#show(place);
    this.#mounted.state.set({place: place.map(p => p.toFixed(3)).join()});
  }

  /** @param {string} words */
  #tell(words) {
    this.#mounted.part('found').textContent = words;
  }

  /** Both dots go to the autoencoder's next hole. */
  async jump() {
    await Promise.all([this.#vae.image.decode(), this.#ae.image.decode()]);
    this.#holes ??= findHoles(doubtOfMap(this.#ae.image), doubtOfMap(this.#vae.image), this.#ae.places);
    const holes = this.#holes;
    if (!holes.length) {
      this.#tell('No hole was found on this map.');
      return;
    }
    this.#go(holes[this.#next].place);
    const n = this.#ae.known.labels.data.length.toLocaleString('en');
    this.#tell(
      `Hole ${this.#next + 1} of ${holes.length}: none of ${n} test digits has its code within ` +
        `${this.#ae.distance().toFixed(2)} std, so the autoencoder's decoder had no need to learn what to draw here. ` +
        "The VAE's had to, everywhere under the prior.",
    );
    this.#next = (this.#next + 1) % holes.length;
  }

  /** @param {HTMLElement} button */
  toggleCodes(button) {
    const isColored = this.#vae.map.element.classList.toggle('colored');
    this.#ae.map.element.classList.toggle('colored', isColored);
    button.setAttribute('aria-pressed', String(isColored));
    digitLegend(this.#mounted.part('legend'), isColored);
  }
}

/** What each model pays for its reconstructions, where that was measured. */
async function compared() {
  const [vae, ae] = await Promise.all(Object.values(MODELS).map(async name => (await facts(name)).metrics));
  if (!Number.isFinite(vae.distortion) || !Number.isFinite(ae.distortion)) return '';
  return (
    `Distortion of reconstructed digits (${ae.split}, n = ${ae.n.toLocaleString('en')}): ` +
    `VAE ${nats(vae.distortion)}, autoencoder ${nats(ae.distortion)}. ` +
    'Both redraw digits they are shown; what differs is what lies between the codes.'
  );
}

/** @param {HTMLCanvasElement[]} canvases */
function beside(canvases) {
  const both = newCanvas(28 * canvases.length, 28);
  canvases.forEach((canvas, i) => contextOf(both).drawImage(canvas, 28 * i, 0));
  return both;
}

/** @param {{vae: number[], ae: number[]}} codes */
function python({vae, ae}) {
  const picture = (name, key, z) => `model = vaedemo.load("${MODELS[key]}")
z = torch.tensor([[${z.map(value => value.toFixed(3)).join(', ')}]])
${name} = model.render(model.decode(z))  # (1, 1, 28, 28)`;
  return `import torch, vaedemo

${picture('vae', 'vae', vae)}
${picture('autoencoder', 'ae', ae)}`;
}
