/** Something that can be dragged away: it follows the hand, and is gone when the hand lets go of it far enough off. */
import {prefersReducedMotion} from '../../../../web/page/dom.mjs';

const FAR = 110; // pixels
const SNAP = {duration: 220, easing: 'ease-out'};

/**
 * @param {HTMLElement} element
 * @param {() => void} gone  it was let go far away; it is back at its place, unseen
 */
export function onDraggedOff(element, gone) {
  const drag = new DragOff(element, gone);
  element.addEventListener('pointerdown', event => drag.begin(event));
  element.addEventListener('pointermove', event => drag.follow(event));
  element.addEventListener('pointerup', event => drag.end(event, event));
  // A scroll, or another program, has taken the hand away.
  for (const name of /** @type {const} */ (['pointercancel', 'lostpointercapture']))
    element.addEventListener(name, event => drag.end(event, null));
}

class DragOff {
  #element;
  #gone;
  /** The pointer that holds the element, and where it went down. @type {PointerEvent | null} */
  #start = null;
  /** How the element is moved now. @type {Keyframe} */
  #moved = {};

  /** @param {HTMLElement} element @param {() => void} gone */
  constructor(element, gone) {
    this.#element = element;
    this.#gone = gone;
  }

  /** @param {PointerEvent} event */
  begin(event) {
    if (event.button || this.#start) return;
    this.#start = event;
    this.#element.setPointerCapture(event.pointerId);
    this.#element.classList.add('held');
    event.preventDefault();
  }

  /** @param {PointerEvent} event @returns {[number, number]} */
  #distance({clientX, clientY}) {
    return [clientX - this.#start.clientX, clientY - this.#start.clientY];
  }

  /** @param {PointerEvent} event */
  follow(event) {
    if (event.pointerId !== this.#start?.pointerId) return;
    const [dx, dy] = this.#distance(event);
    const zoom = this.#element.currentCSSZoom ?? 1; // presented, the page is zoomed
    this.#put(
      `translate(${dx / zoom}px, ${dy / zoom}px) rotate(${dx / 60}deg)`,
      String(Math.max(0.25, 1 - Math.hypot(dx, dy) / (3 * FAR))),
    );
    this.#element.classList.toggle('far', isFar(dx, dy));
  }

  /** @param {string} transform @param {string} opacity */
  #put(transform, opacity) {
    this.#moved = {transform, opacity};
    this.#element.style.transform = transform;
    this.#element.style.opacity = opacity;
  }

  /** @param {PointerEvent} event @param {PointerEvent | null} where  it was let go; null: it goes back */
  async end(event, where) {
    if (event.pointerId !== this.#start?.pointerId) return;
    const [dx, dy] = where ? this.#distance(where) : [0, 0];
    const from = this.#moved;
    this.#start = null;
    this.#put('', '');
    this.#element.classList.remove('held', 'far');
    if (!from.transform) return;
    const isLeaving = isFar(dx, dy);
    const off = `${from.transform} translate(${2 * dx}px, ${2 * dy}px) scale(0.6)`;
    const to = isLeaving ? {transform: off, opacity: '0'} : {transform: 'none', opacity: '1'};
    if (!prefersReducedMotion()) await this.#element.animate([from, to], SNAP).finished.catch(() => {});
    if (isLeaving) this.#gone();
  }
}

/** @param {number} dx @param {number} dy */
const isFar = (dx, dy) => Math.hypot(dx, dy) > FAR;
