/** Where the hand begins in each model: at the portrait's code, or at a draw of the prior. */
import {draw} from '../../../../web/engine/model-store.mjs';
import {GAN, LATENTS, MODELS} from './models.mjs';
import {found, leading, portrait} from './portrait.mjs';

/**
 * @typedef {{z: number[], said: string}} Start  said: what of it is not the portrait's code
 * @typedef {'portrait' | 'dice'} From
 */

const UNSEARCHED =
  'The GAN has no encoder. Until its search above has found the portrait’s z, it begins with a draw of the prior.';
const NO_PORTRAIT = 'There is no portrait yet: it begins with a draw of the prior.';

/**
 * A code for each model.
 * @param {From} from
 * @param {number} seed  of the draw
 * @returns {Promise<Record<string, Start>>}
 */
export async function startsOf(from, seed) {
  const drawn = [...(await draw(1, LATENTS, seed))];
  return Object.fromEntries(MODELS.map(({name}) => [name, startOf(name, from, drawn)]));
}

/** @param {string} name @param {From} from @param {number[]} drawn @returns {Start} */
function startOf(name, from, drawn) {
  if (from === 'dice') return {z: drawn, said: ''};
  if (!portrait.value) return {z: drawn, said: NO_PORTRAIT};
  const z = name === GAN ? leading() : portrait.value.codes[name]?.mean;
  return z ? {z, said: ''} : {z: drawn, said: name === GAN ? UNSEARCHED : (portrait.value.missing[name] ?? '')};
}

/** The portrait changed, or what was searched of it. @param {() => void} hear */
export function onStart(hear) {
  portrait.subscribe(hear);
  found.subscribe(hear);
}
