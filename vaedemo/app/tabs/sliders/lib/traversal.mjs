/** Values and codes along one latent. Pure: nothing here touches the page. */
import {cdf, quantile} from '../../../../web/engine/normal.mjs';

const ENDS = [0.02, 0.98]; // quantiles

/**
 * `count` values of a latent, equal masses of a Gaussian apart.
 * @param {number} count
 * @param {{wide: number}} [row]  wide: the Gaussian's sigma
 */
export const through = (count, {wide} = {wide: 1}) =>
  Array.from({length: count}, (_, i) => wide * quantile(ENDS[0] + ((ENDS[1] - ENDS[0]) * i) / (count - 1)));

/** Where a value lies between the ends of `through`, from 0 to 1. @param {number} value @param {{wide: number}} row */
export const along = (value, {wide}) => Math.max(0, Math.min(1, (cdf(value / wide) - ENDS[0]) / (ENDS[1] - ENDS[0])));

/**
 * z of each model with one slider elsewhere; the other sliders stay.
 * @param {{codes: number[][]}} shown  z of each model
 * @param {{d: number, partner: number | null}} row
 * @param {number} value  of the left model's latent; the right model's goes along by as much
 */
export function pulledTo({codes: [left, right]}, {d, partner}, value) {
  const pulled = [left.with(d, value)];
  if (!right) return pulled;
  return [...pulled, partner === null ? [...right] : right.with(partner, right[partner] + value - left[d])];
}
