/**
 * A person's photo in the geometry of the faces that models learned from, in the browser: the search of
 * vaedemo/vision/face_alignment.py without its cascade. Squares all over the photo are looked at; then the net
 * `faces-eyes` says of each where the eyes really are, and looks again.
 *
 * Places are [x, y] in pixels whose centres are whole numbers; the left eye in the picture comes first.
 * @typedef {[number, number]} Point
 * @typedef {[Point, Point]} Eyes
 * @typedef {{data: Uint8Array, width: number, height: number}} Photo  red, green, blue of each pixel
 * @typedef {(crops: Float32Array) => Promise<{answers: Float32Array}>} Judge  `faces-eyes` of crops, (3, 64, 64) each
 */
const EYES = /** @type {Eyes} */ ([
  [21.7, 33.1],
  [41.2, 33.1],
]);
const SIDE = 64;
const OUTPUTS = 5; // of the judge: both eyes, and the logit that there is a face
const FINE = 1024; // pixels a side: the photo as the net sees it
const SMALLEST = 24;
const PARTS = [1, 0.7, 0.5, 0.35]; // of the photo's shorter side
const STEP = 0.25; // of a square
const BEST = 8;
const ROUNDS = 3;
export const CLOSEST = 2; // pixels between the eyes: nearer ones say nothing of size and angle
const CLEAR = 6.5; // logit: nothing but a face looks like that
const PLAIN = 7.6; // logit: so clear a face lies as it should
// Logit of a face in a turned photo. Of 17 portraits 16 look like 8.7 and more when they are upright; a pickup that
// stands on its head, which is no face to the cascade of Python's search, looks like 8.2.
const CLEAR_TURNED = 8.4;
const DOUBT = 3; // so much lower a logit may be before its place is put right, or beside that of a surer face

/** What takes a point q of the aligned face to [re, -im; im, re] q + [x, y] of the photo. @param {Eyes} eyes */
export function similarity([[x0, y0], [x1, y1]]) {
  const apart = EYES[1][0] - EYES[0][0];
  const [re, im] = [(x1 - x0) / apart, (y1 - y0) / apart];
  const [left, top] = EYES[0];
  const [x, y] = [x0 - re * left + im * top, y0 - im * left - re * top];
  return {
    re,
    im,
    x,
    y,
    move: (/** @type {Point} */ [a, b]) => /** @type {Point} */ ([re * a - im * b + x, im * a + re * b + y]),
  };
}

/**
 * The photo, or a box of it, with each side divided by a whole number: means of its pixels.
 * @param {Photo} photo @param {number} factor @param {[number, number, number, number]} [box]
 * @returns {Photo}
 */
export function reduced({data, width, height}, factor, [left, top, right, bottom] = [0, 0, width, height]) {
  const [columns, rows] = [Math.ceil((right - left) / factor), Math.ceil((bottom - top) / factor)];
  const small = new Uint8Array(columns * rows * 3);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [x0, y0] = [left + column * factor, top + row * factor];
      const [x1, y1] = [Math.min(x0 + factor, right), Math.min(y0 + factor, bottom)];
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let y = y0; y < y1; y++)
        for (let x = x0, at = (y * width + x0) * 3; x < x1; x++, at += 3) {
          red += data[at];
          green += data[at + 1];
          blue += data[at + 2];
        }
      const count = (x1 - x0) * (y1 - y0);
      [red, green, blue].forEach(
        (sum, c) => (small[(row * columns + column) * 3 + c] = Math.floor(sum / count + 0.5)),
      );
    }
  return {data: small, width: columns, height: rows};
}

/** @param {number} value @param {number} low @param {number} high */
const clip = (value, low, high) => Math.min(Math.max(value, low), high);

/**
 * The face of a photo whose eyes are there, upright, (3, 64, 64) in [0, 1]: they lie at EYES then. Beyond the photo's
 * edge its border goes on.
 * @param {Photo} photo
 * @param {Eyes} eyes
 * @param {number} [fine]  so many times as many pixels a side are read on the way, then averaged
 */
export function alignedFace(photo, eyes, fine = 2) {
  const {re, im, move} = similarity(eyes);
  const factor = Math.max(1, Math.round(Math.hypot(re, im) / fine));
  const corners = /** @type {Point[]} */ ([
    [0, 0],
    [0, SIDE],
    [SIDE, 0],
    [SIDE, SIDE],
  ]).map(move);
  const [low, high] = [Math.min, Math.max].map(end => [0, 1].map(i => end(...corners.map(corner => corner[i]))));
  const sides = [photo.width, photo.height];
  const first = low.map((value, i) => Math.trunc(clip(value - 2 * factor, 0, sides[i] - 1)));
  const last = high.map((value, i) => Math.trunc(clip(value + 2 * factor, first[i] + 1, sides[i])));
  const part = reduced(photo, factor, [first[0], first[1], last[0], last[1]]);
  const face = new Float32Array(3 * SIDE * SIDE);
  const share = 1 / (255 * fine * fine);
  for (let row = 0; row < SIDE * fine; row++)
    for (let column = 0; column < SIDE * fine; column++) {
      const [x, y] = move([(column + 0.5) / fine - 0.5, (row + 0.5) / fine - 0.5]);
      const at = Math.floor(row / fine) * SIDE + Math.floor(column / fine);
      between(part, (x - first[0] + 0.5) / factor - 0.5, (y - first[1] + 0.5) / factor - 0.5, share, face, at);
    }
  return face;
}

/**
 * Adds a share of what lies between four pixels, by distance, to a place of three planes.
 * @param {Photo} photo @param {number} x @param {number} y @param {number} share @param {Float32Array} face
 * @param {number} at
 */
function between({data, width, height}, x, y, share, face, at) {
  const [cx, cy] = [clip(x, 0, width - 1), clip(y, 0, height - 1)];
  const [left, top] = [Math.floor(cx), Math.floor(cy)];
  const [right, low] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const [fx, fy] = [cx - left, cy - top];
  for (let c = 0; c < 3; c++) {
    const upper = data[(top * width + left) * 3 + c] * (1 - fx) + data[(top * width + right) * 3 + c] * fx;
    const lower = data[(low * width + left) * 3 + c] * (1 - fx) + data[(low * width + right) * 3 + c] * fx;
    face[c * SIDE * SIDE + at] += share * (upper * (1 - fy) + lower * fy);
  }
}

/**
 * Where the net sees the eyes when it looks at the photo aligned by rough ones.
 * @param {Judge} judge @param {Photo} photo @param {Eyes[]} rough @param {number} [fine]
 * @returns {Promise<{eyes: Eyes, logit: number}[]>}
 */
async function asked(judge, photo, rough, fine = 2) {
  const size = 3 * SIDE * SIDE;
  const crops = new Float32Array(rough.length * size);
  rough.forEach((eyes, i) => crops.set(alignedFace(photo, eyes, fine), i * size));
  const {answers} = await judge(crops);
  return rough.map((eyes, i) => {
    const [x0, y0, x1, y1, logit] = answers.subarray(i * OUTPUTS, (i + 1) * OUTPUTS);
    const {move} = similarity(eyes);
    return {eyes: /** @type {Eyes} */ ([move([x0, y0]), move([x1, y1])]), logit};
  });
}

/** @param {Eyes} eyes */
const apart = ([[x0, y0], [x1, y1]]) => Math.hypot(x1 - x0, y1 - y0);

/** Places from 0 to `room` that are at most `step` apart. @param {number} room @param {number} step */
function spread(room, step) {
  const gaps = Math.ceil(room / step - 1e-9);
  return Array.from({length: gaps + 1}, (_, i) => (gaps ? (room * i) / gaps : 0));
}

/** Squares all over a photo, as the eyes of faces that fill them. @param {Photo} photo */
function squares({width, height}) {
  const found = /** @type {Eyes[]} */ ([]);
  for (const part of PARTS) {
    const side = part * Math.min(width, height);
    if (side < SMALLEST) break;
    for (const top of spread(height - side, side * STEP))
      for (const left of spread(width - side, side * STEP))
        found.push(/** @type {Eyes} */ (EYES.map(([x, y]) => [(x * side) / SIDE + left, (y * side) / SIDE + top])));
  }
  return found;
}

/**
 * The eyes of the face in a photo, in its pixels, and how clear the clearest face in it is; null: no face is found. Of
 * several the largest and most central counts.
 * @param {Photo} photo
 * @param {Judge} judge
 * @returns {Promise<{eyes: Eyes, logit: number} | null>}
 */
async function look(photo, judge) {
  const factor = Math.ceil(Math.max(photo.width, photo.height) / FINE);
  const fine = factor > 1 ? reduced(photo, factor) : photo;
  const {width, height} = fine;
  if (Math.min(width, height) < SMALLEST) return null;
  const rough = squares(fine);
  const logits = (await asked(judge, fine, rough, 1)).map(({logit}) => logit);
  const order = rough.map((_, i) => i).sort((a, b) => logits[b] - logits[a]);
  let faces = order.slice(0, BEST).map(i => ({eyes: rough[i], logit: logits[i]}));
  for (let round = 0; round < ROUNDS && faces.length; round++) {
    const least = round < ROUNDS - 1 ? -DOUBT : CLEAR;
    faces = (
      await asked(
        judge,
        fine,
        faces.map(({eyes}) => eyes),
      )
    ).filter(
      ({eyes, logit}) =>
        logit > least &&
        apart(eyes) > CLOSEST &&
        eyes.every(([x, y]) => x > -0.5 && y > -0.5 && x < width - 0.5 && y < height - 0.5),
    );
  }
  if (!faces.length) return null;
  const most = Math.max(...faces.map(({logit}) => logit));
  const worth = (/** @type {{eyes: Eyes}} */ {eyes}) => {
    const [x, y] = [0, 1].map(i => (eyes[0][i] + eyes[1][i]) / 2);
    return apart(eyes) * (1 - Math.hypot(x - width / 2, y - height / 2) / Math.max(width, height));
  };
  const [best] = faces.filter(({logit}) => logit > most - DOUBT).sort((a, b) => worth(b) - worth(a));
  const whole = (/** @type {number} */ value, /** @type {number} */ side) =>
    clip(value * factor + (factor - 1) / 2, 0, side - 1);
  const eyes = /** @type {Eyes} */ (best.eyes.map(([x, y]) => [whole(x, photo.width), whole(y, photo.height)]));
  return {eyes, logit: most};
}

/**
 * The photo turned counter-clockwise.
 * @param {Photo} photo
 * @param {number} degrees  90, 180 or 270
 * @returns {Photo}
 */
export function turnedBy({data, width, height}, degrees) {
  const [columns, rows] = degrees === 180 ? [width, height] : [height, width];
  const turned = new Uint8Array(data.length);
  for (let row = 0, at = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, at += 3) {
      let [x, y] = [width - 1 - column, height - 1 - row];
      if (degrees === 90) [x, y] = [width - 1 - row, column];
      if (degrees === 270) [x, y] = [row, height - 1 - column];
      turned.set(data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3), at);
    }
  return {data: turned, width: columns, height: rows};
}

/**
 * The eyes of the face in a photo, in its pixels; where none is found as it lies, `turned` says by how many degrees it
 * must be turned for a clear one to be upright, counter-clockwise, or is null. As `upright` of
 * vaedemo/vision/face_alignment.py, in the words of the server's answers.
 * @param {Photo} photo
 * @param {Judge} judge
 * @returns {Promise<{eyes: Eyes | null, turned: number | null}>}
 */
export async function uprightFace(photo, judge) {
  const found = await look(photo, judge);
  const eyes = found && found.eyes;
  if (eyes && (await asked(judge, photo, [eyes]))[0].logit >= PLAIN) return {eyes, turned: null};
  const small = reduced(photo, Math.ceil(Math.max(photo.width, photo.height) / FINE));
  let [most, turned] = [CLEAR_TURNED, 0];
  for (const degrees of [90, 270, 180]) {
    const {logit} = (await look(turnedBy(small, degrees), judge)) ?? {logit: -Infinity};
    if (logit > most) [most, turned] = [logit, degrees];
  }
  return turned ? {eyes: null, turned} : {eyes, turned: null};
}
