/** A dial: a ring of labels, and a knob that goes around it without an end. Pointer, thumb, and keys. */
import {onDrag} from './drag.mjs';

// parts of the way between two labels, at both of its ends, where the hand is taken to mean the label itself
const REST = 0.1;
const STEP = 0.1;
const GRAIN = 100; // of a key, in labels; how finely the dial turns, so that a link tells all of it
const KEYS = /** @type {Record<string, number>} */ ({
  ArrowRight: STEP,
  ArrowUp: STEP,
  ArrowLeft: -STEP,
  ArrowDown: -STEP,
});

/**
 * What a value stands for: of each of `n` labels its part; neighbours blend linearly, the last one with the first.
 * @param {number} value
 * @param {number} n
 */
export function parts(value, n) {
  const first = Math.floor(value);
  const t = value - first;
  return Array.from({length: n}, (_, i) => (i === first % n ? 1 - t : 0) + (i === (first + 1) % n ? t : 0));
}

/**
 * Such parts in words: of one label, or of two with a number before each.
 * @param {number[]} parts
 * @param {string[]} labels
 */
export function inWords(parts, labels) {
  const there = labels.map((label, i) => ({label, part: parts[i]})).filter(({part}) => part);
  return there.length < 2
    ? there[0].label
    : there.map(({label, part}) => `${part.toFixed(2)} · ${label}`).join(' + ');
}

export class Dial {
  /** From 0 to the number of labels, which is 0 again. */ value = 0;
  #ring;
  #knob;
  #labels;
  #onTurn;

  /**
   * @param {HTMLElement} element  becomes the dial; what it holds stays in the middle
   * @param {{label: string, labels: string[], onTurn: (value: number, byHand: boolean) => void}} options
   */
  constructor(element, {label, labels, onTurn}) {
    this.#labels = labels;
    this.#onTurn = onTurn;
    element.classList.add('vd-dial');
    const ring = (this.#ring = document.createElement('div'));
    Object.assign(ring, {
      className: 'ring',
      tabIndex: 0,
      role: 'slider',
      ariaLabel: label,
      ariaValueMin: '0',
      ariaValueMax: String(labels.length),
    });
    ring.append(
      Object.assign(document.createElement('i'), {className: 'knob'}),
      ...labels.map((text, i) => {
        const mark = Object.assign(document.createElement('span'), {textContent: text});
        mark.style.setProperty('--turn', `${i / labels.length}turn`);
        return mark;
      }),
    );
    this.#knob = /** @type {HTMLElement} */ (ring.firstElementChild);
    element.prepend(ring);
    onDrag(ring, {start: event => this.#grab(event), move: event => this.#follow(event)});
    ring.addEventListener('keydown', event => this.#key(event));
    this.place(0);
  }

  get parts() {
    return parts(this.value, this.#labels.length);
  }
  get words() {
    return inWords(this.parts, this.#labels);
  }

  /** Shows a value and tells nobody. @param {number} value */
  place(value) {
    const n = this.#labels.length;
    const ring = this.#ring;
    this.value = (((Math.round(value * GRAIN) / GRAIN) % n) + n) % n;
    this.#knob.style.rotate = `${this.value / n}turn`;
    ring.ariaValueNow = this.value.toFixed(2);
    ring.ariaValueText = this.words;
  }

  /** Turns to a value and tells. @param {number} value */
  turn(value, byHand = false) {
    this.place(value);
    this.#onTurn(this.value, byHand);
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    this.#ring.focus({preventScroll: true});
    this.#follow(event);
    event.preventDefault();
  }

  /** @param {PointerEvent} event */
  #follow({clientX, clientY}) {
    const {left, top, width, height} = this.#ring.getBoundingClientRect();
    const angle = Math.atan2(clientX - left - width / 2, top + height / 2 - clientY) / (2 * Math.PI);
    const place = (angle + 1) * this.#labels.length;
    const label = Math.floor(place);
    this.turn(label + Math.max(0, Math.min(1, (place - label - REST) / (1 - 2 * REST))), true);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const way = KEYS[event.key];
    const label = this.#labels.indexOf(event.key);
    if ((!way && label < 0) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    this.turn(way ? this.value + (event.shiftKey ? Math.sign(way) : way) : label, true);
  }
}
