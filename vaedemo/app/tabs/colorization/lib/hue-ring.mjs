/** How the color of one place is distributed: shares of its hues as bars around a ring, what is grey in the middle. */
import {percent} from '../../../../web/page/format.mjs';
import {cssOf} from './cielab.mjs';

/** @typedef {[number, number]} Ab  a and b over 128 */
export const SECTORS = 36;
export const PALE = 5 / 128; // of ab / 128: what is nearer to grey has no hue
const VIVID = 45 / 128; // chroma in which a hue is shown
const MIDDLE = 34; // px of 100: where bars begin
const LONGEST = 62;
const NAMES = [
  'red',
  'orange',
  'yellow',
  'yellow-green',
  'green',
  'teal',
  'cyan',
  'blue',
  'violet',
  'purple',
  'pink',
];
// where each begins, in degrees of Lab's hue; below the first and above the last it is pink
const BEGINS = [10, 45, 75, 105, 130, 165, 195, 230, 285, 310, 330];

/** The hue of a color, from 0 to 2 pi. @param {Ab} ab */
export const hueOf = ([a, b]) => (Math.atan2(b, a) + 2 * Math.PI) % (2 * Math.PI);

/** The word for a color. @param {Ab} ab */
export function nameOf(ab) {
  if (Math.hypot(...ab) < PALE) return 'grey';
  const degrees = (hueOf(ab) * 180) / Math.PI;
  return NAMES[(BEGINS.filter(begin => begin <= degrees).length || NAMES.length) - 1];
}

/**
 * Shares of draws in each of `SECTORS` sectors of hue, and of those without one: together 1.
 * @param {Ab[]} colors  of draws that count alike
 */
export function sharesOf(colors) {
  const shares = Array(SECTORS).fill(0);
  let grey = 0;
  for (const ab of colors) {
    if (Math.hypot(...ab) < PALE) grey += 1 / colors.length;
    else shares[Math.min(SECTORS - 1, Math.floor((hueOf(ab) / (2 * Math.PI)) * SECTORS))] += 1 / colors.length;
  }
  return {shares, grey};
}

/** A point of the ring; hues go counterclockwise, as b is drawn upwards. @param {number} hue @param {number} radius */
const point = (hue, radius) =>
  [100 + radius * Math.cos(hue), 100 - radius * Math.sin(hue)].map(value => value.toFixed(2)).join(' ');

/** @param {number} sector @param {number} length  of 1 */
function bar(sector, length) {
  const [from, to] = [sector + 0.06, sector + 0.94].map(at => (at / SECTORS) * 2 * Math.PI);
  const outer = MIDDLE + 2 + LONGEST * length;
  const arc = `A ${outer} ${outer} 0 0 0 ${point(to, outer)}`;
  return `M ${point(from, MIDDLE)} L ${point(from, outer)} ${arc} L ${point(to, MIDDLE)}
    A ${MIDDLE} ${MIDDLE} 0 0 1 ${point(from, MIDDLE)} Z`;
}

/**
 * The ring as SVG.
 * @param {Ab[]} colors  of the draws
 * @param {number} light  L / 100 of the place
 */
export function ringOf(colors, light) {
  const {shares, grey} = sharesOf(colors);
  const most = Math.max(...shares, 1e-9);
  const seen = Math.max(0.45, Math.min(0.75, light)); // a hue is not seen in black or white
  const bars = shares.map((share, sector) => {
    const hue = ((sector + 0.5) / SECTORS) * 2 * Math.PI;
    const css = cssOf(seen, [VIVID * Math.cos(hue), VIVID * Math.sin(hue)]);
    return `<path data-share="${share.toFixed(4)}" d="${bar(sector, share / most)}" fill="${css}"/>`;
  });
  return `
<svg viewBox="0 0 200 200" role="img" aria-label="${wordsOf(colors)}">
  ${bars.join('')}
  <circle cx="100" cy="100" r="${(MIDDLE - 4) * Math.sqrt(grey)}" fill="${cssOf(seen, [0, 0])}"/>
  <g data-hand></g>
</svg>`;
}

/** A hand that points from the middle to the hue of a color, of length 0 for a grey. @param {Ab} ab */
export function handOf(ab) {
  const radius = Math.hypot(...ab) < PALE ? 0 : MIDDLE;
  return `<path data-hand d="M 100 100 L ${point(hueOf(ab), radius)}"/>`;
}

/** What the ring shows, the commonest colors first. @param {Ab[]} colors */
export function wordsOf(colors) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const ab of colors) counts.set(nameOf(ab), (counts.get(nameOf(ab)) ?? 0) + 1);
  const named = [...counts].sort((one, other) => other[1] - one[1]).slice(0, 4);
  return named.map(([name, count]) => `${name} ${percent(count / colors.length)}`).join(', ');
}
