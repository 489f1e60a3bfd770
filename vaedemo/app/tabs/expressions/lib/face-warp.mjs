/**
 * A photo read along a flow, as `vaedemo/express.py` does it (`warped`): a test compares them. Places count from the
 * upper left corner; a flow is 64 x 64 cells, x to the right and y down of each in a row, in the face's own pixels.
 */

export const SIDE = 64; // cells
/** Own pixels beyond the square over which the flow at its edge fades to nothing. */
const FADES = 12;
/** Pixels between which the flow may be taken for linear while a hand moves. */
const WIDEST = 4;
const SHARPNESS = -0.75; // of bicubic reading, as PyTorch's

/**
 * @typedef {{linear: number[][], offset: number[]}} Placement  linear * place + offset takes places of the face's own
 *   square to the photo's pixels
 * @typedef {{data: Uint8ClampedArray, width: number, height: number}} Pixels  red, green, blue, alpha
 */

/** The inverse of a 2 x 2 matrix. @param {number[][]} matrix */
export function inverse([[a, b], [c, d]]) {
  const area = a * d - b * c;
  return [
    [d / area, -b / area],
    [-c / area, a / area],
  ];
}

/** @param {number} value @param {number} least @param {number} most */
function clamp(value, least, most) {
  if (value < least) return least;
  return value > most ? most : value;
}

/** The weights of four neighbours for a place `t` between the second and the third. @param {number} t */
export function cubic(t) {
  const near = (/** @type {number} */ x) => ((SHARPNESS + 2) * x - (SHARPNESS + 3)) * x * x + 1;
  const far = (/** @type {number} */ x) => ((SHARPNESS * x - 5 * SHARPNESS) * x + 8 * SHARPNESS) * x - 4 * SHARPNESS;
  return [far(1 + t), near(t), near(1 - t), far(2 - t)];
}

/**
 * The box around a rectangle of the face's own square, within the photo: its first column and row, and those after its
 * last.
 * @param {Placement} placement @param {Pixels} photo @param {[number, number]} low @param {[number, number]} high
 */
export function boxOf({linear, offset}, {width, height}, low, high) {
  const corners = [low, [high[0], low[1]], [low[0], high[1]], high];
  const [xs, ys] = [0, 1].map(axis =>
    corners.map(([x, y]) => linear[axis][0] * x + linear[axis][1] * y + offset[axis]),
  );
  const left = clamp(Math.floor(Math.min(...xs)), 0, width - 1);
  const top = clamp(Math.floor(Math.min(...ys)), 0, height - 1);
  return {
    left,
    top,
    right: clamp(Math.ceil(Math.max(...xs)), left + 1, width),
    bottom: clamp(Math.ceil(Math.max(...ys)), top + 1, height),
  };
}

export class FaceWarp {
  /** Red, green, blue, alpha of the last frame; the next one overwrites it. @type {Uint8ClampedArray<ArrayBuffer>} */
  frame;
  #photo;
  #placement;
  #own;
  #box;
  /** The flow at a place, x and y: one for all pixels, so that none need be collected. */
  #way = new Float64Array(2);

  /** @param {Pixels} photo @param {Placement} placement */
  constructor(photo, placement) {
    this.#photo = photo;
    this.#placement = placement;
    this.#own = inverse(placement.linear);
    this.#box = boxOf(placement, photo, [-FADES, -FADES], [SIDE + FADES, SIDE + FADES]);
    this.frame = new Uint8ClampedArray(photo.data);
  }

  /**
   * The photo read along a flow.
   * @param {Float32Array} flow
   * @param {boolean} [fine]  bicubically, which keeps what is sharp; else bilinearly, and the flow is taken for linear
   *   between pixels a cell apart, or less: some four times as fast
   */
  at(flow, fine = false) {
    const {top, bottom} = this.#box;
    const [[a], [c]] = this.#placement.linear;
    const stride = fine ? 1 : clamp(Math.floor(Math.hypot(a, c)), 1, WIDEST);
    for (let y = top; y < bottom; y++) this.#row(flow, y, stride, fine);
    return this.frame;
  }

  /** @param {Float32Array} flow @param {number} y @param {number} stride @param {boolean} fine */
  #row(flow, y, stride, fine) {
    const {left, right} = this.#box;
    const [[a, b], [c, d]] = this.#placement.linear;
    const way = this.#way;
    this.#flowAt(flow, left, y);
    for (let first = left; first < right; first += stride) {
      const x0 = a * way[0] + b * way[1];
      const y0 = c * way[0] + d * way[1];
      this.#flowAt(flow, first + stride, y);
      const stepX = (a * way[0] + b * way[1] - x0) / stride;
      const stepY = (c * way[0] + d * way[1] - y0) / stride;
      const end = Math.min(right, first + stride);
      if (x0 === 0 && y0 === 0 && stepX === 0 && stepY === 0) this.#keep(first, end, y);
      else
        for (let x = first; x < end; x++) {
          const toX = x + x0 + (x - first) * stepX;
          const toY = y + y0 + (x - first) * stepY;
          if (fine) this.#cubic(4 * (y * this.#photo.width + x), toX, toY);
          else this.#linear(4 * (y * this.#photo.width + x), toX, toY);
        }
    }
  }

  /**
   * The flow at a pixel of the photo becomes the way.
   * @param {Float32Array} flow @param {number} x @param {number} y
   */
  #flowAt(flow, x, y) {
    const {offset} = this.#placement;
    const [[a, b], [c, d]] = this.#own;
    const right = x + 0.5 - offset[0];
    const down = y + 0.5 - offset[1];
    if (!readFlow(flow, a * right + b * down, c * right + d * down, this.#way)) this.#way.fill(0);
  }

  /** Pixels of a row as the photo has them. @param {number} from @param {number} end @param {number} y */
  #keep(from, end, y) {
    const {data, width} = this.#photo;
    for (let i = 4 * (y * width + from); i < 4 * (y * width + end); i++) this.frame[i] = data[i];
  }

  /** @param {number} to @param {number} x  0 is the centre of the first pixel @param {number} y */
  #linear(to, x, y) {
    const {data, width, height} = this.#photo;
    const frame = this.frame;
    const inX = clamp(x, 0, width - 1);
    const inY = clamp(y, 0, height - 1);
    const left = inX | 0;
    const top = inY | 0;
    const partX = inX - left;
    const partY = inY - top;
    const i = 4 * (top * width + left);
    const right = left + 1 < width ? i + 4 : i;
    const down = top + 1 < height ? 4 * width : 0;
    const corner = partX * partY;
    const b = partX - corner;
    const c = partY - corner;
    const a = 1 - partX - c;
    for (let k = 0; k < 3; k++)
      frame[to + k] =
        a * data[i + k] + b * data[right + k] + c * data[i + down + k] + corner * data[right + down + k];
  }

  /** @param {number} to @param {number} x @param {number} y */
  #cubic(to, x, y) {
    const {data, width, height} = this.#photo;
    const left = Math.floor(x);
    const top = Math.floor(y);
    const across = cubic(x - left);
    const down = cubic(y - top);
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let row = 0; row < 4; row++) {
      const start = clamp(top - 1 + row, 0, height - 1) * width;
      for (let column = 0; column < 4; column++) {
        const i = 4 * (start + clamp(left - 1 + column, 0, width - 1));
        const weight = down[row] * across[column];
        red += weight * data[i];
        green += weight * data[i + 1];
        blue += weight * data[i + 2];
      }
    }
    const frame = this.frame;
    frame[to] = red;
    frame[to + 1] = green;
    frame[to + 2] = blue;
  }
}

/**
 * The flow at a place of the face's own square, bilinearly between cells; beyond the square it fades. Answers whether
 * there is any left.
 * @param {Float32Array} flow @param {number} x @param {number} y @param {Float64Array} way  becomes it
 */
export function readFlow(flow, x, y, way) {
  const beyondX = x - clamp(x, 0, SIDE);
  const beyondY = y - clamp(y, 0, SIDE);
  let share = 1;
  if (beyondX || beyondY) share = 1 - Math.sqrt(beyondX * beyondX + beyondY * beyondY) / FADES;
  if (share <= 0) return false;
  const inX = clamp(x - 0.5, 0, SIDE - 1);
  const inY = clamp(y - 0.5, 0, SIDE - 1);
  const left = Math.min(SIDE - 2, inX | 0);
  const top = Math.min(SIDE - 2, inY | 0);
  const partX = inX - left;
  const partY = inY - top;
  const i = 2 * (top * SIDE + left);
  for (let k = 0; k < 2; k++) {
    const above = flow[i + k] + partX * (flow[i + 2 + k] - flow[i + k]);
    const below = flow[i + 2 * SIDE + k] + partX * (flow[i + 2 * SIDE + 2 + k] - flow[i + 2 * SIDE + k]);
    way[k] = share * (above + partY * (below - above));
  }
  return true;
}
