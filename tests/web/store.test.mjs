/** Stores, and the rule that the newest call wins. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {newest} from '../../vaedemo/web/page/request.mjs';
import {Store} from '../../vaedemo/web/page/store.mjs';

test('a subscriber hears what is there, then every change, until it ends', () => {
  const store = /** @type {Store<number, string>} */ (new Store());
  const heard = /** @type {unknown[]} */ ([]);
  const end = store.subscribe((value, how) => heard.push([value, how]));
  assert.deepEqual(heard, []);
  store.publish(1, 'by hand');
  store.subscribe(value => heard.push(value));
  store.publish(2);
  end();
  store.publish(3);
  assert.deepEqual(heard, [[1, 'by hand'], 1, [2, undefined], 2, 3]);
  assert.equal(store.value, 3);
});

test('the newest call wins: those before are aborted, and their errors are nobody’s', async () => {
  const done = /** @type {string[]} */ ([]);
  const work = newest(async (signal, /** @type {string} */ name) => {
    await new Promise(resolve => setTimeout(resolve, 5));
    signal.throwIfAborted();
    done.push(name);
  });
  await Promise.all([work('first'), work('second'), work('third')]);
  assert.deepEqual(done, ['third']);
});

test('an error of the newest is its caller’s', async () => {
  const work = newest(() => {
    throw new Error('broken');
  });
  await assert.rejects(work(), /broken/);
});
