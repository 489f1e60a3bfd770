/** The badge on a model: where it came from; a click shows its card, figures, data and terms. */
import {facts} from '../engine/model-store.mjs';
import {ROOT} from '../engine/root.mjs';
import {dom, query} from '../page/dom.mjs';

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
  if (String(metrics.data ?? '').startsWith('synthetic')) button.textContent += ' (drawn digits, not real ones)';
  button.onclick = async () => show([...notes.map(note => `Refused: ${note}\n`), await cardOf(name)].join('\n'));
  element.replaceChildren(button);
}

/** @param {string} name */
async function cardOf(name) {
  const answer = await fetch(`${ROOT}live/models/${name}/card.md`).catch(() => null);
  if (!answer?.ok) return 'The card cannot be had: the server does not answer.';
  return (await answer.text()).replace(/^---[^]*?---\n/, '');
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
