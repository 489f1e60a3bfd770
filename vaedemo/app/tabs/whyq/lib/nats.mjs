/** Numbers of nats as they are written on the page, with a minus sign of its own. */

/** To a tenth, or where there are thousands to a whole nat. @param {number} value */
export const nats = value => value.toFixed(Math.abs(value) < 1000 ? 1 : 0).replace('-', '−');

/** A gap that is small is told to a hundredth: it is what one plays for. @param {number} value */
export const gapOf = value => `${value.toFixed(value < 10 ? 2 : 1)} nats`;
