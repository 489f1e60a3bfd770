/** The trainer's arithmetic: products against plain loops, gradients against finite differences, learning itself. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {BinaryRows, MultilayerNet, TrainingMemory} from '../../vaedemo/web/engine/multilayer-net.mjs';
import {SeededRandom} from '../../vaedemo/web/engine/seeded-random.mjs';
import {VaeTrainer, binarized} from '../../vaedemo/web/engine/vae-trainer.mjs';

const kernels = new WebAssembly.Module(
  readFileSync(new URL('../../vaedemo/web/engine/training-kernels.wasm', import.meta.url)),
);

/** @param {ArrayLike<number>} got @param {ArrayLike<number>} wanted @param {number} most  difference */
function near(got, wanted, most) {
  assert.equal(got.length, wanted.length);
  Array.from(wanted).forEach((value, i) =>
    assert.ok(Math.abs(got[i] - value) <= most, `${i}: ${got[i]}, not ${value}`),
  );
}

/** Pictures of zeros and ones. @param {number} n @param {number} pixels @param {SeededRandom} random */
const coins = (n, pixels, random) => Uint8Array.from({length: n * pixels}, () => Number(random.uniform() < 0.3));

for (const [m, n, k] of [
  [1, 1, 1],
  [4, 8, 5],
  [7, 13, 9],
  [12, 3, 30],
  [128, 20, 16],
])
  test(`a product of ${m} x ${k} and ${k} x ${n}, and of what is turned over, is the plain sum`, () => {
    const memory = new TrainingMemory(kernels);
    const random = new SeededRandom(m + n + k);
    const [a, b, c] = [m * k, k * n, m * n].map(count => memory.alloc(count + 8));
    const room = memory.alloc(memory.kernels.roomOf(m, k));
    const [left, right] = [random.normals(m * k), random.normals(k * n)];
    memory.view(a, m * k).set(left);
    memory.view(b, k * n).set(right);
    for (const turnedLeft of [false, true])
      for (const turnedRight of [false, true]) {
        memory.view(c, m * n + 8).fill(7);
        const [aRow, aColumn] = turnedLeft ? [4, 4 * m] : [4 * k, 4];
        const [bRow, bColumn] = turnedRight ? [4, 4 * k] : [4 * n, 4];
        memory.kernels.product(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, room);
        const wanted = Array.from({length: m * n}, (_, at) => {
          const [i, j] = [Math.floor(at / n), at % n];
          let sum = 0;
          for (let s = 0; s < k; s++)
            sum += left[turnedLeft ? s * m + i : i * k + s] * right[turnedRight ? j * k + s : s * n + j];
          return sum;
        });
        near(memory.view(c, m * n), wanted, 1e-5 * k);
        near(memory.view(c + 4 * m * n, 8), new Float32Array(8).fill(7), 0); // nothing behind it is touched
      }
  });

test('gathered rows are the product with zeros and ones, both ways round', () => {
  const memory = new TrainingMemory(kernels);
  const [rows, columns, wide] = [5, 12, 44];
  const binary = new BinaryRows(memory, rows, columns);
  const [table, y] = [memory.alloc(columns * wide), memory.alloc(columns * wide)];
  const random = new SeededRandom(3);
  const [x, w] = [coins(rows, columns, random), random.normals(columns * wide)];
  memory.view(table, w.length).set(w);
  binary.fill(x, rows);
  memory.kernels.gather(rows, wide, binary.ofRows.starts, binary.ofRows.indices, table, y);
  const sums = (
    /** @type {number} */ n,
    /** @type {(i: number, s: number) => number} */ one,
    /** @type {number} */ k,
  ) =>
    Array.from({length: n * wide}, (_, at) => {
      let sum = 0;
      for (let s = 0; s < k; s++) sum += one(Math.floor(at / wide), s) * w[s * wide + (at % wide)];
      return sum;
    });
  near(
    memory.view(y, rows * wide),
    sums(rows, (i, s) => x[i * columns + s], columns),
    1e-5,
  );
  memory.kernels.gather(columns, wide, binary.ofColumns.starts, binary.ofColumns.indices, table, y);
  near(
    memory.view(y, columns * wide),
    sums(columns, (i, s) => x[s * columns + i], rows),
    1e-5,
  );
});

test("a Bernoulli's nats and gradient are exact where logits are huge, and where they are none", () => {
  const memory = new TrainingMemory(kernels);
  const logits = [0, 3, -3, 40, -40, 500, -500, 0.5];
  const x = [1, 0, 1, 0, 1, 1, 1, 0];
  const [at, ink, nats] = [8, 8, 2].map(count => memory.alloc(count));
  memory.view(at, 8).set(logits);
  memory.view(ink, 8).set(x);
  memory.kernels.bernoulli(2, 4, at, ink, 1, nats);
  const exact = logits.map((l, i) => Math.max(l, 0) - x[i] * l + Math.log1p(Math.exp(-Math.abs(l))));
  near(
    memory.view(nats, 2),
    [0, 4].map(from => exact.slice(from, from + 4).reduce((a, b) => a + b)),
    1e-4,
  );
  near(
    memory.view(at, 8),
    logits.map((l, i) => 1 / (1 + Math.exp(-l)) - x[i]),
    1e-6,
  );
});

test('Adam on a parabola takes the steps of its formula', () => {
  const memory = new TrainingMemory(kernels);
  const [w, g, m, v] = [4, 4, 4, 4].map(count => memory.alloc(count));
  memory.view(w, 4).set([1, -2, 0.5, 3]);
  const wanted = [1, -2, 0.5, 3].map(Math.fround);
  const [first, second] = [new Float64Array(4), new Float64Array(4)];
  for (let t = 1; t <= 30; t++) {
    memory.view(g, 4).set(memory.view(w, 4));
    memory.kernels.adam(4, w, g, m, v, 0.1 / (1 - 0.9 ** t), 1 / (1 - 0.999 ** t), 0.9, 0.999, 1e-8);
    for (let i = 0; i < 4; i++) {
      first[i] = 0.9 * first[i] + 0.1 * wanted[i];
      second[i] = 0.999 * second[i] + 0.001 * wanted[i] ** 2;
      wanted[i] -= (0.1 * (first[i] / (1 - 0.9 ** t))) / (Math.sqrt(second[i] / (1 - 0.999 ** t)) + 1e-8);
    }
  }
  near(memory.view(w, 4), wanted, 1e-4);
});

/**
 * The loss of a batch, from its terms.
 * @param {VaeTrainer} trainer @param {Uint8Array} x @param {Float32Array} eps
 */
function lossOf(trainer, x, eps) {
  const {rate, distortion} = trainer.evaluate(x, eps);
  return distortion + trainer.beta * rate;
}

for (const settings of [
  {beta: 1, noise: true, warmup: 0},
  {beta: 7, noise: true, warmup: 4},
  {beta: 7, noise: false, warmup: 0},
])
  test(`gradients are finite differences, at ${JSON.stringify(settings)}`, () => {
    const form = {z: 3, hidden: 8, pixels: 16, batch: 6};
    const trainer = new VaeTrainer(kernels, form, 5);
    Object.assign(trainer.settings, settings);
    const random = new SeededRandom(2);
    const [x, eps] = [coins(6, 16, random), random.normals(18)];
    trainer.gradients(x, eps);
    const slopes = trainer.slopes.map(slope => slope.slice());
    const [weights, step] = [trainer.parameters, 2e-3];
    let seen = 0;
    weights.forEach((numbers, net) => {
      for (let i = 0; i < numbers.length; i++) {
        const at = numbers[i];
        const [above, below] = [at + step, at - step].map(value => {
          numbers[i] = value;
          return lossOf(trainer, x, eps);
        });
        numbers[i] = at;
        const difference = (above - below) / (2 * step);
        seen = Math.max(seen, Math.abs(difference));
        assert.ok(Math.abs(difference - slopes[net][i]) < 6e-3, `${net} ${i}: ${slopes[net][i]}, not ${difference}`);
      }
    });
    assert.ok(seen > 0.3); // there is something to compare
  });

test('gradients of a picture by its mean and log variance are finite differences of its own loss', () => {
  const trainer = new VaeTrainer(kernels, {z: 2, hidden: 8, pixels: 16, batch: 4}, 1);
  trainer.settings.beta = 3;
  const random = new SeededRandom(4);
  const [x, eps] = [coins(4, 16, random), random.normals(8)];
  trainer.gradients(x, eps);
  const {slopes} = trainer.codes;
  // The bias of the encoder's last layer moves the code of all pictures: its gradient is the sum of theirs.
  const last = trainer.slopes[0].slice(16 * 8 + 8 + 8 * 4, 16 * 8 + 8 + 8 * 4 + 4);
  near(
    last,
    [0, 1, 2, 3].map(j => [0, 1, 2, 3].reduce((sum, b) => sum + slopes[4 * b + j], 0) / 4),
    1e-5,
  );
});

/** Twelve patterns with a little noise: what a small VAE learns in a second. */
function patterns() {
  const random = new SeededRandom(9);
  const kinds = Array.from({length: 12}, () => coins(1, 64, random));
  return (/** @type {number} */ n) => {
    const x = new Uint8Array(n * 64);
    for (let i = 0; i < n; i++)
      x.set(
        kinds[i % 12].map(bit => (random.uniform() < 0.02 ? 1 - bit : bit)),
        i * 64,
      );
    return x;
  };
}

/** @param {Partial<import('../../vaedemo/web/engine/vae-trainer.mjs').Settings>} settings @param {number} [seed] */
function learned(settings, seed = 1) {
  const trainer = new VaeTrainer(kernels, {z: 4, hidden: 32, pixels: 64, batch: 48}, seed);
  Object.assign(trainer.settings, {rate: 3e-3, ...settings});
  const draw = patterns();
  const random = new SeededRandom(seed);
  const first = trainer.evaluate(draw(480), random.normals(480 * 4));
  for (let i = 0; i < 600; i++) trainer.step(draw(48), random.normals(48 * 4));
  return {trainer, first, last: trainer.evaluate(draw(480), random.normals(480 * 4))};
}

test('it learns: the bound rises, and a larger beta buys a lower rate for a larger distortion', () => {
  const [one, many] = [learned({beta: 1}), learned({beta: 12})];
  assert.ok(one.first.distortion > 40, 'at first a pixel costs nearly log 2'); // 64 log 2 = 44.4
  // Twelve kinds cost log 12 = 2.5 nats, and 64 pixels that flip in 2 of 100 cost 6.3.
  assert.ok(one.last.distortion + one.last.rate < 14, `${one.last.distortion} + ${one.last.rate}`);
  assert.ok(many.last.rate < 0.8 * one.last.rate);
  assert.ok(many.last.distortion > one.last.distortion + 2);
});

test('without noise it is an autoencoder: no rate is paid', () => {
  const {trainer, last} = learned({noise: false, beta: 12});
  assert.equal(trainer.beta, 0);
  assert.ok(last.distortion < 9);
  assert.ok(last.rate > 20, 'codes lie where they please');
});

test('warm-up raises beta step by step', () => {
  const trainer = new VaeTrainer(kernels, {z: 2, hidden: 8, pixels: 16, batch: 2}, 1);
  Object.assign(trainer.settings, {beta: 4, warmup: 8});
  const random = new SeededRandom(1);
  const betas = Array.from({length: 10}, () => trainer.step(coins(2, 16, random), random.normals(4)).beta);
  assert.deepEqual(betas, [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4, 4]);
});

test('the same seed learns the same, another one something else', () => {
  const [a, b, c] = [learned({beta: 1}), learned({beta: 1}), learned({beta: 1}, 2)];
  assert.deepEqual(a.trainer.weights(), b.trainer.weights());
  assert.notDeepEqual(a.trainer.weights(), c.trainer.weights());
});

test('weights that are taken out and put in again decode and encode the same', () => {
  const {trainer} = learned({beta: 1});
  const other = new VaeTrainer(kernels, trainer.form, 77);
  const x = patterns()(60);
  const zs = new SeededRandom(5).normals(4 * 60);
  assert.notDeepEqual(other.decode(zs), trainer.decode(zs));
  other.setWeights(trainer.weights());
  assert.deepEqual(other.decode(zs), trainer.decode(zs));
  assert.deepEqual(other.encode(x), trainer.encode(x));
  assert.throws(() => other.setWeights({}), /encoder\.0 is missing/);
  assert.throws(() => other.encode(x.subarray(1)), RangeError);
});

test('grey pictures become coins of their own probability', () => {
  const x = binarized(
    new Uint8Array(30_000).map((_, i) => [0, 51, 255][i % 3]),
    new SeededRandom(8),
  );
  const share = [0, 1, 2].map(part => x.reduce((sum, bit, i) => sum + (i % 3 === part ? bit : 0), 0) / 10_000);
  assert.deepEqual([share[0], share[2]], [0, 1]);
  assert.ok(Math.abs(share[1] - 0.2) < 0.016, String(share[1])); // four standard deviations
});

test('seeded normal numbers are normal', () => {
  const draws = Array.from(new SeededRandom(11).normals(20_000));
  const mean = draws.reduce((a, b) => a + b) / draws.length;
  const square = draws.reduce((sum, value) => sum + value * value, 0) / draws.length;
  const inside = draws.filter(value => Math.abs(value) < 1).length / draws.length;
  assert.ok(Math.abs(mean) < 0.03 && Math.abs(square - 1) < 0.04 && Math.abs(inside - 0.6827) < 0.014);
});

test('a net refuses more rows than it has room for, and weights of another shape', () => {
  const net = new MultilayerNet(new TrainingMemory(kernels), [2, 4, 1], 3);
  assert.throws(() => net.give(new Float32Array(8)), RangeError);
  assert.throws(() => net.setLayer(0, {data: [1, 2]}, {data: [0, 0, 0, 0]}), RangeError);
});
