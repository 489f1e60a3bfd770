/** What the Sliders tab lets one take away: one slider's swing as a GIF, and the code. */
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {decoded, saveBeside} from '../../../../web/ui/side-by-side.mjs';
import {pulledTo, through} from './traversal.mjs';

/**
 * @typedef {import('./paired-models.mjs').Shown} Shown
 * @typedef {import('./paired-models.mjs').Row} Row
 */

const FRAMES = 24;

/** One slider there and back, all models side by side. @param {Shown} shown @param {Row} row */
export async function saveSwing(shown, row) {
  const codes = through(FRAMES, row).map(value => pulledTo(shown, row, value));
  const {shape} = shown.models[0].open;
  const parts = await Promise.all(
    shown.models.map((model, i) =>
      decoded(
        model,
        codes.map(both => both[i]),
      ),
    ),
  );
  await saveBeside(`${row.label.split(',')[0].replaceAll(' ', '-')}.gif`, parts, shape, shape[2] > 32 ? 4 : 8);
}

/** @param {Shown} shown */
export function showPython({models, codes}) {
  const one = ({name, open: {shape}}, z) => `model = vaedemo.load("${name}")
z = torch.tensor([[${z.map(value => value.toFixed(2)).join(', ')}]])
picture = model.render(model.decode(z))  # (1, ${shape.join(', ')}), the mean of p(x|z)`;
  showCode(['import torch, vaedemo', ...models.map((model, i) => one(model, codes[i]))].join('\n\n'));
}
