/**
 * Nets of linear layers with ReLU between them, trained by Adam, over training-kernels.wasm. Everything is allocated
 * once; what grows the memory detaches older views, so numbers are reached by `view()`.
 */

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** A memory of WebAssembly, the kernels that work in it, and what is allocated there. */
export class TrainingMemory {
  #memory;
  #top;
  kernels;

  /** @param {WebAssembly.Module} module  training-kernels.wasm, compiled */
  constructor(module) {
    this.kernels = /** @type {any} */ (new WebAssembly.Instance(module, {env: {abort() {}}}).exports);
    this.#memory = /** @type {WebAssembly.Memory} */ (this.kernels.memory);
    this.#top = this.#memory.buffer.byteLength;
  }

  /** Room for `count` numbers, all 0, aligned to 16 bytes; answers its address. @param {number} count */
  alloc(count) {
    const at = this.#top;
    this.#top += Math.ceil(count / 4) * 16;
    const missing = this.#top - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / 65536));
    return at;
  }

  /** The numbers at an address, until the next alloc(). @param {number} at @param {number} count */
  view(at, count) {
    return new Float32Array(this.#memory.buffer, at, count);
  }

  /** The whole numbers at an address, until the next alloc(). @param {number} at @param {number} count */
  whole(at, count) {
    return new Int32Array(this.#memory.buffer, at, count);
  }

  /** The bytes at an address, until the next alloc(). @param {number} at @param {number} count */
  bytes(at, count) {
    return new Uint8Array(this.#memory.buffer, at, count);
  }
}

/**
 * Which inputs of a batch are 1, where all others are 0: lists of inputs for each row, and of rows for each input.
 * As training-kernels' `gather` takes them.
 */
export class BinaryRows {
  #memory;
  #columns;
  #most;
  /** Addresses of the lists. */
  ofRows;
  ofColumns;

  /** @param {TrainingMemory} memory @param {number} rows  at most @param {number} columns */
  constructor(memory, rows, columns) {
    this.#memory = memory;
    this.#columns = columns;
    this.#most = rows * columns;
    this.ofRows = {starts: memory.alloc(rows + 1), indices: memory.alloc(rows * columns)};
    this.ofColumns = {starts: memory.alloc(columns + 1), indices: memory.alloc(rows * columns)};
  }

  /** @param {Uint8Array} x  0 and 1, (rows, columns) @param {number} rows */
  fill(x, rows) {
    const columns = this.#columns;
    const starts = this.#memory.whole(this.ofRows.starts, rows + 1);
    const indices = this.#memory.whole(this.ofRows.indices, this.#most);
    const after = this.#memory.whole(this.ofColumns.starts, columns + 1).fill(0);
    let ones = 0;
    for (let r = 0; r < rows; r++) {
      starts[r] = ones;
      for (let c = 0, at = r * columns; c < columns; c++, at++)
        if (x[at]) {
          indices[ones++] = c;
          after[c + 1] += 1;
        }
    }
    starts[rows] = ones;
    for (let c = 0; c < columns; c++) after[c + 1] += after[c];
    this.#transpose(rows, starts, indices, after);
  }

  /** @param {number} rows @param {Int32Array} starts @param {Int32Array} indices @param {Int32Array} after */
  #transpose(rows, starts, indices, after) {
    const next = after.slice();
    const of = this.#memory.whole(this.ofColumns.indices, this.#most);
    for (let r = 0; r < rows; r++) for (let i = starts[r]; i < starts[r + 1]; i++) of[next[indices[i]]++] = r;
  }
}

/** @typedef {{inputs: number, outputs: number, weight: number, bias: number}} Layer  places in the block of weights */

/** Linear layers, ReLU after all but the last. Weights lie as (inputs, outputs), unlike PyTorch's. */
export class MultilayerNet {
  #memory;
  #room;
  #rows;
  /** @type {Layer[]} */
  layers = [];
  /** How many numbers the block of weights holds, with a little room between its parts. */
  size = 0;
  /** Addresses of the weights, of their gradients, and of Adam's two averages. */
  #weights;
  #slopes;
  #first;
  #second;
  /** Addresses of what each layer is given and the last one's answer, and of the gradients by them. @type {number[]} */
  #values;
  /** @type {number[]} */
  #backward;
  /** The batch of zeros and ones that the first layer is given; null: numbers, at `input`. */
  #binary;
  #steps = 0;

  /**
   * @param {TrainingMemory} memory
   * @param {number[]} sizes  from inputs to outputs; those between are multiples of 4
   * @param {number} rows  of a batch, at most
   * @param {BinaryRows | null} [binary]  inputs that are zeros and ones
   */
  constructor(memory, sizes, rows, binary = null) {
    this.#memory = memory;
    this.#rows = rows;
    this.#binary = binary;
    const place = (/** @type {number} */ count) => (this.size += Math.ceil(count / 4) * 4) - Math.ceil(count / 4) * 4;
    for (const [i, outputs] of sizes.slice(1).entries())
      this.layers.push({inputs: sizes[i], outputs, weight: place(sizes[i] * outputs), bias: place(outputs)});
    this.#weights = memory.alloc(this.size);
    this.#slopes = memory.alloc(this.size);
    this.#first = memory.alloc(this.size);
    this.#second = memory.alloc(this.size);
    this.#values = sizes.map((size, i) => (i === 0 && binary ? 0 : memory.alloc(rows * size)));
    this.#backward = sizes.map((size, i) => (i === 0 && binary ? 0 : memory.alloc(rows * size)));
    const {roomOf} = memory.kernels;
    this.#room = memory.alloc(
      Math.max(
        ...this.layers.flatMap(({inputs, outputs}) => [
          roomOf(rows, inputs),
          roomOf(inputs, rows),
          roomOf(rows, outputs),
        ]),
      ),
    );
  }

  /** Addresses: where the inputs go, where the answers are, and the gradients by both. */
  get input() {
    return this.#values[0];
  }
  get output() {
    return this.#values[this.layers.length];
  }
  get inputSlope() {
    return this.#backward[0];
  }
  get outputSlope() {
    return this.#backward[this.layers.length];
  }

  /** All weights and biases in a row, as they lie; written into, they change. */
  get weights() {
    return this.#memory.view(this.#weights, this.size);
  }
  /** The gradient of the last backward(), in the same order. */
  get slopes() {
    return this.#memory.view(this.#slopes, this.size);
  }

  /** Begins anew: PyTorch's usual start, uniform up to 1 / sqrt(inputs). @param {() => number} uniform  in [0, 1) */
  start(uniform) {
    const {weights} = this;
    for (const {inputs, outputs, weight, bias} of this.layers) {
      const most = 1 / Math.sqrt(inputs);
      for (let i = 0; i < inputs * outputs; i++) weights[weight + i] = most * (2 * uniform() - 1);
      for (let i = 0; i < outputs; i++) weights[bias + i] = most * (2 * uniform() - 1);
    }
    this.forget();
  }

  /** Forgets what the optimizer has seen. */
  forget() {
    this.#memory.view(this.#first, this.size).fill(0);
    this.#memory.view(this.#second, this.size).fill(0);
    this.#steps = 0;
  }

  /** The answers to the first `rows` inputs, to `output`. @param {number} rows */
  forward(rows) {
    const {kernels} = this.#memory;
    this.layers.forEach(({inputs, outputs, weight, bias}, i) => {
      const [x, y, w] = [this.#values[i], this.#values[i + 1], this.#weights + 4 * weight];
      if (i === 0 && this.#binary) {
        const {starts, indices} = this.#binary.ofRows;
        kernels.gather(rows, outputs, starts, indices, w, y);
      } else {
        kernels.product(rows, outputs, inputs, x, 4 * inputs, 4, w, 4 * outputs, 4, y, this.#room);
      }
      kernels.addBias(rows, outputs, y, this.#weights + 4 * bias, i + 1 < this.layers.length);
    });
  }

  /**
   * From the gradient at `outputSlope` to those by the weights and, if wanted, by the inputs, at `inputSlope`.
   * @param {number} rows  as forward() was given
   * @param {boolean} [byInputs]
   */
  backward(rows, byInputs = false) {
    const {kernels} = this.#memory;
    for (let i = this.layers.length - 1; i >= 0; i--) {
      const {inputs, outputs, weight, bias} = this.layers[i];
      const [x, dy, dw] = [this.#values[i], this.#backward[i + 1], this.#slopes + 4 * weight];
      kernels.columnSums(rows, outputs, dy, this.#slopes + 4 * bias);
      if (i === 0 && this.#binary) {
        const {starts, indices} = this.#binary.ofColumns;
        kernels.gather(inputs, outputs, starts, indices, dy, dw);
        return;
      }
      kernels.product(inputs, outputs, rows, x, 4, 4 * inputs, dy, 4 * outputs, 4, dw, this.#room);
      if (i === 0 && !byInputs) return;
      const w = this.#weights + 4 * weight;
      const dx = this.#backward[i];
      kernels.product(rows, inputs, outputs, dy, 4 * outputs, 4, w, 4, 4 * outputs, dx, this.#room);
      if (i) kernels.reluGradient(rows * inputs, x, dx);
    }
  }

  /** One step of Adam along the last gradient. @param {number} rate  the learning rate @param {number} [beta1] */
  update(rate, beta1 = BETA1) {
    this.#steps += 1;
    const first = rate / (1 - beta1 ** this.#steps);
    const second = 1 / (1 - BETA2 ** this.#steps);
    this.#memory.kernels.adam(
      this.size,
      this.#weights,
      this.#slopes,
      this.#first,
      this.#second,
      first,
      second,
      beta1,
      BETA2,
      EPSILON,
    );
  }

  /** Layer i as PyTorch has it: weight (outputs, inputs) and bias (outputs). @param {number} i */
  layer(i) {
    const {inputs, outputs, weight, bias} = this.layers[i];
    const {weights} = this;
    const turned = new Float32Array(inputs * outputs);
    for (let a = 0; a < inputs; a++)
      for (let b = 0; b < outputs; b++) turned[b * inputs + a] = weights[weight + a * outputs + b];
    return {
      weight: {data: turned, shape: [outputs, inputs]},
      bias: {data: weights.slice(bias, bias + outputs), shape: [outputs]},
    };
  }

  /**
   * Takes layer i from PyTorch's. Throws a RangeError where the shapes do not fit.
   * @param {number} i
   * @param {{data: ArrayLike<number>}} weight
   * @param {{data: ArrayLike<number>}} bias
   */
  setLayer(i, weight, bias) {
    const {inputs, outputs, weight: to, bias: biasTo} = this.layers[i];
    if (weight.data.length !== inputs * outputs || bias.data.length !== outputs)
      throw new RangeError(`layer ${i} is ${outputs} x ${inputs}; ${weight.data.length} numbers were given`);
    const {weights} = this;
    for (let a = 0; a < inputs; a++)
      for (let b = 0; b < outputs; b++) weights[to + a * outputs + b] = weight.data[b * inputs + a];
    weights.set(Array.from(bias.data), biasTo);
  }

  /** Writes inputs of a batch. @param {ArrayLike<number>} x  (rows, inputs) */
  give(x) {
    const {inputs} = this.layers[0];
    if (x.length > this.#rows * inputs) throw new RangeError(`at most ${this.#rows} rows fit`);
    this.#memory.view(this.input, x.length).set(x);
  }

  /** The answers of the last forward(), until the next one. @param {number} rows */
  answers(rows) {
    return this.#memory.view(this.output, rows * this.layers[this.layers.length - 1].outputs);
  }
}
