/**
 * Reads safetensors files of F32, F16 and U8 tensors, and writes such of F32.
 * @typedef {{data: any, shape: number[]}} Tensor
 */

/** The number that 16 bits stand for. @param {number} bits */
const float16 = bits => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : fraction * 2 ** -24);
};
const READ = /** @type {Record<string, (bytes: ArrayBuffer) => Float32Array | Uint8Array>} */ ({
  F32: bytes => new Float32Array(bytes),
  F16: bytes => Float32Array.from(new Uint16Array(bytes), float16),
  U8: bytes => new Uint8Array(bytes),
});

/** The header, parsed, and where the numbers begin. @param {ArrayBuffer} file */
function headerOf(file) {
  const length = Number(new DataView(file).getBigUint64(0, true));
  return {header: JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length))), body: 8 + length};
}

/** Text about the whole file. @param {ArrayBuffer} file @returns {Record<string, string>} */
export const readMetadata = file => headerOf(file).header.__metadata__ ?? {};

/**
 * @param {ArrayBuffer} file
 * @param {(name: string) => boolean} [wanted]  which of its tensors; all if not said
 * @returns {Record<string, Tensor>}
 */
export function readTensors(file, wanted = () => true) {
  const {
    header: {__metadata__: _, ...header},
    body,
  } = headerOf(file);
  return Object.fromEntries(
    Object.entries(header)
      .filter(([name]) => wanted(name))
      .map(
        ([
          name,
          {
            dtype,
            shape,
            data_offsets: [from, to],
          },
        ]) => [name, {shape, data: READ[dtype](file.slice(body + from, body + to))}],
      ),
  );
}

/**
 * A safetensors file of F32 tensors, in the order of their names.
 * @param {Record<string, {data: Float32Array, shape: number[]}>} tensors
 * @param {Record<string, string>} [metadata]  text about the whole file
 */
export function writeTensors(tensors, metadata = {}) {
  let end = 0;
  const names = Object.keys(tensors).sort();
  const entries = names.map(name => {
    const {data, shape} = tensors[name];
    return [name, {dtype: 'F32', shape, data_offsets: [end, (end += data.byteLength)]}];
  });
  const header = JSON.stringify({__metadata__: metadata, ...Object.fromEntries(entries)});
  const words = new TextEncoder().encode(header);
  const start = 8 + Math.ceil(words.length / 8) * 8; // the format asks for numbers that are aligned
  const file = new Uint8Array(start + end).fill(32, 8, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(words, 8);
  let at = start;
  for (const name of names) {
    const {data} = tensors[name];
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}
