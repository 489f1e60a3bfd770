/** "Show the code": the Python that reproduces exactly what is on the page. */
import {around, dom, query} from '../page/dom.mjs';

const TEMPLATE = `
<dialog class="vd-card"><pre class="vd-code"></pre><div class="vd-row">
  <button type="button" class="vd-quiet" data-act="copy">Copy</button>
  <button type="button" class="vd-quiet" data-act="close">Close</button></div></dialog>`;

/** @param {string} code */
export function showCode(code) {
  const dialog = dom(TEMPLATE, HTMLDialogElement);
  const words = query(dialog, 'pre');
  words.textContent = code;
  dialog.addEventListener('click', event => {
    const button = around(event, '[data-act]');
    if (button?.dataset.act === 'copy') copy(button, words);
    // the second click of two that opened it closes nothing
    const beside = event.target === dialog && event.detail < 2;
    if (button?.dataset.act === 'close' || beside) dialog.close();
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {HTMLElement} button  says what came of it @param {HTMLElement} words */
async function copy(button, words) {
  const done = await navigator.clipboard?.writeText(words.textContent ?? '').then(
    () => true,
    () => false,
  );
  if (!done) getSelection()?.selectAllChildren(words); // plain http has no clipboard
  button.textContent = done ? 'Copied' : 'Selected: press Ctrl+C';
}
