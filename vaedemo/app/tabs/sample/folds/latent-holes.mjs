/** One hand on two maps: a VAE, and the same net without KL and noise, with holes between its codes. */
import {ROOT} from '../../../../web/engine/root.mjs';
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {legend} from '../../../../web/ui/digit-legend.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {nats, shown} from '../../../../web/page/format.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {LiveDecoder} from '../../../../web/engine/live-decoder.mjs';
import {LatentMap} from '../../../../web/ui/latent-map.mjs';
import {facts, latents} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {doubt, findHoles, nearest} from '../lib/holes-overlay.mjs';

const MODELS = {vae: 'digits-2d', ae: 'digits-ae'};
const TITLES = {vae: 'VAE', ae: 'Autoencoder: the same net, no KL, no noise'};

const map = key =>
  `<figure class="vd-figure ${key}-map"><div data-part="${key}-map"></div><figcaption>${TITLES[key]}</figcaption></figure>`;
const digit = key => `<figure class="vd-figure ${key}-digit">
  <canvas class="vd-ink" data-part="${key}-digit" width="28" height="28" role="img"></canvas>
  <figcaption data-part="${key}-words" title="Ink in doubt: the mean of 1 − p over the ink, p being the mean of p(x|z)"></figcaption></figure>`;
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
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button>
    <span data-part="vae-badge"></span><span data-part="ae-badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** One model: its map, its digit, what it says of a place. */
class Half {
  /** @param {(name: string) => HTMLElement} find @param {(error: Error | null) => void} say */
  static async open(key, find, say, onMove) {
    const name = MODELS[key];
    const half = Object.assign(new Half(), {key, name, find});
    const [open, known] = await Promise.all([
      // One of its own: the newest picture asked of a shared decoder may be another section's.
      LiveDecoder.open(name, {onError: say}),
      latents(name),
    ]);
    Object.assign(half, {open, known, painter: new Painter(find(`${key}-digit`), open.shape)});
    half.map = new LatentMap(find(`${key}-map`), {
      label: `Map of ${name}`,
      picture: `${ROOT}live/models/${name}/map.png`,
      frame: key === 'ae' ? {mean: known.mean.data, std: known.std.data} : undefined,
      onMove: z => onMove(half.map.toPlane(z)),
    });
    badge(find(`${key}-badge`), name);
    return half;
  }

  /** @param {[number, number]} place  in the plane */
  show(place) {
    const {map, open, painter, find, key} = this;
    map.place(map.fromPlane(place));
    const {z} = map;
    open.show(z, planes => {
      painter.draw(planes);
      const inDoubt = `${Math.round(100 * doubt(planes))}% of its ink is in doubt`;
      find(`${key}-digit`).setAttribute('aria-label', `The digit that ${this.name} draws there: ${inDoubt}`);
      find(`${key}-words`).textContent =
        `z = (${shown(z)}): ${inDoubt}. Nearest code of a test digit: ${this.distance().toFixed(2)} std away.`;
    });
  }

  /** From the dot to the nearest code of a test digit, in standard deviations of the codes. */
  distance() {
    return nearest(this.map.z, this.known.points.data, this.known.std.data);
  }
}

/** @param {HTMLElement} element */
export async function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  /** @type {[number, number]} */ let place = address.numbers('hole', 2, 1) ?? [0.5, 0.5];
  let holes;
  let next = 0;

  try {
    const move = to => {
      place = to;
      find('found').textContent = '';
      follow(true);
    };
    const halves = await Promise.all(Object.keys(MODELS).map(key => Half.open(key, find, say, move)));
    const [vae, ae] = halves;

    function follow(byHand) {
      halves.forEach(half => half.show(place));
      if (byHand) address.set({hole: place.map(p => p.toFixed(3)).join()});
    }

    async function jump() {
      await Promise.all(halves.map(half => half.map.img.decode()));
      holes ??= findHoles(vae.map.img, ae.map, ae.known.points.data);
      if (!holes.length) {
        find('found').textContent = 'No hole was found on this map.';
        return;
      }
      place = holes[next].place;
      follow(true);
      const n = ae.known.labels.data.length.toLocaleString('en');
      find('found').textContent =
        `Hole ${next + 1} of ${holes.length}: none of ${n} test digits has its code within ${ae.distance().toFixed(2)} std, ` +
        "so the autoencoder's decoder had no need to learn what to draw here. The VAE's had to, everywhere under the prior.";
      next = (next + 1) % holes.length;
    }

    root.addEventListener('click', ({target}) => {
      if (target.dataset.act === 'hole') jump().catch(say);
      if (target.dataset.act === 'png')
        savePng('vae-and-autoencoder.png', beside(find('vae-digit'), find('ae-digit')), 16);
      if (target.dataset.act === 'code') showCode(halves.map(({name, map}) => python(name, map.z)).join('\n'));
      if (target.dataset.act !== 'codes') return;
      const colored = halves.map(
        ({
          map: {
            element: {classList},
          },
        }) => classList.toggle('colored'),
      )[0];
      target.setAttribute('aria-pressed', String(colored));
      legend(find('legend'), colored);
    });
    onStop({tab: 'sample', fold: 'latent-holes'}, () => jump().catch(say));
    halves.forEach(({map, known}) => map.overlay(known.points, known.labels));
    follow(false);
    await compare(find('metrics'));
  } catch (error) {
    say(error);
  }
}

/** What each model pays for its reconstructions, where that was measured. */
async function compare(element) {
  const [vae, ae] = await Promise.all(Object.values(MODELS).map(async name => (await facts(name)).metrics));
  if (!Number.isFinite(vae.distortion) || !Number.isFinite(ae.distortion)) return;
  element.textContent =
    `Distortion of reconstructed digits (${ae.split}, n = ${ae.n.toLocaleString('en')}): VAE ${nats(vae.distortion)}, ` +
    `autoencoder ${nats(ae.distortion)}. Both redraw digits they are shown; what differs is what lies between the codes.`;
}

function beside(...canvases) {
  const both = Object.assign(document.createElement('canvas'), {width: 28 * canvases.length, height: 28});
  canvases.forEach((canvas, i) => both.getContext('2d').drawImage(canvas, 28 * i, 0));
  return both;
}

const python = (name, z) => `${name === MODELS.vae ? 'import torch, vaedemo\n\n' : ''}model = vaedemo.load("${name}")
z = torch.tensor([[${z.map(value => value.toFixed(3)).join(', ')}]])
${name === MODELS.vae ? 'vae' : 'autoencoder'} = model.render(model.decode(z))  # (1, 1, 28, 28)`;
