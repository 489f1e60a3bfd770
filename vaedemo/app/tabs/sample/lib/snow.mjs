/** Pictures whose pixels are thrown each on its own. Pure: nothing here touches the page. */

/**
 * The same seed gives the same snow.
 * @param {number} pixels
 * @param {number} seed
 * @param {number} channels  1: grey; 3: red, green and blue
 * @returns {Uint8ClampedArray<ArrayBuffer>}  red, green, blue and alpha of each pixel
 */
export function snow(pixels, seed, channels) {
  const data = new Uint8ClampedArray(4 * pixels);
  let state = (seed + 0x9e3779b9) | 0;
  for (let i = 0; i < data.length; i += 4) {
    state = (Math.imul(state ^ (state >>> 15), state | 1) + 0x6d2b79f5) | 0; // mulberry32's step
    for (let c = 0; c < 3; c++) data[i + c] = (state >>> (channels > 1 ? 8 * (c + 1) : 8)) & 255;
    data[i + 3] = 255;
  }
  return data;
}
