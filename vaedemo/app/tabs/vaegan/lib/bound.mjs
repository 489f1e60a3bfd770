/** The ELBO of one picture, taken apart: what its pixels give, what z costs, and how a bar shows that. */

/**
 * @typedef {{rate: number, distortion: number}} Cost  in nats a picture
 * @typedef {{from: number, to: number}} Span  in percent of the width
 */

/** log P(X) is at least this, in nats. @param {Cost} cost */
export const elbo = ({rate, distortion}) => -distortion - rate;

/**
 * Bits that a value of 8 bits costs by the bound: a Gaussian's density, one level of 256 wide.
 * @param {Cost} cost
 * @param {number} values  of the picture
 */
export const bitsOfValue = (cost, values) => 8 - elbo(cost) / values / Math.LN2;

/**
 * All bars on one scale: where zero lies, and of each cost the span of E[log P(X | z)] from zero on, and the end of it
 * that z takes away.
 * @param {Cost[]} costs
 * @returns {{zero: number, spans: {pixels: Span, z: Span}[]}}
 */
export function spans(costs) {
  const least = Math.min(0, ...costs.map(elbo));
  const most = Math.max(0, ...costs.map(({distortion}) => -distortion));
  const percent = (/** @type {number} */ value) => (100 * (value - least)) / (most - least || 1);
  const span = (/** @type {number} */ a, /** @type {number} */ b) => ({
    from: percent(Math.min(a, b)),
    to: percent(Math.max(a, b)),
  });
  return {
    zero: percent(0),
    spans: costs.map(cost => ({pixels: span(0, -cost.distortion), z: span(elbo(cost), -cost.distortion)})),
  };
}
