/** One z under ten labels: the net against its formula, term by term; and what its latents cost. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {LabelledNet, bytesOf} from '../../vaedemo/app/tabs/learn/lib/style-decoder.mjs';
import {ratesOf} from '../../vaedemo/app/tabs/learn/lib/styles.mjs';
import {SeededRandom} from '../../vaedemo/web/engine/seeded-random.mjs';

test('ten answers are a linear layer, softplus and a linear layer of [z, label]', () => {
  const [z, hidden, outputs] = [3, 5, 4];
  const random = new SeededRandom(1);
  const tensor = (/** @type {number[]} */ ...shape) => ({data: random.normals(shape.reduce((a, b) => a * b)), shape});
  const tensors = {
    '0.weight': tensor(hidden, z + 10),
    '0.bias': tensor(hidden),
    '2.weight': tensor(outputs, hidden),
    '2.bias': tensor(outputs),
  };
  const net = new LabelledNet(tensors);
  assert.deepEqual([net.z, net.outputs], [z, outputs]);
  const style = [0.3, -40, 1.5]; // -40: exp would overflow nowhere, but log(1 + exp) loses what is small
  const ten = net.ten(style);
  for (let label = 0; label < 10; label++) {
    const input = [...style, ...Array.from({length: 10}, (_, i) => Number(i === label))];
    const units = Array.from({length: hidden}, (_, unit) => {
      const row = tensors['0.weight'].data.subarray(unit * input.length, (unit + 1) * input.length);
      const sum = input.reduce((total, value, i) => total + value * row[i], tensors['0.bias'].data[unit]);
      return sum > 30 ? sum : Math.log(1 + Math.exp(sum));
    });
    for (let i = 0; i < outputs; i++) {
      const row = tensors['2.weight'].data.subarray(i * hidden, (i + 1) * hidden);
      const wanted = units.reduce((total, value, unit) => total + value * row[unit], tensors['2.bias'].data[i]);
      assert.ok(Math.abs(ten[label * outputs + i] - wanted) < 1e-4 * (1 + Math.abs(wanted)), `${label}, ${i}`);
    }
  }
});

test('logits become bytes', () => {
  assert.deepEqual([...bytesOf(Float32Array.from([-100, 0, 100, Math.log(3)]))], [0, 128, 255, 191]);
});

test('a latent that is the prior for each digit costs nothing', () => {
  const read = {
    labels: [1, 2],
    mean: [
      [0, 1],
      [0, -3],
    ],
    sigma: [
      [1, 1],
      [1, Math.E],
    ],
  };
  const [none, some] = ratesOf(read);
  assert.equal(none, 0);
  assert.ok(Math.abs(some - (0.5 + (9 + Math.E ** 2 - 1 - 2) / 2) / 2) < 1e-12);
});
