/** Where a map of two latents has holes: far from every code, and the decoder's picture in doubt. Pure. */

const FARTHEST = 1 / 8; // of all places on the map: these count as far from any code
const WORSE = 0.1; // more in doubt than the other map's picture there
const APART = 4; // cells between two holes
const MOST = 8; // holes

/** @typedef {{place: [number, number], score: number, distance: number}} Cell  place: in the plane, [0, 1] x [0, 1] */

/**
 * How much of a picture's ink is in doubt, from 0 to 1: sum of p (1 - p) over sum of p, the mean of 1 - p over its ink.
 * A mixture of digits is in doubt, and so is one that fades.
 * @param {ArrayLike<number>} bytes  p, as 0 to 255
 */
export function doubt(bytes) {
  let ink = 0;
  let doubtful = 0;
  for (let i = 0; i < bytes.length; i++) {
    ink += bytes[i];
    doubtful += (bytes[i] * (255 - bytes[i])) / 255;
  }
  return ink ? doubtful / ink : 1;
}

/**
 * Distance from z to the nearest of the codes, each latent in units of `std`.
 * @param {ArrayLike<number>} z
 * @param {ArrayLike<number>} points  (n, 2)
 * @param {ArrayLike<number>} [std]
 */
export function nearest(z, points, std = [1, 1]) {
  let least = Infinity;
  for (let i = 0; i < points.length; i += 2)
    least = Math.min(least, ((z[0] - points[i]) / std[0]) ** 2 + ((z[1] - points[i + 1]) / std[1]) ** 2);
  return Math.sqrt(least);
}

/**
 * The worst holes of a map, no two close together: far from every code, the picture there more in doubt than that of
 * another model's map.
 * @param {number[]} here  doubt of each picture on the map, row by row of a square
 * @param {number[]} there  the same of the other map
 * @param {ArrayLike<number>} codes  their places in the plane, (n, 2)
 * @returns {Cell[]}
 */
export function findHoles(here, there, codes) {
  const side = Math.sqrt(here.length);
  const all = here.map((value, i) => {
    const place = /** @type {[number, number]} */ ([((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side]);
    return {place, score: value - there[i], distance: nearest(place, codes)};
  });
  const far = all.sort((a, b) => b.distance - a.distance).slice(0, Math.floor(all.length * FARTHEST));
  /** @type {Cell[]} */
  const holes = [];
  for (const cell of far.sort((a, b) => b.score - a.score)) {
    const isClose = holes.some(({place: [x, y]}) => Math.hypot(x - cell.place[0], y - cell.place[1]) * side < APART);
    if (cell.score > WORSE && !isClose && holes.length < MOST) holes.push(cell);
  }
  return holes;
}
