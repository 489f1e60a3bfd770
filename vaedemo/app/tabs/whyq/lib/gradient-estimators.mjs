/**
 * Two gradients of E_q[log p(x|z)] by q's mean and sigma, from the same draws: along the path z = mean + sigma * eps,
 * and by the score function.
 */
import {place} from './gaussian2d.mjs';

export const SHOWN = 9; // draws with an arrow each
const LONGEST = 0.28; // of the board's side, of an arrow

/**
 * @typedef {import('./gaussian2d.mjs').Ellipse} Ellipse
 * @typedef {import('./log-likelihood-surface.mjs').Surface} Surface
 */

/**
 * One estimate a draw. By the mean: pathwise dlogp/dz; score function log p(x|z) eps / sigma. By sigma: pathwise
 * dlogp/dz * eps.
 * @param {Ellipse} q  upright @param {Surface} surface @param {number[][]} eps
 */
export function gradients(q, surface, eps) {
  const {sigma} = q;
  const z = eps.map(([u, v]) => place(q, u, v));
  const path = z.map(([a, b]) => surface.slope(a, b));
  return {
    z,
    path,
    score: z.map(([a, b], i) => {
      const value = surface.at(a, b);
      return eps[i].map((e, d) => (value * e) / sigma[d]);
    }),
    sigma: path.map((slope, i) => slope.map((value, d) => value * eps[i][d])),
  };
}

/** Mean of each of two numbers, and their standard deviation together. @param {number[][]} draws */
export function spread(draws) {
  const mean = [0, 1].map(d => draws.reduce((sum, draw) => sum + draw[d], 0) / draws.length);
  return {
    mean,
    std: Math.sqrt(
      draws.reduce((sum, draw) => sum + (draw[0] - mean[0]) ** 2 + (draw[1] - mean[1]) ** 2, 0) / draws.length,
    ),
  };
}

/**
 * An arrow from one place of a canvas by a step.
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} from
 * @param {number[]} by
 */
function arrow(context, [x, y], [dx, dy], width = 2) {
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
    const context = canvas.getContext('2d');
    const {color} = getComputedStyle(canvas);
    canvas.width = canvas.height = Math.round(side * scale);
    context.scale(scale, scale);
    Object.assign(context, {fillStyle: color, strokeStyle: color, globalAlpha: 0.25});
    context.strokeRect(side / 2, 0, 0, side);
    context.strokeRect(0, side / 2, side, 0);
    context.globalAlpha = 0.55;
    for (const [a, b] of clouds[i])
      context.fillRect(side / 2 + ((a / most) * side) / 2.1 - 1, side / 2 - ((b / most) * side) / 2.1 - 1, 2, 2);
  });
}

/**
 * Draws z, an arrow on each, and on the mean and both sigmas what they are told. A gradient of one nat over the
 * posterior's sigma is an eighth of the board. @param {import('./latent-window.mjs').Board} board @param {Ellipse} q
 * @param {ReturnType<typeof gradients>} all
 * @param {{mean: number[], sigma: number[], unit: number, whole: boolean}} told  unit: that sigma; whole: the path is
 */
export function arrows(board, q, all, {mean, sigma, unit, whole}) {
  const [context, side] = board.fresh();
  const style = getComputedStyle(board.element);
  const at = z => board.toPlane(z).map(p => p * side);
  const eighth = (side / 8) * unit;
  const scaled = ([a, b]) => {
    const cap = Math.min(1, (LONGEST * side) / (eighth * Math.hypot(a, b) || 1));
    return [a * eighth * cap, -b * eighth * cap];
  };
  all.z.slice(0, SHOWN).forEach((z, i) => {
    const [x, y] = at(z);
    Object.assign(context, {fillStyle: style.color, strokeStyle: style.color, globalAlpha: 0.8, lineWidth: 2});
    context.beginPath();
    context.arc(x, y, 3, 0, 7);
    context.fill();
    if (i === 0) {
      context.beginPath();
      context.arc(x, y, 8, 0, 7);
      context.stroke();
    }
    if (whole) arrow(context, [x, y], scaled(all.path[i]), 1.3);
  });
  if (!whole) return;
  Object.assign(context, {strokeStyle: style.getPropertyValue('--vd-accent'), globalAlpha: 1});
  arrow(context, at(q.mean), scaled(mean), 4);
  [
    [sigma[0], 0],
    [0, sigma[1]],
  ].forEach((step, d) => arrow(context, at(q.mean.with(d, q.mean[d] + q.sigma[d])), scaled(step), 4));
}
