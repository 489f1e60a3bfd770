/** Fetches what the next stop needs while the one before it is shown. */
import {decoder, facts, latents} from '../engine/model-store.mjs';
import {ROOT} from '../engine/root.mjs';

/**
 * Its modules, and its models. What fails here is asked for again when the stop is shown, and said then.
 * @param {Pick<import('./tour-events.mjs').Stop, 'tab' | 'fold' | 'models'>} stop
 */
export function fetchAhead({tab, fold, models}) {
  const folder = `${ROOT}vaedemo/app/tabs/${tab}`;
  const modules = [`${folder}/hero.mjs`, ...(fold === null ? [] : [`${folder}/folds/${fold}.mjs`])];
  for (const address of modules) import(address).catch(() => {});
  for (const name of models) open(name).catch(() => {});
}

/** @param {string} name */
async function open(name) {
  await facts(name); // a decoder would ask for ever for a model that is nowhere
  await Promise.all([decoder(name, 'ahead'), latents(name)]);
}
