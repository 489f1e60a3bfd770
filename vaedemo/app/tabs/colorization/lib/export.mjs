/** What is taken away of the eight colorings: one picture of all, and the Python that makes them. */

const GAP = 8;
const BELOW = 26;

/** Two rows of four, each with its weight. @param {HTMLCanvasElement[]} canvases @param {number[]} weights */
export function sheetOf(canvases, weights, columns = 4) {
  const [{width, height}] = canvases;
  const rows = Math.ceil(canvases.length / columns);
  const all = Object.assign(document.createElement('canvas'), {
    width: columns * (width + GAP) + GAP,
    height: rows * (height + BELOW) + GAP,
  });
  const context = all.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, all.width, all.height);
  Object.assign(context, {fillStyle: '#1c1917', font: '15px system-ui, sans-serif', textAlign: 'center'});
  canvases.forEach((canvas, i) => {
    const left = GAP + (i % columns) * (width + GAP);
    const top = GAP + Math.floor(i / columns) * (height + BELOW);
    context.drawImage(canvas, left, top);
    if (weights.length) context.fillText(percent(weights[i]), left + width / 2, top + height + 18);
  });
  return all;
}

/** @param {number} picked  from 0; -1: none */
export const pythonOf = picked => `from gradio_client import Client, handle_file

client = Client("${new URL('.', document.baseURI).href}")
answer = client.predict(handle_file("photo.jpg"), 8, "mdn", 0, [], api_name="/colorize")
answer["weights"], answer["pictures"]  # of the eight; JPEGs in the photo's own size, as data URLs${
  picked < 0
    ? ''
    : `
chosen = answer["pictures"][${picked}]`
}`;
