/** The photo of the Colorization tab and its eight colorings: read and asked for once, shared by all folds. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {sendable} from '../../../../web/page/photo-file.mjs';
import {bytes, fetchExample, newest, request} from '../../../../web/page/request.mjs';
import {Store} from '../../../../web/page/store.mjs';
import {Coloring, fieldOf, fieldsOf} from './color-field-painter.mjs';

export const MODEL = 'colorization';
export const COUNT = 8;
/**
 * Examples, and what they show. All of them may be shown; who made them: examples/LICENSES.md.
 * @type {Record<string, string>}
 */
export const EXAMPLES = {
  car: 'a sports car',
  van: 'an old camper van',
  pickup: 'a pickup',
  flower: 'a dahlia',
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

/** The address of an example's file. @param {string} name */
export const exampleAddress = name => `${ROOT}vaedemo/web/examples/${name}.jpg`;

/**
 * @typedef {import('./color-field-painter.mjs').Field} Field
 * @typedef {{blob: Blob, words: string, example: string | null}} Source  words: what the photo shows
 * @typedef {Source & {width: number, height: number, coloring: Coloring, grey: Uint8Array<ArrayBuffer>,
 *   truth: Field | null}} Photo
 *   width, height: of the file that the server read; grey: what the models see of it; truth: its own colors, null where
 *   it has none
 * @typedef {{weights: number[] | null, z: number[][] | null, fields: Field[]}} Answers  what the model has of them
 * @typedef {{weights: number[], z: number[][], fields: Field[], tints: boolean}} Eight  the heaviest first; tints:
 *   whether they may differ by a tint over the whole photo
 * @typedef {{photo: Photo, eight: Eight}} Colored
 * @typedef {{photo: Photo, eight: Eight | null, error?: Error}} Pending  eight: null while they are on their way;
 *   error: why they do not come
 */

/** The photo in view; publishes when a photo came, and when its colorings did. @type {Store<Pending>} */
export const photos = new Store();

/**
 * For a fold: works on the newest photo with its colorings, once the fold is in view.
 * @param {import('../../../../web/page/fold.mjs').Mounted} mounted
 * @param {(colored: Colored, signal: AbortSignal) => Promise<void>} work
 * @param {(error: Error | null) => void} [showError]
 */
export function whenColored({root, showError: inFold}, work, showError = inFold) {
  photos.whenVisible(
    root,
    ({eight}) => eight,
    ({photo, eight}, signal) => {
      keepAspect(root, photo);
      return work({photo, eight: /** @type {Eight} */ (eight)}, signal);
    },
    showError,
  );
}

/** Tells the style sheet the photo's proportions. @param {HTMLElement} root @param {Photo} photo */
export const keepAspect = (root, {coloring}) =>
  root.style.setProperty('--aspect', String(coloring.width / coloring.height));

/** An example's file. @param {string} name @returns {Promise<Source>} */
export async function example(name) {
  return {blob: await fetchExample(exampleAddress(name)), words: EXAMPLES[name], example: name};
}

/** Whether the eight may differ by a tint over the whole photo. */
let tints = false;
let reading = 0;
const latest = newest((signal, /** @type {(signal: AbortSignal) => Promise<void>} */ work) => work(signal));

/**
 * Colors the photo in view anew, with tints or without; the next ones too. Throws a RequestError.
 * @param {boolean} chosen
 */
export async function chooseTints(chosen) {
  tints = chosen;
  const photo = photos.value?.photo;
  if (!photo || reading) return; // the photo that is being read will be colored so
  photos.publish({photo, eight: null});
  await latest(signal => fill(photo, signal));
}

/**
 * Colors a photo; the one before stays until this one is read. Throws a RequestError.
 * @type {(source: () => Promise<Source>, chosen: (photo: Photo) => void) => Promise<void>}
 */
export const color = (source, chosen) =>
  latest(async signal => {
    const photo = await read(source, signal).catch(error => {
      const before = photos.value;
      // it was left waiting for its own, or has them as they are no longer wanted
      if (!signal.aborted && before && before.eight?.tints !== tints) fill(before.photo, signal).catch(() => {});
      throw error;
    });
    signal.throwIfAborted();
    photos.publish({photo, eight: null});
    chosen(photo);
    await fill(photo, signal);
  });

/**
 * The server reads a photo.
 * @param {() => Promise<Source>} source
 * @param {AbortSignal} signal
 * @returns {Promise<Photo>}
 */
async function read(source, signal) {
  reading++;
  try {
    return await seen(await source(), signal);
  } finally {
    reading--;
  }
}

/** @param {Source} given @param {AbortSignal} signal @returns {Promise<Photo>} */
async function seen(given, signal) {
  const body = await sendable(given.blob);
  const answer = await request('photo', {purpose: 'color a photo', body, signal});
  const {width, height, shown, light, grey, field} = await answer.json();
  const coloring = new Coloring({light: bytes(light), width: shown[0], height: shown[1]});
  return {...given, width, height, coloring, grey: bytes(grey), truth: field && fieldOf(bytes(field))};
}

/** @param {Photo} photo @param {AbortSignal} signal */
async function fill(photo, signal) {
  const wanted = tints;
  const eight = await colors(MODEL, photo, {tints: wanted}, signal).catch(error => {
    if (!signal.aborted) photos.publish({photo, eight: null, error});
    throw error;
  });
  signal.throwIfAborted();
  photos.publish({photo, eight: {.../** @type {Eight} */ (eight), tints: wanted}}); // a mixture has weights and z
}

/**
 * Colorings of a photo by one of the models. Throws a RequestError.
 * @param {string} model
 * @param {Photo} photo
 * @param {{n?: number, seed?: number, tints?: boolean}} asked
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answers>}
 */
export async function colors(model, {grey}, {n = COUNT, seed = 0, tints: wanted = false}, signal) {
  const query = {n, seed, tints: Number(wanted)};
  const options = {purpose: 'color a photo', body: grey, query, model, signal};
  const {weights, z, fields} = await (await request(`colors/${model}`, options)).json();
  return {weights, z, fields: fieldsOf(bytes(fields))};
}
