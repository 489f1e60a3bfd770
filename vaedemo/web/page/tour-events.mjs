/** A guided stop asks a tab, or one of its folds, to show something. */
import {Store} from './store.mjs';

/**
 * @typedef {{title: string, sentence: string, chapter: string, minutes: number,
 *   notes: {ask: string, point: string, beware: string}, tab: string, fold: string | null,
 *   state: Record<string, string>, picture: string, models: string[]}} Stop  fold: null for what the tab opens
 *   with; picture: the thumbnail's address below the page's; models: what is decoded in the browser there
 */

/** @type {Store<Pick<Stop, 'tab' | 'fold' | 'state'>>} */
const stops = new Store();

/**
 * @param {{tab: string, fold: string | null}} place
 * @param {(state: Record<string, string>) => void} hear
 */
export function onStop(place, hear) {
  stops.subscribe(stop => {
    if (stop.tab === place.tab && stop.fold === place.fold) hear(stop.state);
  });
}

/** @param {Pick<Stop, 'tab' | 'fold' | 'state'>} stop */
export const setStop = stop => stops.publish(stop);
