/**
 * What the Sliders tab shows: the models to choose from, how two of them share one bank, and what its folds hear of
 * it.
 */
import {decoder, facts, latents} from '../../../../web/engine/model-store.mjs';
import {DEAD} from '../../../../web/ui/sliders.mjs';

/** A bank's most sliders. */
export const SLIDERS = 10;
/** Parts of a factor's entropy below which a latent is not said to tell of it, and parts of what it tells most of. */
const LEAST = 0.05;
const BESIDE = 0.25;
/** Sigma of a latent's codes from which its slider is wider than the prior. */
const WIDER = 1.5;

/**
 * @typedef {{title: string, ink: boolean, side: number, models: Record<string, string>, examples: string[], opening:
 *   number, prefix?: string,
 *   draws: import('../../../../web/ui/drawing-pad.mjs').Subject, hint: string}} Kind
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
/** @param {string[]} names */
export const kindOf = names => Object.values(KINDS).find(kind => names[0] in kind.models);
/** Everything that may stand in a link. The first is what the tab opens with. */
export const LINKS = Object.values(KINDS).flatMap(({models}) => {
  const names = Object.keys(models);
  return [...names.flatMap(left => names.filter(right => right !== left).map(right => `${left}~${right}`)), ...names];
});

/**
 * @typedef {{factor: string, share: number}} Told  share: of the factor's entropy
 * @typedef {{name: string, title: string, open: import('../../../../web/engine/live-decoder.mjs').LiveDecoder, kl:
 *   number[],
 *   told: Told[][], owned: (Told & {label: string} | null)[], examples: number[][][], wide: number[], facts: any}}
 *   Model
 *   told: what each latent tells, the most first; owned: whose it is, in a model that was told so in training (DC-IGN);
 *   wide: sigma of the Gaussian that a latent's slider runs through, the prior's 1 or, where codes spread wider, theirs
 */

/** @param {string} name @returns {Promise<Model>} */
export async function opened(name) {
  const known = await facts(name); // first: where no source has the model, a decoder would go on asking
  const [
    open,
    {
      kl: {data: kl},
      std: {data: std},
      examples,
      information,
    },
  ] = await Promise.all([decoder(name, 'pull'), latents(name)]);
  const kind = kindOf([name]);
  const {factors} = known;
  const share = (d, f) => (information ? information.data[d * factors.length + f] : 0);
  const told = Array.from(kl, (_, d) =>
    factors
      .map((factor, f) => ({factor, share: share(d, f)}))
      .filter(one => one.share >= LEAST)
      .sort((a, b) => b.share - a.share),
  );
  return {
    name,
    title: kind.models[name],
    open,
    kl: Array.from(kl),
    told,
    facts: known,
    owned: owners(known.recipe.net.codes, kl.length, factors, share, kind.prefix ?? ''),
    examples: byClass(examples),
    wide: Array.from(std, sigma => (sigma > WIDER ? sigma : 1)),
  };
}

/**
 * DC-IGN's latents: its codes belong to the factors after the first, the rest to the first, which says who or what it
 * is.
 */
function owners(codes, z, factors, share, prefix) {
  if (!codes) return Array(z).fill(null);
  const named = codes.flatMap((count, i) =>
    Array.from({length: count}, (_, k) => ({
      f: i + 1,
      label: prefix + factors[i + 1] + (count > 1 ? ` ${k + 1}` : ''),
    })),
  );
  const rest = Array.from({length: z - named.length}, (_, k) => ({f: 0, label: `identity ${k + 1}`}));
  return [...named, ...rest].map(({f, label}, d) => ({label, factor: factors[f], share: share(d, f)}));
}

/** Codes (classes * 3, Z) by class: [class][k] -> number[]. */
function byClass({data, shape: [n, z]}) {
  const rows = Array.from({length: n}, (_, i) => [...data.subarray(i * z, (i + 1) * z)]);
  return Array.from({length: n / 3}, (_, c) => rows.slice(3 * c, 3 * c + 3));
}

/**
 * @typedef {{d: number, partner: number | null, label: string, title: string, note: string, words: string, wide:
 *   number}} Row
 *   A slider: the left model's latent d, the right one's `partner`. note: what the right latent tells; wide: see Model.
 */

/**
 * The bank's rows: the left model's latents, named factors first, then by KL.
 * @param {Model[]} models
 * @returns {Row[]}
 */
export function rowsOf([left, right]) {
  const order = byKl(left);
  const first = [...order.keys()].filter(d => named(left, d));
  const shown = [...first, ...order.filter(d => !first.includes(d))].slice(0, SLIDERS);
  const partners = right ? paired(left, right, shown) : [];
  return shown.map((d, i) => row(left, d, right, right ? partners[i] : null, shown));
}

const byKl = ({kl}) => [...kl.keys()].sort((a, b) => kl[b] - kl[a]);
const named = ({owned}, d) => owned[d] !== null && !owned[d].label.startsWith('identity');

/**
 * For each latent of the left model the right one's that tells most of the same factor, each once; what is left, by
 * KL.
 */
function paired(left, right, shown) {
  const free = byKl(right);
  const taken = new Map();
  for (const d of shown) {
    const factor = left.owned[d]?.factor ?? left.told[d][0]?.factor;
    const about = p => right.told[p].find(one => one.factor === factor)?.share ?? 0;
    const best = free.reduce((a, b) => (about(b) > about(a) ? b : a), free[0]);
    if (about(best)) (free.splice(free.indexOf(best), 1), taken.set(d, best));
  }
  return shown.map(d => taken.get(d) ?? free.shift() ?? null);
}

const amount = share => share.toFixed(2);
const listed = (told, most = 2) =>
  told
    .slice(0, most)
    .map(({factor, share}) => `${factor} ${amount(share)}`)
    .join(', ');
const alive = (model, d) => model.kl[d] >= DEAD;
const factorsOf = (model, d) =>
  (model.owned[d] ? [model.owned[d]] : model.told[d].filter(({share}, _, [most]) => share > BESIDE * most.share)).map(
    ({factor, share}) => `${factor} (${amount(share)})`,
  );
const joined = words => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`);

function row(left, d, right, partner, shown) {
  const owner = left.owned[d];
  const [first] = left.told[d];
  const place = shown.filter(other => left.owned[other] && !named(left, other)).indexOf(d) + 1;
  const label = owner
    ? place
      ? `identity ${place}`
      : `${owner.label}, ${amount(owner.share)}`
    : first && alive(left, d)
      ? `${first.factor}, ${amount(first.share)}`
      : `z${d}`;
  const note =
    partner === null ? '' : !alive(right, partner) ? 'dead' : listed(right.told[partner]) || 'nothing by itself';
  const about = (model, latent) =>
    `z${latent} of ${model.name}: KL ${model.kl[latent].toFixed(2)} nats` +
    (model.told[latent].length ? `; tells ${listed(model.told[latent], 9)}, in parts of that factor's entropy` : '');
  const title = [about(left, d), ...(partner === null ? [] : [about(right, partner)])].join('\n');
  return {d, partner, label, note, title, words: sentence(left, d, right, partner), wide: left.wide[d]};
}

/** What a slider turns, in words: of what was measured, it names the factors. */
function sentence(left, d, right, partner) {
  const turns = (model, latent) =>
    !alive(model, latent)
      ? 'nothing: its latent is dead'
      : joined(factorsOf(model, latent)) || (model.facts.factors.length ? 'no factor by itself' : '');
  const here = turns(left, d);
  if (!right) return here ? `This slider turns ${here}.` : `z${d} carries ${left.kl[d].toFixed(2)} nats.`;
  return `Left, this slider turns ${here}. Right, ${partner === null ? 'it moves nothing' : turns(right, partner)}.`;
}

/**
 * What is shown now, for the folds below. codes: z of each model; rows: the sliders.
 * @typedef {{kind: Kind, models: Model[], rows: Row[], codes: number[][], locked: (row: Row) => boolean}} Shown
 */
const events = new EventTarget();
/** @type {Shown | null} */
let shown = null;

/** @param {(shown: Shown, what: 'models' | 'codes') => void} hear  told of what is there already, too */
export function onShown(hear) {
  events.addEventListener('shown', event => hear(shown, /** @type {CustomEvent} */ (event).detail));
  if (shown) hear(shown, 'models');
}

/** Other models, or other codes, are shown. @param {Shown} next @param {'models' | 'codes'} what */
export function tellShown(next, what) {
  shown = next;
  events.dispatchEvent(new CustomEvent('shown', {detail: what}));
}

/** A picture was decoded: which model's, and its bytes. @param {(i: number, planes: Uint8Array) => void} hear */
export const onPlanes = hear =>
  events.addEventListener('planes', event => hear(.../** @type {CustomEvent} */ (event).detail));
/** @param {number} i @param {Uint8Array} planes */
export const tellPlanes = (i, planes) => {
  events.dispatchEvent(new CustomEvent('planes', {detail: [i, planes]}));
};

/** A fold asks the hand to go to codes, one a model. @param {(codes: number[][], onward: boolean) => void} hear */
export const onGo = hear =>
  events.addEventListener('go', event => hear(.../** @type {CustomEvent} */ (event).detail));
/** @param {number[][]} codes @param {boolean} [onward]  one more step of the last move: Undo goes to before it */
export const goTo = (codes, onward = false) => {
  events.dispatchEvent(new CustomEvent('go', {detail: [codes, onward]}));
};

/**
 * What a person's picture costs where the sliders stand, in words; '' for none.
 * @param {(i: number, words: string) => void} hear
 */
export const onCost = hear =>
  events.addEventListener('cost', event => hear(.../** @type {CustomEvent} */ (event).detail));
/** @param {number} i @param {string} words */
export const tellCost = (i, words) => {
  events.dispatchEvent(new CustomEvent('cost', {detail: [i, words]}));
};
