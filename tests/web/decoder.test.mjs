/** The decoder's arithmetic, what its layers hold, and log p(x|z): against PyTorch's numbers, see fixtures/. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {featuresOf} from '../../vaedemo/web/engine/activations.mjs';
import {Decoder, readHeader} from '../../vaedemo/web/engine/decoder.mjs';
import {logitsOf, scored} from '../../vaedemo/web/engine/log-likelihood.mjs';

/**
 * @typedef {{file: string, shape: number[], zs: number[][], planes: number[][], peaks: number[][], floors: number[][],
 *   pictures: number[][], scores: number[][]}} Fixture
 */

/** @param {string} path */
const read = path => readFileSync(new URL(path, import.meta.url));
const kernels = new WebAssembly.Module(read('../../vaedemo/web/engine/kernels.wasm'));
const fixtures = /** @type {Record<string, Fixture>} */ (JSON.parse(read('fixtures/decoders.json').toString()));

/** @param {Fixture} fixture @returns {ArrayBuffer} */
const fileOf = ({file}) => Uint8Array.from(Buffer.from(file, 'base64')).buffer;

/** @param {ArrayLike<number>} got @param {ArrayLike<number>} wanted @param {number} most  difference */
function near(got, wanted, most) {
  assert.equal(got.length, wanted.length);
  Array.from(wanted).forEach((value, i) => assert.ok(Math.abs(got[i] - value) <= most, `${i}: ${got[i]}, ${value}`));
}

for (const [name, fixture] of Object.entries(fixtures)) {
  const {shape, zs, planes, peaks, floors} = fixture;

  test(`${name}: planes are PyTorch's, give or take a level`, () => {
    const decoder = new Decoder(kernels, fileOf(fixture));
    assert.deepEqual([decoder.form.inputs, decoder.form.shape], [zs[0].length, shape]);
    near(decoder.decode(Float32Array.from(zs.flat()), zs.length), planes.flat(), 1);
    zs.forEach((z, i) => near(decoder.decode(Float32Array.from(z)), planes[i], 1));
  });

  test(`${name}: layers hold what PyTorch's hold`, () => {
    const features = featuresOf(new Decoder(kernels, fileOf(fixture)), Float32Array.from(zs[0]));
    assert.equal(features.length, peaks.length);
    features.forEach((feature, layer) => {
      near(feature.peaks, peaks[layer], 2e-3);
      // Each plane is drawn from its floor, or 0, to its peak: 255, unless it is the same all over.
      const area = feature.height * feature.width;
      for (let c = 0; c < feature.channels; c++) {
        const most = Math.max(...feature.planes.subarray(c * area, (c + 1) * area));
        assert.equal(most, peaks[layer][c] > Math.min(0, floors[layer][c]) ? 255 : 0);
      }
    });
  });

  test(`${name}: a file that is cut off, and numbers that are no z, are refused`, () => {
    const file = fileOf(fixture);
    assert.throws(() => readHeader(file.slice(0, 20)), /cut off/);
    assert.throws(() => new Decoder(kernels, file.slice(0, -50)), /cut off at/);
    assert.throws(() => new Decoder(kernels, file).decode(new Float32Array(7)), RangeError);
  });
}

/**
 * The file with another header.
 * @param {ArrayBuffer} file
 * @param {(header: any) => unknown} change
 */
function changed(file, change) {
  const length = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
  change(header);
  const words = new TextEncoder().encode(JSON.stringify(header));
  const made = new Uint8Array(8 + words.length + file.byteLength - 8 - length);
  new DataView(made.buffer).setBigUint64(0, BigInt(words.length), true);
  made.set(words, 8);
  made.set(new Uint8Array(file, 8 + length), 8 + words.length);
  return made.buffer;
}

for (const [what, words, change] of /** @type {[string, RegExp, (header: any) => unknown][]} */ ([
  [
    'of a newer kind',
    /0\.weight is I4: the model file is newer than this page/,
    all => (all['0.weight'].dtype = 'I4'),
  ],
  ['without scales', /lacks 0\.scale/, all => delete all['0.scale']],
  ['whose weight is not as long as its shape', /damaged at 0\.weight/, all => all['0.weight'].shape.pop()],
  ['whose scales are of another shape', /damaged at 0\.scale/, all => all['0.scale'].shape.reverse()],
  ['whose groups are other numbers', /damaged at 0\.scale/, all => (all['0.groups'].data_offsets = [16, 48])],
]))
  test(`a file ${what} is refused in plain words`, () => {
    assert.throws(() => new Decoder(kernels, changed(fileOf(fixtures.packed), change)), words);
  });

test('a file whose header is no header is refused in plain words', () => {
  const file = fileOf(fixtures.packed);
  new Uint8Array(file)[8] = 0;
  assert.throws(() => readHeader(file), /damaged at its header/);
});

test('numbers are what the sigmoid makes planes of, pixel by pixel', () => {
  for (const [name, fixture] of Object.entries(fixtures)) {
    const decoder = new Decoder(kernels, fileOf(fixture));
    const z = Float32Array.from(fixture.zs[0]);
    if (decoder.form.shape[1] !== decoder.pictures[decoder.pictures.length - 1].height) {
      assert.throws(() => decoder.numbers(z), /shuffled/, name);
      continue;
    }
    const [channels, height, width] = decoder.form.shape;
    const found = decoder.numbers(z);
    const planes = Array.from({length: channels * height * width}, (_, i) => {
      const value = found[(i % (height * width)) * channels + Math.floor(i / (height * width))];
      return Math.round(255 / (1 + Math.exp(-value)));
    });
    near(planes, fixture.planes[0], 1);
  }
});

test('log p(x|z) is the Bernoulli of PyTorch, in nats', () => {
  const {zs, pictures, scores, shape} = fixtures.grey;
  const kept = logitsOf(new Decoder(kernels, fileOf(fixtures.grey)), Float32Array.from(zs.flat()), zs.length);
  const size = shape.reduce((a, b) => a * b);
  near(scored(kept, Uint8Array.from(pictures.flat()), size), scores.flat(), 1e-2);
});

test('pictures in color are not scored', () => {
  const decoder = new Decoder(kernels, fileOf(fixtures.shuffled));
  assert.throws(() => logitsOf(decoder, Float32Array.from(fixtures.shuffled.zs[0]), 1), /grey/);
});

test('softplus neither overflows nor vanishes', () => {
  const logits = Float32Array.from([800, -800, 0, 20, -20]);
  const decoder = {
    form: {inputs: 1, shape: /** @type {[number, number, number]} */ ([1, 1, 5]), work: 0},
    size: 5,
    pictures: [{at: 0, room: 1, channels: 1, height: 1, width: 5, border: 0}],
    memory: {buffer: logits.buffer},
    decode: () => new Uint8Array(5),
  };
  const {norms} = logitsOf(/** @type {any} */ (decoder), new Float32Array(1), 1);
  near(norms, [800 + Math.log(2) + 20 + 2 * Math.log1p(Math.exp(-20))], 1e-9);
});
