/** A safetensors file, laid out by hand as its specification says. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {readTensors, writeTensors} from '../../vaedemo/web/engine/safetensors.mjs';

/** @param {Record<string, unknown>} header @param {Uint8Array} body */
function fileOf(header, body) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + body.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(body, 8 + text.length);
  return file.buffer;
}

test('float32, float16 and bytes', () => {
  // IEEE 754 half precision: 1, -2, 65504 (the greatest), 2^-24 (the least), 1/3 as nearly as it goes, -0
  const halves = Uint16Array.from([0x3c00, 0xc000, 0x7bff, 0x0001, 0x3555, 0x8000]);
  const floats = Float32Array.from([0.1, -7]);
  const body = new Uint8Array([...new Uint8Array(floats.buffer), ...new Uint8Array(halves.buffer), 3, 200]);
  const {a, b, c, ...rest} = readTensors(
    fileOf(
      {
        __metadata__: {made: 'by hand'},
        a: {dtype: 'F32', shape: [1, 2], data_offsets: [0, 8]},
        b: {dtype: 'F16', shape: [6], data_offsets: [8, 20]},
        c: {dtype: 'U8', shape: [2], data_offsets: [20, 22]},
      },
      body,
    ),
  );
  assert.deepEqual(rest, {});
  assert.deepEqual(a, {shape: [1, 2], data: floats});
  assert.deepEqual(b, {shape: [6], data: Float32Array.from([1, -2, 65504, 2 ** -24, 0.333251953125, -0])});
  assert.deepEqual(c, {shape: [2], data: Uint8Array.from([3, 200])});
});

test('a file without tensors', () => {
  assert.deepEqual(readTensors(fileOf({}, new Uint8Array())), {});
});

test('what is written is read again, and its numbers are aligned', () => {
  const tensors = {
    'b.weight': {data: Float32Array.from([1, -2, 3.5, 0, 5, 6]), shape: [2, 3]},
    a: {data: new Float32Array([9, 7, 8]).subarray(1), shape: [2]},
  };
  const file = writeTensors(tensors, {z: '2'});
  assert.deepEqual(readTensors(file.buffer), tensors);
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  assert.equal((8 + length) % 8, 0);
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  assert.deepEqual(header.__metadata__, {z: '2'});
  assert.deepEqual(header.a.data_offsets, [0, 8]); // in the order of the names
});
