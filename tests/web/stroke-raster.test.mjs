/** What a pen draws: areas and places that geometry tells. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {StrokeRaster} from '../../vaedemo/web/ui/stroke-raster.mjs';

const SIDE = 40;

/** @param {(raster: StrokeRaster) => void} draw */
function drawn(draw) {
  const raster = new StrokeRaster(SIDE);
  draw(raster);
  return raster;
}

/** @param {StrokeRaster} raster */
const area = ({bytes}) => bytes.reduce((sum, level) => sum + level, 0) / 255;

test('a dab is a disc', () => {
  const raster = drawn(one => one.line([20, 20], [20, 20], 12));
  assert.ok(Math.abs(area(raster) - Math.PI * 36) < 1.5, `${area(raster)}`);
  assert.equal(raster.bytes[20 * SIDE + 20], 255);
  assert.equal(raster.bytes[20 * SIDE + 27], 0);
});

test('a stroke is a bar with round ends, whatever its direction', () => {
  const wanted = 20 * 6 + Math.PI * 9;
  for (const angle of [0, 0.3, Math.PI / 4, 2]) {
    const [dx, dy] = [10 * Math.cos(angle), 10 * Math.sin(angle)];
    const raster = drawn(one => one.line([20 - dx, 20 - dy], [20 + dx, 20 + dy], 6));
    assert.ok(Math.abs(area(raster) - wanted) < 0.02 * wanted, `${area(raster)}`);
  }
});

test('a stroke over another brightens nothing beyond white, and one beyond the edge is cut off', () => {
  const once = drawn(one => one.line([-5, 20], [60, 20], 6));
  const twice = drawn(one => {
    one.line([-5, 20], [60, 20], 6);
    one.line([-5, 20], [60, 20], 6);
  });
  assert.deepEqual(once.bytes, twice.bytes);
  assert.ok(Math.abs(area(once) - 6 * SIDE) < 1e-9);
});

test('an outline is filled, closed, and clipped to the box', () => {
  const square = drawn(one =>
    one.fill([
      [10, 10],
      [30, 10],
      [30, 30],
      [10, 30],
    ]),
  );
  assert.equal(area(square), 400);
  const triangle = drawn(one =>
    one.fill([
      [0, 0],
      [40, 0],
      [0, 40],
    ]),
  );
  assert.ok(Math.abs(area(triangle) - 800) <= 20);
  const beyond = drawn(one =>
    one.fill([
      [-100, -100],
      [100, -100],
      [100, 20],
      [-100, 20],
    ]),
  );
  assert.equal(area(beyond), 20 * SIDE);
});

test('where an outline winds twice it is filled as well', () => {
  // A pentagram: its middle, too, unlike by the even-odd rule.
  const points = Array.from({length: 5}, (_, i) => {
    const angle = (i * 4 * Math.PI) / 5;
    return /** @type {[number, number]} */ ([20 + 18 * Math.sin(angle), 20 - 18 * Math.cos(angle)]);
  });
  assert.equal(drawn(one => one.fill(points)).bytes[20 * SIDE + 20], 255);
});

test('another picture is taken over in its own greys', () => {
  const rgba = new Uint8ClampedArray(4 * SIDE ** 2);
  rgba.set([255, 255, 255, 255, 255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255]);
  const raster = drawn(one => one.load(rgba));
  assert.deepEqual([...raster.bytes.subarray(0, 5)], [255, 76, 150, 29, 0]); // ITU-R BT.601, as Pillow's "L"
});
