/** The colors of the ten classes on a map. */
import {COLORS} from './latent-map.mjs';

/**
 * Which color is which digit: color is never the only sign.
 * @param {HTMLElement} element
 * @param {boolean} visible
 * @param {string} [words]  what the dots are
 */
export function digitLegend(element, visible, words = 'Posterior means of 2,000 test digits') {
  element.hidden = !visible;
  element.replaceChildren(
    `${words}: `,
    ...COLORS.map((color, digit) => {
      const mark = Object.assign(document.createElement('span'), {textContent: String(digit)});
      mark.style.background = color;
      return mark;
    }),
  );
}
