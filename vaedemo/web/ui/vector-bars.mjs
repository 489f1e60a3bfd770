/** A vector as bars around zero, from -3 to 3, all on one scale. */
import {query} from '../page/dom.mjs';

const NARROWEST = 6; // a vector of two is not two walls

/** @param {HTMLElement} element @param {ArrayLike<number>} values @param {string} label */
export function vectorBars(element, values, label) {
  const n = values.length;
  const width = Math.max(n, NARROWEST);
  const left = (width - n) / 2;
  const rows = Array.from(values, (value, i) => {
    const top = Math.max(-3, Math.min(3, value));
    return `<rect x="${left + i + 0.12}" width="0.76" y="${3 - Math.max(0, top)}" height="${Math.abs(top)}"></rect>`;
  });
  const words = Array.from(values, value => value.toFixed(2).replace('-', '−'));
  element.innerHTML = `<svg viewBox="0 0 ${width} 6" preserveAspectRatio="none" role="img">
      <path d="M0 3H${width}"></path>${rows.join('')}</svg>`;
  const told = `${label}: ${words.slice(0, 8).join(', ')}${n > 8 ? ' …' : ''}`;
  query(element, 'svg', SVGElement).setAttribute('aria-label', told);
  if (n <= 3) element.append(words.join('  '));
}
