/**
 * The face that the Attributes tab describes, one z and one y, and the decoder that draws it: shared by its folds, and
 * kept in the address.
 */
import {decoderOf, draw, facts} from '../../../../web/engine/model-store.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {Store} from '../../../../web/page/store.mjs';
import {UrlState} from '../../../../web/page/url-state.mjs';
import {asked, plain} from './descriptions.mjs';

/** Its encoder gives z of a photo, its decoder the mean of p(x|z, y). */
export const MODEL = 'faces-cvae';
/** A decoder of the same z and y that a critic has taught: no mean, but one plausible picture. */
export const SHARP = 'faces-sharp';
export const MOST = 24; // people of one seed

/**
 * @typedef {import('../../../../web/engine/live-decoder.mjs').LiveDecoder} LiveDecoder
 * @typedef {{open: LiveDecoder, instead: string}} Drawer  instead: why it draws in place of the one that was chosen,
 *   or ''
 * @typedef {{shape: [number, number, number], names: string[], labels: string[], latents: number}} Faces
 *   shape: of a picture; names: the attributes as the data set calls them; labels: as people do; latents: how many
 *   numbers z has
 * @typedef {{seed: number, row: number, z: number[], y: number[]}} Face  z is the row of what the seed draws, or no
 *   draw: seed -1
 * @typedef {'slider' | 'swing' | 'dice' | 'undo' | 'grid' | 'photo'} Hand  whose change of the face it was; swing: a
 *   slider that moves by itself
 */

/** The face in view, once there is one. @type {Store<Face, Hand>} */
export const describedFace = new Store();

/** Who draws the faces of all folds: SHARP, or MODEL by the switch "Smooth". @type {Store<Drawer>} */
export const drawer = new Store();

/** The sliders' part of the address: the face is theirs, whoever changes it. */
const address = new UrlState({tab: 'attributes', fold: 'attribute-sliders'});
/** The tab's part: who draws is the choice of all folds. */
const tabAddress = new UrlState({tab: 'attributes', fold: null});

/** @type {Promise<Faces> | null} */
let faces = null;

/** The models' attributes; then the link's decoder and its face are in their stores. @returns {Promise<Faces>} */
export function opened() {
  faces ??= begin();
  faces.catch(() => {
    faces = null;
  });
  return faces;
}

/** @returns {Promise<Faces>} */
async function begin() {
  await chooseDecoder(tabAddress.whole('smooth', 0) === 1);
  const open = drawing();
  const {names, usual} = await attributesOf(open.name);
  const latents = open.inputs - names.length;
  const seed = address.whole('face', 1);
  const row = address.whole('person', 0);
  const z = (await people(latents, seed, row + 1))[row];
  describedFace.publish({seed, row, z, y: address.numbers('asked', names.length) ?? usual});
  return {shape: open.shape, names, labels: names.map(plain), latents};
}

/** The decoder that draws the faces now. There is one once opened() is done. */
export const drawing = () => /** @type {Drawer} */ (drawer.value).open;

/** A decoder of described faces: one hand pulls them all. @param {string} name */
export const decoderBy = name => decoderOf(name, 'describe');

/**
 * Chooses who draws the faces of all folds: the mean of p(x|z, y), or the decoder that a critic taught. Where that one
 * is not here the mean is drawn, and said to be. Throws a RequestError where neither is.
 */
export const chooseDecoder = newest(async (signal, /** @type {boolean} */ smooth) => {
  let instead = '';
  const chosen = decoderBy(smooth ? MODEL : SHARP);
  const open = await chosen.catch(error => {
    if (smooth) throw error;
    instead = `${error.message} ${MODEL} draws the faces.`;
    return decoderBy(MODEL);
  });
  signal.throwIfAborted();
  tabAddress.set({smooth: open.name === MODEL ? 1 : null});
  drawer.publish({open, instead});
});

/**
 * The attributes of a model, and what a description says of them where nobody asked for anything else.
 * @param {string} model
 * @returns {Promise<{names: string[], usual: number[]}>}
 */
export async function attributesOf(model) {
  const {recipe, usual = {}} = await facts(model);
  const names = /** @type {string[]} */ (recipe.net.attributes);
  return {names, usual: names.map(name => usual[name])};
}

/**
 * The first z of a seed; the k-th does not depend on how many are asked for.
 * @param {number} latents
 * @param {number} seed
 * @param {number} count
 * @returns {Promise<number[][]>}
 */
export async function people(latents, seed, count) {
  const all = await draw(count, latents, seed);
  return Array.from({length: count}, (_, i) => [...all.subarray(i * latents, (i + 1) * latents)]);
}

/**
 * Another z, another y, or both.
 * @param {Partial<Face>} change
 * @param {Hand} hand
 */
export function describe(change, hand) {
  const face = /** @type {Face} */ ({...describedFace.value, ...change});
  if (hand !== 'swing')
    address.set({
      face: face.seed < 0 ? null : face.seed,
      person: face.row || null,
      asked: face.y.map(value => +value.toFixed(2)).join(),
    });
  describedFace.publish(face, hand);
}

/** Python that draws this face. @param {string} model @param {string[]} names @param {Face} face */
export function python(model, names, {seed, row, z, y}) {
  const drawn = `torch.from_numpy(draw(${row + 1}, model.z, seed=${seed})${row ? `[${row}:]` : ''})`;
  const given = `torch.tensor([[${z.map(value => value.toFixed(2)).join(', ')}]])`;
  return `import torch, vaedemo
from vaedemo.latents import draw

model = vaedemo.load("${model}")
z = ${seed < 0 ? given : drawn}
y = ${asked(names, y)}[None]  # (1, A)
picture = model.render(model.decode(z, y))  # (1, 3, 64, 64)${model === MODEL ? ', the mean of p(x|z, y)' : ''}`;
}

/** What Python says of several pictures of a model, beside their shape. @param {string} model */
export const meansOf = model => (model === MODEL ? ', means of p(x|z, y)' : '');
