/** Ten labels: choices that are random and balanced, errors counted by hand, three spaces that answer. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {FewLabels, askedFor, chosen, errorOf, keyOf, summary} from '../../vaedemo/app/tabs/learn/lib/few-labels.mjs';
import {nextDot} from '../../vaedemo/app/tabs/learn/lib/label-plane.mjs';
import {SeededRandom} from '../../vaedemo/web/engine/seeded-random.mjs';

const N = 400;

/** Ten clusters on a ring, the labels 0 to 9 in turn. */
function clusters(spread = 0.05) {
  const random = new SeededRandom(1);
  return Float32Array.from({length: 2 * N}, (_, i) => {
    const angle = (2 * Math.PI * askedFor(i >> 1)) / 10;
    return (i % 2 ? Math.sin(angle) : Math.cos(angle)) + spread * random.normal();
  });
}

test('a choice of each digit holds as many of each, and a larger one holds the smaller', () => {
  const ten = chosen(N, 10, 'each', 7);
  assert.deepEqual(ten.map(({label}) => label).sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const twenty = chosen(N, 20, 'each', 7);
  assert.deepEqual(twenty.slice(0, 10), ten);
  for (let label = 0; label < 10; label++) assert.equal(twenty.filter(known => known.label === label).length, 2);
  assert.equal(new Set(twenty.map(({point}) => point)).size, 20);
  assert.notDeepEqual(chosen(N, 10, 'each', 8), ten);
});

test('any ten are any ten: over many choices each digit comes as often', () => {
  const seen = new Array(10).fill(0);
  let incomplete = 0;
  for (let seed = 0; seed < 400; seed++) {
    const known = chosen(N, 10, 'any', seed);
    known.forEach(({point, label}) => {
      assert.equal(label, askedFor(point));
      seen[label] += 1;
    });
    if (new Set(known.map(({label}) => label)).size < 10) incomplete += 1;
  }
  for (const times of seen) assert.ok(Math.abs(times - 400) < 5 * Math.sqrt(400), String(seen));
  assert.ok(incomplete > 390); // one of each is as rare as 10! / 10^10
});

test('an error is a share of the digits that have no label', () => {
  const answers = Int8Array.from({length: 20}, (_, point) => askedFor(point));
  const known = [{point: 3, label: 3}];
  assert.equal(errorOf(answers, known), 0);
  answers[3] = 9; // a labelled digit does not count
  assert.equal(errorOf(answers, known), 0);
  answers[4] = 9;
  answers[5] = -1; // no answer is a wrong one
  assert.equal(errorOf(answers, known), 2 / 19);
});

test('ten labels suffice for ten clusters, and noise leaves a tenth right', () => {
  const few = new FewLabels(N);
  few.add('codes', clusters());
  few.add('plane', new SeededRandom(2).normals(2 * N));
  const known = chosen(N, 10, 'each', 1);
  const {answers, hops, unsure} = few.tell(known);
  assert.deepEqual(Object.keys(answers).sort(), ['codes', 'plane']);
  for (const way of /** @type {const} */ (['nearest', 'spread'])) {
    assert.equal(errorOf(/** @type {any} */ (answers.codes)[way], known), 0);
    assert.ok(errorOf(/** @type {any} */ (answers.plane)[way], known) > 0.7);
  }
  assert.ok(known.every(({point}) => hops[point] === 0));
  assert.ok(known.every(({point}) => point !== unsure));
});

test('a choice is tried in every space that is there', () => {
  const few = new FewLabels(N);
  few.add('codes', clusters(0.3));
  const black = clusters(0.3).map(value => (value > 0 ? 1 : 0));
  few.add('pixels', Uint8Array.from(black));
  const errors = few.tryOut('each', 20, 3);
  assert.deepEqual(Object.keys(errors).sort(), ['codes-nearest', 'codes-spread', 'pixels-nearest', 'pixels-spread']);
  const known = chosen(N, 20, 'each', 3);
  assert.equal(errors[keyOf('codes', 'nearest')], errorOf(few.answers('codes', known).nearest, known));
  assert.deepEqual(few.tryOut('each', 20, 3), errors);
  assert.notDeepEqual(few.tryOut('each', 20, 4), errors);
});

test('means and deviations', () => {
  assert.deepEqual(summary([1, 3]), {mean: 2, deviation: Math.SQRT2});
  assert.deepEqual(summary([5]), {mean: 5, deviation: 0});
});

test('arrow keys go to the dot that lies nearest in their direction', () => {
  //              0     1      2      3 (steeper than 1:2)  4 (behind)
  const places = [0, 0, 10, 1, 6, 4, 2, 9, -3, 0];
  assert.equal(nextDot(places, 0, [1, 0]), 1, '10 ahead and 1 aside is nearer than 6 ahead and 4 aside');
  assert.equal(nextDot(places, 0, [-1, 0]), 4);
  assert.equal(nextDot(places, 0, [0, 1]), 2 + 1);
  assert.equal(nextDot(places, 1, [1, 0]), -1, 'nothing lies to the right of the last');
});

test('the latents of a VAE of the visitor are one more space', () => {
  const few = new FewLabels(4);
  few.add('yours', Float32Array.from([0, 0, 5, 5, 0.1, 0, 5, 5.2]));
  const {nearest} = few.answers('yours', [
    {point: 0, label: 3},
    {point: 1, label: 7},
  ]);
  assert.deepEqual(Array.from(nearest), [3, 7, 3, 7]);
  assert.deepEqual(few.spaces, ['yours']);
});
