/** The labels that a visitor said: as a link holds them, and how many they are in words. */
import {COUNTS, LABELS} from './few-labels.mjs';

/** @typedef {import('./few-labels.mjs').Labelled} Labelled */

export const MOST = Math.max(...COUNTS);

/** @param {Labelled[]} known @param {number} n */
export function situation(known, n) {
  const all = n.toLocaleString('en');
  if (!known.length)
    return `Nobody has said what these ${all} digits are. Click a dot and say it: find one of each digit.`;
  const labels = new Set(known.map(({label}) => label));
  const missing = Array.from({length: LABELS}, (_, label) => label).filter(label => !labels.has(label));
  const still = missing.length ? `Still to be found: ${missing.join(', ')}.` : 'Each digit has been seen.';
  return `${known.length} of ${all} digits ${known.length === 1 ? 'has a label' : 'have labels'}. ${still}`;
}

/** Of a link: point * 10 + label, one digit once. @param {number[]} numbers @param {number} n @returns {Labelled[]} */
export function labelledOf(numbers, n) {
  const known = numbers
    .filter(number => Number.isInteger(number) && number >= 0 && number < n * LABELS)
    .slice(0, MOST)
    .map(number => ({point: Math.floor(number / LABELS), label: number % LABELS}));
  return known.filter(({point}, i) => known.findIndex(other => other.point === point) === i);
}
