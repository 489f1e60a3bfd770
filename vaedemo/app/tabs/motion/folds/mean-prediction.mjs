/** The regressor's one answer, the mean of all futures, beside the futures that it is the mean of. */
import {futures} from '../lib/requests.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {colorOf, filmsOf, letterOf, paintAll} from '../lib/future-renderer.mjs';
import {SHOWN, inView} from '../lib/still-store.mjs';
import {stillCode} from '../lib/python.mjs';
import {Player} from '../../../../web/ui/playback-clock.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {start, strip} from '../lib/still-frames.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';

const REGRESSOR = 'motion-regressor';
const MEAN = 6; // MEAN: its color among the modes', red
const canvas = name =>
  `<canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img" data-part="${name}"></canvas>`;
const TEMPLATE = `
<div class="vd-onefuture">
  <div class="stage">
    <figure class="vd-figure">${canvas('mean')}<figcaption data-part="head">&nbsp;</figcaption></figure>
    <figure class="vd-figure">${canvas('paths')}<figcaption data-part="ways">&nbsp;</figcaption></figure>
    <div><div class="futures" data-part="futures"></div>
      <table data-part="table"></table></div>
  </div>
  <div class="strip" data-part="strip" hidden></div>
  <p class="vd-note" role="status" data-part="words"></p>
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="play">Play</button>
    <button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span>
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const small = () => [...find('futures').querySelectorAll('canvas')];
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  /** The one answer first, then the futures. @type {import('../lib/future-renderer.mjs').Film[]} */ let films = [];
  /** @type {import('../lib/still-store.mjs').Still | null} */ let still = null;

  const player = new Player(
    root,
    t => {
      if (!films.length) return;
      films[0].paint(find('mean'), t, 'motion');
      paintAll([...films.slice(1), films[0]], find('paths'), Math.max(t, 0.02), 'paths');
      small().forEach((place, k) => films[k + 1].paint(place, t, 'motion'));
    },
    playing => {
      root.querySelector('[data-act="play"]').textContent = playing ? 'Pause' : 'Play';
    },
  );

  inView(
    root,
    async ({still: seen, answer}, signal) => {
      const {words, truths} = seen;
      const all = truths ? truths.map((trajectories, mode) => ({trajectories, mode})) : answer.futures;
      const one = truths
        ? meanOf(truths)
        : (await futures(REGRESSOR, seen.still, {n: 1, seed: 0}, signal)).futures[0].trajectories;
      signal.throwIfAborted();
      [still, films] = [seen, filmsOf(seen, [{trajectories: one, mode: MEAN}, ...all])];
      find('futures').replaceChildren(
        ...all.map(({mode}, k) => {
          const box = dom(
            `<figure class="vd-figure"><canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img" aria-label="Future ${k + 1} of ${words}"></canvas><figcaption></figcaption></figure>`,
          );
          box.querySelector('figcaption').textContent = truths
            ? `future ${letterOf(mode)}`
            : `${k + 1} · ${letterOf(mode)}`;
          box.querySelector('figcaption').style.borderLeft = `0.5em solid ${colorOf(mode)}`;
          box.querySelector('figcaption').style.paddingLeft = '0.4em';
          return box;
        }),
      );
      find('head').innerHTML = '<b></b> <span></span>';
      find('head').firstElementChild.textContent = truths ? 'The mean of all futures.' : 'The regressor’s answer.';
      find('head').lastElementChild.textContent = truths
        ? `Of all answers it has the least squared error, and a perfect regressor gives it: nowhere to be found among the ${all.length} on the right.`
        : 'No z, trained by squared error: one answer, whatever may happen.';
      find('mean').setAttribute(
        'aria-label',
        `${truths ? 'The mean of all futures' : 'The regressor’s one future'} of ${words}`,
      );
      find('ways').textContent = `All ways over one another; ${truths ? 'the mean’s' : 'the regressor’s'} in red.`;
      find('paths').setAttribute(
        'aria-label',
        `The ways of ${all.length} futures of ${words}, and of the one answer, over one another`,
      );
      table(
        one,
        all.map(({trajectories}) => trajectories),
        truths,
      );
      strip(find('strip'), (to, t) => films[0].paint(to, t, 'motion'));
      start(player);
      if (!truths) badge(find('badge'), REGRESSOR).catch(() => {});
      find('badge').hidden = Boolean(truths);
    },
    say,
  );

  /** How far the one answer lies from the futures, and how far each of them does. */
  function table(one, all, truths) {
    const spread = each => Math.sqrt(all.reduce((sum, other) => sum + apart(each, other) ** 2, 0) / all.length);
    const others = all.map(spread);
    const mean = others.reduce((a, b) => a + b) / all.length;
    const rows = [
      [truths ? 'the mean of all' : 'the regressor', spread(one), Math.min(...all.map(each => apart(one, each)))],
      [truths ? 'one of the futures' : 'one of the draws', mean, 0],
    ];
    find('table').innerHTML =
      `<tr><th></th><th>error, on average</th><th>from the nearest</th></tr>${rows.map(([, error, near]) => `<tr><td></td><td>${error.toFixed(2)} px</td><td>${near.toFixed(2)} px</td></tr>`).join('')}`;
    find('table')
      .querySelectorAll('td:first-child')
      .forEach((cell, i) => {
        cell.textContent = String(rows[i][0]);
      });
    find('words').textContent =
      `Error: root mean square of a coefficient's, over ${truths ? 'all futures, which are equally likely' : 'the draws shown'}, in pixels of the still of 64. ` +
      (rows[0][1] < mean
        ? 'On average the one answer is less wrong than any future could be; yet it is none of them.'
        : 'Here the one answer does not even win on average.');
  }

  const acts = {
    play: () => {
      if (player.playing) player.pause();
      else player.play();
    },
    png: () => savePng('one-future.png', beside([find('mean'), find('paths'), ...small()]), 1),
    code: () =>
      showCode(
        still.truths
          ? `${stillCode(still)}
futures = motion_scenes.scene("${still.scene.kind}", seed=${still.scene.seed}).futures()  # exact, equally likely: (modes, 10, 16, 16)
mean = futures.mean(0)
print((mean - futures).square().mean().sqrt(), (futures[:, None] - futures).square().mean((1, 2, 3, 4)).sqrt())`
          : `${stillCode(still)}
from vaedemo import zoo

mean = zoo.load_net("${REGRESSOR}").futures(y, 1).trajectories  # (1, 10, 16, 16)
futures = vaedemo.load("${still.model}").futures(y, 6, seed=0).trajectories`,
      ),
  };
  root.addEventListener('click', ({target}) => films.length && acts[target.dataset.act]?.());
  onStop({tab: 'motion', fold: 'mean-prediction'}, () => {
    if (films.length) start(player);
  });
}

/** @param {Float32Array[]} all @returns {Float32Array} */
const meanOf = all => all[0].map((_, i) => all.reduce((sum, one) => sum + one[i] / all.length, 0));
/** Root mean square of two trajectories' difference. @param {Float32Array} one @param {Float32Array} other */
const apart = (one, other) => Math.sqrt(one.reduce((sum, value, i) => sum + (value - other[i]) ** 2, 0) / one.length);
