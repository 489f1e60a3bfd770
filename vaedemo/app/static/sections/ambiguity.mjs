/** Where a map of two latents has holes: far from every code, and the decoder's picture undecided. */
const GRID = 24, SIDE = 28; // the map's picture: see vaedemo/promotion.py
const FARTHEST = 1 / 4; // of all places on the map: these count as far from any code
const APART = 4, MOST = 8; // holes: so many cells between two of them, so many in all

/** How undecided a picture is, from 0 (every pixel black or white) to 1 (every pixel a fair coin): the mean of 4 p (1 - p). */
export const ambiguity = bytes => bytes.reduce((sum, byte) => sum + byte * (255 - byte), 0) * 4 / 255 ** 2 / bytes.length;

/** Distance from z to the nearest of the codes, each latent in units of `std`. @param {ArrayLike<number>} points  (n, 2) */
export function nearest(z, points, std = [1, 1]) {
  let least = Infinity;
  for (let i = 0; i < points.length; i += 2)
    least = Math.min(least, ((z[0] - points[i]) / std[0]) ** 2 + ((z[1] - points[i + 1]) / std[1]) ** 2);
  return Math.sqrt(least);
}

/**
 * The worst holes of a map, at most MOST, no two close together: places of the plane.
 * Far from every code, the picture there undecided while `clean`, another model's map, is not.
 * @param {HTMLImageElement} clean @param {import('../../static/map.mjs').LatentMap} map @param {ArrayLike<number>} points  its codes
 */
export function findHoles(clean, map, points) {
  const here = cells(map.img), there = cells(clean), plane = [];
  for (let i = 0; i < points.length; i += 2) plane.push(...map.toPlane([points[i], points[i + 1]]));
  const all = here.map((value, i) => {
    const place = [(i % GRID + 0.5) / GRID, (Math.floor(i / GRID) + 0.5) / GRID];
    return {place, score: value - there[i], distance: nearest(place, plane)};
  });
  const far = all.sort((a, b) => b.distance - a.distance).slice(0, Math.floor(all.length * FARTHEST));
  const holes = [];
  for (const cell of far.sort((a, b) => b.score - a.score)) {
    const close = holes.some(({place: [x, y]}) => Math.hypot(x - cell.place[0], y - cell.place[1]) * GRID < APART);
    if (cell.score > 0 && !close && holes.length < MOST) holes.push(cell);
  }
  return holes;
}

/** The ambiguity of every picture on a map, row by row. @param {HTMLImageElement} img @returns {number[]} */
function cells(img) {
  const canvas = Object.assign(document.createElement('canvas'), {width: GRID * SIDE, height: GRID * SIDE});
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.drawImage(img, 0, 0);
  return Array.from({length: GRID ** 2}, (_, i) => {
    const {data} = context.getImageData(i % GRID * SIDE, Math.floor(i / GRID) * SIDE, SIDE, SIDE);
    return ambiguity(data.filter((_, k) => k % 4 === 0));
  });
}
