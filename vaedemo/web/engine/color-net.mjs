/**
 * The models that color a grey photo, in the browser: what vaedemo/models/color_nets.py and colorization.py compute of
 * a photo's lightness and of the image tower's maps of it.
 *
 * @typedef {import('./net.mjs').Place} Place
 * @typedef {{weights: Float32Array, means: Float32Array, sigmas: Float32Array}} Mixture  (K,), (K, Z), (K, Z)
 */
import {shrunk} from './image-tower.mjs';
import {Net, halved} from './net.mjs';

export const SIDE = 32; // of a color field
export const BINS = 10; // of the value of a, and of b
const SEEN = 160; // pixels of lightness a side
const LOG_SIGMAS = [-5, 1];
export const TINT = 10; // the tint in a code, over that in a field

export class ColorNet extends Net {
  /** What depends on a code. @type {(() => void)[]} */ #painting = [];
  /** What tells of each cell alone. @type {(() => void)[]} */ #binning = [];
  #whole = this.alloc(192); // the tower's last map, its mean over the picture
  /** Pictures that maps of the tower are written to, and where among their channels. @type {[Place, number][]} */
  #written;
  #planes;
  #mean;
  #code;
  #changed;
  /** @type {Place | null} */ #bins = null;
  /** Address of what the mixture density net says; 0: there is none. */ #foretold = 0;

  /**
   * @param {WebAssembly.Module} kernels
   * @param {ArrayBuffer} file  of a model that colors photos
   */
  constructor(kernels, file) {
    super(kernels, file);
    const {mixture, z} = this.about;
    /** Numbers in a code: z, and of a model that keeps the tint apart the two of it. */
    this.z = mixture ? z + 2 : z;
    const [fine, half, quarter] = [0, 1, 2].map(i => this.table(`trunk.standards.${i}.mean`).length);

    const top = this.blank(4, 192);
    const coarse = this.conv('trunk.top.2', this.conv('trunk.top.0', top, {relu: 1}));
    const lowest = this.blank(8, quarter + half);
    const sum = this.conv('trunk.low', lowest, {next: 3});
    this.addDoubled(coarse, sum, false);
    this.#addWhole(sum);
    const path = this.conv('trunk.deeper.path.0', sum, {relu: 1, next: 3});
    const low = this.conv('trunk.deeper.path.3', path);
    this.add(sum, low, 1);

    const halves = this.blank(16, half);
    const joined = this.conv('trunk.middle.1', halves, {next: 3});
    this.addDoubled(this.conv('trunk.middle.0', low), joined, true);
    const middle = this.conv('trunk.joined.0', joined, {relu: 1});

    this.#planes = this.blank(SIDE, 4, 3);
    const highest = this.blank(SIDE, 2 * fine, 3);
    this.#beside(this.conv('trunk.pixels.0', this.#planes, {relu: 1}), highest, fine);
    const high = this.conv('trunk.high.1', highest, {next: 3});
    this.addDoubled(this.conv('trunk.high.0', middle), high, true);

    this.#mean = this.conv('mean.2', this.conv('mean.0', high, {relu: 1}));
    this.#written = [
      [highest, 0],
      [halves, 0],
      [lowest, 0],
      [top, 0],
      [lowest, quarter],
    ];
    const laid = [low, middle, high].map((place, i) => this.conv(`brush.sides.${i}`, place));
    if (mixture) this.#foretold = this.#foretell(low);
    this.#code = this.alloc(this.z);
    const looking = this.steps;
    this.steps = this.#painting;
    this.#changed = this.#brush(laid);
    if (this.has('bins.0')) {
      this.steps = this.#binning;
      this.#bins = this.conv('bins.3', this.conv('bins.0', high, {relu: 1}));
    }
    this.steps = looking;
  }

  /** Adds to each pixel what the mean of the tower's last map says, then a ReLU. @param {Place} to */
  #addWhole(to) {
    const said = this.linear('trunk.whole.2', this.linear('trunk.whole.0', this.#whole, 1));
    this.steps.push(() => {
      const [picture, more] = [this.view(to), this.numbersAt(said, to.room)];
      this.each(to, at => {
        for (let k = 0; k < to.room; k++) picture[at + k] = Math.max(0, picture[at + k] + more[k]);
      });
    });
  }

  /**
   * Copies a picture into channels of another, from `first` on.
   * @param {Place} from @param {Place} to @param {number} first
   */
  #beside(from, to, first) {
    this.steps.push(() => {
      const [some, all] = [this.view(from), this.view(to)];
      this.each(to, (at, row, column) => {
        const pixel = (row * from.width + column) * from.room;
        for (let k = 0; k < from.room; k++) all[at + first + k] = some[pixel + k];
      });
    });
  }

  /** The mixture density net; the address of what it gives. @param {Place} low */
  #foretell(low) {
    const squeezed = this.conv('foreteller.squeeze.0', low, {relu: 1});
    const {width, room} = squeezed;
    const side = width / 2;
    const told = this.alloc(room * side ** 2 + 192);
    this.steps.push(() => {
      const [picture, all] = [this.view(squeezed), this.numbersAt(told, room * side ** 2 + 192)];
      all.fill(0);
      this.each(squeezed, (at, row, column) => {
        const cell = (row >> 1) * side + (column >> 1);
        for (let k = 0; k < room; k++) all[k * side ** 2 + cell] += picture[at + k] / 4;
      });
      all.set(this.numbersAt(this.#whole, 192), room * side ** 2);
    });
    const hidden = this.linear('foreteller.net.3', this.linear('foreteller.net.0', told, 1), 1);
    return this.linear('foreteller.last', hidden);
  }

  /** What a code changes of the mean field. @param {Place[]} laid */
  #brush(laid) {
    const films = laid.map((place, i) => this.#film(i, place));
    this.steps.push(() => rectify(this.view(films[0])));
    const low = this.conv('brush.low.2', this.conv('brush.low.0', films[0], {relu: 1}));
    this.addDoubled(low, films[1], true);
    const middle = this.conv('brush.middle.2', this.conv('brush.middle.0', films[1], {relu: 1}));
    this.addDoubled(middle, films[2], true);
    return this.conv('brush.last', films[2]);
  }

  /** Scales and shifts each channel by what a code says. @param {number} i @param {Place} from */
  #film(i, from) {
    const said = this.linear(`brush.films.${i}.linear`, this.#code);
    const {width, room} = from;
    const to = this.blank(width, room, 3);
    this.steps.push(() => {
      const [before, after, told] = [this.view(from), this.view(to), this.numbersAt(said, 2 * room)];
      this.each(to, (at, row, column) => {
        const pixel = (row * width + column) * room;
        for (let k = 0; k < room; k++) after[at + k] = before[pixel + k] * (1 + told[k]) + told[room + k];
      });
    });
    return to;
  }

  /**
   * Looks at a photo: then `mean`, `foretold` and `painted` are of it.
   * @param {import('./image-tower.mjs').TowerMap[]} maps  of it, by the image tower
   * @param {Float32Array} light  L / 100, 160 x 160
   */
  look(maps, light) {
    const [fine, half, quarter, top] = maps.map(({data, channels}, i) =>
      this.standard(`trunk.standards.${i}`, data, channels),
    );
    const pooled = halved(half, 16, maps[1].channels);
    const whole = this.numbersAt(this.#whole, 192).fill(0);
    top.forEach((value, i) => (whole[i % 192] += value / 16));
    [fine, half, quarter, top, pooled].forEach((values, i) => this.write(values, ...this.#written[i]));
    const planes = this.view(this.#planes);
    const small = shrunk(light, SEEN, 1, 2 * SIDE);
    this.each(this.#planes, (at, row, column) => {
      for (let k = 0; k < 4; k++)
        planes[at + k] = small[(2 * row + (k >> 1)) * 2 * SIDE + 2 * column + (k & 1)] - 0.5;
    });
    this.run();
  }

  /** The color field that the grey photo tells without any code: ab / 128, plane by plane, (2, 32, 32). */
  mean() {
    return this.#field(this.#mean);
  }

  /**
   * The color field of a code, (2, 32, 32).
   * @param {ArrayLike<number>} z
   */
  painted(z) {
    this.numbersAt(this.#code, this.z).set(z);
    for (const step of this.#painting) step();
    const field = this.mean();
    const tint = this.about.mixture ? [z[this.z - 2] / TINT, z[this.z - 1] / TINT] : [0, 0];
    this.#field(this.#changed).forEach((value, i) => (field[i] += value + tint[i >> 10]));
    return field;
  }

  /** The two planes of a picture. @param {Place} place */
  #field(place) {
    const picture = this.view(place);
    return Float32Array.from({length: 2 * SIDE ** 2}, (_, i) => picture[(i & 1023) * place.room + (i >> 10)]);
  }

  /** P(color bin | grey) of each cell, (1024, 100). */
  shares() {
    const place = this.#bins;
    if (!place) throw new Error('This model knows no bins of colors.');
    for (const step of this.#binning) step();
    const [view, many] = [this.view(place), BINS ** 2];
    return Array.from({length: SIDE ** 2}, (_, cell) => {
      const logits = view.subarray(cell * place.room, cell * place.room + many);
      const most = Math.max(...logits);
      const shares = logits.map(logit => Math.exp(logit - most));
      const sum = shares.reduce((a, b) => a + b, 0);
      return shares.map(share => share / sum);
    });
  }

  /** P(code | grey), of a model that foretells codes. @returns {Mixture} */
  foretold() {
    const {mixture: many} = this.about;
    if (!this.#foretold) throw new Error('This model foretells no codes.');
    const [all, size] = [this.numbersAt(this.#foretold, many * (1 + 2 * this.z)), many * this.z];
    const most = Math.max(...all.subarray(0, many));
    const shares = all.slice(0, many).map(value => Math.exp(value - most));
    const sum = shares.reduce((a, b) => a + b, 0);
    const sigmas = all
      .slice(many + size)
      .map(value => Math.exp(Math.min(Math.max(value, LOG_SIGMAS[0]), LOG_SIGMAS[1])));
    return {weights: shares.map(share => share / sum), means: all.slice(many, many + size), sigmas};
  }
}

/** ReLU, in place. @param {Float32Array} values */
function rectify(values) {
  for (let i = 0; i < values.length; i++) if (values[i] < 0) values[i] = 0;
}
