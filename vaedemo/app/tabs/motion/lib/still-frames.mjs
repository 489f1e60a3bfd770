/** A motion that plays behind a button; for who wants little of it, its instants beside one another. */
import {newCanvas} from '../../../../web/page/canvas-pixels.mjs';
import {prefersReducedMotion} from '../../../../web/page/dom.mjs';
import {PlaybackClock} from '../../../../web/ui/playback-clock.mjs';
import {SECONDS, SHOWN} from './still-store.mjs';

const INSTANTS = [0, 0.25, 0.5, 0.75, 1];

/**
 * Shown only to who wants little motion.
 * @param {HTMLElement} place  of class vd-instants
 * @param {(canvas: HTMLCanvasElement, t: number) => void} paint  t from 0 to 1
 */
export function strip(place, paint) {
  place.hidden = !prefersReducedMotion();
  if (place.hidden) return;
  const canvases = INSTANTS.map(t => {
    const canvas = newCanvas(SHOWN, SHOWN);
    canvas.className = 'vd-photo';
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `After ${(SECONDS * t).toFixed(2)} seconds`);
    paint(canvas, t);
    return canvas;
  });
  place.replaceChildren(...canvases);
}

/**
 * A player whose button, data-act="play", says what a press does.
 * @param {import('../../../../web/page/fold.mjs').Mounted} mounted
 * @param {() => boolean} ready  whether there is anything to play
 * @param {(t: number) => void} paint  called only then
 */
export function playerOf(mounted, ready, paint) {
  const button = mounted.button('play');
  const player = new PlaybackClock(
    mounted.root,
    t => {
      if (ready()) paint(t);
    },
    playing => {
      button.textContent = playing ? 'Pause' : 'Play';
    },
  );
  mounted.acts({
    play() {
      if (player.playing) player.pause();
      else if (ready()) player.play();
    },
  });
  return player;
}

/** Plays, or for who wants little motion stands at the end. @param {PlaybackClock} player */
export function start(player) {
  if (prefersReducedMotion()) player.pause(1);
  else if (!player.playing) player.play();
}
