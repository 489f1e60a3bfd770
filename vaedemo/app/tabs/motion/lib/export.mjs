/** What is taken away of the futures: a GIF that plays them side by side, and the Python that makes them. */
import {save} from '../../../../web/page/downloads.mjs';
import {squareOf} from './python.mjs';
import {gifOf} from './requests.mjs';
import {DRAWN} from './still-store.mjs';

/** @typedef {import('./still-store.mjs').Still} Still @typedef {import('./requests.mjs').Arrow} Arrow */

/**
 * Saves the futures side by side, as a GIF.
 * @param {Still} still
 * @param {{n: number, seed: number}} asked
 * @param {Arrow[]} [hints]
 */
export async function saveFilms(still, asked, hints = []) {
  save('futures.gif', await gifOf(still.model, still, {...asked, hints}));
}

/** @param {Arrow} hint */
const listOf = ({row, column, right, down}) => `[${row}, ${column}, ${right.toFixed(1)}, ${down.toFixed(1)}]`;

/** @param {Still} still @param {{n: number, seed: number}} asked @param {Arrow[]} [hints] */
export function pythonOf(still, asked, hints = []) {
  const arrows = `[${hints.map(listOf).join(', ')}]`;
  return still.model === DRAWN && still.scene
    ? ofDrawn(still.scene, asked, hints.length ? arrows : null)
    : ofPhoto(still, asked, arrows);
}

/** @param {Still} still @param {{n: number, seed: number}} asked @param {string} arrows */
function ofPhoto(still, {n, seed}, arrows) {
  const [cut, file] = squareOf(still);
  const url = new URL('.', document.baseURI).href;
  return `from gradio_client import Client, handle_file
${cut}
client = Client("${url}")
photo = handle_file("${file}")${cut ? '' : '  # its middle square'}
answer = client.predict(photo, ${n}, ${seed}, ${arrows}, api_name="/forecast")
answer["animation"], answer["file"]  # a GIF, and an npz: trajectories, offsets, z, weights, modes; both as data URLs`;
}

/**
 * @param {{kind: string, seed: number}} scene
 * @param {{n: number, seed: number}} asked
 * @param {string | null} arrows
 */
function ofDrawn(scene, {n, seed}, arrows) {
  const weights = `
weights = hinted(futures.trajectories, ${arrows})  # row, column, right, down`;
  return `import torch, vaedemo
from vaedemo.data import motion_scenes
from vaedemo.data.motion import to_offsets
from vaedemo.models.motion import hinted

still = motion_scenes.scene("${scene.kind}", seed=${scene.seed}).still()  # (3, 64, 64)
y = torch.from_numpy(still).float().flatten() / 255
futures = vaedemo.load("${DRAWN}").futures(y, ${arrows ? 512 : n}, seed=${seed})
offsets = to_offsets(futures.trajectories)  # (futures, 2, 16 instants, 16, 16), in pixels of the still${
    arrows ? weights : ''
  }`;
}
