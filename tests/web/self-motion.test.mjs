import assert from 'node:assert/strict';
import {test} from 'node:test';

/** @type {((now: number) => void)[]} */
let frames = [];
/** @type {(entries: {isIntersecting: boolean}[]) => void} */
let look = () => {};
let watched = 0;
let clock = 0;
Object.assign(globalThis, {
  requestAnimationFrame: step => frames.push(step),
  cancelAnimationFrame: number => delete frames[number - 1],
  IntersectionObserver: class {
    constructor(hear) {
      look = hear;
    }
    observe() {
      watched++;
    }
    disconnect() {
      watched--;
    }
  },
});
performance.now = () => clock;
const {moveByItself} = await import('../../vaedemo/web/ui/self-motion.mjs');

const seen = isIntersecting => look([{isIntersecting}]);
/** The browser draws, so many ms later; how many frames were asked for. @param {number} ms */
function draw(ms) {
  clock += ms;
  const asked = frames.filter(Boolean);
  frames = [];
  for (const step of asked) step(clock);
  return asked.length;
}

test('what moves by itself asks for frames in view alone, goes on where it was, and ends with the hand', () => {
  const moves = [];
  let going = true;
  moveByItself(
    /** @type {any} */ ({}),
    () => going,
    spent => moves.push(spent),
  );
  assert.equal(draw(10), 0); // not seen yet
  seen(true);
  seen(true); // asked once, though
  assert.equal(draw(20), 1);
  assert.equal(draw(30), 1);
  assert.equal(draw(5_000), 1); // a slow frame counts as a tenth of a second
  assert.deepEqual(moves, [20, 50, 150]);
  seen(false);
  assert.equal(draw(9_000), 0);
  seen(true);
  assert.equal(draw(10), 1);
  assert.deepEqual(moves.at(-1), 160);
  going = false;
  assert.equal(draw(10), 1);
  assert.equal(draw(10), 0);
  assert.equal(moves.length, 4);
  assert.equal(watched, 0);
});
