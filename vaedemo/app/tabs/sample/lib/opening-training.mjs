/** Where no source has the opening model it is being trained: shows its map unfold until the model is there. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {facts, forget} from '../../../../web/engine/model-store.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {request} from '../../../../web/page/request.mjs';

const EVERY_MS = 1000;

/**
 * How far the training is, as the server tells it.
 * @typedef {{state?: string, step?: number, horizon?: number, seconds_left?: number, source?: string, notes?: string[],
 *   picture?: number}} Training  horizon: its last step; picture: the step of the newest map
 */

/**
 * Resolves when the model is there.
 * @param {string} model
 * @param {import('../../../../web/page/fold.mjs').Mounted} mounted
 * @param {HTMLImageElement} map
 */
export async function untilTrained(model, mounted, map) {
  const box = mounted.part('training');
  mounted.acts({cancel: () => request('training/cancel', {purpose: 'stop the training', body: ''})});
  while (!(await facts(model).catch(() => null))) {
    const training = await asked().catch(() => /** @type {Training} */ ({}));
    show(box, model, training);
    if (training.picture) map.src = `${ROOT}live/training/map.png?step=${training.picture}`;
    await new Promise(resolve => {
      setTimeout(resolve, EVERY_MS);
    });
  }
  if (box.hidden) return;
  box.hidden = true;
  forget(model);
  map.src = `${ROOT}live/models/${model}/map.png?trained`;
}

/** @returns {Promise<Training>} */
const asked = async () => (await request('training', {purpose: 'train a model'})).json();

/** @param {HTMLElement} box @param {string} model @param {Training} training */
function show(box, model, training) {
  const isRunning = training.state === 'training';
  box.hidden = false;
  query(box, 'p').textContent = sentence(model, training);
  const bar = query(box, 'progress', HTMLProgressElement);
  bar.hidden = !isRunning || !training.horizon;
  if (training.horizon) {
    bar.max = training.horizon;
    bar.value = training.step;
  }
  query(box, 'button').hidden = !isRunning;
}

/** @param {string} model @param {Training} training */
export function sentence(model, {state, seconds_left: seconds, source, notes = []}) {
  if (state === 'stopped') return 'The training was stopped. Start the app again to begin anew.';
  if (state === 'failed') return `The training failed: ${notes.join(' ')}`;
  if (state !== 'training') return 'Looking for the weights …';
  const drawn = source?.startsWith('synthetic') ? ' (drawn digits, not real ones)' : '';
  const from = source ? ` It learns from ${source}${drawn}.` : '';
  const left = seconds === undefined ? '' : ` About ${seconds} s left.`;
  return `No weights were found here or on the Hub, so ${model} is being trained before your eyes.${from}${left}`;
}
