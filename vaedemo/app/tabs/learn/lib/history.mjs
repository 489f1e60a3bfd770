/** What a chart keeps of a long training: at most so many points; neighbours are merged when there are more. */

/** @typedef {{pictures: number, rate: number, distortion: number, beta: number}} Point  in nats a picture */

export class History {
  /** @type {Point[]} */
  points = [];
  #most;
  /** How many frames a point stands for. */
  #each = 1;
  /** @type {Point[]} */
  #waiting = [];

  /** @param {number} [most]  even */
  constructor(most = 240) {
    this.#most = most;
  }

  clear() {
    this.points = [];
    this.#waiting = [];
    this.#each = 1;
  }

  /** @param {Point} point */
  push(point) {
    this.#waiting.push(point);
    if (this.#waiting.length < this.#each) return;
    this.points.push(merged(this.#waiting));
    this.#waiting = [];
    if (this.points.length < this.#most) return;
    this.points = Array.from({length: this.#most / 2}, (_, i) => merged(this.points.slice(2 * i, 2 * i + 2)));
    this.#each *= 2;
  }
}

/** The averages of some points, at the place of the last. @param {Point[]} points @returns {Point} */
function merged(points) {
  const mean = (/** @type {'rate' | 'distortion'} */ key) =>
    points.reduce((sum, point) => sum + point[key], 0) / points.length;
  const {pictures, beta} = points[points.length - 1];
  return {pictures, beta, rate: mean('rate'), distortion: mean('distortion')};
}
