/** The portrait that the tab edits, where its face lies, and which expression it is given. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {checkPixels} from '../../../../web/page/canvas-pixels.mjs';
import {fetchExample, lookForFace} from '../../../../web/page/request.mjs';
import {Store} from '../../../../web/page/store.mjs';

/**
 * @typedef {import('./face-warp.mjs').Placement} Placement
 * @typedef {object} Face
 * @property {ImageBitmap} bitmap
 * @property {number[][]} eyes  in parts of the photo's sides
 * @property {number[]} points  landmarks in the face's own square of 64 pixels, x and y of each
 * @property {Placement} placement  in the photo's widths
 * @property {string | null} example  which one it is, or null
 *
 * @typedef {{expression: string, strength: number}} Edit
 * @typedef {{eyes: number[][], points: number[], linear: number[][], offset: number[]}} Located
 */

/** The face in view, once there is one. @type {Store<Face>} */
export const face = new Store();

/** What the hand asks of it. @type {Store<Edit>} */
export const edit = new Store();

/**
 * What is known of the faces of the examples, so that nobody need look for them: as the route express/face tells it.
 * @type {Promise<Record<string, Located>> | undefined}
 */
let known;

/** @param {string | null} example @param {AbortSignal} [signal] @returns {Promise<Located | undefined>} */
async function knownOf(example, signal) {
  if (!example) return undefined;
  known ??= fetch(new URL('example-faces.json', import.meta.url)).then(answer => answer.json());
  const all = await known.catch(() => {
    known = undefined;
    return undefined; // the server is asked instead
  });
  signal?.throwIfAborted();
  return all?.[example];
}

/**
 * The face in a photo; without eyes they are looked for, and null says that no face was found. Throws a RequestError,
 * and an Error in plain words where the photo's pixels cannot be read.
 * @param {{photo: Blob, bitmap: ImageBitmap, example: string | null}} picture
 * @param {number[][] | null} eyes  in parts of the photo's sides
 * @param {AbortSignal} [signal]
 * @returns {Promise<Face | null>}
 */
export async function faceIn({photo, bitmap, example}, eyes, signal) {
  checkPixels();
  const told = eyes ? undefined : await knownOf(example, signal);
  const found = told ?? (await lookForFace('express/face', photo, eyes, signal));
  const {eyes: seen, points, linear, offset} = found;
  return seen && {bitmap, eyes: seen, points, placement: {linear, offset}, example};
}

/**
 * The face of an example. Throws a RequestError.
 * @param {string} name @param {AbortSignal} signal
 */
export async function exampleFace(name, signal) {
  const photo = await fetchExample(`${ROOT}vaedemo/web/examples/${name}.jpg`, signal);
  const bitmap = await createImageBitmap(photo);
  return /** @type {Face} */ (await faceIn({photo, bitmap, example: name}, null, signal));
}

/** Where the face lies in the photo at a width in pixels. @param {Placement} placement @param {number} width */
export const placedAt = ({linear, offset}, width) => ({
  linear: linear.map(row => row.map(value => value * width)),
  offset: offset.map(value => value * width),
});
