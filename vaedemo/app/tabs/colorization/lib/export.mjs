/** What is taken away of the eight colorings: one picture of all, and the Python that makes them. */
import {contextOf, newCanvas} from '../../../../web/page/canvas-pixels.mjs';
import {percent} from '../../../../web/page/format.mjs';

const GAP = 8;
const BELOW = 26;

/**
 * Rows of pictures, each with its weight.
 * @param {HTMLCanvasElement[]} canvases
 * @param {number[]} weights  empty: none are written
 * @param {number} [columns]
 */
export function sheetOf(canvases, weights, columns = 4) {
  const [{width, height}] = canvases;
  const rows = Math.ceil(canvases.length / columns);
  const all = newCanvas(columns * (width + GAP) + GAP, rows * (height + BELOW) + GAP);
  const context = contextOf(all);
  context.fillStyle = '#fff';
  context.fillRect(0, 0, all.width, all.height);
  context.fillStyle = '#1c1917';
  context.font = '15px system-ui, sans-serif';
  context.textAlign = 'center';
  canvases.forEach((canvas, i) => {
    const left = GAP + (i % columns) * (width + GAP);
    const top = GAP + Math.floor(i / columns) * (height + BELOW);
    context.drawImage(canvas, left, top);
    if (weights.length) context.fillText(percent(weights[i]), left + width / 2, top + height + 18);
  });
  return all;
}

/** @param {number} picked  from 0; -1: none @param {number} count @param {boolean} tints */
export function pythonOf(picked, count, tints) {
  const chosen = picked < 0 ? '' : `\nchosen = answer["pictures"][${picked}]`;
  return `from gradio_client import Client, handle_file

client = Client("${new URL('.', document.baseURI).href}")
answer = client.predict(handle_file("photo.jpg"), ${count}, "mdn", 0, []${tints ? ', True' : ''}, api_name="/colorize")
answer["weights"], answer["pictures"]  # of the eight; JPEGs in the photo's own size, as data URLs${chosen}`;
}
