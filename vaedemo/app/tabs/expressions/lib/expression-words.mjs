/** What the expressions are called on the page, and what is to be said of them. */

/** Expressions that people take for what they are called. @type {[string, string][]} */
export const HONEST = [
  ['smile', 'Smile'],
  ['neutral', 'No smile'],
  ['sad', 'Sad'],
  ['angry', 'Angry'],
  ['squint', 'Squint'],
  ['pucker', 'Pucker'],
  ['brows_up', 'Brows up'],
  ['surprised', 'Surprised'],
];
/** Those that a flow only nearly makes. @type {[string, string][]} */
export const NEARLY = [
  ['mouth_open', 'Mouth open'],
  ['eyes_closed', 'Eyes closed'],
  ['wink_left', 'Wink'],
];
const NAMES = new Map([...HONEST, ...NEARLY]);
const LIDS = ['eyes_closed', 'wink_left'];

/** @param {string} expression */
export const nameOf = expression => NAMES.get(expression) ?? expression;

/** What a flow cannot do there. @param {string} expression @param {boolean} painted  whether a mouth is */
export function limitOf(expression, painted) {
  if (painted) return 'The dark between the lips is painted: no flow can show what the photo hides.';
  if (LIDS.includes(expression)) return 'Nearly: the flow pulls the lids together, but a sliver of the eye stays.';
  if (expression === 'neutral') return 'It takes a smile off. Where none is, little happens.';
  return '';
}

/** @param {number} strength */
export function strengthWords(strength) {
  const value = (Math.abs(strength) < 0.005 ? 0 : strength).toFixed(2).replace('-', '−');
  if (value === '0.00') return 'as it is';
  if (strength < 0) return `suppressed, ${value}`;
  return strength > 1 ? `magnified, ${value}` : `strength ${value}`;
}
