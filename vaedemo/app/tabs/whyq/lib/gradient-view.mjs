/** How the two gradients look: arrows in the window of z, and clouds of estimates. */
import {contextOf} from '../../../../web/page/canvas-pixels.mjs';

/**
 * @typedef {import('./gaussian2d.mjs').Ellipse} Ellipse
 * @typedef {ReturnType<typeof import('./gradient-estimators.mjs').gradients>} Gradients
 */

export const SHOWN = 9; // draws with an arrow each
const LONGEST = 0.28; // of the window's side, of an arrow

/**
 * An arrow from one place of a canvas by a step.
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} from
 * @param {number[]} by
 * @param {number} width
 */
function arrow(context, [x, y], [dx, dy], width) {
  const long = Math.hypot(dx, dy);
  const head = Math.min(long, 3.5 * width);
  const [ux, uy] = [dx / (long || 1), dy / (long || 1)];
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + dx, y + dy);
  for (const side of [-1, 1]) {
    context.moveTo(x + dx, y + dy);
    context.lineTo(x + dx - head * ux + side * head * 0.5 * uy, y + dy - head * uy - side * head * 0.5 * ux);
  }
  context.stroke();
}

/**
 * Clouds of estimates, each in a box of its own, all to one scale: the widest fills its box.
 * @param {HTMLCanvasElement[]} canvases @param {number[][][]} clouds
 */
export function scatter(canvases, clouds) {
  const away = clouds.map(
    cloud => [...cloud.map(draw => Math.hypot(...draw))].sort((a, b) => a - b)[Math.floor(0.98 * cloud.length)],
  );
  const most = Math.max(...away, 1e-9);
  canvases.forEach((canvas, i) => {
    const side = canvas.clientWidth || 200;
    const scale = devicePixelRatio || 1;
    const context = contextOf(canvas);
    const {color} = getComputedStyle(canvas);
    canvas.width = Math.round(side * scale);
    canvas.height = canvas.width;
    context.scale(scale, scale);
    Object.assign(context, {fillStyle: color, strokeStyle: color, globalAlpha: 0.25});
    context.strokeRect(side / 2, 0, 0, side);
    context.strokeRect(0, side / 2, side, 0);
    context.globalAlpha = 0.55;
    for (const [a, b] of clouds[i])
      context.fillRect(side / 2 + ((a / most) * side) / 2.1 - 1, side / 2 - ((b / most) * side) / 2.1 - 1, 2, 2);
  });
}

/** A dot for a draw; the first one, which is decoded, is ringed. @param {CanvasRenderingContext2D} context */
function dot(context, /** @type {number[]} */ [x, y], /** @type {boolean} */ ringed) {
  context.beginPath();
  context.arc(x, y, 3, 0, 7);
  context.fill();
  if (!ringed) return;
  context.beginPath();
  context.arc(x, y, 8, 0, 7);
  context.stroke();
}

/**
 * Draws z, an arrow on each, and on the mean and both sigmas what they are told. A gradient of one nat over the
 * posterior's sigma is an eighth of the window.
 * @param {import('./latent-window.mjs').LatentWindow} view
 * @param {Ellipse} q
 * @param {Gradients} all
 * @param {{mean: number[], sigma: number[], unit: number, whole: boolean}} told  unit: the posterior's sigma; whole:
 *   the path is not cut
 */
export function arrows(view, q, all, {mean, sigma, unit, whole}) {
  const [context, side] = view.fresh();
  const style = getComputedStyle(view.element);
  const at = (/** @type {number[]} */ z) => view.toPlane(z).map(p => p * side);
  const eighth = (side / 8) * unit;
  const scaled = (/** @type {number[]} */ [a, b]) => {
    const cap = Math.min(1, (LONGEST * side) / (eighth * Math.hypot(a, b) || 1));
    return [a * eighth * cap, -b * eighth * cap];
  };
  all.z.slice(0, SHOWN).forEach((z, i) => {
    Object.assign(context, {fillStyle: style.color, strokeStyle: style.color, globalAlpha: 0.8, lineWidth: 2});
    dot(context, at(z), i === 0);
    if (whole) arrow(context, at(z), scaled(all.path[i]), 1.3);
  });
  if (!whole) return;
  Object.assign(context, {strokeStyle: style.getPropertyValue('--vd-accent'), globalAlpha: 1});
  arrow(context, at(q.mean), scaled(mean), 4);
  const steps = [
    [sigma[0], 0],
    [0, sigma[1]],
  ];
  steps.forEach((step, d) => arrow(context, at(q.mean.with(d, q.mean[d] + q.sigma[d])), scaled(step), 4));
}
