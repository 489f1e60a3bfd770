/**
 * What the page shows, in its address: every widget keeps its state in the query, so that a link restores it.
 * Values are read as text and checked by who asked; nothing of it is ever HTML.
 */
const inFrame = window.parent !== window;

/** @param {string} key @returns {string | null} */
export const get = key => new URLSearchParams(location.search).get(key);

/** Keys whose values made no sense here, and who wants to hear of them. */
const ignored = new Set();
let hearIgnored = keys => {};

/** @param {(keys: string[]) => void} hear  told now and whenever another value of the link cannot be used */
export function onIgnored(hear) {
  hearIgnored = hear;
  if (ignored.size) hear([...ignored]);
}

function refused(key) {
  if (get(key) === null || ignored.has(key)) return;
  ignored.add(key);
  set({[key]: null});
  hearIgnored([...ignored]);
}

/** Numbers of a comma-separated value, each clipped to +-`most`; null where the link holds anything else. */
export function numbers(key, count, most = 6) {
  const text = get(key);
  const values = (text ?? '')
    .slice(0, 2000)
    .split(',')
    .map(part => (part.trim() === '' ? NaN : Number(part)));
  if (values.length !== count || !values.every(Number.isFinite)) return refused(key) ?? null;
  return values.map(value => Math.max(-most, Math.min(most, value)));
}

/** A whole number between least and most; `otherwise` where the link holds anything else. */
export function whole(key, least, most, otherwise) {
  const value = get(key);
  if (value !== null && /^\d{1,12}$/.test(value) && +value >= least && +value <= most) return +value;
  refused(key);
  return otherwise;
}

/** One of `allowed`, else the first of them. */
export function choice(key, allowed) {
  const value = get(key);
  if (allowed.includes(value)) return value;
  refused(key);
  return allowed[0];
}

let pending = {};
let timer;

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
