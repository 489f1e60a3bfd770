/** The nets of points in the plane: their gradients against finite differences, and the figures of what they draw. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import {BATCH, LATENTS, PlaneGan, PlaneVae, SETS, drawn, judged} from '../../vaedemo/web/engine/plane-trainers.mjs';
import {SeededRandom} from '../../vaedemo/web/engine/seeded-random.mjs';

const kernels = new WebAssembly.Module(
  readFileSync(new URL('../../vaedemo/web/engine/training-kernels.wasm', import.meta.url)),
);

/**
 * Compares a gradient with finite differences at every 97th weight.
 * @param {Float32Array} weights @param {Float32Array} slopes @param {() => number} loss @param {number} most
 */
function compare(weights, slopes, loss, most) {
  const step = 2e-3;
  let seen = 0;
  for (let i = 0; i < weights.length; i += 97) {
    const at = weights[i];
    const [above, below] = [at + step, at - step].map(value => {
      weights[i] = value;
      return loss();
    });
    weights[i] = at;
    const difference = (above - below) / (2 * step);
    seen = Math.max(seen, Math.abs(difference));
    assert.ok(Math.abs(difference - slopes[i]) < most, `${i}: ${slopes[i]}, not ${difference}`);
  }
  assert.ok(seen > 5 * most, `there is something to compare: ${seen}`);
}

test("the VAE's gradients are finite differences", () => {
  const vae = new PlaneVae(kernels, 3);
  vae.beta = 2;
  const random = new SeededRandom(1);
  const [x, eps] = [drawn(SETS.gaussians, BATCH, random), random.normals(BATCH * LATENTS)];
  for (let i = 0; i < 100; i++) vae.step(drawn(SETS.gaussians, BATCH, random));
  const loss = () => {
    const {rate, distortion} = vae.gradients(x, eps);
    return distortion + 2 * rate;
  };
  loss();
  const slopes = vae.slopes.map(slope => slope.slice());
  vae.weights.forEach((weights, net) => compare(weights, slopes[net], loss, 0.05));
});

test("the GAN's two gradients are finite differences, each of its own loss", () => {
  const gan = new PlaneGan(kernels, 3);
  const random = new SeededRandom(1);
  for (let i = 0; i < 200; i++) gan.step(drawn(SETS.gaussians, BATCH, random));
  const [x, zs] = [drawn(SETS.gaussians, BATCH, random), random.normals(BATCH * LATENTS)];
  const critic = () => gan.criticGradients(x, zs);
  critic();
  compare(gan.weights[1], gan.slopes[1].slice(), critic, 2e-3);
  const generator = () => gan.generatorGradients(zs);
  generator();
  compare(gan.weights[0], gan.slopes[0].slice(), generator, 2e-3);
});

test('pushes lead to where the discriminator says "real"', () => {
  const gan = new PlaneGan(kernels, 1);
  const random = new SeededRandom(1);
  for (let i = 0; i < 300; i++) gan.step(drawn(SETS.ring, BATCH, random));
  const points = gan.sample(BATCH, random);
  const pushes = gan.pushes(points);
  const longest = Math.max(...pushes.map(Math.abs));
  const moved = points.map((value, i) => value + (0.002 * pushes[i]) / longest);
  const [before, after] = [gan.realness(points), gan.realness(moved)];
  const better = before.filter((value, i) => after[i] >= value - 1e-6).length;
  assert.ok(better > 0.98 * BATCH, `${better} of ${BATCH}`);
});

test('the surface is the discriminator at the cells, from the top', () => {
  const gan = new PlaneGan(kernels, 2);
  const [side, reach] = [20, 1.5];
  const surface = gan.surface(side, reach);
  const [row, column] = [3, 14];
  const place = new Float32Array(2 * BATCH);
  place.set([reach * ((2 * (column + 0.5)) / side - 1), reach * (1 - (2 * (row + 0.5)) / side)]);
  assert.ok(Math.abs(surface[row * side + column] - gan.realness(place)[0]) < 1e-6);
});

test('figures of hand-made points', () => {
  const set = SETS.gaussians;
  const perfect = judged(drawn(set, 4000, new SeededRandom(5)), set);
  assert.equal(perfect.found, 1);
  assert.ok(perfect.stray < 0.002, 'beyond four sigma lie 3 in 10,000'); // exp(-8)
  const two = Float32Array.from({length: 400}, (_, i) => set.modes[Math.floor(i / 2) % 2][i % 2]);
  assert.deepEqual(judged(two, set), {found: 0.25, stray: 0});
  const centre = new Float32Array(200);
  assert.deepEqual(judged(centre, set), {found: 0, stray: 1});
});

test('a VAE covers all eight Gaussians, and blurs between them', () => {
  const vae = new PlaneVae(kernels, 1);
  const random = new SeededRandom(4);
  for (let i = 0; i < 800; i++) vae.step(drawn(SETS.gaussians, BATCH, random));
  const {found, stray} = judged(vae.sample(8 * BATCH, random), SETS.gaussians);
  assert.equal(found, 1);
  assert.ok(stray > 0.2 && stray < 0.8, String(stray));
});

for (const [name, set] of Object.entries(SETS))
  test(`${name}: its own points lie on it, within the plane`, () => {
    const points = drawn(set, 3000, new SeededRandom(2));
    assert.ok(points.every(value => Math.abs(value) < 1.15));
    const {found, stray} = judged(points, set);
    assert.equal(found, 1);
    assert.ok(stray < 0.02, String(stray));
  });
