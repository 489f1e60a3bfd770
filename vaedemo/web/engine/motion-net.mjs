/**
 * The model of what a person does next, in the browser: what `TowerMotion` of vaedemo/models/tower_motion.py computes
 * of the image tower's maps of a still, 160 x 160 pixels of lightness.
 *
 * @typedef {import('./net.mjs').Place} Place
 */
import {Net, halved} from './net.mjs';
import {writeTensors} from './safetensors.mjs';

export const GRID = 16;
const CELLS = GRID * GRID;
export const PLANES = 10; // coefficients of a trajectory
const RESTS = 0.2; // P(a cell moves) up to which it rests; from 1 less this on, nothing holds it

export class MotionNet extends Net {
  /** What depends on z. @type {(() => void)[]} */ #moving = [];
  #near;
  #around;
  #features;
  #moves;
  #code;
  #cells;
  #far = false;

  /**
   * @param {WebAssembly.Module} kernels
   * @param {ArrayBuffer} file  of `motion`
   */
  constructor(kernels, file) {
    super(kernels, file);
    /** How many latents z has. @type {number} */
    this.z = this.about.z;
    this.#near = this.blank(GRID, this.layer('image.near').in);
    this.#around = this.blank(8, this.layer('image.around.0').in);
    this.#features = this.conv('image.near', this.#near);
    const wide = this.conv('image.around.0', this.#around, {relu: 1, next: 3});
    const small = this.conv('image.around.4', this.conv('image.around.2', wide, {relu: 1}));
    this.addDoubled(small, this.#features, false);
    const seen = this.#scaled(0, 0);
    this.#moves = this.conv('will_move.3', this.conv('will_move.1', seen, {relu: 1}));

    const looking = this.steps;
    this.steps = this.#moving;
    this.#code = this.alloc(this.z);
    const [scale, shift] = ['scale', 'shift'].map(name => this.linear(`tower.${name}`, this.#code));
    const first = this.conv('tower.cells.1', this.#scaled(scale, shift), {relu: 1, next: 3});
    this.#cells = this.conv('tower.cells.5', this.conv('tower.cells.3', first, {relu: 1}));
    this.steps = looking;
  }

  /**
   * The features, scaled and shifted by numbers at addresses (0: as they are), then a ReLU.
   * @param {number} scale @param {number} shift
   */
  #scaled(scale, shift) {
    const {room} = this.#features;
    const to = this.blank(GRID, room, 3);
    this.steps.push(() => {
      const [before, after] = [this.view(this.#features), this.view(to)];
      const [by, more] = scale ? [this.numbersAt(scale, room), this.numbersAt(shift, room)] : [null, null];
      this.each(to, (at, row, column) => {
        const pixel = (row * GRID + column) * room;
        for (let k = 0; k < room; k++) {
          const value = before[pixel + k] * (1 + (by ? by[k] : 0)) + (more ? more[k] : 0);
          after[at + k] = Math.max(0, value);
        }
      });
    });
    return to;
  }

  /** Looks at a still: all else is of it. @param {import('./image-tower.mjs').TowerMap[]} maps */
  look(maps) {
    const [fine, half, quarter, top] = maps.map(({data, channels}, i) =>
      this.standard(`image.standards.${i}`, data, channels),
    );
    this.write(halved(fine, 2 * GRID, maps[0].channels), this.#near, 0);
    this.write(half, this.#near, maps[0].channels);
    this.write(quarter, this.#around, 0);
    this.write(doubled(top, 4, maps[3].channels), this.#around, maps[2].channels);
    this.run();
    this.#far = this.#strangeness(maps[3]) > this.table('strangest')[0];
  }

  /**
   * How far the coarsest map's means are from those of the training stills.
   * @param {import('./image-tower.mjs').TowerMap} map
   */
  #strangeness({data, channels}) {
    const usual = this.table('usual');
    let sum = 0;
    for (let k = 0; k < channels; k++) {
      let mean = 0;
      for (let at = k; at < data.length; at += channels) mean += (data[at] * channels) / data.length;
      sum += ((mean - usual[k]) / usual[channels + k]) ** 2 / channels;
    }
    return sum;
  }

  /** Whether the still is unlike those that the model learned from. */
  get far() {
    return this.#far;
  }

  /** Logits that cells move, (16, 16). */
  moves() {
    const {room} = this.#moves;
    return this.view(this.#moves)
      .filter((_, i) => i % room === 0)
      .slice(0, CELLS);
  }

  /**
   * Trajectories of a z, (10, 16, 16).
   * @param {ArrayLike<number>} z
   */
  moved(z) {
    this.numbersAt(this.#code, this.z).set(z);
    for (const step of this.#moving) step();
    const {room} = this.#cells;
    const [cells, still] = [this.view(this.#cells), this.moves()];
    const typical = this.table('typical')[0];
    const found = new Float32Array(PLANES * CELLS);
    for (let cell = 0; cell < CELLS; cell++) {
      const own = cells.subarray(cell * room, cell * room + PLANES + 2);
      const norm = Math.max(1e-12, Math.hypot(...own.subarray(0, PLANES)));
      const raw = own[PLANES];
      const size = raw > 20 ? raw : Math.log1p(Math.exp(raw));
      const share = 1 / (1 + Math.exp(-(still[cell] + own[PLANES + 1])));
      const free = Math.min(1, Math.max(0, (share - RESTS) / (1 - 2 * RESTS)));
      for (let k = 0; k < PLANES; k++) found[k * CELLS + cell] = (own[k] / norm) * free * typical * size;
    }
    return found;
  }

  /** What decodes any z on the still: the safetensors file of the server's route motion/NAME/tower. */
  decoderFile() {
    const {room} = this.#features;
    const view = this.view(this.#features);
    const features = Float32Array.from(
      {length: room * CELLS},
      (_, i) => view[(i % CELLS) * room + Math.floor(i / CELLS)],
    );
    /** @type {Record<string, {data: Float32Array, shape: number[]}>} */
    const tensors = {
      features: {data: features, shape: [room, GRID, GRID]},
      moves: {data: this.moves(), shape: [1, GRID, GRID]},
      typical: {data: this.table('typical'), shape: []},
    };
    for (const name of ['tower.scale', 'tower.shift', 'tower.cells.1', 'tower.cells.3', 'tower.cells.5']) {
      const {weight, bias} = this.plain(name);
      tensors[`${name}.weight`] = weight;
      tensors[`${name}.bias`] = bias;
    }
    return writeTensors(tensors);
  }
}

/**
 * Twice the sides, bilinear: see `addDoubled` of net.mjs.
 * @param {Float32Array} pixels @param {number} side @param {number} channels
 */
function doubled(pixels, side, channels) {
  const large = 2 * side;
  const found = new Float32Array(large * large * channels);
  const taps = Array.from({length: large}, (_, i) => [
    i >> 1,
    Math.min(Math.max((i >> 1) + (i & 1 ? 1 : -1), 0), side - 1),
  ]);
  for (let row = 0; row < large; row++)
    for (let column = 0; column < large; column++)
      for (let k = 0; k < channels; k++) {
        const at = (/** @type {number} */ y, /** @type {number} */ x) =>
          pixels[(taps[row][y] * side + taps[column][x]) * channels + k];
        const [near, far] = [0, 1].map(y => 0.75 * at(y, 0) + 0.25 * at(y, 1));
        found[(row * large + column) * channels + k] = 0.75 * near + 0.25 * far;
      }
  return found;
}
