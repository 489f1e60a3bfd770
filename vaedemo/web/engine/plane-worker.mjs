/**
 * The Worker in which a VAE and a GAN learn the same points in the plane.
 *
 * In: {open: {set, seed}} (set: a name of SETS, or its own modes as pairs), {play: boolean}, {step: true},
 * {painted: true}. Out: {data} (points of the set) and {steps, vae, gan}, see Sides, or {error: words}.
 */
import {kernelsOf} from './kernels.mjs';
import {BATCH, PlaneGan, PlaneVae, SETS, drawn, judged, spots} from './plane-trainers.mjs';
import {SeededRandom} from './seeded-random.mjs';

const SLICE_MS = 10;
const FRAME_MS = 30;
const SHOWING = 0.25; // of the time, at most, for what is shown
const SHOWN = 4 * BATCH;
const JUDGED = 8 * BATCH;
/** Cells on a side of the discriminator's surface, which ends at +-REACH as the page's plane does. */
const SIDE = 48;
const REACH = 1.2;
const REST_AFTER = 60_000; // steps
const NOTHING = {rate: 0, distortion: 0, critic: 0, generator: 0};

/**
 * @typedef {{found: number, stray: number}} Figures  shares: of modes found, of points off the data
 * @typedef {object} Sides
 * @property {number} steps
 * @property {boolean} rested
 * @property {{points: Float32Array, figures: Figures, rate: number, distortion: number}} vae  losses are averages of
 *   the steps since the last time; NaN where there was none
 * @property {{points: Float32Array, figures: Figures, critic: number, generator: number, surface: Float32Array,
 *   pushes: Float32Array}} gan  surface: D on SIDE x SIDE cells; pushes: where the first BATCH points shall go
 */

class Contest {
  #set;
  #vae;
  #gan;
  #random;
  #steps = 0;
  /** Since the last time, of each loss. */
  #sums = {...NOTHING};
  #summed = 0;
  #playing = false;
  #running = false;
  #painted = true;
  #lastFrame = 0;
  #frameMs = 0;
  #restAt = REST_AFTER;
  #turn = new MessageChannel();

  /** @param {WebAssembly.Module} module @param {{set: string | [number, number][], seed: number}} wanted */
  constructor(module, {set, seed}) {
    this.#set = typeof set === 'string' ? SETS[set] : spots(set);
    this.#vae = new PlaneVae(module, seed);
    this.#gan = new PlaneGan(module, seed);
    this.#random = new SeededRandom(seed + 1);
    this.#turn.port1.onmessage = () => this.#slice();
    postMessage({data: drawn(this.#set, SHOWN, new SeededRandom(seed))});
    this.#post();
  }

  /** @param {boolean} playing */
  play(playing) {
    this.#playing = playing;
    if (playing && this.#steps >= this.#restAt) this.#restAt = this.#steps + REST_AFTER;
    if (playing && !this.#running) this.#go();
  }

  step() {
    this.#playing = false;
    this.#learn();
    this.#post();
  }

  painted() {
    this.#painted = true;
  }

  /** It learns no more: another takes its place. */
  end() {
    this.#playing = false;
    this.#turn.port1.close();
  }

  #learn() {
    const x = drawn(this.#set, BATCH, this.#random);
    const {rate, distortion} = this.#vae.step(x);
    const {critic, generator} = this.#gan.step(x);
    this.#sums.rate += rate;
    this.#sums.distortion += distortion;
    this.#sums.critic += critic;
    this.#sums.generator += generator;
    this.#steps += 1;
    this.#summed += 1;
  }

  #go() {
    this.#running = true;
    this.#turn.port2.postMessage(null);
  }

  #slice() {
    this.#running = false;
    if (!this.#playing) return;
    const begun = performance.now();
    while (performance.now() - begun < SLICE_MS) this.#learn();
    if (this.#steps >= this.#restAt) this.#playing = false;
    const rest = Math.max(FRAME_MS, this.#frameMs / SHOWING);
    if (!this.#playing || (this.#painted && performance.now() - this.#lastFrame > rest)) this.#post();
    if (this.#playing) this.#go();
  }

  #post() {
    const start = performance.now();
    const n = this.#summed;
    const {rate, distortion, critic, generator} = this.#sums;
    this.#sums = {...NOTHING};
    this.#summed = 0;
    const [vae, gan] = [this.#vae, this.#gan].map(model => model.sample(JUDGED, this.#random));
    const message = {
      steps: this.#steps,
      rested: this.#steps >= this.#restAt,
      vae: {
        points: vae.slice(0, 2 * SHOWN),
        figures: judged(vae, this.#set),
        rate: rate / n,
        distortion: distortion / n,
      },
      gan: {
        points: gan.slice(0, 2 * SHOWN),
        figures: judged(gan, this.#set),
        critic: critic / n,
        generator: generator / n,
        surface: this.#gan.surface(SIDE, REACH),
        pushes: this.#gan.pushes(gan.subarray(0, 2 * BATCH)),
      },
    };
    postMessage(message);
    this.#painted = false;
    this.#lastFrame = performance.now();
    this.#frameMs = this.#lastFrame - start;
  }
}

const kernels = kernelsOf('training-kernels');
/** @type {Contest | undefined} */
let contest;

onmessage = async ({data}) => {
  try {
    const module = await kernels;
    if (data.open) {
      contest?.end();
      contest = new Contest(module, data.open);
    }
    if (data.step) contest?.step();
    if (data.play !== undefined) contest?.play(data.play);
    if (data.painted) contest?.painted();
  } catch (error) {
    postMessage({error: /** @type {Error} */ (error).message});
  }
};
