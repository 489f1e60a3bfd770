/**
 * PyTorch's random numbers on a CPU, of a seed: what is drawn here is what a model draws there. Mersenne Twister
 * (Matsumoto & Nishimura 1998), and normal numbers by Box and Muller, sixteen at a time.
 */
const N = 624;
const M = 397;

export class TorchRandom {
  #state = new Uint32Array(N);
  #next = N;

  /** @param {number} seed  as of torch.Generator().manual_seed, below 2^32 */
  constructor(seed) {
    this.#state[0] = seed;
    for (let i = 1; i < N; i++) {
      const before = this.#state[i - 1] ^ (this.#state[i - 1] >>> 30);
      this.#state[i] = Math.imul(1812433253, before) + i;
    }
  }

  /** A whole number below 2^32. */
  whole() {
    if (this.#next === N) this.#twist();
    let y = this.#state[this.#next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #twist() {
    const state = this.#state;
    for (let i = 0; i < N; i++) {
      const y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
      state[i] = state[(i + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#next = 0;
  }

  /** A number in [0, 1) of 53 bits. */
  double() {
    const high = this.whole() & 0x1fffff;
    return (high * 2 ** 32 + this.whole()) * 2 ** -53;
  }

  /** A number in [0, 1) of 24 bits. */
  float() {
    return (this.whole() & 0xffffff) * 2 ** -24;
  }

  /**
   * As torch.multinomial(shares, n, replacement=True).
   * @param {Float32Array} shares  their sum is 1
   * @param {number} n
   */
  choices(shares, n) {
    let sum = 0;
    const sums = shares.map(share => (sum = Math.fround(sum + share))).map(part => part / sum);
    return Array.from({length: n}, () => {
      const place = this.double();
      const found = sums.findIndex(part => part >= place);
      return found < 0 ? sums.length - 1 : found;
    });
  }

  /** As torch.randn(n) of at least sixteen. @param {number} n */
  normals(n) {
    const found = Float32Array.from({length: n}, () => this.float());
    for (let first = 0; first + 16 <= n; first += 16) boxMuller(found.subarray(first, first + 16));
    if (n % 16)
      boxMuller(found.subarray(n - 16).map(() => this.float())).forEach((value, i) => (found[n - 16 + i] = value));
    return found;
  }
}

/** Sixteen even numbers to normal ones, in place. @param {Float32Array} some */
function boxMuller(some) {
  for (let i = 0; i < 8; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - some[i]));
    const angle = 2 * Math.PI * some[i + 8];
    some[i] = radius * Math.cos(angle);
    some[i + 8] = radius * Math.sin(angle);
  }
  return some;
}
