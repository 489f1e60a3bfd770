/** What is taken away of the futures: a GIF that plays them side by side, and the Python that makes them. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {DRAWN} from './still-store.mjs';
import {hintsAsText} from './requests.mjs';
import {squareOf} from './python.mjs';
import {save} from '../../../../web/page/downloads.mjs';

/** @typedef {import('./still-store.mjs').Still} Still @typedef {import('./requests.mjs').Arrow} Arrow */

/**
 * The futures side by side, a GIF.
 * @param {Still} still
 * @param {{n: number, seed: number}} asked
 * @param {Arrow[]} [hints]
 */
export async function saveFilms({still, shown, model}, {n, seed}, hints = []) {
  const query = new URLSearchParams({n: String(n), seed: String(seed), hints: hintsAsText(hints)});
  const answer = await fetch(`${ROOT}live/motion/${model}/gif?${query}`, {
    method: 'POST',
    body: new Blob([still, shown]),
  }).catch(() => {
    throw new Error('The server does not answer; only it can make a GIF.');
  });
  if (!answer.ok) throw new Error(answer.status < 500 ? await answer.text() : 'The server could not make the GIF.');
  save('futures.gif', await answer.blob());
}

/** @param {Still} still @param {{n: number, seed: number}} asked @param {Arrow[]} [hints] */
export function pythonOf(still, {n, seed}, hints = []) {
  const {model, scene} = still;
  const [cut, file] = squareOf(still);
  const arrows = `[${hints.map(({row, column, right, down}) => `[${row}, ${column}, ${right.toFixed(1)}, ${down.toFixed(1)}]`).join(', ')}]`;
  if (model !== DRAWN)
    return `from gradio_client import Client, handle_file
${cut}
client = Client("${new URL('.', document.baseURI).href}")
answer = client.predict(handle_file("${file}"), ${n}, ${seed}, ${arrows}, api_name="/forecast")${cut ? '' : '  # its middle square'}
answer["animation"], answer["file"]  # a GIF, and an npz: trajectories, offsets, z, weights, modes; both as data URLs`;
  return `import torch, vaedemo
from vaedemo.data import motion_scenes
from vaedemo.data.motion import to_offsets
from vaedemo.models.motion import hinted

still = motion_scenes.scene("${scene.kind}", seed=${scene.seed}).still()  # (3, 64, 64)
y = torch.from_numpy(still).float().flatten() / 255
futures = vaedemo.load("${model}").futures(y, ${hints.length ? 512 : n}, seed=${seed})
offsets = to_offsets(futures.trajectories)  # (futures, 2, 16 instants, 16, 16), in pixels of the still${
    hints.length
      ? `
weights = hinted(futures.trajectories, ${arrows})  # row, column, right, down`
      : ''
  }`;
}
