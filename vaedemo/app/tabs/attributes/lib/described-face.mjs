/** The face that the Attributes tab describes: one z and one y, shared by its folds, and kept in the address. */
import * as address from '../../../../web/page/url-state.mjs';
import {decoderOf} from '../../../../web/engine/model-store.mjs';
import {draw, facts} from '../../../../web/engine/model-store.mjs';

export const MODEL = 'faces-cvae';
export const SHARP = 'faces-sharp';
export const SEEDS = 1_000_000_000;
export const MOST = 24; // people of one seed
/** Who moves the slider that moves by itself. */
export const SWING = 'swing';
/** What is said of a person's photo: what one wears, hair, beard, mouth; not whom a net takes one for. */
export const SAID = new Set([
  'Smiling',
  'Eyeglasses',
  'Wearing_Hat',
  'Mouth_Slightly_Open',
  'Bangs',
  'Bald',
  'Black_Hair',
  'Blond_Hair',
  'Brown_Hair',
  'Gray_Hair',
  'Receding_Hairline',
  'Mustache',
  'Goatee',
  'Sideburns',
]);
/** What a description says where nobody asked for anything else; other attributes are not there. */
const USUAL = {Young: 1, No_Beard: 1, Brown_Hair: 1};
/** @param {string[]} names  attributes */
export const usual = names => names.map(name => USUAL[name] ?? -1);

/**
 * @typedef {{open: import('../../../../web/engine/live-decoder.mjs').LiveDecoder, names: string[], labels: string[],
 *   latents: number}} Faces
 *   names: the attributes as the data set calls them; labels: as people do; latents: how many numbers z has
 * @typedef {{seed: number, row: number, z: number[], y: number[]}} Face  z is the row of what the seed draws, or no
 *   draw: seed -1
 */
const events = new EventTarget();
/** @type {Face | null} */ let face = null;
/** @type {Promise<Faces> | null} */ let faces = null;

/** @param {string} name  of an attribute */
export const plain = name =>
  name
    .replace('Wearing_', '')
    .replace('Eyeglasses', 'glasses')
    .replace('Smiling', 'smile')
    .replaceAll('_', ' ')
    .toLowerCase();

/** The model, its attributes, and the face that the link holds. @returns {Promise<Faces>} */
export function opened() {
  faces ??= begin();
  faces.catch(() => {
    faces = null;
  });
  return faces;
}

async function begin() {
  const open = await decoderOf(MODEL, 'describe');
  const names = (await facts(MODEL)).recipe.net.attributes;
  const latents = open.inputs - names.length;
  const seed = address.whole('face', 0, SEEDS - 1, 1);
  const row = address.whole('person', 0, MOST - 1, 0);
  const y = address.numbers('asked', names.length, 1);
  face = {seed, row, z: (await people(latents, seed, row + 1))[row], y: y ?? usual(names)};
  return {open, names, labels: names.map(plain), latents};
}

/** The first z of a seed; the k-th does not depend on how many are asked for. @returns {Promise<number[][]>} */
export async function people(latents, seed, count) {
  const all = await draw(count, latents, seed);
  return Array.from({length: count}, (_, i) => [...all.subarray(i * latents, (i + 1) * latents)]);
}

/**
 * The face in view changed, by whose hand: told now, and then every time.
 * @param {(face: Face, who: string) => void} hear
 */
export function onFace(hear) {
  events.addEventListener('face', event => hear(face, /** @type {CustomEvent} */ (event).detail));
  if (face) hear(face, '');
}

/** Another z, another y, or both. @param {Partial<Face>} news @param {string} who */
export function describe(news, who, keep = true) {
  face = {...face, ...news};
  if (keep)
    address.set({
      face: face.seed < 0 ? null : face.seed,
      person: face.row || null,
      asked: face.y.map(value => +value.toFixed(2)).join(),
    });
  events.dispatchEvent(new CustomEvent('face', {detail: who}));
}

/** What is asked for, in words. @param {string[]} labels @param {number[]} y */
export function words(labels, y) {
  const there = labels.filter((_, i) => y[i] > 0.25);
  return there.length ? there.join(', ') : 'none of these attributes';
}

/** A description in Python, (A,). @param {string[]} names @param {number[]} y */
export const asked = (names, y) =>
  `model.asked({${names.map((name, i) => `"${name}": ${+y[i].toFixed(2)}`).join(', ')}})`;

/**
 * `count` descriptions in which one attribute passes from -1 to 1.
 * @param {number[]} y
 * @param {number} i
 * @param {number} count
 */
export const passing = (y, i, count) => Array.from({length: count}, (_, k) => y.with(i, -1 + (2 * k) / (count - 1)));

/** Python that draws this face. @param {string} model @param {string[]} names @param {Face} face */
export const python = (model, names, {seed, row, z, y}) => `import torch, vaedemo
from vaedemo.latents import draw

model = vaedemo.load("${model}")
z = ${seed < 0 ? `torch.tensor([[${z.map(value => value.toFixed(2)).join(', ')}]])` : `torch.from_numpy(draw(${row + 1}, model.z, seed=${seed})${row ? `[${row}:]` : ''})`}
y = ${asked(names, y)}[None]  # (1, A)
picture = model.render(model.decode(z, y))  # (1, 3, 64, 64)${model === MODEL ? ', the mean of p(x|z, y)' : ''}`;
