/** The photo that the folds of the Colorization tab share, and its eight colorings: asked for once. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {colors, seen} from './requests.mjs';
import {Store} from '../../../../web/page/store.mjs';
import {CELLS} from './color-field-painter.mjs';
import {newest} from '../../../../web/page/request.mjs';

export const MODEL = 'colorization';
export const COUNT = 8;
/** Examples, and what they show. All of them are public domain or CC0: examples/LICENSES.md. */
export const EXAMPLES = {
  car: 'a sports car',
  balloon: 'a hot-air balloon',
  parrot: 'a parrot',
  cat: 'a cat',
  dog: 'a dog',
  citrus_fruits: 'slices of citrus fruits',
  coffee: 'a cup of coffee',
  lake: 'a lake below mountains',
  tea_gardens: 'hills of tea',
  osprey: 'an osprey',
  rocket: 'a rocket at dusk',
  astronaut: 'an astronaut',
};
export const example = name => `${ROOT}vaedemo/web/examples/${name}.jpg`;

/** @typedef {import('./color-field-painter.mjs').Field} Field */
/**
 * @typedef {{blob: Blob, words: string, example: string | null}} Source  words: what the photo shows
 * @typedef {Source & import('./requests.mjs').Seen} Photo
 * @typedef {{weights: number[], z: number[][], fields: Field[]}} Eight  the heaviest first
 * @typedef {{photo: Photo, eight: Eight | null, error?: Error}} Colored  eight: null while they are on their way;
 *   error: why they do not come
 */
const all = /** @type {Store<Colored>} */ (new Store());

/** A photo came, or its colorings did: told now, and then every time. @param {(now: Colored) => void} hear */
export const onColored = hear => all.subscribe(hear);

/**
 * For a fold, see Store.
 * @param {HTMLElement} root
 * @param {(now: {photo: Photo, eight: Eight}, signal: AbortSignal) => Promise<void>} work
 * @param {(error: Error | null) => void} say
 */
export const inView = (root, work, say) => all.whenVisible(root, ({eight}) => eight, work, say);

/** An example's file. @param {string} name @returns {Promise<Source>} */
export async function fetched(name) {
  const answer = await fetch(example(name)).catch(() => null);
  if (!answer?.ok) throw new Error('The example cannot be had: the server does not answer.');
  return {blob: await answer.blob(), words: EXAMPLES[name], example: name};
}

/**
 * Colors a photo; the one before stays until this one is read. Throws an Error in plain words.
 * @type {(source: () => Promise<Source>, chosen: (photo: Photo) => void) => Promise<void>}
 */
export const color = newest(async (signal, source, chosen) => {
  const photo = await looked(source, signal).catch(error => {
    // it was left waiting for its own
    if (!signal.aborted && all.value && !all.value.eight) fill(all.value.photo, signal).catch(() => {});
    throw error;
  });
  signal.throwIfAborted();
  all.publish({photo, eight: null});
  chosen(photo);
  await fill(photo, signal);
});

/** @param {() => Promise<Source>} source @param {AbortSignal} signal @returns {Promise<Photo>} */
async function looked(source, signal) {
  const given = await source();
  return {...given, ...(await seen(given.blob, signal))};
}

/** @param {Photo} photo @param {AbortSignal} signal */
async function fill(photo, signal) {
  const {weights, z, fields} = await colors(MODEL, photo.grey, {n: COUNT}, signal).catch(error => {
    if (!signal.aborted) all.publish({photo, eight: null, error});
    throw error;
  });
  signal.throwIfAborted();
  all.publish({photo, eight: {weights, z, fields}});
}

/** The mean of colorings, weighed. @param {Field[]} fields @param {number[]} weights @returns {Field} */
export function mixed(fields, weights) {
  const sum = new Float32Array(2 * CELLS);
  const total = weights.reduce((a, b) => a + b, 0);
  fields.forEach((field, i) =>
    field.forEach((value, k) => {
      sum[k] += (weights[i] / total) * value;
    }),
  );
  return sum;
}

/** How far a coloring's colors lie from grey, on average over its cells, in units of ab. @param {Field} field */
export function chroma(field) {
  let sum = 0;
  for (let i = 0; i < CELLS; i++) sum += Math.hypot(field[i], field[CELLS + i]);
  return (128 * sum) / CELLS;
}

/**
 * How far two colorings lie apart: the mean over cells of the distance of their ab / 128.
 * @param {Field} one
 * @param {Field} other
 */
export function apart(one, other) {
  let sum = 0;
  for (let i = 0; i < CELLS; i++) sum += Math.hypot(one[i] - other[i], one[CELLS + i] - other[CELLS + i]);
  return sum / CELLS;
}

/** The variance of each cell's color over colorings, the mean of a's and b's, (ab / 128)^2. @param {Field[]} fields */
export function variances(fields) {
  const mean = mixed(
    fields,
    fields.map(() => 1),
  );
  const cells = new Float32Array(CELLS);
  for (const field of fields)
    for (let i = 0; i < CELLS; i++)
      cells[i] += ((field[i] - mean[i]) ** 2 + (field[CELLS + i] - mean[CELLS + i]) ** 2) / 2 / fields.length;
  return cells;
}
