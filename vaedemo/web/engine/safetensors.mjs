/** Reads a whole safetensors file of F32, F16 and U8 tensors. @typedef {{data: any, shape: number[]}} Tensor */

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

/** @param {ArrayBuffer} file @returns {Record<string, Tensor>} */
export function readTensors(file) {
  const length = Number(new DataView(file).getBigUint64(0, true));
  const body = 8 + length;
  const {__metadata__: _, ...header} = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
  return Object.fromEntries(
    Object.entries(header).map(
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
