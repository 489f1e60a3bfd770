/** The photo that the folds of the Colorization tab share, and its eight colorings: asked for once. */
import {CELLS} from './coloring.mjs';
import {colors, seen} from './askcolors.mjs';
import {newest} from './shared.mjs';

export const MODEL = 'colorization', COUNT = 8;
/** Examples, and what they show. All of them are public domain or CC0: examples/LICENSES.md. */
export const EXAMPLES = {
  car: 'a sports car', balloon: 'a hot-air balloon', parrot: 'a parrot', cat: 'a cat', dog: 'a dog', citrus_fruits: 'slices of citrus fruits',
  coffee: 'a cup of coffee', lake: 'a lake below mountains', tea_gardens: 'hills of tea', osprey: 'an osprey', rocket: 'a rocket at dusk', astronaut: 'an astronaut',
};
export const example = (base, name) => `${base}live/page/examples/${name}.jpg`;

/** @typedef {import('./coloring.mjs').Field} Field */
/**
 * @typedef {{blob: Blob, words: string, example: string | null}} Source  words: what the photo shows
 * @typedef {Source & import('./askcolors.mjs').Seen} Photo
 * @typedef {{weights: number[], z: number[][], fields: Field[]}} Eight  the heaviest first
 * @typedef {{photo: Photo, eight: Eight | null, error?: Error}} Colored  eight: null while they are on their way; error: why they do not come
 */
const events = new EventTarget();
/** @type {Colored | null} */ let now = null;

/** A photo came, or its colorings did: told now, and then every time. @param {(now: Colored) => void} hear */
export function onColored(hear) {
  events.addEventListener('colored', () => hear(now));
  if (now) hear(now);
}

/**
 * Colors a photo; the one before stays until this one is read. Throws an Error in plain words.
 * @type {(base: string, source: () => Promise<Source>, chosen: (photo: Photo) => void) => Promise<void>}
 */
export const color = newest(async (signal, base, source, chosen) => {
  const given = await source();
  const photo = {...given, ...await seen(base, given.blob, signal)};
  signal.throwIfAborted();
  tell({photo, eight: null});
  chosen(photo);
  const {weights, z, fields} = await colors(base, MODEL, photo.grey, {n: COUNT}, signal).catch(error => {
    if (!signal.aborted) tell({photo, eight: null, error});
    throw error;
  });
  signal.throwIfAborted();
  tell({photo, eight: {weights, z, fields}});
});

/** @param {Colored} next */
function tell(next) {
  now = next;
  events.dispatchEvent(new Event('colored'));
}

/**
 * For a fold: hears of the newest colorings once it is in view, so that what nobody looks at asks the server nothing.
 * While it shows those of an earlier photo it is marked busy.
 * @param {HTMLElement} root @param {(now: {photo: Photo, eight: Eight}, signal: AbortSignal) => Promise<void>} work @param {(error: Error | null) => void} say
 */
export function inView(root, work, say) {
  let waiting = /** @type {any} */ (null), visible = false;
  const begin = newest(async (signal, colored) => {
    root.setAttribute('aria-busy', 'true');
    await work(colored, signal);
    signal.throwIfAborted();
    root.removeAttribute('aria-busy');
    say(null);
  });
  const look = () => {
    if (!visible || !waiting) return;
    const colored = waiting;
    waiting = null;
    begin(colored).catch(say);
  };
  onColored(colored => {
    root.setAttribute('aria-busy', 'true');
    waiting = colored.eight && colored;
    say(colored.error ?? null);
    look();
  });
  new IntersectionObserver(entries => {
    visible = entries.at(-1).isIntersecting;
    look();
  }).observe(root);
}

/** A weight in words. @param {number} weight */
export const percent = weight => weight > 0 && weight < 0.005 ? '<1 %' : `${Math.round(100 * weight)} %`;

/** The mean of colorings, weighed. @param {Field[]} fields @param {number[]} weights @returns {Field} */
export function mixed(fields, weights) {
  const sum = new Float32Array(2 * CELLS), total = weights.reduce((a, b) => a + b, 0);
  fields.forEach((field, i) => field.forEach((value, k) => { sum[k] += weights[i] / total * value; }));
  return sum;
}

/** How far a coloring's colors lie from grey, on average over its cells, in units of ab. @param {Field} field */
export function chroma(field) {
  let sum = 0;
  for (let i = 0; i < CELLS; i++) sum += Math.hypot(field[i], field[CELLS + i]);
  return 128 * sum / CELLS;
}

/** How far two colorings lie apart: the mean over cells of the distance of their ab / 128. @param {Field} one @param {Field} other */
export function apart(one, other) {
  let sum = 0;
  for (let i = 0; i < CELLS; i++) sum += Math.hypot(one[i] - other[i], one[CELLS + i] - other[CELLS + i]);
  return sum / CELLS;
}

/** The variance of each cell's color over colorings, the mean of a's and b's, (ab / 128)^2. @param {Field[]} fields */
export function variances(fields) {
  const mean = mixed(fields, fields.map(() => 1)), cells = new Float32Array(CELLS);
  for (const field of fields) for (let i = 0; i < CELLS; i++) cells[i] += ((field[i] - mean[i]) ** 2 + (field[CELLS + i] - mean[CELLS + i]) ** 2) / 2 / fields.length;
  return cells;
}
