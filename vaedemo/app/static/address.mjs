/**
 * What the page shows, in its address: every widget keeps its state in the query, so that a link restores it.
 * Values are read as text and checked by who asked; nothing of it is ever HTML.
 */
const inFrame = window.parent !== window;

/** @param {string} key @returns {string | null} */
export const get = key => new URLSearchParams(location.search).get(key);

/** Numbers of a comma-separated value, each clipped to +-`most`; null where the link holds anything else. */
export function numbers(key, count, most = 6) {
  const text = get(key);
  if (text === null || text.length > 2000) return null;
  const values = text.split(',').map(part => part.trim() === '' ? NaN : Number(part));
  if (values.length !== count || !values.every(Number.isFinite)) return null;
  return values.map(value => Math.max(-most, Math.min(most, value)));
}

/** A whole number between least and most; `otherwise` where the link holds anything else. */
export function whole(key, least, most, otherwise) {
  const value = get(key);
  return value !== null && /^\d{1,12}$/.test(value) && +value >= least && +value <= most ? +value : otherwise;
}

/** One of `allowed`, else the first of them. */
export function choice(key, allowed) {
  const value = get(key);
  return allowed.includes(value) ? value : allowed[0];
}

let pending = {}, timer;

/** Keeps values in the address (null removes one). Written once the hand has rested: browsers limit how often. */
export function set(values) {
  pending = {...pending, ...values};
  clearTimeout(timer);
  timer = setTimeout(write, 300);
}

function write() {
  history.replaceState(history.state, '', link());
  pending = {};
  // Inside a Space the outer page has the address bar; it takes the query by message.
  if (inFrame) window.parent.postMessage({queryString: location.search.slice(1)}, '*');
}

/** This page's address, with changes that are still on their way. @param {Record<string, any>} [changes] */
export function link(changes = pending) {
  const url = new URL(location.href);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === '') url.searchParams.delete(key);
    else url.searchParams.set(key, String(value));
  }
  return url.href;
}
