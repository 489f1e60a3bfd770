/**
 * What the page shows, in its address, so that a link restores it. Every key is declared by a tab (its tab.py) with a
 * kind and a range; a value of the link that does not fit is left out, and said. Nothing of it is ever HTML.
 */

/** Keys of the page itself, which belong to no tab. */
const PAGE = ['tab', 'open', 'stop', 'present', 'outline', 'notes', 'debug', 'server'];

/**
 * @typedef {{kind: 'whole', least: number, most: number} | {kind: 'numbers', most: number, count: number | null}
 *   | {kind: 'choice', words: string[]} | {kind: 'word'}} Declared  as tab.py declares it
 */

/** @type {Record<string, Declared> | undefined} */
let known;

/** What the tabs declare, as it stands in the page's head. */
function declarations() {
  known ??= JSON.parse(document.getElementById('vd-state')?.textContent || '{}');
  return /** @type {Record<string, Declared>} */ (known);
}

/** A key of the link, with a change that is still on its way. @param {string} key @returns {string | null} */
export function get(key) {
  const waiting = pending[key];
  if (waiting === undefined) return new URLSearchParams(location.search).get(key);
  return waiting === null || waiting === '' ? null : String(waiting);
}

/** Keys whose values made no sense here, and who wants to hear of them. @type {Set<string>} */
const ignored = new Set();
/** @type {(keys: string[]) => void} */
let hearIgnored = () => {};

/** @param {(keys: string[]) => void} hear  told now and whenever another value of the link cannot be used */
export function onIgnored(hear) {
  hearIgnored = hear;
  if (ignored.size) hear([...ignored]);
}

/** Leaves a key out of the address, and says so. @param {string} key @returns {null} */
export function refuse(key) {
  if (get(key) !== null && !ignored.has(key)) {
    ignored.add(key);
    set({[key]: null});
    hearIgnored([...ignored]);
  }
  return null;
}

/** @param {string} text @returns {number[]} */
const numbersOf = text =>
  text
    .slice(0, 2000)
    .split(',')
    .map(part => (part.trim() === '' ? NaN : Number(part)));

/**
 * Numbers of a comma-separated value, each clipped to +-`most`; null where the link holds anything else.
 * @param {string} key
 * @param {number | null} count  null: as many as there are
 * @param {number} [most]
 */
export function numbers(key, count, most = 6) {
  const values = numbersOf(get(key) ?? '');
  if ((count !== null && values.length !== count) || !values.every(Number.isFinite)) return refuse(key);
  return values.map(value => Math.max(-most, Math.min(most, value)));
}

/**
 * A whole number between least and most; `otherwise` where the link holds anything else.
 * @template T
 * @param {string} key
 * @param {number} least
 * @param {number} most
 * @param {T} otherwise
 * @returns {number | T}
 */
export function whole(key, least, most, otherwise) {
  const value = get(key);
  if (value !== null && /^\d{1,12}$/.test(value) && +value >= least && +value <= most) return +value;
  refuse(key);
  return otherwise;
}

/**
 * One of `allowed`, else the first of them.
 * @param {string} key
 * @param {readonly string[]} allowed
 */
export function choice(key, allowed) {
  const value = get(key);
  if (value !== null && allowed.includes(value)) return value;
  refuse(key);
  return allowed[0];
}

/** The part of the address that belongs to a tab, or to one of its folds. */
export class UrlState {
  #prefix;

  /** @param {{tab: string, fold: string | null}} place */
  constructor({tab, fold}) {
    this.#prefix = fold === null ? `${tab}.` : `${tab}.${fold}.`;
  }

  /** @param {string} key */
  #declared(key) {
    const found = declarations()[this.#prefix + key];
    if (!found) throw new Error(`${this.#prefix}${key} is not declared in the tab's tab.py`);
    return found;
  }

  /** Whether the link says anything of the key. @param {string} key */
  given(key) {
    this.#declared(key);
    return get(this.#prefix + key) !== null;
  }

  /**
   * A whole number; `otherwise` where the link holds none.
   * @template T
   * @param {string} key
   * @param {T} otherwise
   * @returns {number | T}
   */
  whole(key, otherwise) {
    const known = this.#declared(key);
    if (known.kind !== 'whole') throw new Error(`${key} is declared as ${known.kind}`);
    return whole(this.#prefix + key, known.least, known.most, otherwise);
  }

  /**
   * Numbers, each clipped to the declared range; null where the link holds none, or not `count` of them.
   * @param {string} key
   * @param {number | null} [count]  where the declaration leaves it open
   */
  numbers(key, count = null) {
    const known = this.#declared(key);
    if (known.kind !== 'numbers') throw new Error(`${key} is declared as ${known.kind}`);
    return numbers(this.#prefix + key, known.count ?? count, known.most);
  }

  /**
   * One of the declared words, or of `among`; the first of them where the link holds another.
   * @param {string} key
   * @param {readonly string[]} [among]  where the declaration leaves it open
   */
  choice(key, among) {
    const known = this.#declared(key);
    if (known.kind === 'choice') return choice(this.#prefix + key, known.words);
    if (known.kind === 'word' && among) return choice(this.#prefix + key, among);
    throw new Error(`${key} is declared as ${known.kind}`);
  }

  /** Keeps values in the address; null removes one. @param {Record<string, string | number | null>} values */
  set(values) {
    set(
      Object.fromEntries(
        Object.entries(values).map(([key, value]) => {
          this.#declared(key);
          return [this.#prefix + key, value];
        }),
      ),
    );
  }
}

/** @type {Record<string, string | number | null>} */
let pending = {};
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * Keeps values in the address (null removes one). Written once the hand has rested: browsers limit how often.
 * @param {Record<string, string | number | null>} values
 */
export function set(values) {
  pending = {...pending, ...values};
  clearTimeout(timer);
  timer = setTimeout(write, 300);
}

function write() {
  history.replaceState(history.state, '', link());
  pending = {};
  // Inside a Space the outer page has the address bar; it takes the query by message.
  if (window.parent !== window) window.parent.postMessage({queryString: location.search.slice(1)}, '*');
}

/** This page's address, with changes that are still on their way. */
export function link(changes = pending) {
  const url = new URL(location.href);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === '') url.searchParams.delete(key);
    else url.searchParams.set(key, String(value));
  }
  return url.href;
}

/**
 * Leaves out of the address what is named as a tab's key is, tab.key or tab.fold.key, but declared by none, and says
 * so. A key without a dot may be somebody else's: it stays, and nothing is said.
 */
export function refuseUnknown() {
  for (const key of new Set(new URLSearchParams(location.search).keys())) {
    if (!(key in declarations()) && !PAGE.includes(key) && !key.startsWith('__') && key.includes('.')) refuse(key);
  }
}
