/**
 * How many futures: two hundred draws in groups, a typical one and the share of each; and where they end in different
 * places.
 */
import {percent} from '../../../../web/page/format.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {colorOf, filmsOf, letterOf, paintStill} from '../lib/future-renderer.mjs';
import {HEAT, glow} from '../../../../web/ui/heatmap-overlay.mjs';
import {SHOWN, asked, inView} from '../lib/still-store.mjs';
import {Player} from '../../../../web/ui/playback-clock.mjs';
import {dom, prefersReducedMotion as wantsStill} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';

const LEAST = 1; // pixels that count as bright at least: a map of what hardly differs stays dark
const TEMPLATE = `
<div class="vd-modes">
  <div class="two">
    <div>
      <div class="groups" data-part="groups"></div>
      <p class="vd-note" role="status" data-part="words"></p>
    </div>
    <figure class="vd-figure">
      <canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img" data-part="map"></canvas>
      <figcaption><b>Where it is unsure.</b> The standard deviation, over all draws, of where each cell ends, in pixels of a still of 64:
        <span class="heat"><span>0</span><i style="background: linear-gradient(90deg, ${HEAT.map(rgb => `rgb(${rgb.join(' ')})`).join(', ')})"></i><span data-part="most"></span></span></figcaption>
    </figure>
  </div>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="play">Play</button>
    <button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button>
    <span data-part="badge"></span>
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const canvases = () => [...find('groups').querySelectorAll('canvas')];
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  /** @type {import('../lib/future-renderer.mjs').Film[]} */ let films = [];
  /** @type {import('../lib/still-store.mjs').Still | null} */ let still = null;
  const player = new Player(
    root,
    t => canvases().forEach((canvas, k) => films[k].paint(canvas, t, 'motion')),
    playing => {
      root.querySelector('[data-act="play"]').textContent = playing ? 'Pause' : 'Play';
    },
  );

  inView(
    root,
    async ({still: seen, answer: {typical, shares, spread}}) => {
      const {words, model} = (still = seen);
      films = filmsOf(still, typical);
      find('groups').replaceChildren(
        ...shares.map((share, k) => {
          const box = dom(
            `<figure class="vd-figure"><canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img"></canvas><span class="tag">${letterOf(k)}</span><i aria-hidden="true"><b></b></i><figcaption></figcaption></figure>`,
          );
          box.style.setProperty('--mode', colorOf(k));
          box.querySelector('b').style.width = `${(100 * share) / shares[0]}%`;
          box.querySelector('figcaption').textContent = percent(share);
          box
            .querySelector('canvas')
            .setAttribute(
              'aria-label',
              `Group ${letterOf(k)} of the futures of ${words}, ${percent(share)} of the draws: a typical one`,
            );
          return box;
        }),
      );
      find('words').textContent =
        `${shares.length === 1 ? 'One group: the draws differ, but not in kind' : `${shares.length} groups, each with its share of the draws, and the draw that is nearest to its middle`}. ` +
        'A group is what average linkage joins, by where the cells end.';
      paintStill(find('map'), still.shown);
      const most = glow(find('map'), spread, LEAST);
      find('most').textContent = `${most.toFixed(1)} or more`;
      find('map').setAttribute(
        'aria-label',
        `Map over ${words}: bright where the draws end in different places, at most ${most.toFixed(1)} pixels`,
      );
      if (wantsStill()) player.pause(1);
      else player.play();
      badge(find('badge'), model).catch(() => {});
    },
    say,
  );

  const acts = {
    play: () => {
      if (player.playing) player.pause();
      else player.play();
    },
    png: () => savePng('groups.png', beside([...canvases(), find('map')]), 1),
    code: () => showCode(python(still)),
  };
  root.addEventListener('click', ({target}) => still && acts[target.dataset.act]?.());
}

/** @param {import('../lib/still-store.mjs').Still} still */
const python = ({model, scene}) => `import numpy as np
from vaedemo import forecast
${
  scene
    ? `from vaedemo.data import motion_scenes

still = motion_scenes.scene("${scene.kind}", seed=${scene.seed}).still().ravel()`
    : `
still = forecast.seen(open("photo.jpg", "rb").read()).still`
}  # (12288,), uint8
found = forecast.forecast("${model}", still, n=6, seed=${asked.seed})
found.shares  # of each group
found.spread  # (16, 16), pixels`;
