/**
 * How two models share one bank of sliders: which latents it holds, which latent of the right model goes along with
 * one of the left, and what that turns, in words. Pure: nothing here touches the page.
 */
import {DEAD} from '../../../../web/ui/sliders.mjs';

/** A bank's most sliders. */
const SLIDERS = 10;
/** Parts of a factor's entropy below which a latent is not said to tell of it. */
const LEAST = 0.05;
/** Parts of what a latent tells most of, above which it is said to tell of another factor too. */
const BESIDE = 0.25;

/**
 * @typedef {{factor: string, share: number}} Told  share: of the factor's entropy
 * @typedef {Told & {label: string}} Owner
 * @typedef {{name: string, kl: number[], told: Told[][], owned: (Owner | null)[], wide: number[], factors: string[]}}
 *   Measured  what was measured of a model's latents.
 *   told: what each latent tells, the most first; owned: whose it is, in a model that was told so in training (DC-IGN);
 *   wide: sigma of the Gaussian that a latent's slider runs through, the prior's 1 or, where codes spread wider, theirs
 * @typedef {{d: number, partner: number | null, label: string, title: string, note: string, words: string,
 *   wide: number}} Row
 *   A slider: the left model's latent d, the right one's `partner`. note: what the right latent tells; words: what the
 *   slider turns
 */

/**
 * What each latent tells of the factors, the most first.
 * @param {number} latents
 * @param {string[]} factors
 * @param {(d: number, f: number) => number} share  of factor f's entropy that latent d tells
 * @returns {Told[][]}
 */
export const toldBy = (latents, factors, share) =>
  Array.from({length: latents}, (_, d) =>
    factors
      .map((factor, f) => ({factor, share: share(d, f)}))
      .filter(one => one.share >= LEAST)
      .sort((a, b) => b.share - a.share),
  );

/**
 * Whose each latent is. DC-IGN's codes belong to the factors after the first; the rest belong to the first, which says
 * who or what it is. A model without codes has no owners.
 * @param {number[] | undefined} codes  how many latents each factor after the first has
 * @param {number} latents
 * @param {string[]} factors
 * @param {(d: number, f: number) => number} share
 * @param {string} prefix  of the names of factors after the first
 * @returns {(Owner | null)[]}
 */
export function ownersOf(codes, latents, factors, share, prefix) {
  if (!codes) return Array(latents).fill(null);
  const named = codes.flatMap((count, i) =>
    Array.from({length: count}, (_, k) => ({
      f: i + 1,
      label: prefix + factors[i + 1] + (count > 1 ? ` ${k + 1}` : ''),
    })),
  );
  const rest = Array.from({length: latents - named.length}, (_, k) => ({f: 0, label: `identity ${k + 1}`}));
  return [...named, ...rest].map(({f, label}, d) => ({label, factor: factors[f], share: share(d, f)}));
}

/**
 * The bank's rows: the left model's latents, named factors first, then by KL.
 * @param {Measured[]} models  one, or the left and the right one
 * @returns {Row[]}
 */
export function rowsOf([left, right]) {
  const order = byKl(left);
  const first = [...order.keys()].filter(d => isNamed(left, d));
  const latents = [...first, ...order.filter(d => !first.includes(d))].slice(0, SLIDERS);
  const partners = right ? partnersOf(left, right, latents) : [];
  return latents.map((d, i) => rowOf(left, d, right, right ? partners[i] : null, latents));
}

/** Latents, the one of the largest KL first. @param {Measured} model */
const byKl = ({kl}) => [...kl.keys()].sort((a, b) => kl[b] - kl[a]);

/** @param {Measured} model @param {number} d */
const isNamed = ({owned}, d) => owned[d] !== null && !owned[d].label.startsWith('identity');

/** @param {Measured} model @param {number} d */
const isAlive = ({kl}, d) => kl[d] >= DEAD;

/**
 * For each latent of the left model the right one's that tells most of the same factor, each once; those that are left
 * over go by KL.
 * @param {Measured} left
 * @param {Measured} right
 * @param {number[]} latents  of the left model
 * @returns {(number | null)[]}
 */
export function partnersOf(left, right, latents) {
  const free = byKl(right);
  /** @type {Map<number, number>} */
  const taken = new Map();
  for (const d of latents) {
    const factor = left.owned[d]?.factor ?? left.told[d][0]?.factor;
    const about = p => right.told[p].find(one => one.factor === factor)?.share ?? 0;
    const best = free.reduce((a, b) => (about(b) > about(a) ? b : a), free[0]);
    if (best === undefined || !about(best)) continue;
    free.splice(free.indexOf(best), 1);
    taken.set(d, best);
  }
  return latents.map(d => taken.get(d) ?? free.shift() ?? null);
}

/** @param {Told[]} told @param {number} [most]  how many of them */
const listed = (told, most = 2) =>
  told
    .slice(0, most)
    .map(({factor, share}) => `${factor} ${share.toFixed(2)}`)
    .join(', ');

/** @param {string[]} words */
const joined = words => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`);

/** @returns {Row} */
function rowOf(left, d, right, partner, latents) {
  const title = [about(left, d), ...(partner === null ? [] : [about(right, partner)])].join('\n');
  const note = partner === null ? '' : noteOf(right, partner);
  return {
    d,
    partner,
    label: labelOf(left, d, latents),
    note,
    title,
    words: sentence(left, d, right, partner),
    wide: left.wide[d],
  };
}

/** @param {Measured} left @param {number} d @param {number[]} latents  of the bank */
function labelOf(left, d, latents) {
  const owner = left.owned[d];
  if (owner && isNamed(left, d)) return `${owner.label}, ${owner.share.toFixed(2)}`;
  // Identities are counted in the order of the bank.
  if (owner) return `identity ${latents.filter(other => !isNamed(left, other)).indexOf(d) + 1}`;
  const [first] = left.told[d];
  return first && isAlive(left, d) ? `${first.factor}, ${first.share.toFixed(2)}` : `z${d}`;
}

/** @param {Measured} right @param {number} partner */
function noteOf(right, partner) {
  if (!isAlive(right, partner)) return 'dead';
  return listed(right.told[partner]) || 'nothing by itself';
}

/** @param {Measured} model @param {number} d */
function about({name, kl, told}, d) {
  const tells = told[d].length ? `; tells ${listed(told[d], 9)}, in parts of that factor's entropy` : '';
  return `z${d} of ${name}: KL ${kl[d].toFixed(2)} nats${tells}`;
}

/**
 * What a latent turns, in words: of what was measured, it names the factors.
 * @param {Measured} model
 * @param {number} d
 */
function turnedBy(model, d) {
  if (!isAlive(model, d)) return 'nothing: its latent is dead';
  const owner = model.owned[d];
  const told = owner ? [owner] : model.told[d].filter(({share}, _, [most]) => share > BESIDE * most.share);
  const names = joined(told.map(({factor, share}) => `${factor} (${share.toFixed(2)})`));
  return names || (model.factors.length ? 'no factor by itself' : '');
}

/** What a slider turns. */
function sentence(left, d, right, partner) {
  const here = turnedBy(left, d);
  if (!right) return here ? `This slider turns ${here}.` : `z${d} carries ${left.kl[d].toFixed(2)} nats.`;
  const there = partner === null ? 'it moves nothing' : turnedBy(right, partner);
  return `Left, this slider turns ${here}. Right, ${there}.`;
}
