/** CIE Lab of sRGB: against published values, and there and back. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {abOf, cssOf, lightnessOf} from '../../vaedemo/app/tabs/colorization/lib/cielab.mjs';

/** Lab of sRGB's corners (D65), as colorimetry tables list them: L, a, b. */
const CORNERS = [
  {rgb: [255, 0, 0], lab: [53.24, 80.09, 67.2]},
  {rgb: [0, 255, 0], lab: [87.74, -86.18, 83.18]},
  {rgb: [0, 0, 255], lab: [32.3, 79.19, -107.86]},
];

for (const {rgb, lab} of CORNERS) {
  test(`a and b of rgb(${rgb}) are the tables'`, () => {
    const [a, b] = abOf(rgb);
    assert.ok(Math.abs(128 * a - lab[1]) < 0.05, `${128 * a}`);
    assert.ok(Math.abs(128 * b - lab[2]) < 0.05, `${128 * b}`);
  });
  test(`the lightness of rgb(${rgb}) is the tables'`, () => {
    const [light] = lightnessOf(Uint8ClampedArray.from([...rgb, 255]));
    assert.equal(light, Math.round(2.55 * lab[0]));
  });
  test(`the color of Lab ${lab} is rgb(${rgb})`, () => {
    const shown = cssOf(lab[0] / 100, [lab[1] / 128, lab[2] / 128])
      .match(/\d+/g)
      .map(Number);
    shown.forEach((value, i) => assert.ok(Math.abs(value - rgb[i]) <= 2, `${shown}`));
  });
}

test('what is grey has neither a nor b', () => {
  for (const level of [0, 3, 128, 255])
    for (const part of abOf([level, level, level])) assert.ok(Math.abs(part) < 1e-4);
});

test('L = 0 is black and L = 100 is white', () => {
  assert.equal(cssOf(0, [0, 0]), 'rgb(0 0 0)');
  assert.equal(cssOf(1, [0, 0]), 'rgb(255 255 255)');
});

test('a color that sRGB lacks is clipped, not wrapped around', () => {
  for (const value of cssOf(0.5, [1, -1]).match(/\d+/g).map(Number)) assert.ok(value >= 0 && value <= 255);
});
