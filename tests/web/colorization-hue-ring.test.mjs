/** Shares of hues around a ring, against counts by hand. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {abOf} from '../../vaedemo/app/tabs/colorization/lib/cielab.mjs';
import {
  SECTORS,
  handOf,
  nameOf,
  ringOf,
  sharesOf,
  wordsOf,
} from '../../vaedemo/app/tabs/colorization/lib/hue-ring.mjs';

/** A color of this hue, in degrees, and chroma. */
const ab = (degrees, chroma = 0.3) =>
  /** @type {[number, number]} */ ([Math.cos, Math.sin].map(part => chroma * part((degrees * Math.PI) / 180)));

test('each draw counts alike, in the sector of its hue', () => {
  const {shares, grey} = sharesOf([ab(5), ab(6), ab(95), ab(-1)]);
  assert.equal(shares.length, SECTORS);
  assert.deepEqual([shares[0], shares[9], shares[SECTORS - 1]], [0.5, 0.25, 0.25]);
  assert.equal(grey, 0);
});

test('what is next to grey has no hue', () => {
  const {shares, grey} = sharesOf([ab(5, 0.01), ab(200, 0.3)]);
  assert.equal(grey, 0.5);
  assert.equal(shares[0], 0);
  assert.equal(nameOf(ab(5, 0.01)), 'grey');
});

test('colors bear the names that people give them', () => {
  const named = {
    red: [208, 49, 45],
    orange: [232, 133, 43],
    yellow: [230, 194, 41],
    green: [60, 150, 60],
    blue: [59, 120, 196],
    violet: [100, 80, 200],
    pink: [217, 103, 156],
  };
  for (const [name, rgb] of Object.entries(named)) assert.equal(nameOf(abOf(rgb)), name, rgb.join());
});

test('the ring says its commonest colors, and its longest bar is the largest share', () => {
  const colors = [ab(25), ab(26), ab(250), ab(5, 0.01)];
  assert.equal(wordsOf(colors), 'red 50 %, blue 25 %, grey 25 %');
  const svg = ringOf(colors, 0.5);
  assert.match(svg, /aria-label="red 50 %, blue 25 %, grey 25 %"/);
  const radii = [...svg.matchAll(/data-share="([\d.]+)"[^>]*? A ([\d.]+) /g)].map(([, share, radius]) => [
    +share,
    +radius,
  ]);
  assert.equal(radii.length, SECTORS);
  const longest = radii.reduce((a, b) => (a[1] > b[1] ? a : b));
  assert.equal(longest[0], 0.5);
});

test('the hand points to a hue, b upwards, and is a dot for a grey', () => {
  assert.match(handOf(ab(90)), /L 100.00 66.00/);
  assert.match(handOf(ab(0)), /L 134.00 100.00/);
  assert.match(handOf(ab(0, 0.001)), /L 100.00 100.00/);
});
