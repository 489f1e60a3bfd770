/** The plane of two latents during one step: ellipses, draws, and where the gradients push. */
import {contextOf} from '../../../../web/page/canvas-pixels.mjs';

/**
 * @typedef {{mean: Float32Array, sigma: Float32Array, z: Float32Array, byMean: Float32Array, bySigma: Float32Array}}
 *   Codes  pairs; the last two are gradients of each digit's own loss
 */

const REACH = 2.75;
const LONGEST = 60; // pixels of an arrow
const HEAD = 5;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Codes} codes
 * @param {number} line  of the pseudo code, from 1: what it has not reached is not drawn
 */
export function drawStep(canvas, codes, line) {
  const context = contextOf(canvas);
  const side = canvas.width;
  const scale = side / (2 * REACH);
  const style = getComputedStyle(canvas);
  const accent = style.getPropertyValue('--vd-accent').trim() || '#d9480f';
  context.clearRect(0, 0, side, side);
  context.lineWidth = 1.5;
  context.strokeStyle = style.color;
  context.fillStyle = style.color;
  axes(context, side, scale);
  if (line < 2) return;
  const n = codes.mean.length / 2;
  const at = (/** @type {Float32Array} */ pairs, /** @type {number} */ i) => [
    side / 2 + scale * pairs[2 * i],
    side / 2 - scale * pairs[2 * i + 1],
  ];
  for (let i = 0; i < n; i++) {
    const [x, y] = at(codes.mean, i);
    context.beginPath();
    context.ellipse(x, y, scale * codes.sigma[2 * i], scale * codes.sigma[2 * i + 1], 0, 0, 7);
    context.stroke();
    if (line < 3) continue;
    const [a, b] = at(codes.z, i);
    context.beginPath();
    context.arc(a, b, 3.5, 0, 7);
    context.fill();
  }
  if (line < 6) return;
  context.strokeStyle = accent;
  context.lineWidth = 2;
  const longest = Math.max(1e-9, ...Array.from(codes.byMean, Math.abs), ...Array.from(codes.bySigma, Math.abs));
  const unit = LONGEST / longest;
  for (let i = 0; i < n; i++) {
    const [x, y] = at(codes.mean, i);
    arrow(context, x, y, -unit * codes.byMean[2 * i], unit * codes.byMean[2 * i + 1]);
    // At the ellipse's right and top: outwards where sigma shall grow.
    arrow(context, x + scale * codes.sigma[2 * i], y, -unit * codes.bySigma[2 * i], 0);
    arrow(context, x, y - scale * codes.sigma[2 * i + 1], 0, unit * codes.bySigma[2 * i + 1]);
  }
}

/**
 * The axes, and the prior's circle.
 * @param {CanvasRenderingContext2D} context @param {number} side @param {number} scale
 */
function axes(context, side, scale) {
  context.globalAlpha = 0.3;
  context.beginPath();
  context.moveTo(0, side / 2);
  context.lineTo(side, side / 2);
  context.moveTo(side / 2, 0);
  context.lineTo(side / 2, side);
  context.moveTo(side / 2 + scale, side / 2);
  context.arc(side / 2, side / 2, scale, 0, 7);
  context.stroke();
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x @param {number} y @param {number} dx @param {number} dy
 */
function arrow(context, x, y, dx, dy) {
  const length = Math.hypot(dx, dy);
  if (length < 1) return;
  const [ux, uy] = [dx / length, dy / length];
  const head = Math.min(HEAD, length);
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + dx, y + dy);
  context.lineTo(x + dx - head * (ux + uy / 2), y + dy - head * (uy - ux / 2));
  context.moveTo(x + dx, y + dy);
  context.lineTo(x + dx - head * (ux - uy / 2), y + dy - head * (uy + ux / 2));
  context.stroke();
}
