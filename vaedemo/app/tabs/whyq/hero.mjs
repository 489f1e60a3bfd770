/** The tab's opening: a thousand darts at the latent space, thrown blindly from the prior, or aimed by the encoder. */
import {ROOT} from '../../../web/engine/root.mjs';
import * as address from '../../../web/page/url-state.mjs';
import {badge} from '../../../web/ui/model-badge.mjs';
import {Board} from './lib/latent-window.mjs';
import {showCode} from '../../../web/ui/code-dialog.mjs';
import {estimates, plot} from './lib/estimator-chart.mjs';
import {logSum} from './lib/log-evidence.mjs';
import {pad} from '../../../web/ui/drawing-pad.mjs';
import {dom} from '../../../web/page/dom.mjs';
import {savePng} from '../../../web/page/downloads.mjs';
import {onStop} from '../../../web/page/tour-events.mjs';
import {backdrop, python, TEMPLATE, verdict} from './lib/darts-view.mjs';
import {beside} from '../../../web/ui/side-by-side.mjs';
import {choices, onSubject, paintX} from './lib/observed-digit.mjs';
import {MODELS, Throwing} from './lib/prior-and-q-sampling.mjs';

const SEEDS = 1_000_000;
const HANDS = ['prior', 'q'];

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error && error.name !== 'AbortError' ? error.message : '';
  };
  element.querySelector('[data-part="darts"]').append(root);
  pad(find('pad'));
  choices(find('examples')).catch(say);
  const map = new Board(find('map'), 'The latent space, with the darts on it');
  const near = new Board(find('near'), 'The surroundings of q, enlarged');
  const behind = Object.assign(new Image(), {
    alt: '',
    className: 'behind',
    src: `${ROOT}live/models/${MODELS[2]}/map.png`,
  });
  find('map').prepend(behind);
  let latents = Number(address.choice('latents', Object.keys(MODELS)));
  let seed = address.whole('darts', 0, SEEDS - 1, 1);
  let hand = /** @type {import('./lib/prior-and-q-sampling.mjs').Hand} */ (address.choice('hand', HANDS));
  let subject;
  let throwing = /** @type {Throwing | null} */ (null);
  let exact = /** @type {import('./lib/log-evidence.mjs').Evidence | null} */ (null);
  let turn = 0;

  /** Another digit, or another number of latents: thrown anew at once. */
  async function begin() {
    const mine = ++turn;
    [throwing, exact] = [null, null];
    for (const button of root.querySelectorAll('[data-latents]'))
      button.setAttribute('aria-pressed', String(Number(button.dataset.latents) === latents));
    const opened = await Throwing.at(latents, subject);
    if (mine !== turn) return;
    throwing = opened;
    say(null);
    paintX(find('x'), subject.x);
    badge(find('badge'), opened.name).catch(say);
    const {q} = opened;
    const pair = opened.shown();
    const two = values => pair.map(d => values[d]);
    const flat = latents === 2;
    find('caption').textContent = flat
      ? 'p(z) covers the whole map: equal areas hold equal parts of it.'
      : `Two of the ${latents} latents, z${pair[0]} and z${pair[1]}; behind them the others are as in q's mean. A dart may lie in the ellipse here and miss in the others.`;
    behind.hidden = !flat;
    near.window(two(q.mean), 5 * Math.max(...two(q.sigma)));
    near.clearHeat();
    const ellipse = {mean: two(q.mean), sigma: two(q.sigma), angle: 0};
    for (const board of [map, near]) {
      board.ellipses({encoder: ellipse});
      board.darts([]);
    }
    if (!flat) backdrop(map.heatCanvas, opened, pair).catch(say);
    else map.clearHeat();
    if (flat)
      subject.evidence().then(found => {
        if (mine !== turn) return;
        exact = found;
        near.heat(found.surface);
        tell();
      }, say);
    await toss(hand);
    // unseen: what the estimates stand beside
    if (hand === 'prior' && mine === turn) await opened.throw('q', seed + 1).then(tell);
  }

  /** @param {import('./lib/prior-and-q-sampling.mjs').Hand} from */
  async function toss(from) {
    hand = from;
    const mine = throwing;
    const start = performance.now();
    const pair = mine.shown();
    const landed = [];
    await mine.throw(from, seed, darts => {
      landed.push(...darts.map(dart => ({...dart, z: pair.map(d => dart.z[d])})));
      if (mine === throwing) [map, near].forEach(board => board.darts(landed));
    });
    if (mine !== throwing) return;
    root.dataset.thrown = `${from} ${seed} ${mine.last.filter(({hit}) => hit).length}`;
    root.dataset.ms = (performance.now() - start).toFixed(0);
    tell();
  }

  /** What the throws so far say. */
  function tell() {
    if (!throwing?.last.length) return;
    const {big, note} = verdict(throwing, hand);
    find('big').textContent = big;
    find('note').textContent = note;
    const prior = throwing.weights('prior');
    const q = throwing.weights('q');
    const known = exact?.logP ?? null;
    const line = known ?? (q.length ? logSum(q) - Math.log(q.length) : NaN);
    find('line').textContent = Number.isFinite(line)
      ? `${line.toFixed(1).replace('-', '−')} nats${known === null ? `, by ${q.length.toLocaleString('en')} throws of q` : ', summed exactly'}`
      : '…';
    if (Number.isFinite(line))
      plot(find('plot'), {
        prior: prior.length ? estimates(prior) : [],
        q: q.length ? estimates(q) : [],
        exact: known,
        line,
      });
  }

  /** One throw at a time; of those asked for meanwhile, the last. */
  let busy = false;
  let next = /** @type {null | (() => Promise<void>)} */ (null);
  async function go(work) {
    next = work;
    if (busy) return;
    busy = true;
    while (next) {
      const now = next;
      next = null;
      await now().catch(say);
    }
    busy = false;
  }
  const again = from =>
    go(async () => {
      [seed, hand] = [(seed + 1) % SEEDS, from];
      address.set({darts: seed, hand});
      if (throwing) await toss(hand); // else it begins with them
    });
  const dial = number => {
    latents = number;
    address.set({latents});
    begin().catch(say);
  };

  root.addEventListener('click', ({target: {dataset}}) => {
    const {act, latents: number} = dataset;
    if (HANDS.includes(act)) again(act);
    if (number) dial(Number(number));
    if (act === 'reset') {
      seed = 1;
      hand = 'prior';
      address.set({darts: null, hand: null});
      begin().catch(say);
    }
    if (act === 'png') savePng('darts.png', beside([map.picture(), near.picture()]), 1);
    if (act === 'code') showCode(python(MODELS[latents], latents, seed, hand));
  });
  onStop({tab: 'whyq', fold: null}, state => {
    if (!(state.hand && state.latents)) return;
    const same = latents === Number(state.latents);
    hand = /** @type {any} */ (state.hand);
    if (!subject) {
      latents = Number(state.latents);
      return;
    }
    if (same && throwing) again(hand);
    else dial(Number(state.latents));
  });
  new ResizeObserver(tell).observe(find('plot').parentElement);
  onSubject(next => {
    subject = next;
    begin().catch(say);
  });
}
