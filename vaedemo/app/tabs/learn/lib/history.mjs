/** What a chart keeps of a long training: at most so many points; neighbours are merged when there are more. */

/** @template {Record<string, number>} Point */
export class History {
  /** @type {Point[]} */
  points = [];
  #averaged;
  #most;
  /** How many frames a point stands for. */
  #each = 1;
  /** @type {Point[]} */
  #waiting = [];

  /**
   * @param {(keyof Point)[]} averaged  of points that are merged; of the others, such as the step, the last one counts
   * @param {number} [most]  even
   */
  constructor(averaged, most = 240) {
    this.#averaged = averaged;
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
    this.points.push(this.#merged(this.#waiting));
    this.#waiting = [];
    if (this.points.length < this.#most) return;
    this.points = Array.from({length: this.#most / 2}, (_, i) => this.#merged(this.points.slice(2 * i, 2 * i + 2)));
    this.#each *= 2;
  }

  /** @param {Point[]} points @returns {Point} */
  #merged(points) {
    const means = this.#averaged.map(key => [
      key,
      points.reduce((sum, point) => sum + point[key], 0) / points.length,
    ]);
    return {...points[points.length - 1], ...Object.fromEntries(means)};
  }
}
