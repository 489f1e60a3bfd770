/**
 * Two models under one hand: a slider moves a latent of the left one, and of the right one the latent that tells most
 * of the same.
 */
import * as address from '../../../web/page/url-state.mjs';
import {prefersReducedMotion} from '../../../web/page/dom.mjs';
import {savePng} from '../../../web/page/downloads.mjs';
import {newest} from '../../../web/page/request.mjs';
import {onStop} from '../../../web/page/tour-events.mjs';
import {KINDS, LINKS, firstOf, kindOf, onGo, opened, rowsOf, tellPlanes, tellShown} from './lib/paired-models.mjs';
import {alike, plainly, randomized, view} from './lib/paired-view.mjs';
import {beside, saveSwing, showPython} from '../../../web/ui/side-by-side.mjs';
import {connection} from '../../../web/engine/model-store.mjs';
import {DEAD} from '../../../web/ui/sliders.mjs';

const SWING = 1.6;
const FARTHEST = 2.8;
const SWING_MS = 6000;
const SLOW_MS = 300;

/** @param {HTMLElement} element */
export async function mount(element) {
  const look = view({pull: follow, model: take});
  element.querySelector('[data-part="pull"]').replaceWith(look.root);
  const {root, say} = look;
  const undo = root.querySelector('[data-act="undo"]');
  /** @type {import('./lib/paired-models.mjs').Shown} */ let shown;
  /** What Undo brings back, and the slider pulled last. @type {number[][] | null} */ let before = null;
  let last = null;
  let untouched = true;
  let moves = 0; // moves: of the hand, and of what it asked for

  /** Opens models and shows them at an example, or at what `codesOf` gives for them. */
  const choose = newest(async (signal, names, codesOf = () => null) => {
    const kind = kindOf(names);
    const slow = setTimeout(() => look.words(`Opening ${names.join(' and ')} …`), SLOW_MS);
    const models = await Promise.all(names.map(name => opened(name))).finally(() => clearTimeout(slow));
    signal.throwIfAborted();
    const codes = codesOf(models);
    const example = models.map(({examples}) => examples[kind.opening][0]);
    shown = {
      kind,
      models,
      rows: rowsOf(models),
      codes: (codes ?? example).map(z => [...z]),
      locked: ({d}) => look.bank.locked(d),
    };
    [before, last, undo.disabled] = [null, shown.rows[0], true];
    say(null);
    look.build(shown);
    tellShown(shown, 'models');
    show();
    if (!codes && models[1]) settle(example[0], signal);
  });

  /**
   * Each model's own example is another picture: the right one's encoder says where the left one's lies. It may take
   * its time.
   */
  async function settle(z, signal) {
    const right = await alike(shown.models[0], z, shown.models[1], signal).catch(() => null);
    if (!right || signal.aborted || before) return;
    const moved = shown.codes[0].map((value, d) => value - z[d]); // by the hand, meanwhile
    shown.rows.forEach(({d, partner}) => {
      if (partner !== null) right[partner] += moved[d];
    });
    place(1, right);
    show();
    if (!untouched) write();
  }

  /**
   * The hand chose models.
   * @param {string[]} names
   * @param {string[]} [otherwise]  where one of them is nowhere to be had
   */
  function take(names, otherwise) {
    untouched = false;
    return choose(names).then(write, error => {
      if (otherwise) return take(otherwise).then(() => say(plainly(error)));
      if (shown) {
        look.build(shown);
        show();
      } // what the controls say is what is shown
      say(plainly(error));
    });
  }

  /** A kind's first two models, or the first alone. @param {import('./lib/paired-models.mjs').Kind} kind */
  const takeKind = kind => take(firstOf(kind), firstOf(kind).slice(0, 1));

  /**
   * A slider moved: the right model's latent goes along, by as much.
   * @param {number[]} z
   * @param {boolean} byHand
   * @param {number} pulled
   */
  function follow(z, byHand, pulled) {
    const row = shown.rows.find(({d}) => d === pulled);
    const [left, right] = shown.codes;
    const move = z[pulled] - left[pulled];
    left[pulled] = z[pulled];
    if (row.partner !== null) right[row.partner] += move;
    look.tell(row);
    last = row;
    show();
    if (!byHand) return;
    untouched = false;
    write();
  }

  function show() {
    shown.models.forEach(({open}, i) =>
      open.show(shown.codes[i], planes => {
        if (shown.models[i]?.open !== open) return; // another model has taken its place
        look.draw(i, planes, open);
        tellPlanes(i, planes);
      }),
    );
    tellShown(shown, 'codes');
  }

  /** Model i at other codes; what a locked slider holds stays. @param {number} i @param {ArrayLike<number>} z */
  function place(i, z) {
    const held = new Set(shown.rows.filter(shown.locked).map(({d, partner}) => (i ? partner : d)));
    shown.codes[i] = shown.codes[i].map((value, d) => (held.has(d) ? value : z[d]));
    if (!i) look.bank.place(shown.codes[0]);
  }

  /** All models at other codes; Undo brings back what was. @param {number[][]} codes @param {boolean} [onward] */
  function go(codes, onward = false) {
    if (!onward || !before) before = [...shown.codes];
    undo.disabled = untouched = false;
    codes.forEach((z, i) => place(i, z));
    show();
    write();
  }

  const start = newest(async (signal, what) => {
    const {models, rows} = shown;
    const [left, right] = models;
    const then = moves;
    if (what === 'prior')
      return go(
        randomized(
          shown,
          rows,
          models.map(({kl}) => kl.map(() => 0)),
          true,
        ),
      );
    const k = Math.floor(3 * Math.random());
    const z = left.examples[what][k];
    const codes = right ? [z, await alike(left, z, right, signal).catch(() => right.examples[what][k])] : [z];
    signal.throwIfAborted();
    if (shown.models === models && moves === then) go(codes); // else the hand has gone elsewhere meanwhile
  });

  const acts = {
    random: () => go(randomized(shown, shown.rows, shown.codes)),
    zero: () => go(shown.codes.map(z => z.map(() => 0))),
    undo() {
      [shown.codes, before, undo.disabled] = [before, null, true];
      look.bank.place(shown.codes[0]);
      show();
      write();
    },
    png: () => savePng(`${shown.models.map(({name}) => name).join('-and-')}.png`, beside(look.canvases()), 8),
    gif: () =>
      saveSwing(shown, last).then(
        () => say(null),
        error => say(error.message),
      ),
    code: () => showPython(shown),
  };
  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act, kind},
      },
    }) => {
      if (kind) takeKind(KINDS[kind]);
      if (shown) acts[act]?.();
    },
  );
  root.querySelector('[data-part="start"]').addEventListener('change', ({target}) => {
    if (shown && target.value) start(target.value).catch(error => say(error.message));
    target.value = '';
  });
  onGo(go);
  onStop({tab: 'sliders', fold: null}, ({pull}) => {
    if (LINKS.includes(pull)) take(pull.split('~'));
  });
  connection.subscribe(error => {
    if (shown) say(error && 'The server does not answer; trying again.');
  });

  function write() {
    if (!shown) return; // a second choice before the first was open
    moves++;
    const numbers = shown.codes
      .flat()
      .map(value => +value.toFixed(2))
      .join();
    address.set({pull: shown.models.map(({name}) => name).join('~'), pullz: numbers});
  }

  /** The codes that the link holds. @param {import('./lib/paired-models.mjs').Model[]} models */
  function linked(models) {
    const sizes = models.map(({kl}) => kl.length);
    const z = address.numbers(
      'pullz',
      sizes.reduce((a, b) => a + b),
      40,
    );
    return z && sizes.map((size, i) => (i ? z.slice(-size) : z.slice(0, size)));
  }

  untouched = !prefersReducedMotion() && address.get('pullz') === null;
  await choose(address.choice('pull', LINKS).split('~'), linked).catch(error => say(plainly(error)));
  if (shown && untouched) wander();

  /** Until the hand comes, one slider after another swings by itself. */
  function wander() {
    let visible = true;
    let spent = 0;
    let then = performance.now();
    let from = null;
    new IntersectionObserver(([entry]) => {
      visible = entry.isIntersecting;
    }).observe(look.canvases()[0]);
    const alive = shown.rows.filter(({d}) => shown.models[0].kl[d] >= DEAD);
    const rows = alive.length ? alive : shown.rows;
    requestAnimationFrame(function swing(now) {
      if (!untouched) return;
      const turn = Math.floor(spent / SWING_MS);
      if (visible && !document.hidden) spent += Math.max(0, Math.min(100, now - then));
      then = now;
      const {d, wide} = rows[turn % rows.length];
      const next = Math.floor(spent / SWING_MS) > turn;
      from ??= shown.codes[0][d];
      const value = from + (next ? 0 : wide * SWING * Math.sin((2 * Math.PI * spent) / SWING_MS));
      if (visible) look.bank.pull(d, Math.max(-wide * FARTHEST, Math.min(wide * FARTHEST, value)), false);
      if (next) from = null;
      requestAnimationFrame(swing);
    });
  }
}
