/** What a link says, read by what the tabs declare. The page's address and head are the stand-ins below. */
import assert from 'node:assert/strict';
import {beforeEach, test} from 'node:test';
import * as address from '../../vaedemo/web/page/url-state.mjs';

const DECLARED = {
  'sample.z': {kind: 'numbers', most: 4, count: 2},
  'sample.code': {kind: 'numbers', most: 3, count: null},
  'sample.dice.seed': {kind: 'whole', least: 0, most: 999},
  'sample.dice.model': {kind: 'choice', words: ['digits', 'digits-2d']},
  'sample.dice.word': {kind: 'word'},
};
const sample = new address.UrlState({tab: 'sample', fold: null});
const dice = new address.UrlState({tab: 'sample', fold: 'dice'});

/** @param {string} query */
function open(query) {
  const url = new URL(`http://here/${query}`);
  const page = {
    location: url,
    document: {getElementById: () => ({textContent: JSON.stringify(DECLARED)})},
    history: {
      state: null,
      replaceState: (/** @type {any} */ _, /** @type {string} */ __, /** @type {string} */ to) => {
        url.href = to;
      },
    },
  };
  Object.assign(globalThis, {...page, window: globalThis, parent: globalThis});
}

beforeEach(() => open(''));

test('values that fit are read', () => {
  open('?sample.z=1.5,-2&sample.dice.seed=42&sample.dice.model=digits-2d&sample.dice.word=b&sample.code=1,2,3');
  assert.deepEqual(sample.numbers('z'), [1.5, -2]);
  assert.deepEqual(sample.numbers('code', 3), [1, 2, 3]);
  assert.equal(dice.whole('seed', null), 42);
  assert.equal(dice.choice('model'), 'digits-2d');
  assert.equal(dice.choice('word', ['a', 'b']), 'b');
  assert.equal(dice.given('seed'), true);
  assert.equal(sample.given('z'), true);
});

test('numbers are clipped to their range', () => {
  open('?sample.z=99,-99');
  assert.deepEqual(sample.numbers('z'), [4, -4]);
});

test('what does not fit is left out, and said once', async () => {
  open('?sample.z=1,x&sample.code=1,,2&sample.dice.seed=1000&sample.dice.model=%3Cb%3E&other=1&sample.typo=1');
  const said = /** @type {string[][]} */ ([]);
  address.onIgnored(keys => said.push(keys));
  assert.equal(sample.numbers('z'), null);
  assert.equal(sample.numbers('code', 3), null);
  assert.equal(dice.whole('seed', 'otherwise'), 'otherwise');
  assert.equal(dice.choice('model'), 'digits');
  address.refuseUnknown();
  assert.deepEqual(said.at(-1), ['sample.z', 'sample.code', 'sample.dice.seed', 'sample.dice.model', 'sample.typo']);
  await new Promise(resolve => setTimeout(resolve, 350));
  assert.equal(location.search, '?other=1'); // nobody's business: another page's key
});

test('what is kept is written below the place’s own name', async () => {
  open('?tab=sample');
  dice.set({seed: 7, model: 'digits'});
  sample.set({z: '0.5,1'});
  dice.set({model: null});
  await new Promise(resolve => setTimeout(resolve, 350));
  assert.deepEqual(Object.fromEntries(new URLSearchParams(location.search)), {
    tab: 'sample',
    'sample.dice.seed': '7',
    'sample.z': '0.5,1',
  });
});

test('what no tab declares is a mistake of ours', () => {
  assert.throws(() => dice.whole('throw', 0), /sample\.dice\.throw is not declared/);
  assert.throws(() => sample.set({seed: 1}), /sample\.seed is not declared/);
  assert.throws(() => dice.numbers('seed'), /declared as whole/);
});
