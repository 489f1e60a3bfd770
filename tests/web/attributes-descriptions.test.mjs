/** Descriptions of faces, and what moved between two readings: worked out by hand. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  asked,
  discreet,
  movements,
  passing,
  plain,
  words,
} from '../../vaedemo/app/tabs/attributes/lib/descriptions.mjs';

test('attributes are called as people do', () => {
  assert.deepEqual(['Smiling', 'Wearing_Hat', 'Eyeglasses', 'Mouth_Slightly_Open', 'No_Beard'].map(plain), [
    'smile',
    'hat',
    'glasses',
    'mouth slightly open',
    'no beard',
  ]);
});

test('what is there is named, what is hardly there is not', () => {
  assert.equal(words(['smile', 'hat', 'young'], [1, 0.2, 0.3]), 'smile, young');
  assert.equal(words(['smile', 'hat'], [-1, 0.25]), 'none of these attributes');
});

test("of a person's photo it is not said whom a net takes one for", () => {
  assert.deepEqual(discreet(['Smiling', 'Male', 'Young', 'Bald'], [0.5, 1, 1, 0.9]), [0.5, -1, -1, 0.9]);
});

test('one attribute passes evenly from -1 to 1, the others stay', () => {
  assert.deepEqual(passing([0.5, 7, -0.5], 1, 5), [
    [0.5, -1, -0.5],
    [0.5, -0.5, -0.5],
    [0.5, 0, -0.5],
    [0.5, 0.5, -0.5],
    [0.5, 1, -0.5],
  ]);
});

test('Python is given two decimals', () => {
  assert.equal(asked(['Smiling', 'Young'], [0.123, -1]), 'model.asked({"Smiling": 0.12, "Young": -1})');
});

test('what was asked for comes first, then what moved farthest; what hardly moved is left out', () => {
  const moves = movements([0, 0.5, -0.5, 0.25, 0], [0.05, 0, 0.5, 0.25, 0.9], 3);
  assert.deepEqual(
    moves.map(({i}) => i),
    [3, 2, 4, 1],
  );
  assert.deepEqual(moves[1], {i: 2, from: -0.5, to: 0.5, far: 1});
});
