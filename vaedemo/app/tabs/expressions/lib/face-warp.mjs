/**
 * A photo read along a flow, as `vaedemo/express.py` does it (`warped`): a test compares them. Places count from the
 * upper left corner; a flow is 64 x 64 cells, x to the right and y down of each in a row, in the face's own pixels.
 */

export const SIDE = 64; // cells
/** Own pixels beyond the square over which the flow at its edge fades to nothing. */
const FADES = 12;
/** Pixels between which the flow may be taken for linear while a hand moves. */
const WIDEST = 4;
/** Pixels: what moves less is left where it is while a hand moves. */
const STILL = 1 / 16;
const ONE = 1 << 16; // a pixel, in whole numbers that count parts of it
const RED_BLUE = 0x00ff00ff; // of a pixel in one number: two colors are weighed at once
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
  #stride;
  /** The photo and the frame, a number a pixel. */
  #from;
  #to;
  /** How far pixels of two rows of corners are moved, x and y of each. */
  #above;
  #below;
  /** The flow at a place, x and y: one for all pixels, so that none need be collected. */
  #way = new Float64Array(2);

  /** @param {Pixels} photo @param {Placement} placement */
  constructor(photo, placement) {
    this.#photo = photo;
    this.#placement = placement;
    this.#own = inverse(placement.linear);
    this.#box = boxOf(placement, photo, [-FADES, -FADES], [SIDE + FADES, SIDE + FADES]);
    this.frame = new Uint8ClampedArray(photo.data);
    this.#from = new Uint32Array(this.frame.slice().buffer);
    this.#to = new Uint32Array(this.frame.buffer);
    const [[a], [c]] = placement.linear;
    this.#stride = clamp(Math.floor(Math.hypot(a, c)), 1, WIDEST);
    const corners = Math.ceil((this.#box.right - this.#box.left) / this.#stride) + 1;
    [this.#above, this.#below] = [new Float64Array(2 * corners), new Float64Array(2 * corners)];
  }

  /**
   * The photo read along a flow.
   * @param {Float32Array} flow
   * @param {boolean} [fine]  bicubically, which keeps what is sharp; else bilinearly, and the flow is taken for linear
   *   between pixels a cell apart, or less: some ten times as fast
   */
  at(flow, fine = false) {
    const {top, bottom} = this.#box;
    if (fine) for (let y = top; y < bottom; y++) this.#row(flow, y);
    else this.#coarsely(flow);
    return this.frame;
  }

  /** @param {Float32Array} flow */
  #coarsely(flow) {
    const {top, bottom} = this.#box;
    const stride = this.#stride;
    this.#corners(flow, top, this.#below);
    for (let first = top; first < bottom; first += stride) {
      [this.#above, this.#below] = [this.#below, this.#above];
      this.#corners(flow, first + stride, this.#below);
      const end = Math.min(bottom, first + stride);
      for (let y = first; y < end; y++) this.#line(y, (y - first) / stride);
    }
  }

  /** How far the corners of a row are moved. @param {Float32Array} flow @param {number} y @param {Float64Array} into */
  #corners(flow, y, into) {
    const [[a, b], [c, d]] = this.#placement.linear;
    const way = this.#way;
    for (let k = 0; k < into.length; k += 2) {
      this.#flowAt(flow, this.#box.left + (k / 2) * this.#stride, y);
      into[k] = a * way[0] + b * way[1];
      into[k + 1] = c * way[0] + d * way[1];
    }
  }

  /** A row between two rows of corners. @param {number} y @param {number} part  of the way from the upper one */
  #line(y, part) {
    const {left, right} = this.#box;
    const above = this.#above;
    const below = this.#below;
    const stride = this.#stride;
    let x1 = above[0] + part * (below[0] - above[0]);
    let y1 = above[1] + part * (below[1] - above[1]);
    for (let first = left, k = 2; first < right; first += stride, k += 2) {
      const x0 = x1;
      const y0 = y1;
      x1 = above[k] + part * (below[k] - above[k]);
      y1 = above[k + 1] + part * (below[k + 1] - above[k + 1]);
      const end = Math.min(right, first + stride);
      const far = Math.max(Math.abs(x0), Math.abs(y0), Math.abs(x1), Math.abs(y1));
      if (far < STILL) this.#keep(first, end, y);
      else this.#segment(first, end, y, x0, y0, (x1 - x0) / stride, (y1 - y0) / stride);
    }
  }

  /**
   * A few pixels of a row, the first of which is moved by x0 and y0.
   * @param {number} first @param {number} end @param {number} y @param {number} x0 @param {number} y0
   * @param {number} stepX  more for each next one @param {number} stepY
   */
  #segment(first, end, y, x0, y0, stepX, stepY) {
    const {width, height} = this.#photo;
    const many = end - first - 1;
    const fromX = first + x0;
    const fromY = y + y0;
    const toX = fromX + many * (1 + stepX);
    const toY = fromY + many * stepY;
    const within =
      Math.min(fromX, toX) >= 0 &&
      Math.min(fromY, toY) >= 0 &&
      Math.max(fromX, toX) < width - 1.01 &&
      Math.max(fromY, toY) < height - 1.01;
    if (within) this.#blend(y * width + first, many + 1, fromX, fromY, 1 + stepX, stepY);
    else
      for (let x = first; x < end; x++)
        this.#linear(4 * (y * width + x), x + x0 + (x - first) * stepX, y + y0 + (x - first) * stepY);
  }

  /**
   * Pixels in a row, each of four neighbours that are all within the photo; in whole numbers, which is fast.
   * @param {number} to  the first @param {number} many @param {number} x  where it is read @param {number} y
   * @param {number} stepX  from one to the next @param {number} stepY
   */
  #blend(to, many, x, y, stepX, stepY) {
    const source = this.#from;
    const frame = this.#to;
    const {width} = this.#photo;
    let across = (x * ONE) | 0;
    let down = (y * ONE) | 0;
    const right = (stepX * ONE) | 0;
    const lower = (stepY * ONE) | 0;
    for (let i = to; i < to + many; i++, across += right, down += lower) {
      const at = (down >> 16) * width + (across >> 16);
      const u = (across >> 8) & 255;
      const v = (down >> 8) & 255;
      const d = (u * v) >> 8;
      const b = u - d;
      const c = v - d;
      const a = 256 - u - c;
      const p = source[at];
      const q = source[at + 1];
      const r = source[at + width];
      const s = source[at + width + 1];
      const both =
        Math.imul(p & RED_BLUE, a) +
        Math.imul(q & RED_BLUE, b) +
        Math.imul(r & RED_BLUE, c) +
        Math.imul(s & RED_BLUE, d);
      const green = ((p >> 8) & 255) * a + ((q >> 8) & 255) * b + ((r >> 8) & 255) * c + ((s >> 8) & 255) * d;
      frame[i] = (frame[i] & 0xff000000) | (((both + 0x00800080) >>> 8) & RED_BLUE) | ((green + 128) & 0x0000ff00);
    }
  }

  /** @param {Float32Array} flow @param {number} y */
  #row(flow, y) {
    const {left, right} = this.#box;
    const {width} = this.#photo;
    const [[a, b], [c, d]] = this.#placement.linear;
    const way = this.#way;
    for (let x = left; x < right; x++) {
      this.#flowAt(flow, x, y);
      if (way[0] === 0 && way[1] === 0) this.#keep(x, x + 1, y);
      else this.#cubic(4 * (y * width + x), x + a * way[0] + b * way[1], y + c * way[0] + d * way[1]);
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
    const row = y * this.#photo.width;
    for (let i = row + from; i < row + end; i++) this.#to[i] = this.#from[i];
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
