/** A button with a small picture. */
import {dom, query} from '../page/dom.mjs';

/** @param {string} url @param {string} words  what it shows @param {string} [name]  of an example */
export function thumbnail(url, words, name) {
  const button = dom('<button type="button" class="vd-thumb"><img alt="" width="48" height="48"></button>');
  const img = query(button, 'img', HTMLImageElement);
  if (name) button.dataset.example = name;
  button.title = words;
  button.setAttribute('aria-label', words);
  img.src = url;
  img.onerror = () => button.classList.add('unseen'); // the server says what is wrong with it
  return button;
}
