/** Until the hand comes, one slider after another swings by itself. */
import {DEAD} from '../../../../web/ui/sliders.mjs';

const SWING = 1.6; // sigmas to each side
const FARTHEST = 2.8;
const SWING_MS = 6000;
const FRAME_MS = 100; // a slower frame counts as one of these

/**
 * @param {import('./paired-models.mjs').Shown} shown
 * @param {{screen: Element, isWanted: () => boolean, pull: (d: number, value: number) => void}} options
 *   screen: nothing moves while it is out of view; isWanted: asked at each frame, it ends at the first no
 */
export function wander(shown, {screen, isWanted, pull}) {
  let visible = true;
  let spent = 0;
  let then = performance.now();
  let from = null;
  new IntersectionObserver(entries => {
    visible = entries[entries.length - 1].isIntersecting;
  }).observe(screen);
  const [left] = shown.models;
  const alive = shown.rows.filter(({d}) => left.kl[d] >= DEAD);
  const rows = alive.length ? alive : shown.rows;

  requestAnimationFrame(function swing(now) {
    if (!isWanted()) return;
    const turn = Math.floor(spent / SWING_MS);
    if (visible && !document.hidden) spent += Math.max(0, Math.min(FRAME_MS, now - then));
    then = now;
    const {d, wide} = rows[turn % rows.length];
    const ends = Math.floor(spent / SWING_MS) > turn;
    from ??= shown.codes[0][d];
    const value = from + (ends ? 0 : wide * SWING * Math.sin((2 * Math.PI * spent) / SWING_MS));
    if (visible) pull(d, Math.max(-wide * FARTHEST, Math.min(wide * FARTHEST, value)));
    if (ends) from = null;
    requestAnimationFrame(swing);
  });
}
