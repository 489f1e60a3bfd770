/** The badge on a model: where it came from; a click shows its card, figures, data and terms. */
import {ROOT} from '../engine/root.mjs';
import {facts} from '../engine/model-store.mjs';

/** @param {HTMLElement} element @param {string} name */
export async function badge(element, name) {
  const {
    badge: {kind, text, notes},
    metrics,
  } = await facts(name);
  const button = document.createElement('button');
  Object.assign(button, {
    type: 'button',
    className: `vd-badge ${kind}`,
    title: notes.join('\n') || 'What this model is',
  });
  button.textContent = `${name}: ${text}`;
  if (metrics.data?.startsWith('synthetic')) button.textContent += ' (drawn digits, not real ones)';
  button.onclick = async () => {
    const dialog = document.createElement('dialog');
    dialog.className = 'vd-card';
    const words = document.createElement('pre');
    const answer = await fetch(`${ROOT}live/models/${name}/card.md`).catch(() => null);
    const card = answer?.ok
      ? (await answer.text()).replace(/^---[^]*?---\n/, '')
      : 'The card cannot be had: the server does not answer.';
    words.textContent = [...notes.map(note => `Refused: ${note}\n`), card].join('\n');
    const close = Object.assign(document.createElement('button'), {textContent: 'Close', className: 'vd-quiet'});
    close.onclick = () => dialog.close();
    dialog.append(words, close);
    dialog.onclose = () => dialog.remove();
    document.body.append(dialog);
    dialog.showModal();
  };
  element.replaceChildren(button);
}
