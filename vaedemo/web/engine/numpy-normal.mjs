/**
 * The normal numbers of NumPy's `default_rng(seed).standard_normal(n, dtype=float32)`, bit for bit: a SeedSequence
 * seeds PCG64 (O'Neill 2014, XSL-RR), whose numbers pass through the ziggurat of Marsaglia and Tsang (2000). So a page
 * without a server draws the codes that Python draws.
 */

const MASK_64 = (1n << 64n) - 1n;
const MASK_128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

const STRIPS = 256;
const MANTISSA = 2 ** 23;
const EDGE = 3.6541528853610088; // where the tail begins
const AREA = 0.00492867323399; // of each strip
const HALF_ULP = 2 ** -24;

const {fround, imul} = Math;

/** Eight words of 32 bits from a seed: NumPy's SeedSequence. @param {number} seed  a whole number below 2^32 */
function seedWords(seed) {
  let constant = 0x43b0d7e5;
  /** @param {number} value */
  const hash = value => {
    const mixed = value ^ constant;
    constant = imul(constant, 0x931e8875);
    const spread = imul(mixed, constant);
    return spread ^ (spread >>> 16);
  };
  const pool = [seed, 0, 0, 0].map(hash);
  for (let from = 0; from < 4; from++)
    for (let to = 0; to < 4; to++) {
      if (from === to) continue;
      const mixed = imul(0xca01f9dd, pool[to]) - imul(0x4973f715, hash(pool[from]));
      pool[to] = mixed ^ ((mixed >>> 0) >>> 16);
    }
  let other = 0x8b51f9dd;
  return Array.from({length: 8}, (_, i) => {
    const mixed = pool[i % 4] ^ other;
    other = imul(other, 0x58f38ded);
    const spread = imul(mixed, other);
    return (spread ^ (spread >>> 16)) >>> 0;
  });
}

/** PCG64 as NumPy reads 32 bits at a time from it: the lower half of each number first. */
class Pcg64 {
  #state = 0n;
  #increment;
  /** @type {number | null} */
  #upper = null;

  /** @param {number} seed */
  constructor(seed) {
    const words = seedWords(seed).map(BigInt);
    /** @param {number} at  of two numbers of 64 bits, the upper one first */
    const wide = at => (((words[at + 1] << 32n) | words[at]) << 64n) | (words[at + 3] << 32n) | words[at + 2];
    this.#increment = ((wide(4) << 1n) | 1n) & MASK_128;
    this.#step();
    this.#state = (this.#state + wide(0)) & MASK_128;
    this.#step();
  }

  #step() {
    this.#state = (this.#state * MULTIPLIER + this.#increment) & MASK_128;
  }

  /** 32 random bits. */
  bits() {
    if (this.#upper !== null) {
      const upper = this.#upper;
      this.#upper = null;
      return upper;
    }
    this.#step();
    const folded = (this.#state >> 64n) ^ (this.#state & MASK_64);
    const turn = this.#state >> 122n;
    const number = ((folded >> turn) | (folded << (64n - turn))) & MASK_64;
    this.#upper = Number(number >> 32n);
    return Number(number & 0xffffffffn);
  }

  /** A float32 in [0, 1), uniform. */
  uniform() {
    return fround((this.bits() >>> 8) * HALF_ULP);
  }
}

/** Of each strip: below which mantissa a point surely lies inside, its width a mantissa, the density at its edge. */
function ziggurat() {
  const inside = new Uint32Array(STRIPS);
  const width = new Float32Array(STRIPS);
  const density = new Float32Array(STRIPS);
  /** @param {number} x */
  const bell = x => Math.exp(-0.5 * x * x);
  let outer = EDGE;
  inside[0] = (EDGE * bell(EDGE) * MANTISSA) / AREA;
  width[0] = AREA / bell(EDGE) / MANTISSA;
  density[0] = 1;
  width[STRIPS - 1] = EDGE / MANTISSA;
  density[STRIPS - 1] = bell(EDGE);
  for (let i = STRIPS - 2; i > 0; i--) {
    const x = Math.sqrt(-2 * Math.log(AREA / outer + bell(outer)));
    inside[i + 1] = (x / outer) * MANTISSA;
    width[i] = x / MANTISSA;
    density[i] = bell(x);
    outer = x;
  }
  return {inside, width, density};
}

/** A number beyond the last strip (Marsaglia 1964). @param {Pcg64} random */
function tail(random) {
  for (;;) {
    const x = fround(-fround(1 / EDGE) * fround(Math.log1p(-random.uniform())));
    const y = -fround(Math.log1p(-random.uniform()));
    if (fround(y + y) > fround(x * x)) return fround(fround(EDGE) + x);
  }
}

/**
 * `count` numbers from N(0, 1): those that NumPy draws for this seed.
 * @param {number} seed  a whole number from 0, below 2^32
 * @param {number} count
 */
export function numpyNormals(seed, count) {
  const random = new Pcg64(seed);
  const {inside, width, density} = ziggurat();
  const one = () => {
    for (;;) {
      const bits = random.bits();
      const strip = bits & 255;
      const mantissa = bits >>> 9;
      const x = fround(mantissa * width[strip]) * (bits & 256 ? -1 : 1);
      if (mantissa < inside[strip]) return x;
      if (strip === 0) return (mantissa >>> 8) & 1 ? -tail(random) : tail(random);
      const height = fround(fround(density[strip - 1] - density[strip]) * random.uniform());
      if (fround(height + density[strip]) < Math.exp(-0.5 * x * x)) return x;
    }
  };
  return Float32Array.from({length: count}, one);
}
