/** Sentences about errors with few labels: they follow the figures, whichever way those fall. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {said} from '../../vaedemo/app/tabs/learn/lib/few-labels-words.mjs';

/**
 * @param {string} title @param {[number, number]} errors  in per cent, at 100 and at 1,000 labels
 * @param {number} deviation  in per cent @param {number[] | null} paper
 */
const reader = (title, errors, deviation, paper = null) => ({
  title,
  paper,
  metrics: {
    error_100: errors[0] / 100,
    error_100_sd: deviation / 100,
    error_1000: errors[1] / 100,
    error_1000_sd: deviation / 100,
  },
});

test('the model that errs least comes first, at each number of labels', () => {
  const a = reader('A', [5, 4], 0.1);
  const b = reader('B', [12, 3.5], 0.1);
  assert.deepEqual(said([a, b], undefined), [
    'With 100 labels, A (5.0 %) errs least, then B (12.0 %).',
    'With 1,000 labels, B (3.5 %) errs least, then A (4.0 %).',
  ]);
  const c = reader('C', [13, 5], 0.1);
  assert.equal(said([a, c], undefined)[1], 'With 1,000 labels the order is the same.');
});

test('what the draws of the labels scatter more than that is not told apart', () => {
  const [first] = said([reader('A', [5, 4], 0.4), reader('B', [5.3, 4], 0.1), reader('C', [9, 5], 0.1)], undefined);
  assert.equal(
    first,
    'With 100 labels, A (5.0 %) errs least, then B (5.3 %), then C (9.0 %); ' +
      'the draws of the labels do not tell A and B apart.',
  );
});

test('pixels are beaten by those that beat them', () => {
  const readers = [reader('A', [5, 4], 0.1), reader('B', [30, 4], 0.1)];
  const words = (/** @type {number} */ share) => said(readers, share)[2];
  assert.match(words(0.251), /^A errs less than a classifier on the pixels of the same 100 pictures \(25.1 %\)\.$/);
  assert.match(words(0.4), /^A and B err less than/);
  assert.match(words(0.01), /^None of them errs less than/);
});

test('beside the paper’s: more, less, or within one deviation of our draws', () => {
  const [words] = said([reader('M2', [13.27, 3.5], 0.2, [11.97, 3.6])], undefined);
  assert.equal(
    words,
    'Beside the paper’s, M2 errs with 100 labels 1.3 points more, with 1,000 labels as often, within one deviation.',
  );
  assert.match(
    said([reader('M2', [9, 3], 0.2, [11.97, 3.6])], undefined)[0],
    /100 labels 3.0 points less, .* 0.6 points less/,
  );
});

test('a model that is nowhere, or not measured, is not spoken of', () => {
  const nowhere = {title: 'M2', metrics: null, paper: [11.97, 3.6]};
  const raw = {title: 'M1+M2', metrics: {recipe: 'digits-m1m2'}, paper: [3.33, 2.4]};
  assert.deepEqual(said([nowhere, raw, reader('M1', [5, 4], 0.1)], undefined), []);
});
