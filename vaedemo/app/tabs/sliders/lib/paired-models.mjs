/** The models that the Sliders tab chooses from, and what its hero and folds share. */
import {decoder, facts, latents} from '../../../../web/engine/model-store.mjs';
import {Store} from '../../../../web/page/store.mjs';
import {ownersOf, toldBy} from './pairing.mjs';

/** Sigma of a latent's codes from which its slider is wider than the prior. */
const WIDER = 1.5;

/**
 * @typedef {{title: string, ink: boolean, side: number, models: Record<string, string>, examples: string[],
 *   opening: number, prefix?: string, draws: import('../../../../web/ui/drawing-pad.mjs').Subject, hint: string}} Kind
 *   models: what each is called beside the others; ink: drawings, dark on a light page; side: pixels of a picture;
 *   examples: the values of the first factor, in the order of the codes; opening: which of them is
 *   shown first; prefix: of the names of other factors; draws, hint: what people give, and what they should know
 */

const numbered = (what, count) => Array.from({length: count}, (_, i) => `${what} ${i + 1}`);
/** @type {Record<string, Kind>} */
export const KINDS = {
  sprites: {
    title: 'Sprites',
    ink: true,
    side: 64,
    examples: ['a square', 'an ellipse', 'a heart'],
    opening: 2,
    draws: 'shape',
    hint: 'Draw one outline: it is filled, and it stays where you draw it. Place and size are what the latents tell.',
    models: {sprites: 'beta-TCVAE', 'sprites-vae': 'VAE', 'sprites-factor': 'FactorVAE', 'sprites-beta': 'beta-VAE'},
  },
  turntable: {
    title: 'Turntable',
    ink: false,
    side: 64,
    examples: numbered('thing', 12),
    opening: 0,
    draws: 'photo',
    hint: 'The things it learned from lie on black and fill the picture. Before another ground it guesses.',
    models: {turntable: 'DC-IGN', 'turntable-vae': 'VAE'},
  },
  lighting: {
    title: 'Lighting',
    ink: false,
    side: 64,
    prefix: 'light ',
    examples: numbered('face', 12),
    opening: 0,
    draws: 'photo',
    hint: 'It learned from faces that look ahead and fill the picture, from brow to chin, under one lamp.',
    models: {lighting: 'DC-IGN'},
  },
  faces: {
    title: 'Faces',
    ink: false,
    side: 64,
    examples: numbered('face', 12),
    opening: 0,
    draws: 'photo',
    hint: 'The face is found and put in place first. It learned from celebrities who face the camera.',
    models: {'faces-vae': 'VAE, 64 latents'},
  },
  digits: {
    title: 'Digits',
    ink: true,
    side: 28,
    examples: Array.from('0123456789', digit => `a ${digit}`),
    opening: 3,
    draws: 'digit',
    hint: 'A digit is centred and scaled as those of the training were.',
    models: {digits: 'VAE, 32 latents'},
  },
};

/** The models of a kind that are shown unless others are chosen. @param {Kind} kind */
export const firstOf = kind => Object.keys(kind.models).slice(0, 2);

/** @param {string[]} names  of models @returns {Kind} */
export const kindOf = names => Object.values(KINDS).find(kind => names[0] in kind.models);

/** Everything that may stand in a link. The first is what the tab opens with. */
export const LINKS = Object.values(KINDS).flatMap(({models}) => {
  const names = Object.keys(models);
  return [...names.flatMap(left => names.filter(right => right !== left).map(right => `${left}~${right}`)), ...names];
});

/**
 * @typedef {import('./pairing.mjs').Row} Row
 * @typedef {import('./pairing.mjs').Measured & {title: string, examples: number[][][], metrics: Record<string, any>,
 *   open: import('../../../../web/engine/live-decoder.mjs').LiveDecoder}} Model
 *   examples: codes by the first factor's value; metrics: of the model's card
 * @typedef {{kind: Kind, models: Model[], rows: Row[], codes: number[][], locked: (row: Row) => boolean}} Shown
 *   What is shown now. rows: the sliders; codes: z of each model
 * @typedef {{model: number, planes: Uint8Array}} Picture  model: 0 the left one, 1 the right one
 * @typedef {{codes: number[][], onward?: boolean}} Move
 *   codes: z of each model; onward: one more step of the last move, Undo goes to before that one
 */

/** What the hero shows; `how` tells whether other models are shown, or the same at other codes. */
export const shownNow = /** @type {Store<Shown, 'models' | 'codes'>} */ (new Store());

/** The picture that was decoded last. */
export const decodedNow = /** @type {Store<Picture>} */ (new Store());

/** Where a fold asks the hero's sliders to go. */
export const moves = /** @type {Store<Move>} */ (new Store());

/** What a person's picture costs where the sliders stand, in words, for each model; '' for none. */
export const costs = /** @type {Store<[string, string]>} */ (new Store(['', '']));

/** @param {string} name @returns {Promise<Model>} */
export async function opened(name) {
  // Asked first: a decoder would ask for ever for a model that is nowhere.
  const {recipe, factors, metrics} = await facts(name);
  const [open, {kl, std, examples, information}] = await Promise.all([decoder(name, 'pull'), latents(name)]);
  const kind = kindOf([name]);
  const share = (d, f) => (information ? information.data[d * factors.length + f] : 0);
  return {
    name,
    title: kind.models[name],
    open,
    factors,
    metrics,
    kl: [...kl.data],
    told: toldBy(kl.data.length, factors, share),
    owned: ownersOf(recipe.net.codes, kl.data.length, factors, share, kind.prefix ?? ''),
    examples: byClass(examples),
    wide: Array.from(std.data, sigma => (sigma > WIDER ? sigma : 1)),
  };
}

/** Codes (classes * 3, Z) by class: [class][k] -> number[]. */
function byClass({data, shape}) {
  const [n, z] = shape;
  const rows = Array.from({length: n}, (_, i) => [...data.subarray(i * z, (i + 1) * z)]);
  return Array.from({length: n / 3}, (_, c) => rows.slice(3 * c, 3 * c + 3));
}
