/**
 * PNG files made of the pixels themselves. A browser that protects its visitor's privacy hands out noise for what a
 * canvas holds, so a picture whose bytes are known is never read back from one.
 */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const COLOR_TYPES = /** @type {Record<number, number>} */ ({1: 0, 3: 2}); // by channels: grey, RGB

const CRC = Uint32Array.from({length: 256}, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});

/** The checksum of a PNG's chunk: CRC-32 of its type and content. @param {Uint8Array} bytes */
export function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = CRC[(sum ^ byte) & 255] ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** @param {string} type  four letters @param {Uint8Array} content */
function chunk(type, content) {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}

/** @param {number} width @param {number} height @param {number} channels */
function header(width, height, channels) {
  const bytes = new Uint8Array(13);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  bytes[8] = 8; // bits a channel
  bytes[9] = COLOR_TYPES[channels];
  return bytes;
}

/** The rows of pixels as PNG wants them, each after a byte that says "not filtered". */
function rowsOf(/** @type {Uint8Array} */ planes, /** @type {[number, number, number]} */ [channels, height, width]) {
  const area = height * width;
  const stride = 1 + width * channels;
  const rows = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) rows[y * stride + 1 + x * channels + c] = planes[c * area + y * width + x];
  return rows;
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function zlib(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * One picture as a PNG file. Throws a RangeError where the planes do not fit the shape.
 * @param {Uint8Array} planes  channels * height * width bytes
 * @param {[number, number, number]} shape  channels (1: grey, 3: RGB), height, width
 */
export async function pngOf(planes, shape) {
  const [channels, height, width] = shape;
  if (!(channels in COLOR_TYPES)) throw new RangeError(`a PNG of ${channels} channels cannot be made`);
  if (planes.length !== channels * height * width)
    throw new RangeError(`${planes.length} bytes given; ${shape.join(' x ')} expected`);
  const parts = [
    Uint8Array.from(SIGNATURE),
    chunk('IHDR', header(width, height, channels)),
    chunk('IDAT', await zlib(rowsOf(planes, shape))),
    chunk('IEND', new Uint8Array()),
  ];
  return new Blob(parts, {type: 'image/png'});
}
