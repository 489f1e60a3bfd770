/** Elements from templates, and what the visitor prefers. */
/** @param {string} html  a template of ours, never people's text @returns {HTMLElement} */
export function dom(html) {
  const template = document.createElement('template');
  template.innerHTML = html.trim();
  return /** @type {HTMLElement} */ (template.content.firstElementChild);
}

/** Whether the visitor wants nothing to move by itself. */
export const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
