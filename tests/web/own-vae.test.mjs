/** A VAE that was saved is opened again, whole or not at all; and what a hand draws for it, as MNIST has its digits. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {asDigit} from '../../vaedemo/app/tabs/learn/lib/as-digit.mjs';
import {OwnNet, openVae, vaeOf} from '../../vaedemo/web/engine/own-vae.mjs';
import {writeTensors} from '../../vaedemo/web/engine/safetensors.mjs';
import {SeededRandom} from '../../vaedemo/web/engine/seeded-random.mjs';
import {GRID, SIDE} from '../../vaedemo/web/engine/training-run.mjs';
import {VaeTrainer, binarized} from '../../vaedemo/web/engine/vae-trainer.mjs';

const kernels = new WebAssembly.Module(
  readFileSync(new URL('../../vaedemo/web/engine/training-kernels.wasm', import.meta.url)),
);
const trainer = (z = 3) => new VaeTrainer(kernels, {z, hidden: 8, batch: 4}, 5);

/** @typedef {import('../../vaedemo/web/engine/vae-trainer.mjs').Weights} Weights */

/** @param {Weights} weights @param {Record<string, string>} [about] */
const fileOf = (weights, about = {}) => new Uint8Array(writeTensors(weights, about)).buffer;

test('what was saved is opened as it was', async () => {
  const before = trainer();
  const vae = await openVae(new Blob([fileOf(before.weights(), {steps: '120'})]));
  assert.deepEqual([vae.form, vae.steps], [{z: 3, hidden: 8, pixels: 784}, 120]);
  assert.deepEqual(vae.weights, before.weights());
  assert.equal(vaeOf(fileOf(before.weights())).steps, 0, 'a file of PyTorch tells no steps');
});

test('its net draws and encodes as the trainer does, with the other latents at 0', () => {
  const before = trainer();
  const net = new OwnNet(kernels, {...vaeOf(fileOf(before.weights())), axes: [0, 2]});
  const wanted = before.decode(Float32Array.from([0.5, 0, -1]));
  assert.deepEqual(net.picture([0.5, -1]), wanted);
  assert.equal(net.map().length, (GRID * SIDE) ** 2);
  const random = new SeededRandom(3);
  const x = binarized(
    Uint8Array.from({length: 5 * 784}, () => random.below(256)),
    random,
  );
  const {mean} = before.encode(x);
  const codes = net.encode(x);
  assert.deepEqual(codes.mean, mean);
  assert.deepEqual(
    Array.from(codes.plane),
    [0, 1, 2, 3, 4].flatMap(i => [mean[3 * i], mean[3 * i + 2]]),
  );
});

test('what is no such model is refused in a sentence', async () => {
  const good = () => trainer().weights();
  const whole = fileOf(good());
  const {'decoder.2.bias': _, ...lacking} = good();
  const diverged = good();
  diverged['encoder.2.weight'].data[7] = NaN;
  const turned = good();
  turned['decoder.0.weight'].shape.reverse();
  const hidden = new VaeTrainer(kernels, {z: 2, hidden: 1028, batch: 4}).weights();
  /** @type {[ArrayBuffer, RegExp][]} */
  const bad = [
    [new ArrayBuffer(0), /no safetensors file/],
    [/** @type {ArrayBuffer} */ (new TextEncoder().encode('Dear diary, today').buffer), /no safetensors file/],
    [whole.slice(0, 400), /no safetensors file/],
    [whole.slice(0, whole.byteLength - 8), /cut off/],
    [fileOf({}), /no encoder.0.bias/],
    [fileOf(lacking), /no decoder.2.bias/],
    [fileOf(turned), /decoder.0.weight is 3 x 8, not 8 x 3/],
    [fileOf(diverged), /encoder.2.weight are not finite/],
    [fileOf(trainer(1).weights()), /1 latents; from 2 to 16/],
    [fileOf(trainer(17).weights()), /17 latents/],
    [fileOf(hidden), /1028 hidden units/],
  ];
  for (const [file, words] of bad) assert.throws(() => vaeOf(file), words);
  await assert.rejects(openVae(new Blob([new Uint8Array(9e6)])), /too large: 9.0 MB; 8.0 are the most/);
});

test('a drawing is scaled to 20 pixels, and its mass comes to the middle', () => {
  const side = 100;
  const bytes = new Uint8Array(side * side);
  for (let y = 10; y < 70; y++) bytes.fill(255, y * side + 80, y * side + 95); // 15 x 60: scaled to 5 x 20
  const bar = asDigit(bytes, side);
  assert.ok(bar);
  const ink = Array.from(bar.keys()).filter(i => bar[i]);
  assert.equal(ink.length, 100);
  assert.ok(ink.every(i => bar[i] === 255));
  assert.deepEqual([Math.floor(ink[0] / SIDE), Math.floor(ink[99] / SIDE)], [4, 23]);
  const columns = ink.map(i => i % SIDE);
  assert.deepEqual([Math.min(...columns), Math.max(...columns)], [12, 16]);
});

test('a heavy side is moved to the middle, but nothing over the edge', () => {
  const side = 28;
  const bytes = new Uint8Array(side * side);
  for (let y = 0; y < 20; y++) bytes[y * side] = 20; // a faint tall bar at the left
  bytes.fill(255, 0, 20); // a heavy one at the top
  const digit = asDigit(bytes, side);
  assert.ok(digit);
  assert.equal(digit.filter(Boolean).length, 39);
  const top = digit.findIndex(value => value === 255);
  assert.equal(Math.floor(top / SIDE), 8, 'its 20 rows end at the lower edge');
  assert.equal(asDigit(new Uint8Array(side * side), side), null);
});
