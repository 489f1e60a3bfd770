/**
 * What a pen draws, as bytes of its own: a canvas shows them, and nothing is read back from it. Strokes are white on
 * black, with smooth edges.
 */

/** @typedef {[number, number]} Point  x and y in pixels, from the top left corner */

/** How far a point lies from a segment. */
function distance(/** @type {Point} */ [x, y], /** @type {Point} */ [ax, ay], /** @type {Point} */ [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const along = square ? ((x - ax) * dx + (y - ay) * dy) / square : 0;
  const t = Math.max(0, Math.min(1, along));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

export class StrokeRaster {
  /** side * side grey levels, row by row. @type {Uint8Array} */ bytes;
  #side;

  /** @param {number} side  of the square, in pixels */
  constructor(side) {
    this.#side = side;
    this.bytes = new Uint8Array(side ** 2);
  }

  clear() {
    this.bytes.fill(0);
  }

  /** Takes another picture's grey levels. @param {Uint8ClampedArray} rgba  side * side pixels */
  load(rgba) {
    for (let i = 0; i < this.bytes.length; i++)
      this.bytes[i] = Math.round(0.299 * rgba[4 * i] + 0.587 * rgba[4 * i + 1] + 0.114 * rgba[4 * i + 2]);
  }

  /** A straight stroke with round ends. @param {Point} from @param {Point} to @param {number} width */
  line(from, to, width) {
    const reach = width / 2 + 1;
    const [left, right] = this.#span(from[0], to[0], reach);
    const [top, bottom] = this.#span(from[1], to[1], reach);
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) {
        const covered = width / 2 + 0.5 - distance([x + 0.5, y + 0.5], from, to);
        const level = Math.round(255 * Math.max(0, Math.min(1, covered)));
        const i = y * this.#side + x;
        if (level > this.bytes[i]) this.bytes[i] = level;
      }
  }

  /**
   * Fills an outline, closed from its last point to its first: every pixel around which it winds.
   * @param {Point[]} points
   */
  fill(points) {
    for (let y = 0; y < this.#side; y++) {
      const crossings = crossingsOf(points, y + 0.5);
      let winding = 0;
      crossings.forEach(({x, way}, i) => {
        winding += way;
        const next = crossings[i + 1];
        if (!winding || !next) return;
        const [first, end] = [Math.max(0, Math.round(x)), Math.min(this.#side, Math.round(next.x))];
        if (end > first) this.bytes.fill(255, y * this.#side + first, y * this.#side + end);
      });
    }
  }

  /** @param {number} a @param {number} b @param {number} reach @returns {[number, number]} */
  #span(a, b, reach) {
    return [Math.max(0, Math.floor(Math.min(a, b) - reach)), Math.min(this.#side, Math.ceil(Math.max(a, b) + reach))];
  }
}

/**
 * Where a closed outline crosses a horizontal line, from left to right, and whether downward (1) or upward (-1).
 * @param {Point[]} points
 * @param {number} y
 */
function crossingsOf(points, y) {
  const crossings = points.flatMap(([bx, by], i) => {
    const [ax, ay] = points[(i || points.length) - 1];
    if (ay <= y === by <= y) return [];
    return [{x: ax + ((y - ay) / (by - ay)) * (bx - ax), way: by > ay ? 1 : -1}];
  });
  return crossings.sort((a, b) => a.x - b.x);
}
