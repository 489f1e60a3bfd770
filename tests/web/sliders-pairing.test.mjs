/** Which latents share a slider, and what a slider says: by hand for models of a few latents. */
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {ownersOf, partnersOf, rowsOf, toldBy} from '../../vaedemo/app/tabs/sliders/lib/pairing.mjs';

const FACTORS = ['shape', 'size', 'angle'];

/** A model whose latents tell `shares` of the factors, row by row. */
function model(name, kl, shares, factors = FACTORS) {
  const told = toldBy(kl.length, factors, (d, f) => shares[d][f]);
  return {name, kl, told, owned: Array(kl.length).fill(null), wide: kl.map(() => 1), factors};
}

const left = model(
  'left',
  [3, 5, 0.001],
  [
    [0.6, 0.1, 0.2],
    [0.04, 0.9, 0],
    [0, 0, 0],
  ],
);
const right = model(
  'right',
  [1, 2, 4],
  [
    [0.1, 0.8, 0],
    [0.7, 0.1, 0],
    [0, 0, 0],
  ],
);

test('what a latent tells is sorted, and less than a twentieth is left out', () => {
  assert.deepEqual(
    left.told[0].map(({factor}) => factor),
    ['shape', 'angle', 'size'],
  );
  assert.deepEqual(left.told[1], [{factor: 'size', share: 0.9}]);
  assert.deepEqual(left.told[2], []);
});

test('a latent is paired with the one that tells most of its factor; what is left over goes by KL', () => {
  assert.deepEqual(partnersOf(left, right, [1, 0, 2]), [0, 1, 2]);
  assert.deepEqual(
    partnersOf(
      left,
      model(
        'untold',
        [1, 4, 2],
        [
          [0, 0, 0],
          [0, 0, 0],
          [0, 0, 0],
        ],
      ),
      [1, 0, 2],
    ),
    [1, 2, 0],
  );
});

test('each latent of the right model is taken once, and there may be too few', () => {
  const one = model('one', [1], [[0.5, 0.5, 0.5]]);
  assert.deepEqual(partnersOf(left, one, [0, 1]), [0, null]);
});

test('rows go by KL, and say what both latents tell', () => {
  const rows = rowsOf([left, right]);
  assert.deepEqual(
    rows.map(({d}) => d),
    [1, 0, 2],
  );
  assert.deepEqual(
    rows.map(({label}) => label),
    ['size, 0.90', 'shape, 0.60', 'z2'],
  );
  assert.deepEqual(
    rows.map(({note}) => note),
    ['size 0.80, shape 0.10', 'shape 0.70, size 0.10', 'nothing by itself'],
  );
  assert.equal(rows[0].words, 'Left, this slider turns size (0.90). Right, size (0.80).');
  // An angle of 0.2 is more than a quarter of the shape's 0.6; a size of 0.1 is less.
  assert.equal(rows[1].words, 'Left, this slider turns shape (0.60) and angle (0.20). Right, shape (0.70).');
  assert.equal(rows[2].words, 'Left, this slider turns nothing: its latent is dead. Right, no factor by itself.');
  assert.equal(rows[2].title, 'z2 of left: KL 0.00 nats\nz2 of right: KL 4.00 nats');
});

test('a model alone has no partners; one without factors tells its KL', () => {
  assert.deepEqual(
    rowsOf([left]).map(({partner, note}) => [partner, note]),
    [
      [null, ''],
      [null, ''],
      [null, ''],
    ],
  );
  assert.equal(rowsOf([left])[0].words, 'This slider turns size (0.90).');
  assert.equal(rowsOf([model('digits', [1.5], [[]], [])])[0].words, 'z0 carries 1.50 nats.');
});

test("DC-IGN's latents have owners: the first codes are the later factors', the rest the first's", () => {
  const owned = ownersOf([1, 2], 5, FACTORS, (d, f) => (d + f) / 10, 'light ');
  assert.deepEqual(
    owned.map(({label}) => label),
    ['light size', 'light angle 1', 'light angle 2', 'identity 1', 'identity 2'],
  );
  assert.deepEqual(
    owned.map(({factor, share}) => [factor, share]),
    [
      ['size', 0.1],
      ['angle', 0.3],
      ['angle', 0.4],
      ['shape', 0.3],
      ['shape', 0.4],
    ],
  );
  assert.deepEqual(
    ownersOf(undefined, 2, FACTORS, () => 0, ''),
    [null, null],
  );
});

test('named latents stand first, then identities by KL, counted as they stand', () => {
  const named = {
    ...model('turntable', [1, 2, 3, 9], Array(4).fill([0, 0, 0])),
    owned: ownersOf([1], 4, FACTORS, () => 0.25, ''),
  };
  assert.deepEqual(
    rowsOf([named]).map(({d, label}) => [d, label]),
    [
      [0, 'size, 0.25'],
      [3, 'identity 1'],
      [2, 'identity 2'],
      [1, 'identity 3'],
    ],
  );
});

test('a bank holds ten sliders at most', () => {
  const many = model(
    'many',
    Array.from({length: 32}, (_, d) => d),
    Array(32).fill([]),
    [],
  );
  assert.deepEqual(
    rowsOf([many]).map(({d}) => d),
    [31, 30, 29, 28, 27, 26, 25, 24, 23, 22],
  );
});
