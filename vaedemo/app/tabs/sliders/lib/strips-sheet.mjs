/** All strips with their labels on one sheet, as the models draw them: light on black. */

const LEAST_SIZE = 14; // pixels of the letters

/**
 * @param {{models: {name: string}[]}} shown
 * @param {{row: {label: string}, strips: {canvas: HTMLCanvasElement}[]}[]} lines
 * @returns {HTMLCanvasElement}
 */
export function sheet({models}, lines) {
  const {width, height} = lines[0].strips[0].canvas;
  const size = Math.max(LEAST_SIZE, height / 4);
  const label = size * 8;
  const gap = size / 2;
  const head = size * 2;
  const all = document.createElement('canvas');
  all.width = label + models.length * (width + gap);
  all.height = head + lines.length * (height + gap);
  const context = all.getContext('2d');
  context.fillRect(0, 0, all.width, all.height);
  context.fillStyle = '#fff';
  context.font = `${size}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  models.forEach(({name}, i) => context.fillText(name, label + i * (width + gap), head / 2));
  lines.forEach(({row, strips}, r) => {
    const top = head + r * (height + gap);
    context.fillText(row.label, gap, top + height / 2, label - 2 * gap);
    strips.forEach(({canvas}, i) => context.drawImage(canvas, label + i * (width + gap), top));
  });
  return all;
}
