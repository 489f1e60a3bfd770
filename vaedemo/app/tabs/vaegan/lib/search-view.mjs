/** The search for the GAN's z, as it is seen: the leader large, the starts small, their errors as a curve. */
import {decoderOf} from '../../../../web/engine/model-store.mjs';
import {prefersReducedMotion, query} from '../../../../web/page/dom.mjs';
import {saveGif} from '../../../../web/page/downloads.mjs';
import {decoded} from '../../../../web/ui/side-by-side.mjs';
import {drawCurve} from './error-curve.mjs';
import {GAN, SHAPE} from './models.mjs';
import {found, portrait} from './portrait.mjs';
import {Racers} from './racers.mjs';
import {STARTS, STEPS, SearchRun} from './search-run.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('./answers.mjs').Answers} Answers
 * @typedef {import('./portrait.mjs').Portrait} Portrait
 * @typedef {import('./search-run.mjs').Run} Run
 */
const MOST_SEED = 10 ** 9 - 1; // as tab.py has it
const GIF_FRAMES = 40;

/** The search for the GAN's z: it begins by itself where it is seen. */
export class SearchView {
  #mounted;
  #answers;
  #racers;
  #progress;
  #runs = new SearchRun(run => this.#show(run));
  /** Finished searches before the one in view. @type {Run[]} */
  #earlier = [];
  #seed;
  #visible = false;
  /** Whether the search of this portrait has begun, by itself or by hand. */
  #begun = false;
  #open = decoderOf(GAN, 'search');

  /** @param {Mounted} mounted @param {Answers} answers */
  constructor(mounted, answers) {
    this.#mounted = mounted;
    this.#answers = answers;
    this.#seed = mounted.state.whole('seed', 0);
    this.#racers = new Racers(mounted.part('racers'), answers.canvas(GAN), STARTS);
    this.#progress = query(mounted.root, 'progress', HTMLProgressElement);
    this.#open.catch(error => answers.absent(GAN, error.message));
    this.#idle();
  }

  /** The seed of the search in view, or of the next. */
  get seed() {
    return this.#runs.run?.seed ?? this.#seed;
  }

  /** Nothing has been searched for. */
  #idle() {
    this.#answers.say(GAN, 'No encoder:', 'somebody has to search.');
    this.#racers.clear();
    this.#progress.value = 0;
    drawCurve(this.#mounted.part('curve'), [], STEPS, []);
    this.#buttons();
  }

  /** @param {Portrait} face */
  arrived(face) {
    this.#runs.clear();
    this.#earlier = [];
    this.#begun = false;
    found.publish(null);
    this.#mounted.part('words').textContent = '';
    this.#idle();
    this.#byItself(face);
  }

  /** The tab came into view, or left it: a tab that is left searches for nobody. @param {boolean} visible */
  look(visible) {
    this.#visible = visible;
    const left = !visible && !this.#mounted.root.offsetParent;
    if (left && this.#runs.isRunning) {
      this.stop();
      this.#begun = false;
    }
    if (visible && portrait.value) this.#byItself(portrait.value);
  }

  /** @param {Portrait} face */
  #byItself(face) {
    if (!this.#visible || this.#begun || prefersReducedMotion()) return;
    this.#start(face).catch(this.#mounted.showError);
  }

  stop() {
    this.#runs.stop();
  }

  /** By hand: the seed in view where it was stopped or never begun, else another. */
  again() {
    if (!portrait.value) return;
    const {run} = this.#runs;
    if (run?.state === 'done') {
      this.#earlier.push(run);
      this.#seed = (run.seed + 1) % (MOST_SEED + 1);
      this.#mounted.state.set({seed: this.#seed});
    }
    return this.#start(portrait.value);
  }

  /** Back to the search before. */
  undo() {
    const run = this.#earlier.pop();
    if (!run) return;
    this.#seed = run.seed;
    this.#mounted.state.set({seed: run.seed || null});
    this.#runs.show(run);
  }

  /** @param {Portrait} face */
  async #start(face) {
    this.#begun = true;
    const {showError} = this.#mounted;
    const open = await this.#decoder().catch(error => this.#answers.absent(GAN, error.message));
    if (!open || portrait.value !== face) return;
    showError(null);
    await this.#runs.start(face.x, this.#seed);
  }

  /** The GAN's decoder; asked for again where it could not be had. */
  #decoder() {
    this.#open = this.#open.catch(() => decoderOf(GAN, 'search'));
    return this.#open.then(open => {
      this.#answers.absent(GAN, null);
      return open;
    });
  }

  /** @param {Run} run */
  async #show(run) {
    const {now, trail, state, seconds} = run;
    this.#buttons();
    const ended = state === 'done' || state === 'stopped';
    if (!now) {
      this.#answers.say(GAN, 'No encoder:', ended ? 'somebody has to search.' : 'the search begins …');
      return;
    }
    const error = Math.min(...now.errors);
    this.#progress.value = now.step;
    this.#answers.say(
      GAN,
      `squared error ${error.toFixed(4)}`,
      ended ? `${now.step} steps, ${seconds.toFixed(1)} s` : `step ${now.step} of ${STEPS}, ${seconds.toFixed(1)} s`,
    );
    drawCurve(this.#mounted.part('curve'), trail, STEPS, this.#answers.levels);
    found.publish(now);
    this.#mounted.part('words').textContent = ended ? this.#summary(run, error) : '';
    const isWanted = () => this.#runs.run === run && (ended || run.now !== null);
    const open = await this.#open;
    if (!isWanted()) return;
    if (ended) this.#racers.showAll(open, now, isWanted);
    else if (run.now === now) this.#racers.show(open, now, isWanted);
    const words = `What the GAN draws for the best z after step ${now.step}, squared error ${error.toFixed(4)}`;
    this.#answers.canvas(GAN).setAttribute('aria-label', words);
  }

  /** What is said of a search that has ended. @param {Run} run @param {number} error */
  #summary({state, now, seconds}, error) {
    const verb = state === 'done' ? 'took' : 'was stopped after';
    const best = `The search ${verb} ${now?.step} steps and ${seconds.toFixed(1)} s; its best start has the squared
      error ${error.toFixed(4)}.`;
    const others = this.#answers.levels.map(level => `${level.words} ${level.error.toFixed(4)}`);
    const rest = others.length ? `In one step each: ${others.join(', ')}.` : '';
    return `${best} ${rest}`.replace(/\s+/g, ' ').trim();
  }

  #buttons() {
    const {run} = this.#runs;
    const busy = this.#runs.isRunning;
    const search = this.#mounted.button('search');
    search.disabled = !portrait.value;
    search.hidden = busy;
    search.textContent = run?.state === 'done' ? 'Search again' : 'Search';
    search.title = run?.state === 'done' ? 'From other starts' : `${STARTS} starts, ${STEPS} steps`;
    this.#mounted.button('stop').hidden = !busy;
    this.#mounted.button('undo').hidden = busy || !this.#earlier.length;
    this.#mounted.button('gif').disabled = !run || run.path.length < 2 || busy;
  }

  /** The leader, from the first step to the last. */
  async saveGif() {
    const {run} = this.#runs;
    if (!run) return;
    const most = run.path.length - 1;
    const count = Math.min(GIF_FRAMES, most + 1);
    const path = Array.from({length: count}, (_, i) => run.path[Math.round((i / (count - 1)) * most)]);
    const planes = await decoded({open: await this.#open}, path);
    const [channels, height, width] = SHAPE;
    await saveGif('search.gif', planes, {width, height, channels, ms: 80, scale: 4, back: true});
  }
}
