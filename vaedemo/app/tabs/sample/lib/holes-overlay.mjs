/** Where a map of two latents has holes: far from every code, and the decoder's picture in doubt. */
const GRID = 24;
const SIDE = 28; // the map's picture: see vaedemo/promotion.py
const FARTHEST = 1 / 8; // of all places on the map: these count as far from any code
const WORSE = 0.1; // more in doubt than the other map's picture there
const APART = 4;
const MOST = 8; // holes: so many cells between two of them, so many in all

/**
 * How much of a picture's ink is in doubt, from 0 to 1: sum of p (1 - p) over sum of p, the mean of 1 - p over its ink.
 * A mixture of digits is in doubt, and so is one that fades. @param {ArrayLike<number>} bytes  p, as 0 to 255
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
 * @param {ArrayLike<number>} points  (n, 2)
 */
export function nearest(z, points, std = [1, 1]) {
  let least = Infinity;
  for (let i = 0; i < points.length; i += 2)
    least = Math.min(least, ((z[0] - points[i]) / std[0]) ** 2 + ((z[1] - points[i + 1]) / std[1]) ** 2);
  return Math.sqrt(least);
}

/**
 * The worst holes of a map, at most MOST, no two close together: places of the plane.
 * Far from every code, the picture there more in doubt than the one in `clean`, another model's map.
 * @param {HTMLImageElement} clean
 * @param {import('../../../../web/ui/latent-map.mjs').LatentMap} map
 * @param {ArrayLike<number>} points  its codes
 */
export function findHoles(clean, map, points) {
  const here = cells(map.img);
  const there = cells(clean);
  const plane = [];
  for (let i = 0; i < points.length; i += 2) plane.push(...map.toPlane([points[i], points[i + 1]]));
  const all = here.map((value, i) => {
    const place = [((i % GRID) + 0.5) / GRID, (Math.floor(i / GRID) + 0.5) / GRID];
    return {place, score: value - there[i], distance: nearest(place, plane)};
  });
  const far = all.sort((a, b) => b.distance - a.distance).slice(0, Math.floor(all.length * FARTHEST));
  const holes = [];
  for (const cell of far.sort((a, b) => b.score - a.score)) {
    const close = holes.some(({place: [x, y]}) => Math.hypot(x - cell.place[0], y - cell.place[1]) * GRID < APART);
    if (cell.score > WORSE && !close && holes.length < MOST) holes.push(cell);
  }
  return holes;
}

/** The doubt of every picture on a map, row by row. @param {HTMLImageElement} img @returns {number[]} */
function cells(img) {
  const canvas = Object.assign(document.createElement('canvas'), {width: GRID * SIDE, height: GRID * SIDE});
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.drawImage(img, 0, 0);
  return Array.from({length: GRID ** 2}, (_, i) => {
    const {data} = context.getImageData((i % GRID) * SIDE, Math.floor(i / GRID) * SIDE, SIDE, SIDE);
    return doubt(data.filter((_, k) => k % 4 === 0));
  });
}
