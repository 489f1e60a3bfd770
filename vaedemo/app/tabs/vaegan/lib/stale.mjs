/** Whose turn it is where many pictures follow one hand. */

/**
 * The first place after `last`, round and round, that shows another version than the newest; -1: there is none.
 * @param {number[]} shown  the version that each place shows; a place without one has shown nothing yet
 * @param {number} newest
 * @param {number} last
 * @param {number} count  of places
 */
export function nextStale(shown, newest, last, count) {
  for (let ahead = 1; ahead <= count; ahead++) {
    const place = (last + ahead) % count;
    if (shown[place] !== newest) return place;
  }
  return -1;
}
