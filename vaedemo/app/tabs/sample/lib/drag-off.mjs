/** Something that can be dragged away: it follows the hand, and is gone when the hand lets go of it far enough off. */
import {prefersReducedMotion} from '../../../../web/page/dom.mjs';

const FAR = 110;
const SNAP = {duration: 220, easing: 'ease-out'};

/** @param {HTMLElement} element @param {() => void} gone  it was let go far away; it is back at its place, unseen */
export function away(element, gone) {
  let start = null;
  let style = {};

  const distance = event => [event.clientX - start.x, event.clientY - start.y];
  const far = (dx, dy) => Math.hypot(dx, dy) > FAR;

  function put(next) {
    style = next;
    Object.assign(element.style, {transform: '', opacity: '', ...next});
  }

  element.addEventListener('pointerdown', event => {
    if (event.button) return;
    start = {x: event.clientX, y: event.clientY};
    element.setPointerCapture(event.pointerId);
    element.classList.add('held');
    event.preventDefault();
  });
  element.addEventListener('pointermove', event => {
    if (!start) return;
    const [dx, dy] = distance(event);
    const zoom = element.currentCSSZoom ?? 1; // presented, the page is zoomed
    put({
      transform: `translate(${dx / zoom}px, ${dy / zoom}px) rotate(${dx / 60}deg)`,
      opacity: String(Math.max(0.25, 1 - Math.hypot(dx, dy) / (3 * FAR))),
    });
    element.classList.toggle('far', far(dx, dy));
  });
  /** @param {PointerEvent | null} event  null: the hand was taken away (a scroll, another program) */
  const end = async event => {
    if (!start) return;
    const [dx, dy] = event ? distance(event) : [0, 0];
    const leaving = far(dx, dy);
    const from = style;
    start = null;
    put({});
    element.classList.remove('held', 'far');
    if (!from.transform) return;
    const to = leaving
      ? {transform: `${from.transform} translate(${2 * dx}px, ${2 * dy}px) scale(0.6)`, opacity: '0'}
      : {transform: 'none', opacity: '1'};
    if (!prefersReducedMotion()) await element.animate([from, to], SNAP).finished.catch(() => {});
    if (leaving) gone();
  };
  element.addEventListener('pointerup', end);
  element.addEventListener('pointercancel', () => end(null));
  element.addEventListener('lostpointercapture', () => end(null));
}
