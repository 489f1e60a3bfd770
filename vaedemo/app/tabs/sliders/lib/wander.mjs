/** Until the hand comes, one slider after another swings by itself. */
import {moveByItself} from '../../../../web/ui/self-motion.mjs';
import {DEAD} from '../../../../web/ui/sliders.mjs';

const SWING = 1.6; // sigmas to each side
const FARTHEST = 2.8;
const SWING_MS = 6000;

/**
 * @param {import('./paired-models.mjs').Shown} shown
 * @param {{screen: Element, isWanted: () => boolean, pull: (d: number, value: number) => void}} options
 *   screen: nothing moves while it is out of view; isWanted: asked at each frame, it ends at the first no
 */
export function wander(shown, {screen, isWanted, pull}) {
  const [left] = shown.models;
  const alive = shown.rows.filter(({d}) => left.kl[d] >= DEAD);
  const rows = alive.length ? alive : shown.rows;
  let turn = 0;
  let from = null;
  moveByItself(screen, isWanted, spent => {
    const {d, wide} = rows[turn % rows.length];
    const ends = Math.floor(spent / SWING_MS) > turn;
    from ??= shown.codes[0][d];
    const value = from + (ends ? 0 : wide * SWING * Math.sin((2 * Math.PI * spent) / SWING_MS));
    pull(d, Math.max(-wide * FARTHEST, Math.min(wide * FARTHEST, value)));
    if (!ends) return;
    turn += 1;
    from = null;
  });
}
