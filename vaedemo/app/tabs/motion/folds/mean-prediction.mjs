/** The regressor's one answer, the mean of all futures, beside the futures that it is the mean of. */
import {dom, query, queryAll} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {colorOf, filmsOf, letterOf, paintAll} from '../lib/future-renderer.mjs';
import {stillCode} from '../lib/python.mjs';
import {futures} from '../lib/requests.mjs';
import {playerOf, start, strip} from '../lib/still-frames.mjs';
import {SHOWN, whenVisible} from '../lib/still-store.mjs';
import {apart, meanOf} from '../../../../web/engine/trajectories.mjs';

const REGRESSOR = 'motion-regressor';
const MEAN = 6; // its color among the modes', red

/** @param {string} name */
const canvas = name =>
  `<canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img" data-part="${name}"></canvas>`;
const TEMPLATE = `
<div class="vd-onefuture">
  <div class="stage">
    <figure class="vd-figure">${canvas('mean')}
      <figcaption><b data-part="head">&nbsp;</b> <span data-part="what"></span></figcaption></figure>
    <figure class="vd-figure">${canvas('paths')}<figcaption data-part="ways">&nbsp;</figcaption></figure>
    <div><div class="futures" data-part="futures"></div>
      <table data-part="table"></table></div>
  </div>
  <div class="vd-instants" data-part="strip" hidden></div>
  <p class="vd-note" role="status" data-part="words"></p>
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="play">Play</button>
    ${takeaway('png', 'code', 'badge')}
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;
const FUTURE = `
<figure class="vd-figure">
  <canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img"></canvas><figcaption></figcaption>
</figure>`;
/** What is said of the mean of futures that are known. */
const EXACT = {
  one: 'the mean of all',
  other: 'one of the futures',
  head: 'The mean of all futures.',
  label: 'The mean of all futures',
  whose: 'the mean’s',
  over: 'all futures, which are equally likely',
};
/** The same of a regressor's guess of it. */
const GUESSED = {
  one: 'the regressor',
  other: 'one of the draws',
  head: 'The regressor’s answer.',
  label: 'The regressor’s one future',
  whose: 'the regressor’s',
  over: 'the draws shown',
};

/**
 * @typedef {import('../lib/still-store.mjs').Still} Still
 * @typedef {import('../lib/future-renderer.mjs').Moves} Moves
 */

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
function setup(mounted) {
  const mean = mounted.part('mean', HTMLCanvasElement);
  const paths = mounted.part('paths', HTMLCanvasElement);
  /** The one answer first, then the futures. @type {import('../lib/future-renderer.mjs').Film[]} */
  let films = [];
  /** @type {HTMLCanvasElement[]} */
  let canvases = [];
  /** @type {Still | null} */
  let still = null;

  const player = playerOf(
    mounted,
    () => films.length > 0,
    t => {
      films[0].paint(mean, t, 'motion');
      paintAll([...films.slice(1), films[0]], paths, Math.max(t, 0.02), 'paths');
      canvases.forEach((place, k) => films[k + 1].paint(place, t, 'motion'));
    },
  );

  whenVisible(mounted, async ({still: seen, answer}, signal) => {
    const {truths} = seen;
    const all = truths ? truths.map((trajectories, mode) => ({trajectories, mode})) : answer.futures;
    const one = truths ? meanOf(truths) : await regressed(seen, signal);
    signal.throwIfAborted();
    still = seen;
    films = filmsOf(seen, [{trajectories: one, mode: MEAN}, ...all]);
    const boxes = all.map(({mode}, k) => futureOf(k, mode, seen));
    canvases = boxes.map(box => query(box, 'canvas', HTMLCanvasElement));
    mounted.part('futures').replaceChildren(...boxes);
    describe(mounted, seen, all.length);
    compare(
      mounted,
      one,
      all.map(({trajectories}) => trajectories),
      truths !== null,
    );
    strip(mounted.part('strip'), (to, t) => films[0].paint(to, t, 'motion'));
    start(player);
  });

  mounted.acts({
    png: () => still && savePng('one-future.png', beside([mean, paths, ...canvases]), 1),
    code: () => still && showCode(python(still)),
  });
  mounted.onStop(() => {
    if (films.length) start(player);
  });
}

/** The regressor's one answer to a still. @param {Still} still @param {AbortSignal} signal */
async function regressed(still, signal) {
  const answer = await futures(REGRESSOR, still, {n: 1, seed: 0}, signal);
  return answer.futures[0].trajectories;
}

/** @param {number} k @param {number} mode @param {Still} still */
function futureOf(k, mode, {words, truths}) {
  const box = dom(FUTURE);
  const caption = query(box, 'figcaption');
  query(box, 'canvas', HTMLCanvasElement).setAttribute('aria-label', `Future ${k + 1} of ${words}`);
  caption.textContent = truths ? `future ${letterOf(mode)}` : `${k + 1} · ${letterOf(mode)}`;
  caption.style.borderLeft = `0.5em solid ${colorOf(mode)}`;
  caption.style.paddingLeft = '0.4em';
  return box;
}

/**
 * Says what the pictures show.
 * @param {import('../../../../web/page/fold.mjs').Mounted} mounted
 * @param {Still} still
 * @param {number} count  of the futures
 */
function describe(mounted, {words, truths}, count) {
  const {head, label, whose} = truths ? EXACT : GUESSED;
  mounted.part('head').textContent = head;
  mounted.part('what').textContent = truths
    ? 'Of all answers it has the least squared error, and a perfect regressor gives it: ' +
      `nowhere to be found among the ${count} on the right.`
    : 'No z, trained by squared error: one answer, whatever may happen.';
  mounted.part('ways').textContent = `All ways over one another; ${whose} in red.`;
  mounted.part('mean', HTMLCanvasElement).setAttribute('aria-label', `${label} of ${words}`);
  mounted
    .part('paths', HTMLCanvasElement)
    .setAttribute('aria-label', `The ways of ${count} futures of ${words}, and of the one answer, over one another`);
  if (!truths) mounted.badge(REGRESSOR);
  mounted.part('badge').hidden = truths !== null;
}

/**
 * How far the one answer lies from the futures, and how far each of them does.
 * @param {import('../../../../web/page/fold.mjs').Mounted} mounted
 * @param {Float32Array} one
 * @param {Float32Array[]} all
 * @param {boolean} exact  whether they are all that may happen
 */
function compare(mounted, one, all, exact) {
  const words = exact ? EXACT : GUESSED;
  /** @param {Float32Array} each */
  const error = each => Math.sqrt(all.reduce((sum, other) => sum + apart(each, other) ** 2, 0) / all.length);
  const ofOne = error(one);
  const ofOther = all.reduce((sum, each) => sum + error(each), 0) / all.length;
  const rows = [
    {name: words.one, error: ofOne, near: Math.min(...all.map(each => apart(one, each)))},
    {name: words.other, error: ofOther, near: 0},
  ];
  const table = mounted.part('table');
  table.innerHTML = `<tr><th></th><th>error, on average</th><th>from the nearest</th></tr>${rows
    .map(row => `<tr><td></td><td>${row.error.toFixed(2)} px</td><td>${row.near.toFixed(2)} px</td></tr>`)
    .join('')}`;
  queryAll(table, 'td:first-child').forEach((cell, i) => {
    cell.textContent = rows[i].name;
  });
  mounted.part('words').textContent = [
    `Error: root mean square of a coefficient's, over ${words.over}, in pixels of the still of 64.`,
    ofOne < ofOther
      ? 'On average the one answer is less wrong than any future could be; yet it is none of them.'
      : 'Here the one answer does not even win on average.',
  ].join(' ');
}

/** @param {Still} still */
function python(still) {
  const {scene, model} = still;
  if (!scene)
    return `${stillCode(still)}
import vaedemo

mean = vaedemo.load_net("${REGRESSOR}").futures(y, 1).trajectories  # (1, 10, 16, 16)
futures = vaedemo.load("${model}").futures(y, 6, seed=0).trajectories`;
  return `${stillCode(still)}
# All that may happen, equally likely: (modes, 10, 16, 16)
futures = motion_scenes.scene("${scene.kind}", seed=${scene.seed}).futures()
mean = futures.mean(0)
print((mean - futures).square().mean().sqrt(), (futures[:, None] - futures).square().mean((1, 2, 3, 4)).sqrt())`;
}
