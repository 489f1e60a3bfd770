/** Elements from templates, and what the visitor prefers. */

/**
 * The element of a template. Throws an Error where it is of another kind.
 * @template {Element} [T=HTMLElement]
 * @param {string} html  a template of ours, never people's text
 * @param {new () => T} [kind]  its class, e.g. HTMLDialogElement
 * @returns {T}
 */
export function dom(html, kind) {
  const template = document.createElement('template');
  template.innerHTML = html.trim();
  const element = template.content.firstElementChild;
  if (!(element instanceof (kind ?? HTMLElement))) throw new Error(`not such an element: ${html}`);
  return /** @type {T} */ (element);
}

/**
 * The first element inside `root` that the selector finds. Throws an Error where there is none, or one of another kind.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} [kind]  its class, e.g. HTMLCanvasElement
 * @returns {T}
 */
export function query(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof (kind ?? HTMLElement))) throw new Error(`the template lacks ${selector}`);
  return /** @type {T} */ (found);
}

/**
 * All such elements.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} [kind]
 * @returns {T[]}
 */
export function queryAll(root, selector, kind) {
  const wanted = kind ?? HTMLElement;
  return /** @type {T[]} */ ([...root.querySelectorAll(selector)].filter(found => found instanceof wanted));
}

/**
 * Where in `root` an event came from: the innermost element around it that the selector finds, or null. A browser that
 * translates the page wraps every word in elements of its own, so an event's target may lie inside a button.
 * @template {Element} [T=HTMLElement]
 * @param {Event} event
 * @param {string} selector
 * @param {new () => T} [kind]
 * @returns {T | null}
 */
export function around(event, selector, kind) {
  const found = event.target instanceof Element ? event.target.closest(selector) : null;
  return found instanceof (kind ?? HTMLElement) ? /** @type {T} */ (found) : null;
}

/** Whether the visitor wants nothing to move by itself. */
export const prefersReducedMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
