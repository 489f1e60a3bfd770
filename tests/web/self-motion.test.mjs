import assert from 'node:assert/strict';
import {test} from 'node:test';

/** @type {((now: number) => void)[]} */
let frames = [];
/** @type {(entries: {isIntersecting: boolean}[]) => void} */
let look = () => {};
let watched = 0;
let clock = 0;
/** @type {({due: number, act: () => void} | undefined)[]} */
const timers = [];
Object.assign(globalThis, {
  setTimeout: (act, ms) => timers.push({due: clock + ms, act}),
  clearTimeout: number => delete timers[number - 1],
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
  timers.forEach((timer, i) => {
    if (!timer || timer.due > clock) return;
    delete timers[i];
    timer.act();
  });
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
  assert.equal(draw(20), 0); // it rests for a frame
  assert.equal(draw(10), 1);
  assert.equal(draw(5_000), 1); // a slow frame counts as a tenth of a second
  assert.deepEqual(moves, [20, 50, 150]);
  seen(false);
  assert.equal(draw(9_000), 0);
  seen(true);
  assert.equal(draw(10), 1);
  assert.deepEqual(moves.at(-1), 160);
  const before = moves.length;
  for (let frame = 0; frame < 60; frame++) draw(1000 / 60);
  assert.equal(moves.length - before, 30);
  going = false;
  assert.equal(draw(30), 1);
  assert.equal(draw(30), 0);
  assert.equal(moves.length - before, 30);
  assert.equal(watched, 0);
});
