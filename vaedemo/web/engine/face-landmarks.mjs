/**
 * Landmarks of a face in a photo, in the browser: what `face` of vaedemo/express.py does once it knows the eyes. The
 * net `faces-landmarks` looks at the face as the eyes put it in place, and what it says of the eyes does so again.
 *
 * @typedef {import('./find-face.mjs').Eyes} Eyes
 * @typedef {import('./find-face.mjs').Judge} Judge  here `faces-landmarks`
 * @typedef {object} Located
 * @property {number[]} points  landmarks in the face's own square of 64 pixels, x and y of each
 * @property {number[][]} linear  linear @ place + offset takes places there to the photo's, in its pixels; both are
 *   counted from the upper left corner
 * @property {number[]} offset
 * @property {Eyes} eyes  in pixels whose centres are whole numbers
 */
import {alignedFace, similarity} from './find-face.mjs';

/** Which landmarks lie around an eye, from the first to before the last. */
const AROUND = [
  [66, 82],
  [82, 98],
];
const CUT = 0.5; // pixels of 64: so much lower and more to the right `alignedFace` puts a face than flows have it
const ROUNDS = 2;

/** What takes places of the face's own square to the photo's, both counted from upper left. @param {Eyes} eyes */
function squareOf(eyes) {
  const {re, im, x, y} = similarity(eyes);
  const linear = [
    [re, -im],
    [im, re],
  ];
  return {linear, offset: [x + 0.5, y + 0.5]};
}

/** The mean of landmarks from the first to before the end. @param {number[]} points @param {number[]} range */
const middleOf = (points, [first, end]) =>
  [0, 1].map(axis => {
    let sum = 0;
    for (let i = first; i < end; i++) sum += points[2 * i + axis];
    return sum / (end - first);
  });

/**
 * The landmarks of the face whose eyes are about there, the left one in the picture first.
 * @param {import('./find-face.mjs').Photo} photo
 * @param {Eyes} eyes
 * @param {Judge} judge
 * @returns {Promise<Located>}
 */
export async function landmarksOf(photo, eyes, judge) {
  /** @type {Located | undefined} */
  let located;
  for (let round = 0; round < ROUNDS; round++) {
    const about = located?.eyes ?? eyes;
    const {linear, offset} = squareOf(about);
    const points = Array.from((await judge(alignedFace(photo, about))).answers, value => value - CUT);
    const seen = AROUND.map(range => {
      const middle = middleOf(points, range);
      return [0, 1].map(axis => linear[axis][0] * middle[0] + linear[axis][1] * middle[1] + offset[axis] - 0.5);
    });
    located = {points, linear, offset, eyes: /** @type {Eyes} */ (seen)};
  }
  return /** @type {Located} */ (located);
}
