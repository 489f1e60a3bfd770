/**
 * A VAE and a GAN of points in the plane: small multilayer nets that learn from the same draws, and what they miss.
 */
import {MultilayerNet, TrainingMemory} from './multilayer-net.mjs';
import {SeededRandom} from './seeded-random.mjs';

export const LATENTS = 2;
const HIDDEN = 64;
export const BATCH = 128;
const LOG_TWO_PI = Math.log(2 * Math.PI);
/** The VAE's sigma of p(x|z). Were it learned from the start, z would never be used: the first sigma explains all. */
export const SIGMA = 0.05;
const GAN_BETA1 = 0.5; // of Adam, as Radford et al. (2016) found it steadier

/**
 * A set of points: how to draw one, and where its modes are. All lie about within [-1, 1].
 * @typedef {{draw: (random: SeededRandom) => [number, number], modes: [number, number][], reach: number}} PointSet
 *   reach: how far from a mode a point still belongs to it
 */

const RING = 0.75;
const NOISE = 0.035;

/** @param {[number, number]} place @param {SeededRandom} random @param {number} [sigma] @returns {[number, number]} */
const near = ([x, y], random, sigma = NOISE) => [x + sigma * random.normal(), y + sigma * random.normal()];

/** @param {number} angle @param {number} [radius] @returns {[number, number]} */
const polar = (angle, radius = RING) => [radius * Math.cos(angle), radius * Math.sin(angle)];

/** A turn and a half of a spiral, t in [0, 1]. @param {number} t */
const spiral = t => polar(3 * Math.PI * t, 0.12 + 0.75 * t);

/** Two half circles that reach into each other, t in [0, 2]. @param {number} t @returns {[number, number]} */
const moons = t =>
  t < 1
    ? [-0.25 + 0.55 * Math.cos(Math.PI * t), -0.12 + 0.55 * Math.sin(Math.PI * t)]
    : [0.25 - 0.55 * Math.cos(Math.PI * (t - 1)), 0.12 - 0.55 * Math.sin(Math.PI * (t - 1))];

/**
 * A set along a curve: its modes are places on it, so close that they cover it.
 * @param {(t: number) => [number, number]} curve @param {number} end  of t @param {number} count  of modes
 * @returns {PointSet}
 */
const along = (curve, end, count) => ({
  draw: random => near(curve(end * random.uniform()), random),
  modes: Array.from({length: count}, (_, i) => curve((end * (i + 0.5)) / count)),
  reach: 4 * NOISE,
});

/** @param {[number, number][]} modes @returns {PointSet} */
export const spots = modes => ({
  draw: random => near(modes[random.below(modes.length)], random),
  modes,
  reach: 4 * NOISE,
});

/** @type {Record<string, PointSet>} */
export const SETS = {
  gaussians: spots(Array.from({length: 8}, (_, i) => polar((Math.PI * i) / 4))),
  ring: along(t => polar(2 * Math.PI * t), 1, 24),
  spiral: along(spiral, 1, 48),
  moons: along(moons, 2, 24),
};

/**
 * What generated points say of their model: the share of modes that at least `least` of the fair share of points
 * reach, and the share of points that belong to no mode.
 * @param {ArrayLike<number>} points  pairs
 * @param {PointSet} set
 * @param {number} [least]
 */
export function judged(points, {modes, reach}, least = 0.2) {
  const counts = new Uint32Array(modes.length);
  const n = points.length / 2;
  let stray = 0;
  for (let i = 0; i < n; i++) {
    const distances = modes.map(([x, y]) => Math.hypot(points[2 * i] - x, points[2 * i + 1] - y));
    const nearest = distances.indexOf(Math.min(...distances));
    if (distances[nearest] < reach) counts[nearest] += 1;
    else stray += 1;
  }
  const found = counts.filter(count => count >= (least * n) / modes.length).length;
  return {found: found / modes.length, stray: stray / n};
}

/** Draws of a set, pairs. @param {PointSet} set @param {number} n @param {SeededRandom} random */
export const drawn = (set, n, random) => Float32Array.from(Array.from({length: n}, () => set.draw(random)).flat());

/** x (2) to 64 to 64 to q(z|x), and z to 64 to 64 to the mean of p(x|z); with a fixed sigma. */
export class PlaneVae {
  beta = 1;
  rate = 2e-3;
  #memory;
  #encoder;
  #decoder;
  #random;

  /** @param {WebAssembly.Module} module @param {number} seed */
  constructor(module, seed) {
    this.#memory = new TrainingMemory(module);
    this.#encoder = new MultilayerNet(this.#memory, [2, HIDDEN, HIDDEN, 2 * LATENTS], BATCH);
    this.#decoder = new MultilayerNet(this.#memory, [LATENTS, HIDDEN, HIDDEN, 2], BATCH);
    this.#random = new SeededRandom(seed);
    for (const net of [this.#encoder, this.#decoder]) net.start(() => this.#random.uniform());
  }

  /**
   * One step on a batch; the bound's terms in nats a point (the distortion is a density's: it may be negative).
   * @param {Float32Array} x  (BATCH, 2) @param {Float32Array} [eps]  (BATCH, LATENTS)
   */
  step(x, eps = this.#random.normals(BATCH * LATENTS)) {
    const terms = this.gradients(x, eps);
    this.#encoder.update(this.rate);
    this.#decoder.update(this.rate);
    return terms;
  }

  /** The terms, and the gradients by all weights. @param {Float32Array} x @param {Float32Array} eps */
  gradients(x, eps) {
    this.#encoder.give(x);
    this.#encoder.forward(BATCH);
    const codes = this.#encoder.answers(BATCH);
    const zs = new Float32Array(BATCH * LATENTS);
    let rate = 0;
    for (let i = 0; i < zs.length; i++) {
      const at = codeAt(i);
      zs[i] = codes[at] + Math.exp(codes[at + LATENTS] / 2) * eps[i];
      rate += 0.5 * (codes[at] ** 2 + Math.exp(codes[at + LATENTS]) - 1 - codes[at + LATENTS]);
    }
    this.#decoder.give(zs);
    this.#decoder.forward(BATCH);
    const means = this.#decoder.answers(BATCH);
    let square = 0;
    for (let i = 0; i < x.length; i++) square += (means[i] - x[i]) ** 2;
    const slope = this.#memory.view(this.#decoder.outputSlope, x.length);
    for (let i = 0; i < x.length; i++) slope[i] = (means[i] - x[i]) / (SIGMA ** 2 * BATCH);
    this.#decoder.backward(BATCH, true);
    this.#backward(codes, eps);
    const distortion = square / (2 * SIGMA ** 2) / BATCH + LOG_TWO_PI + 2 * Math.log(SIGMA);
    return {rate: rate / BATCH, distortion};
  }

  /** @param {Float32Array} codes @param {Float32Array} eps */
  #backward(codes, eps) {
    const dz = this.#memory.view(this.#decoder.inputSlope, BATCH * LATENTS);
    const slope = this.#memory.view(this.#encoder.outputSlope, 2 * BATCH * LATENTS);
    const share = this.beta / BATCH;
    for (let i = 0; i < dz.length; i++) {
      const at = codeAt(i);
      const variance = Math.exp(codes[at + LATENTS]);
      slope[at] = dz[i] + share * codes[at];
      slope[at + LATENTS] = dz[i] * eps[i] * 0.5 * Math.sqrt(variance) + share * 0.5 * (variance - 1);
    }
    this.#encoder.backward(BATCH);
  }

  /** Gradients of the last gradients(), and the weights: written into, they change. */
  get slopes() {
    return [this.#encoder.slopes, this.#decoder.slopes];
  }
  get weights() {
    return [this.#encoder.weights, this.#decoder.weights];
  }

  /**
   * Draws of p(x): z from the prior, x from p(x|z).
   * @param {number} n  a multiple of BATCH @param {SeededRandom} random
   */
  sample(n, random) {
    const points = new Float32Array(2 * n);
    for (let first = 0; first < n; first += BATCH) {
      this.#decoder.give(random.normals(BATCH * LATENTS));
      this.#decoder.forward(BATCH);
      points.set(this.#decoder.answers(BATCH), 2 * first);
    }
    return points.map(mean => mean + SIGMA * random.normal());
  }
}

/** Of latent number i of a batch, where its mean lies; the log variance is LATENTS behind. @param {number} i */
const codeAt = i => Math.floor(i / LATENTS) * 2 * LATENTS + (i % LATENTS);

/** A generator z to 64 to 64 to x, and a discriminator x to 64 to 64 to a logit; Goodfellow et al. 2014, its losses. */
export class PlaneGan {
  rate = 1e-3;
  #memory;
  #generator;
  #critic;
  #random;

  /** @param {WebAssembly.Module} module @param {number} seed */
  constructor(module, seed) {
    this.#memory = new TrainingMemory(module);
    this.#generator = new MultilayerNet(this.#memory, [LATENTS, HIDDEN, HIDDEN, 2], BATCH);
    this.#critic = new MultilayerNet(this.#memory, [2, HIDDEN, HIDDEN, 1], 2 * BATCH);
    this.#random = new SeededRandom(seed);
    for (const net of [this.#generator, this.#critic]) net.start(() => this.#random.uniform());
  }

  /** One step of the discriminator, then one of the generator. @param {Float32Array} x  (BATCH, 2) */
  step(x) {
    const critic = this.criticGradients(x, this.#random.normals(BATCH * LATENTS));
    this.#critic.update(this.rate, GAN_BETA1);
    const generator = this.generatorGradients(this.#random.normals(BATCH * LATENTS));
    this.#generator.update(this.rate, GAN_BETA1);
    return {critic, generator};
  }

  /**
   * The discriminator's loss, -log D(x) - log(1 - D(G(z))), in nats; its gradients.
   * @param {Float32Array} x @param {Float32Array} zs
   */
  criticGradients(x, zs) {
    this.#generator.give(zs);
    this.#generator.forward(BATCH);
    const both = new Float32Array(4 * BATCH);
    both.set(x);
    both.set(this.#generator.answers(BATCH), 2 * BATCH);
    this.#critic.give(both);
    this.#critic.forward(2 * BATCH);
    const logits = this.#critic.answers(2 * BATCH);
    const slope = this.#memory.view(this.#critic.outputSlope, 2 * BATCH);
    let loss = 0;
    for (let i = 0; i < 2 * BATCH; i++) {
      const real = i < BATCH;
      loss += softplus(real ? -logits[i] : logits[i]) / BATCH;
      slope[i] = (sigmoid(logits[i]) - Number(real)) / BATCH;
    }
    this.#critic.backward(2 * BATCH);
    return loss;
  }

  /** The generator's loss, -log D(G(z)) (the non-saturating one), in nats; its gradients. @param {Float32Array} zs */
  generatorGradients(zs) {
    this.#generator.give(zs);
    this.#generator.forward(BATCH);
    const {loss, slopes} = this.#judge(this.#generator.answers(BATCH));
    this.#memory.view(this.#generator.outputSlope, 2 * BATCH).set(slopes);
    this.#generator.backward(BATCH);
    return loss;
  }

  /** -log D of points (BATCH, 2), on average, and its gradient by each. @param {Float32Array} points */
  #judge(points) {
    this.#critic.give(points);
    this.#critic.forward(BATCH);
    const logits = this.#critic.answers(BATCH);
    const slope = this.#memory.view(this.#critic.outputSlope, BATCH);
    let loss = 0;
    for (let i = 0; i < BATCH; i++) {
      loss += softplus(-logits[i]) / BATCH;
      slope[i] = (sigmoid(logits[i]) - 1) / BATCH;
    }
    this.#critic.backward(BATCH, true);
    return {loss, slopes: this.#memory.view(this.#critic.inputSlope, 2 * BATCH).slice()};
  }

  /** Gradients of the last step, of generator and discriminator, and the weights. */
  get slopes() {
    return [this.#generator.slopes, this.#critic.slopes];
  }
  get weights() {
    return [this.#generator.weights, this.#critic.weights];
  }

  /** @param {number} n  a multiple of BATCH @param {SeededRandom} random */
  sample(n, random) {
    const points = new Float32Array(2 * n);
    for (let first = 0; first < n; first += BATCH) {
      this.#generator.give(random.normals(BATCH * LATENTS));
      this.#generator.forward(BATCH);
      points.set(this.#generator.answers(BATCH), 2 * first);
    }
    return points;
  }

  /**
   * Which way the generator's loss wants to push each of BATCH points: minus the gradient of their own -log D.
   * @param {Float32Array} points  (BATCH, 2)
   */
  pushes(points) {
    return this.#judge(points).slopes.map(slope => -slope * BATCH);
  }

  /** D of points: how far each is taken for real, in [0, 1]. @param {Float32Array} points  pairs, at most 2 BATCH */
  realness(points) {
    const n = points.length / 2;
    this.#critic.give(points);
    this.#critic.forward(n);
    return this.#critic.answers(n).map(sigmoid);
  }

  /**
   * D at the cells of a square grid over [-reach, reach], row by row from the top.
   * @param {number} side @param {number} reach
   */
  surface(side, reach) {
    const cells = new Float32Array(side * side);
    const rows = 2 * BATCH;
    for (let first = 0; first < cells.length; first += rows) {
      const n = Math.min(rows, cells.length - first);
      const places = new Float32Array(2 * n);
      for (let i = 0; i < n; i++) {
        places[2 * i] = reach * ((2 * (((first + i) % side) + 0.5)) / side - 1);
        places[2 * i + 1] = reach * (1 - (2 * (Math.floor((first + i) / side) + 0.5)) / side);
      }
      cells.set(this.realness(places), first);
    }
    return cells;
  }
}

/** @param {number} x */
const sigmoid = x => 1 / (1 + Math.exp(-x));
/** @param {number} x */
const softplus = x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
