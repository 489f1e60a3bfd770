/**
 * How many futures: two hundred draws in groups, a typical one and the share of each; and where they end in different
 * places.
 */
import {dom, query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {percent} from '../../../../web/page/format.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {HEAT, heatmapOverlay} from '../../../../web/ui/heatmap-overlay.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {colorOf, filmsOf, letterOf, paintStill} from '../lib/future-renderer.mjs';
import {playerOf, start} from '../lib/still-frames.mjs';
import {SHOWN, asked, whenVisible} from '../lib/still-store.mjs';

const LEAST = 1; // pixels that count as bright at least: a map of what hardly differs stays dark
const SCALE = HEAT.map(rgb => `rgb(${rgb.join(' ')})`).join(', ');
const TEMPLATE = `
<div class="vd-modes">
  <div class="two">
    <div>
      <div class="groups" data-part="groups"></div>
      <p class="vd-note" role="status" data-part="words"></p>
    </div>
    <figure class="vd-figure">
      <canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img" data-part="map"></canvas>
      <figcaption><b>Where it is unsure.</b> The standard deviation, over all draws, of where each cell ends, in pixels
        of a still of 64: <span class="heat"><span>0</span><i style="background: linear-gradient(90deg, ${SCALE})"></i>
        <span data-part="most"></span></span></figcaption>
    </figure>
  </div>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="play">Play</button>
    ${takeaway('png', 'code', 'badge')}
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;
const GROUP = `
<figure class="vd-figure">
  <canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img"></canvas>
  <span class="tag"></span><i aria-hidden="true"><b></b></i><figcaption></figcaption>
</figure>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
function setup(mounted) {
  const groups = mounted.part('groups');
  const map = mounted.part('map', HTMLCanvasElement);
  /** @type {import('../lib/future-renderer.mjs').Film[]} */
  let films = [];
  /** @type {HTMLCanvasElement[]} */
  let canvases = [];
  /** @type {import('../lib/still-store.mjs').Still | null} */
  let still = null;
  const player = playerOf(
    mounted,
    () => films.length > 0,
    t => canvases.forEach((canvas, k) => films[k].paint(canvas, t, 'motion')),
  );

  whenVisible(mounted, async ({still: seen, answer: {typical, shares, spread}}) => {
    still = seen;
    films = filmsOf(seen, typical);
    const boxes = shares.map((share, k) => groupOf(k, share, shares[0], seen.words));
    canvases = boxes.map(box => query(box, 'canvas', HTMLCanvasElement));
    groups.replaceChildren(...boxes);
    mounted.part('words').textContent = counted(shares.length);
    paintStill(map, seen.shown);
    const most = heatmapOverlay(map, spread, LEAST).toFixed(1);
    mounted.part('most').textContent = `${most} or more`;
    map.setAttribute(
      'aria-label',
      `Map over ${seen.words}: bright where the draws end in different places, at most ${most} pixels`,
    );
    start(player);
    mounted.badge(seen.model);
  });

  mounted.acts({
    png: () => still && savePng('groups.png', beside([...canvases, map]), 1),
    code: () => still && showCode(python(still)),
  });
}

/**
 * A group's typical future, with its share of the draws.
 * @param {number} k
 * @param {number} share
 * @param {number} most  the largest share
 * @param {string} words  what the still shows
 */
function groupOf(k, share, most, words) {
  const box = dom(GROUP);
  box.style.setProperty('--mode', colorOf(k));
  query(box, '.tag').textContent = letterOf(k);
  query(box, 'b').style.width = `${(100 * share) / most}%`;
  query(box, 'figcaption').textContent = percent(share);
  query(box, 'canvas', HTMLCanvasElement).setAttribute(
    'aria-label',
    `Group ${letterOf(k)} of the futures of ${words}, ${percent(share)} of the draws: a typical one`,
  );
  return box;
}

/** @param {number} count */
function counted(count) {
  const groups =
    count === 1
      ? 'One group: the draws differ, but not in kind'
      : `${count} groups, each with its share of the draws, and the draw that is nearest to its middle`;
  return `${groups}. A group is what average linkage joins, by where the cells end.`;
}

/** @param {import('../lib/still-store.mjs').Still} still */
const python = ({model, scene}) => `import numpy as np
from vaedemo import forecast
${scene ? ofScene(scene) : PHOTO}
found = forecast.forecast("${model}", still, n=6, seed=${asked.seed})
found.shares  # of each group
found.spread  # (16, 16), pixels`;

/** @param {{kind: string, seed: number}} scene */
const ofScene = ({kind, seed}) => `from vaedemo.data import motion_scenes

still = motion_scenes.scene("${kind}", seed=${seed}).still().ravel()  # (12288,), uint8`;

const PHOTO = `
still = forecast.seen(open("photo.jpg", "rb").read()).shown.ravel()  # (196608,), uint8`;
