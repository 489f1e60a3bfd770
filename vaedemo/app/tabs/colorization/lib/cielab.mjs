/** CIE Lab of sRGB colors (D65), as in vaedemo/vision/cielab.py. L is over 100, a and b are over 128. */
export const KNEE = 6 / 29;
export const LEVELS = 4096;
/** Linear red, green, blue of X, Y, Z, each over its value for white. */
export const RGB = [
  3.0799799, -1.5371516, -0.54282135, -0.9212476, 1.87599, 0.04524733, 0.05289046, -0.20404135, 1.151232,
];
/** The other way. */
const XYZ = [0.43394637, 0.37621387, 0.18982504, 0.212671, 0.71516, 0.072169, 0.01775667, 0.10946888, 0.87270468];
/** X, Y or Z over white's, of what stands for it in Lab. @param {number} value */
export const linear = value => (value > KNEE ? value ** 3 : 3 * KNEE * KNEE * (value - 4 / 29));
/** From linear light to a byte of sRGB. */
export const CURVE = Uint8Array.from({length: LEVELS + 1}, (_, i) => {
  const light = i / LEVELS;
  return Math.round(255 * (light > 0.0031308 ? 1.055 * light ** (1 / 2.4) - 0.055 : 12.92 * light));
});

/**
 * a and b over 128 of a color, each of red, green and blue from 0 to 255.
 * @param {number[]} rgb
 * @returns {[number, number]}
 */
export function abOf(rgb) {
  const light = rgb
    .map(byte => byte / 255)
    .map(value => (value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92));
  const [x, y, z] = [0, 3, 6]
    .map(row => light.reduce((sum, value, i) => sum + XYZ[row + i] * value, 0))
    .map(value => (value > KNEE ** 3 ? Math.cbrt(value) : value / (3 * KNEE * KNEE) + 4 / 29));
  return [(500 / 128) * (x - y), (200 / 128) * (y - z)];
}

/** Of a byte of sRGB, linear light. */
const LINEAR = Float64Array.from({length: 256}, (_, byte) => {
  const value = byte / 255;
  return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
});

/**
 * The lightness of pixels (red, green, blue, alpha of each), a byte a pixel: 255 * L / 100.
 * @param {Uint8ClampedArray} pixels
 */
export function lightnessOf(pixels) {
  const light = new Uint8Array(pixels.length / 4);
  for (let i = 0, k = 0; i < light.length; i++, k += 4) {
    const y = XYZ[3] * LINEAR[pixels[k]] + XYZ[4] * LINEAR[pixels[k + 1]] + XYZ[5] * LINEAR[pixels[k + 2]];
    const middle = y > KNEE ** 3 ? Math.cbrt(y) : y / (3 * KNEE * KNEE) + 4 / 29;
    light[i] = Math.round(255 * (1.16 * middle - 0.16));
  }
  return light;
}

/** The CSS color of L / 100 and a and b over 128. @param {number} light @param {number[]} ab */
export function cssOf(light, [a, b]) {
  const middle = (light + 0.16) / 1.16;
  const xyz = [middle + a * 0.256, middle, middle - b * 0.64].map(linear);
  const rgb = [0, 3, 6].map(row => {
    const value = xyz.reduce((sum, part, i) => sum + RGB[row + i] * part, 0);
    return CURVE[Math.round(LEVELS * Math.max(0, Math.min(1, value)))];
  });
  return `rgb(${rgb.join(' ')})`;
}
