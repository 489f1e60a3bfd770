/** "Show the code": the Python that reproduces exactly what is on the page. */
import {dom} from '../page/dom.mjs';

/** @param {string} code */
export function showCode(code) {
  const dialog = dom(
    '<dialog class="vd-card"><pre class="vd-code"></pre><div class="vd-row">' +
      '<button type="button" class="vd-quiet" data-act="copy">Copy</button>' +
      '<button type="button" class="vd-quiet" data-act="close">Close</button></div></dialog>',
  );
  dialog.querySelector('pre').textContent = code;
  dialog.addEventListener('click', async ({target, detail}) => {
    if (target.dataset.act === 'copy') {
      const done = await navigator.clipboard?.writeText(code).then(
        () => true,
        () => false,
      );
      if (!done) getSelection().selectAllChildren(dialog.querySelector('pre')); // plain http has no clipboard
      target.textContent = done ? 'Copied' : 'Selected: press Ctrl+C';
    }
    // the second click of two that opened it closes nothing
    if (target.dataset.act === 'close' || (target === dialog && detail < 2)) dialog.close();
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
