/** Codes that the hero's buttons ask for. */
import {normal} from '../../../../web/engine/normal.mjs';
import {pngOf} from '../../../../web/page/png.mjs';
import {encode} from '../../../../web/page/request.mjs';
import {decoded} from '../../../../web/ui/side-by-side.mjs';

/**
 * @typedef {import('./paired-models.mjs').Shown} Shown
 * @typedef {import('./paired-models.mjs').Model} Model
 */

/**
 * Codes in which the rows that are not locked are drawn anew from the prior, the same for both models' partners.
 * @param {Pick<Shown, 'rows' | 'codes' | 'locked'>} shown
 * @param {() => number} [draw]
 */
export function randomized({rows, codes, locked}, draw = normal) {
  const next = codes.map(z => [...z]);
  for (const row of rows) {
    if (locked(row)) continue;
    next[0][row.d] = draw();
    if (row.partner !== null) next[1][row.partner] = next[0][row.d];
  }
  return next;
}

/**
 * A draw from the prior: latents without a slider are drawn, too.
 * @param {Pick<Shown, 'rows' | 'codes' | 'locked'>} shown
 */
export const fromPrior = shown => randomized({...shown, codes: shown.codes.map(z => z.map(normal))});

/**
 * The right model's code of the very picture that the left one draws at z: its encoder's mean.
 * @param {Model} left @param {number[]} z @param {Model} right @param {AbortSignal} signal
 * @returns {Promise<number[]>}
 */
export async function alike(left, z, right, signal) {
  const file = await pngOf(await decoded(left, [z], signal), left.open.shape);
  return (await encode(right.name, file, signal)).mean;
}
