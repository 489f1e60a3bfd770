/**
 * The page's address to give away: the one that a reader of it would open, which inside a Space is the Space's own
 * page.
 */
import * as address from './url-state.mjs';
import {dom, query} from './dom.mjs';

const OFFER = `
<dialog class="vd-card vd-link">
  <label>This link brings back what you see.<input readonly></label>
  <div class="vd-row"><button type="button" class="vd-quiet">Close</button></div>
</dialog>`;

/** @param {HTMLElement} button  says "Copied" for a moment */
export async function copyLink(button) {
  const link = outer(new URL(address.link())).href;
  try {
    await navigator.clipboard.writeText(link);
  } catch {
    // plain http on a lecture hall's network has no clipboard, and a frame may be denied it
    offer(link);
    return;
  }
  say(button, 'Copied', 1500);
}

/**
 * A button's answer, in place of its name for a moment.
 * @param {HTMLElement} button
 * @param {string} words
 * @param {number} ms
 */
export function say(button, words, ms) {
  const name = (button.dataset.name ??= button.textContent ?? '');
  button.textContent = words;
  setTimeout(() => {
    button.textContent = name;
  }, ms);
}

/** @param {URL} inner  the address of this document */
function outer(inner) {
  const space = spacePage();
  if (!space) return inner;
  inner.searchParams.delete('__theme'); // the Space's page tells its frame light or dark by this
  space.search = inner.search;
  return space;
}

/**
 * The page of the Space whose frame this is. Browsers tell a frame its parent's host, most no path; Gradio knows the
 * rest.
 */
function spacePage() {
  if (window.parent === window || !URL.canParse(document.referrer)) return null;
  const {hostname, pathname, origin} = new URL(document.referrer);
  if (hostname !== 'huggingface.co') return null;
  const name = /^\/spaces\/([\w.-]+\/[\w.-]+)/.exec(pathname)?.[1] ?? window.gradio_config?.space_id;
  return name ? new URL(`/spaces/${name}`, origin) : null;
}

/** The link, selected, for the hand to copy. @param {string} link */
function offer(link) {
  const dialog = dom(OFFER, HTMLDialogElement);
  const field = query(dialog, 'input', HTMLInputElement);
  field.value = link;
  query(dialog, 'button').onclick = () => dialog.close();
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
  field.select();
}
