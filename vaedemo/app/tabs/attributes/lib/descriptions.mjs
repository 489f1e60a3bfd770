/** Descriptions of faces: an attribute's value from -1, not there, to 1, there; in words, and in Python. */

/** What is said of a person's photo: what one wears, hair, beard, mouth; not whom a net takes one for. */
const SAID = new Set([
  'Smiling',
  'Eyeglasses',
  'Wearing_Hat',
  'Mouth_Slightly_Open',
  'Bangs',
  'Bald',
  'Black_Hair',
  'Blond_Hair',
  'Brown_Hair',
  'Gray_Hair',
  'Receding_Hairline',
  'Mustache',
  'Goatee',
  'Sideburns',
]);
const ALIKE = 0.1; // of the reader's scores, what is no movement
const THERE = 0.25; // from there on an attribute is named

/** An attribute as people call it. @param {string} name  as the data set does */
export const plain = name =>
  name
    .replace('Wearing_', '')
    .replace('Eyeglasses', 'glasses')
    .replace('Smiling', 'smile')
    .replaceAll('_', ' ')
    .toLowerCase();

/** What is asked for, in words. @param {string[]} labels @param {number[]} y */
export function words(labels, y) {
  const there = labels.filter((_, i) => y[i] > THERE);
  return there.length ? there.join(', ') : 'none of these attributes';
}

/** A description of a person's photo, of which not all is said. @param {string[]} names @param {number[]} y */
export const discreet = (names, y) => y.map((value, i) => (SAID.has(names[i]) ? value : -1));

/** A description in Python, (A,). @param {string[]} names @param {number[]} y */
export const asked = (names, y) =>
  `model.asked({${names.map((name, i) => `"${name}": ${+y[i].toFixed(2)}`).join(', ')}})`;

/**
 * `count` descriptions in which one attribute passes from -1 to 1.
 * @param {number[]} y
 * @param {number} i
 * @param {number} count
 */
export const passing = (y, i, count) => Array.from({length: count}, (_, k) => y.with(i, -1 + (2 * k) / (count - 1)));

/**
 * What moved between two readings of a face: the attribute that was asked for first, then the others by how far.
 * @param {ArrayLike<number>} before  the reader's score of each attribute, from -1 to 1
 * @param {ArrayLike<number>} after
 * @param {number} asked  which attribute was
 */
export function movements(before, after, asked) {
  const moves = Array.from(before, (from, i) => ({i, from, to: after[i], far: Math.abs(after[i] - from)}));
  const others = moves.filter(({i, far}) => i !== asked && far > ALIKE).sort((a, b) => b.far - a.far);
  return [moves[asked], ...others];
}
