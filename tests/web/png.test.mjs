/** PNG files: their parts as the specification wants them, their pixels by Node's own zlib. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {inflateSync} from 'node:zlib';
import {crc32, pngOf} from '../../vaedemo/web/page/png.mjs';

/** @param {Uint8Array} file */
function chunksOf(file) {
  const view = new DataView(file.buffer);
  const chunks = /** @type {Record<string, Uint8Array>} */ ({});
  for (let at = 8; at < file.length;) {
    const length = view.getUint32(at);
    const named = file.subarray(at + 4, at + 8 + length);
    assert.equal(view.getUint32(at + 8 + length), crc32(named));
    chunks[String.fromCharCode(...named.subarray(0, 4))] = named.subarray(4);
    at += 12 + length;
  }
  return chunks;
}

test('the checksum is CRC-32', () => {
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926); // the standard's check value
  assert.equal(crc32(new TextEncoder().encode('IEND')), 0xae426082); // how every PNG ends
});

test('grey and color, row by row', async () => {
  for (const [channels, pixels] of [
    [1, [0, 1, 2, 3, 4, 5]],
    [3, [0, 6, 12, 1, 7, 13, 2, 8, 14, 3, 9, 15, 4, 10, 16, 5, 11, 17]],
  ]) {
    const planes = Uint8Array.from({length: 6 * Number(channels)}, (_, i) => i);
    const blob = await pngOf(planes, [Number(channels), 2, 3]);
    assert.equal(blob.type, 'image/png');
    const file = new Uint8Array(await blob.arrayBuffer());
    assert.deepEqual([...file.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
    const {IHDR, IDAT, IEND} = chunksOf(file);
    assert.deepEqual([...IHDR], [0, 0, 0, 3, 0, 0, 0, 2, 8, channels === 1 ? 0 : 2, 0, 0, 0]);
    assert.equal(IEND.length, 0);
    const rows = inflateSync(IDAT);
    const stride = 1 + 3 * Number(channels);
    assert.deepEqual([rows[0], rows[stride]], [0, 0]);
    assert.deepEqual([...rows.subarray(1, stride), ...rows.subarray(stride + 1)], pixels);
  }
});

test('planes that do not fit are refused', async () => {
  await assert.rejects(pngOf(new Uint8Array(5), [1, 2, 3]), RangeError);
  await assert.rejects(pngOf(new Uint8Array(12), [2, 2, 3]), RangeError);
});
