/** The badge on a model: where it came from; a click shows its card, figures, data and terms. */
import {facts} from '../engine/model-store.mjs';
import {dom, query} from '../page/dom.mjs';
import {request} from '../page/request.mjs';

const CARD = `
<dialog class="vd-card"><pre></pre><button type="button" class="vd-quiet">Close</button></dialog>`;

/** @param {HTMLElement} element @param {string} name */
export async function badge(element, name) {
  const {badge: about, metrics} = await facts(name);
  const {kind, text, notes} = about;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = `vd-badge ${kind}`;
  button.title = notes.join('\n') || 'What this model is';
  button.textContent = `${name}: ${text}`;
  const isDrawn = String(metrics.data ?? '').startsWith('synthetic');
  if (isDrawn) button.textContent += ' (trained on drawn data, not the real set)';
  button.onclick = async () => show([...notes.map(note => `Refused: ${note}\n`), await cardOf(name)].join('\n'));
  element.replaceChildren(button);
}

/** A model's card, or why it cannot be had. @param {string} name */
async function cardOf(name) {
  try {
    const answer = await request(`models/${name}/card.md`, {purpose: 'show a card', model: name});
    return (await answer.text()).replace(/^---[^]*?---\n/, '');
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
}

/** @param {string} words */
function show(words) {
  const dialog = dom(CARD, HTMLDialogElement);
  query(dialog, 'pre').textContent = words;
  query(dialog, 'button').onclick = () => dialog.close();
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
}
