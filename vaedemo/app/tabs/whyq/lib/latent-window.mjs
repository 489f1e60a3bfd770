/**
 * A part of the plane of z: what lies behind (pictures, or the posterior as a heat map), darts or arrows, and
 * ellipses.
 */
import {dom} from '../../../../web/page/dom.mjs';
import {cdf} from '../../../../web/engine/normal.mjs';
import {place} from './gaussian2d.mjs';

/**
 * @typedef {import('./gaussian2d.mjs').Ellipse} Ellipse
 * @typedef {import('./log-likelihood-surface.mjs').Surface} Surface
 */

const HEAT = 256;
const AROUND = Array.from({length: 64}, (_, i) => (2 * Math.PI * i) / 64);

export class Board {
  /** z to the board, both from 0 to 1, y downward; back. */
  toPlane = z => {
    const [a, b] = z.map(cdf);
    return [a, 1 - b];
  };
  fromPlane = /** @type {(at: number[]) => number[]} */ (at => at);
  /** Half the window's side in z, if it is one. */ half = NaN;

  /** @param {HTMLElement} element  empty; becomes the board @param {string} label */
  constructor(element, label) {
    element.classList.add('vd-board');
    element.append(
      dom('<canvas class="heat" aria-hidden="true"></canvas>'),
      dom('<canvas class="darts" aria-hidden="true"></canvas>'),
      dom('<svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true"></svg>'),
    );
    element.setAttribute('role', 'img');
    element.setAttribute('aria-label', label);
    [this.heatCanvas, this.canvas, this.svg] = element.children;
    this.element = element;
  }

  /** A square window of the plane. @param {number[]} middle @param {number} half */
  window(middle, half) {
    Object.assign(this, {middle, half});
    this.toPlane = ([a, b]) => [(a - middle[0]) / (2 * half) + 0.5, 0.5 - (b - middle[1]) / (2 * half)];
    this.fromPlane = ([x, y]) => [middle[0] + (2 * x - 1) * half, middle[1] + (1 - 2 * y) * half];
  }

  /**
   * The posterior p(z|x) in the window, darkest at its peak; bands end at 1, 2 and 3 sigmas of a Gaussian.
   * @param {Surface} surface
   */
  heat(surface) {
    const canvas = this.heatCanvas;
    const context = canvas.getContext('2d');
    canvas.width = canvas.height = HEAT;
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
    joint.forEach((value, i) => {
      const depth = most - value;
      const band = depth < 0.5 ? 1 : depth < 2 ? 0.68 : depth < 4.5 ? 0.4 : 0.26;
      image.data.set([...tone, 255 * Math.max(0, band * Math.exp(-depth / 9) - 0.02)], 4 * i);
    });
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
    const context = this.canvas.getContext('2d');
    this.canvas.width = this.canvas.height = Math.round(side * scale);
    context.scale(scale, scale);
    return [context, side];
  }

  /** Darts: misses small and grey, hits larger, with a rim. @param {{z: number[], hit: boolean}[]} darts */
  darts(darts) {
    const [context, side] = this.fresh();
    const {color} = getComputedStyle(this.element);
    const accent = getComputedStyle(this.element).getPropertyValue('--vd-accent');
    const crowd = darts.filter(({hit}) => hit).length > 60; // where all hit, none need glow
    for (const pass of [false, true])
      for (const {z, hit} of darts) {
        if (hit !== pass) continue;
        const [x, y] = this.toPlane(z).map(part => part * side);
        if (x < -9 || y < -9 || x > side + 9 || y > side + 9) continue;
        context.beginPath();
        context.arc(x, y, hit ? (crowd ? 3 : 4.5) : 2, 0, 7);
        Object.assign(
          context,
          hit
            ? {
                fillStyle: accent,
                shadowColor: accent,
                shadowBlur: crowd ? 0 : 14,
                globalAlpha: 1,
                strokeStyle: '#fff',
              }
            : {fillStyle: color, shadowBlur: 0, globalAlpha: 0.5},
        );
        context.fill();
        if (hit) context.stroke();
      }
    context.globalAlpha = 1;
  }

  /** Points of an ellipse of `sigmas` on the board. @param {Ellipse} q @param {number} [sigmas] */
  outline(q, sigmas = 1) {
    return AROUND.map(angle =>
      this.toPlane(place(q, sigmas * Math.cos(angle), sigmas * Math.sin(angle)))
        .map(p => p.toFixed(4))
        .join(),
    ).join(' ');
  }

  /**
   * Ellipses, each of one sigma and, fainter, of two; `name` is their class.
   * @param {Record<string, Ellipse | undefined>} ellipses
   */
  ellipses(ellipses) {
    this.svg.innerHTML = Object.entries(ellipses)
      .filter(([, q]) => q)
      .map(
        ([name, q]) =>
          `<polygon class="${name} wide" points="${this.outline(q, 2)}"></polygon><polygon class="${name}" points="${this.outline(q)}"></polygon>`,
      )
      .join('');
  }

  /** All of it on one canvas, on white: what is saved. @param {number} [side] */
  picture(side = 800) {
    const all = Object.assign(document.createElement('canvas'), {width: side, height: side});
    const context = all.getContext('2d');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, side, side);
    const behind = this.element.querySelector('img.behind:not([hidden])');
    const layers = [behind, this.heatCanvas, this.canvas].filter(layer => layer && !layer.hidden);
    for (const layer of layers) {
      const ink = layer === behind || layer.classList.contains('vd-ink'); // pictures are white on black
      Object.assign(context, {filter: ink ? 'invert(1)' : 'none', globalAlpha: ink ? 0.45 : 1});
      context.drawImage(layer, 0, 0, side, side);
    }
    Object.assign(context, {filter: 'none', globalAlpha: 1, lineWidth: side / 250});
    for (const polygon of this.svg.querySelectorAll('polygon')) {
      const outline = new Path2D(
        `M${polygon
          .getAttribute('points')
          .split(' ')
          .map(point =>
            point
              .split(',')
              .map(v => v * side)
              .join(' '),
          )
          .join('L')}Z`,
      );
      context.strokeStyle = polygon.classList.contains('upright') ? '#000' : '#d9480f';
      context.setLineDash(polygon.classList.contains('wide') ? [side / 150, side / 110] : []);
      context.stroke(outline);
    }
    return all;
  }
}
