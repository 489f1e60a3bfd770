/** What a layer holds after a picture was decoded, or encoded, copied out of the kernels' memory. */

/**
 * `planes` are bytes, plane after plane: each from its own floor (0, or its least number if that is negative) to its
 * greatest number, `peaks`, so that a map that hardly answers is seen as well; times its peak it compares with others.
 * @typedef {{channels: number, height: number, width: number, planes: Uint8Array, peaks: Float32Array}} Feature
 */

/**
 * Decodes one vector and answers what every layer that gives a picture held, in order; the last one holds logits:
 * before the PixelShuffle, if the decoder ends in one.
 * @param {import('./decoder.mjs').Decoder} decoder
 * @param {Float32Array} z
 * @returns {Feature[]}
 */
export function featuresOf(decoder, z) {
  decoder.decode(z);
  return featuresIn(decoder);
}

/**
 * What the layers of a net hold, of what it decoded or encoded last.
 * @param {{memory: WebAssembly.Memory, pictures: (import('./layers.mjs').Stored & {channels: number})[]}} net
 * @returns {Feature[]}
 */
export const featuresIn = ({memory, pictures}) => pictures.map(stored => featureOf(memory.buffer, stored));

/**
 * @param {ArrayBuffer} memory
 * @param {import('./layers.mjs').Stored & {channels: number}} stored  pixel by pixel
 * @returns {Feature}
 */
function featureOf(memory, {at, room, channels, height, width, border}) {
  const pitch = width + 2 * border;
  const all = new Float32Array(memory, at, (height + 2 * border) * pitch * room);
  const planes = new Uint8Array(channels * height * width);
  const peaks = new Float32Array(channels);
  const plane = new Float32Array(height * width);
  for (let c = 0; c < channels; c++) {
    let floor = 0;
    let peak = -Infinity;
    for (let i = 0; i < plane.length; i++) {
      const row = Math.floor(i / width) + border;
      const column = (i % width) + border;
      const value = all[(row * pitch + column) * room + c];
      plane[i] = value;
      if (value < floor) floor = value;
      if (value > peak) peak = value;
    }
    peaks[c] = peak;
    const scale = peak > floor ? 255 / (peak - floor) : 0;
    for (let i = 0; i < plane.length; i++) planes[c * plane.length + i] = Math.round((plane[i] - floor) * scale);
  }
  return {channels, height, width, planes, peaks};
}
