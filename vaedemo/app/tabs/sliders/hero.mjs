/**
 * Two models under one hand: a slider moves a latent of the left one, and of the right one the latent that tells most
 * of the same.
 */
import {prefersReducedMotion} from '../../../web/page/dom.mjs';
import {savePng} from '../../../web/page/downloads.mjs';
import {mountFold} from '../../../web/page/fold.mjs';
import {newest} from '../../../web/page/request.mjs';
import {beside} from '../../../web/ui/side-by-side.mjs';
import {alike, fromPrior, randomized} from './lib/codes.mjs';
import {saveSwing, showPython} from './lib/export.mjs';
import {KINDS, LINKS, decodedNow, firstOf, kindOf, moves, opened, shownNow} from './lib/paired-models.mjs';
import {PairedView, TEMPLATE} from './lib/paired-view.mjs';
import {rowsOf} from './lib/pairing.mjs';
import {wander} from './lib/wander.mjs';

/**
 * @typedef {import('./lib/paired-models.mjs').Shown} Shown
 * @typedef {import('./lib/paired-models.mjs').Row} Row
 * @typedef {import('./lib/paired-models.mjs').Model} Model
 */

const SLOW_MS = 300;
const SCALE = 8; // of the PNG

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../web/page/fold.mjs').Mounted} mounted */
async function setup(mounted) {
  const {state, showError} = mounted;
  const pair = new Pair(mounted);
  mounted.acts({
    kind: button => pair.take(...firstChoices(button.dataset.kind)),
    random: () => pair.shown && pair.go(randomized(pair.shown)),
    zero: () => pair.shown && pair.go(pair.shown.codes.map(z => z.map(() => 0))),
    undo: () => pair.undo(),
    png: () => pair.savePicture(),
    gif: () => pair.saveSwing(),
    code: () => pair.shown && showPython(pair.shown),
  });
  const start = mounted.part('start', HTMLSelectElement);
  start.addEventListener('change', () => {
    if (start.value) pair.start(start.value).catch(showError);
    start.value = '';
  });
  moves.subscribe(({codes, onward}) => pair.go(codes, onward));
  mounted.followConnection(() => pair.shown);
  pair.untouched = !prefersReducedMotion() && !state.given('z');
  await pair.open(state.choice('models', LINKS).split('~'), models => linkedCodes(state, models));
}

/**
 * A kind's first two models, or the first alone where the second is nowhere.
 * @param {string} kind
 * @returns {[string[], string[]]}
 */
function firstChoices(kind) {
  const names = firstOf(KINDS[kind]);
  return [names, names.slice(0, 1)];
}

/**
 * The codes that the link holds.
 * @param {import('../../../web/page/url-state.mjs').UrlState} state
 * @param {Model[]} models
 */
function linkedCodes(state, models) {
  const sizes = models.map(({kl}) => kl.length);
  const z = state.numbers(
    'z',
    sizes.reduce((a, b) => a + b),
  );
  return z && sizes.map((size, i) => (i ? z.slice(-size) : z.slice(0, size)));
}

/** @param {Error} error  of a model that could not be opened */
const plainly = ({message}) => (/ is not here\.$/.test(message) ? `${message} Choose another.` : message);

/** The models that are shown, one or two, and the codes that they draw. */
class Pair {
  /** @type {Shown | undefined} */
  shown;
  /** Whether no hand has moved anything yet. */
  untouched = true;
  #mounted;
  #view;
  /** What Undo brings back. @type {number[][] | null} */
  #before = null;
  /** The slider that was pulled last. @type {Row} */
  #last;
  /** Counts moves of the hand, and of what it asked for. */
  #moves = 0;

  /** @param {import('../../../web/page/fold.mjs').Mounted} mounted */
  constructor(mounted) {
    this.#mounted = mounted;
    this.#view = new PairedView(mounted, {
      pull: (z, byHand, pulled) => this.#follow(z, byHand, pulled),
      choose: names => this.take(names),
    });
  }

  /**
   * What the tab opens with.
   * @param {string[]} names
   * @param {(models: Model[]) => number[][] | null} codesOf
   */
  async open(names, codesOf) {
    await this.#choose(names, codesOf).catch(error => this.#mounted.showError(plainly(error)));
    if (!this.shown || !this.untouched) return;
    wander(this.shown, {
      screen: this.#view.canvases()[0],
      isWanted: () => this.untouched,
      pull: (d, value) => this.#view.bank.pull(d, value, false),
    });
  }

  /**
   * The hand chose models.
   * @param {string[]} names
   * @param {string[]} [otherwise]  where one of them is nowhere to be had
   */
  async take(names, otherwise) {
    this.untouched = false;
    try {
      await this.#choose(names);
      this.#write();
    } catch (error) {
      if (otherwise) await this.take(otherwise);
      else if (this.shown) {
        this.#view.build(this.shown); // what the controls say is what is shown
        this.#show();
      }
      this.#mounted.showError(plainly(error));
    }
  }

  /** Opens models and shows them at an example, or at what `codesOf` gives for them. */
  #choose = newest(
    async (
      signal,
      /** @type {string[]} */ names,
      /** @type {(models: Model[]) => number[][] | null} */ codesOf = () => null,
    ) => {
      const slow = setTimeout(() => this.#view.words(`Opening ${names.join(' and ')} …`), SLOW_MS);
      const models = await Promise.all(names.map(opened)).finally(() => clearTimeout(slow));
      signal.throwIfAborted();
      const kind = kindOf(names);
      const codes = codesOf(models);
      const example = models.map(({examples}) => examples[kind.opening][0]);
      this.shown = {
        kind,
        models,
        rows: rowsOf(models),
        codes: (codes ?? example).map(z => [...z]),
        locked: ({d}) => this.#view.bank.locked(d),
      };
      this.#setBefore(null);
      this.#last = this.shown.rows[0];
      this.#mounted.showError(null);
      this.#view.build(this.shown);
      shownNow.publish(this.shown, 'models');
      this.#show();
      if (!codes && models[1]) this.#settle(example[0], signal);
    },
  );

  /**
   * Each model's own example is another picture: the right one's encoder says where the left one's lies. It may take
   * its time.
   * @param {number[]} z  the left model's example
   * @param {AbortSignal} signal
   */
  async #settle(z, signal) {
    const [left, right] = this.shown.models;
    const found = await alike(left, z, right, signal).catch(() => null);
    if (!found || signal.aborted || this.#before) return;
    const moved = this.shown.codes[0].map((value, d) => value - z[d]); // by the hand, meanwhile
    for (const {d, partner} of this.shown.rows) if (partner !== null) found[partner] += moved[d];
    this.#place(1, found);
    this.#show();
    if (!this.untouched) this.#write();
  }

  /** A slider moved: the right model's latent goes along, by as much. */
  #follow(z, byHand, pulled) {
    const row = this.shown.rows.find(({d}) => d === pulled);
    const [left, right] = this.shown.codes;
    const move = z[pulled] - left[pulled];
    left[pulled] = z[pulled];
    if (row.partner !== null) right[row.partner] += move;
    this.#view.describe(row);
    this.#last = row;
    this.#show();
    if (!byHand) return;
    this.untouched = false;
    this.#write();
  }

  #show() {
    this.shown.models.forEach(({open}, model) =>
      open.show(this.shown.codes[model], planes => {
        if (this.shown.models[model]?.open !== open) return; // another model has taken its place
        this.#view.draw(model, planes, open);
        decodedNow.publish({model, planes});
      }),
    );
    shownNow.publish(this.shown, 'codes');
  }

  /** Model i at other codes; what a locked slider holds stays. @param {number} i @param {ArrayLike<number>} z */
  #place(i, z) {
    const held = new Set(this.shown.rows.filter(this.shown.locked).map(({d, partner}) => (i ? partner : d)));
    this.shown.codes[i] = this.shown.codes[i].map((value, d) => (held.has(d) ? value : z[d]));
    if (!i) this.#view.bank.place(this.shown.codes[0]);
  }

  /** All models at other codes; Undo brings back what was. @param {number[][]} codes @param {boolean} [onward] */
  go(codes, onward = false) {
    if (!onward || !this.#before) this.#setBefore([...this.shown.codes]);
    this.untouched = false;
    codes.forEach((z, i) => this.#place(i, z));
    this.#show();
    this.#write();
  }

  /** Goes to an example of the left model, or to a draw from the prior. */
  start = newest(async (signal, /** @type {string} */ what) => {
    if (!this.shown) return;
    const {models} = this.shown;
    const [left, right] = models;
    const then = this.#moves;
    if (what === 'prior') {
      this.go(fromPrior(this.shown));
      return;
    }
    const k = Math.floor(3 * Math.random());
    const z = left.examples[what][k];
    const codes = right ? [z, await alike(left, z, right, signal).catch(() => right.examples[what][k])] : [z];
    signal.throwIfAborted();
    const isWaiting = this.shown.models === models && this.#moves === then; // the hand has gone nowhere else meanwhile
    if (isWaiting) this.go(codes);
  });

  /** @param {number[][] | null} codes  of each model */
  #setBefore(codes) {
    this.#before = codes;
    this.#mounted.button('undo').disabled = !codes;
  }

  undo() {
    this.shown.codes = this.#before;
    this.#setBefore(null);
    this.#view.bank.place(this.shown.codes[0]);
    this.#show();
    this.#write();
  }

  savePicture() {
    if (!this.shown) return;
    const names = this.shown.models.map(({name}) => name);
    savePng(`${names.join('-and-')}.png`, beside(this.#view.canvases()), SCALE);
  }

  async saveSwing() {
    if (!this.shown) return;
    await saveSwing(this.shown, this.#last);
    this.#mounted.showError(null);
  }

  #write() {
    if (!this.shown) return; // a second choice before the first was open
    this.#moves++;
    const z = this.shown.codes.flat().map(value => +value.toFixed(2));
    this.#mounted.state.set({models: this.shown.models.map(({name}) => name).join('~'), z: z.join()});
  }
}
