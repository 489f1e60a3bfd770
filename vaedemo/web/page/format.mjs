/** Numbers in words. */

/** @param {number[]} values @param {number} [digits] */
export const shown = (values, digits = 2) => values.map(value => value.toFixed(digits).replace('-', '−')).join(', ');

/** @param {number} value */
export const nats = value => `${value.toFixed(1)} nats`;

/** A part of one in words. @param {number} part */
export const percent = part => (part > 0 && part < 0.005 ? '<1 %' : `${Math.round(100 * part)} %`);
