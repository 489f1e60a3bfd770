/** Instants of a motion beside one another: for who wants little of it. */
import {SECONDS, SHOWN} from './still-store.mjs';
import {dom, prefersReducedMotion} from '../../../../web/page/dom.mjs';

const INSTANTS = [0, 0.25, 0.5, 0.75, 1];

/**
 * Shown only to who wants little motion.
 * @param {HTMLElement} place
 * @param {(canvas: HTMLCanvasElement, t: number) => void} paint  t from 0 to 1
 */
export function strip(place, paint) {
  place.classList.add('vd-instants');
  place.hidden = !prefersReducedMotion();
  if (!place.hidden)
    place.replaceChildren(
      ...INSTANTS.map(t => {
        const canvas = dom(
          `<canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img" aria-label="After ${(SECONDS * t).toFixed(2)} seconds"></canvas>`,
        );
        paint(canvas, t);
        return canvas;
      }),
    );
}

/**
 * Plays, or for who wants little motion stands at the end.
 * @param {import('../../../../web/ui/playback-clock.mjs').Player} player
 */
export function start(player) {
  if (prefersReducedMotion()) player.pause(1);
  else if (!player.playing) player.play();
}
