/**
 * A part of the plane of z: what lies behind (pictures, or the posterior as a heat map), darts or arrows, and
 * ellipses.
 */
import {cdf} from '../../../../web/engine/normal.mjs';
import {contextOf, newCanvas} from '../../../../web/page/canvas-pixels.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {place} from './gaussian2d.mjs';

/**
 * @typedef {import('./gaussian2d.mjs').Ellipse} Ellipse
 * @typedef {import('./log-likelihood-surface.mjs').Surface} Surface
 * @typedef {{z: number[], hit: boolean}} Dart
 */

const HEAT = 256;
const AROUND = Array.from({length: 64}, (_, i) => (2 * Math.PI * i) / 64);
const CROWD = 60; // where so many hit, none need glow

export class LatentWindow {
  /** z to the window, both from 0 to 1, y downward. @type {(z: number[]) => number[]} */
  toPlane = z => {
    const [a, b] = z.map(cdf);
    return [a, 1 - b];
  };
  /** And back. @type {(at: number[]) => number[]} */
  fromPlane = at => at;
  /** Where the window is, if it is not the whole plane. @type {number[] | null} */
  middle = null;
  /** Half its side in z. */
  half = NaN;

  /** @param {HTMLElement} element  empty; becomes the window @param {string} label */
  constructor(element, label) {
    element.classList.add('vd-board');
    element.innerHTML = `<canvas class="heat" aria-hidden="true"></canvas>
      <canvas class="darts" aria-hidden="true"></canvas>
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true"></svg>`;
    element.setAttribute('role', 'img');
    element.setAttribute('aria-label', label);
    this.element = element;
    this.heatCanvas = query(element, '.heat', HTMLCanvasElement);
    this.canvas = query(element, '.darts', HTMLCanvasElement);
    this.svg = query(element, 'svg', SVGSVGElement);
  }

  /** Shows a square of the plane. @param {number[]} middle @param {number} half */
  zoom(middle, half) {
    this.middle = middle;
    this.half = half;
    this.toPlane = ([a, b]) => [(a - middle[0]) / (2 * half) + 0.5, 0.5 - (b - middle[1]) / (2 * half)];
    this.fromPlane = ([x, y]) => [middle[0] + (2 * x - 1) * half, middle[1] + (1 - 2 * y) * half];
  }

  /**
   * The posterior p(z|x) in the window, darkest at its peak; bands end at 1, 2 and 3 sigmas of a Gaussian.
   * @param {Surface} surface
   */
  heat(surface) {
    const canvas = this.heatCanvas;
    const context = contextOf(canvas);
    canvas.width = HEAT;
    canvas.height = HEAT;
    canvas.hidden = false;
    const light = Number(/\d+/.exec(getComputedStyle(this.element).color)?.[0]) > 128;
    const tone = light ? [231, 229, 228] : [87, 83, 78]; // on dark, or on paper
    const image = context.createImageData(HEAT, HEAT);
    const joint = new Float64Array(HEAT * HEAT);
    for (let i = 0; i < joint.length; i++) {
      const [a, b] = this.fromPlane([((i % HEAT) + 0.5) / HEAT, (Math.floor(i / HEAT) + 0.5) / HEAT]);
      joint[i] = surface.at(a, b) - (a * a + b * b) / 2;
    }
    const most = joint.reduce((a, b) => Math.max(a, b));
    joint.forEach((value, i) => image.data.set([...tone, 255 * opacity(most - value)], 4 * i));
    context.putImageData(image, 0, 0);
  }

  clearHeat() {
    this.heatCanvas.hidden = true;
  }

  /**
   * The canvas for darts and arrows, empty, and its side in CSS pixels.
   * @returns {[CanvasRenderingContext2D, number]}
   */
  fresh() {
    const side = this.element.clientWidth || 300;
    const scale = devicePixelRatio || 1;
    const context = contextOf(this.canvas);
    this.canvas.width = Math.round(side * scale);
    this.canvas.height = this.canvas.width;
    context.scale(scale, scale);
    return [context, side];
  }

  /** Darts: misses small and grey, hits larger, with a rim. @param {Dart[]} darts */
  darts(darts) {
    const [context, side] = this.fresh();
    const style = getComputedStyle(this.element);
    const accent = style.getPropertyValue('--vd-accent');
    const [misses, hits] = [false, true].map(wanted => darts.filter(({hit}) => hit === wanted));
    const glows = hits.length <= CROWD;
    /** @param {Dart[]} some @param {number} radius */
    const dots = (some, radius) => {
      for (const {z} of some) {
        const [x, y] = this.toPlane(z).map(part => part * side);
        if (x < -9 || y < -9 || x > side + 9 || y > side + 9) continue;
        context.beginPath();
        context.arc(x, y, radius, 0, 7);
        context.fill();
        if (some === hits) context.stroke();
      }
    };
    Object.assign(context, {fillStyle: style.color, globalAlpha: 0.5});
    dots(misses, 2);
    Object.assign(context, {fillStyle: accent, strokeStyle: '#fff', globalAlpha: 1});
    Object.assign(context, {shadowColor: accent, shadowBlur: glows ? 14 : 0});
    dots(hits, glows ? 4.5 : 3);
  }

  /** An ellipse of `sigmas` in the window. @param {string} name @param {Ellipse} q @param {number} sigmas */
  #polygon(name, q, sigmas) {
    const points = AROUND.map(angle =>
      this.toPlane(place(q, sigmas * Math.cos(angle), sigmas * Math.sin(angle)))
        .map(p => p.toFixed(4))
        .join(),
    );
    return `<polygon class="${name}" points="${points.join(' ')}"></polygon>`;
  }

  /**
   * Ellipses, each of one sigma and, fainter, of two; `name` is their class.
   * @param {Record<string, Ellipse | null>} ellipses
   */
  ellipses(ellipses) {
    this.svg.innerHTML = Object.entries(ellipses)
      .map(([name, q]) => (q ? this.#polygon(`${name} wide`, q, 2) + this.#polygon(name, q, 1) : ''))
      .join('');
  }

  /** All of it on one canvas, on white: what is saved. @param {number} [side] */
  picture(side = 800) {
    const all = newCanvas(side, side);
    const context = contextOf(all);
    context.fillStyle = '#fff';
    context.fillRect(0, 0, side, side);
    const behind = this.element.querySelector('img');
    for (const layer of [behind, this.heatCanvas, this.canvas]) {
      if (!layer || layer.hidden) continue;
      const ink = layer === behind || layer.classList.contains('vd-ink'); // pictures are white on black
      Object.assign(context, {filter: ink ? 'invert(1)' : 'none', globalAlpha: ink ? 0.45 : 1});
      context.drawImage(layer, 0, 0, side, side);
    }
    Object.assign(context, {filter: 'none', globalAlpha: 1, lineWidth: side / 250});
    for (const polygon of this.svg.querySelectorAll('polygon')) {
      context.strokeStyle = polygon.classList.contains('upright') ? '#000' : '#d9480f';
      context.setLineDash(polygon.classList.contains('wide') ? [side / 150, side / 110] : []);
      context.stroke(path(polygon, side));
    }
    return all;
  }
}

/** How dark the heat is, from 0 to 1. @param {number} depth  nats below the peak */
function opacity(depth) {
  return Math.max(0, band(depth) * Math.exp(-depth / 9) - 0.02);
}

/** @param {number} depth */
function band(depth) {
  if (depth < 0.5) return 1;
  if (depth < 2) return 0.68;
  return depth < 4.5 ? 0.4 : 0.26;
}

/** A polygon of the window on a canvas. @param {SVGPolygonElement} polygon @param {number} side */
function path(polygon, side) {
  const scaled = (/** @type {string} */ point) => point.split(',').map(value => Number(value) * side);
  const points = (polygon.getAttribute('points') ?? '').split(' ').map(point => scaled(point).join(' '));
  return new Path2D(`M${points.join('L')}Z`);
}
