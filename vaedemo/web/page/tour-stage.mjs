/**
 * Brings a stop's place before the eyes: its tab selected, its fold open, scrolled into view or, presented, alone
 * and large.
 */
import {prefersReducedMotion} from './dom.mjs';
import {setOpen, shownPanel, tabButton} from './shell.mjs';

/** @typedef {import('./tour-events.mjs').Stop} Stop */

const HERE = 'data-vd-here';
const WIDTH = 1080;
const LARGEST = 2.5;

/** The fold that the tour itself opened, and will close again. @type {Element | null} */
let opened = null;
let turn = 0;
let follow = new ResizeObserver(() => {});

/**
 * @param {Pick<Stop, 'tab' | 'fold'>} stop
 * @param {boolean} presented
 * Gradio may still be building the page: waits for the section as long as no other stop is asked for.
 */
export async function show(stop, presented) {
  const mine = ++turn;
  follow.disconnect();
  let place;
  for (let tries = 0; !(place = find(stop)) && tries < 200; tries++) {
    await new Promise(resolve => setTimeout(resolve, 50));
    if (mine !== turn) return;
  }
  if (!place) return;
  document.querySelector(`[${HERE}]`)?.removeAttribute(HERE);
  place.setAttribute(HERE, '');
  if (opened && opened !== place) {
    setOpen(opened, false);
    opened = null;
  }
  if (setOpen(place, true)) opened = place;
  if (presented) fit(place);
  else bring(place);
  // Gradio, which builds a tab at its first visit, closes a fold again that was opened before it was done.
  for (let tries = 0; tries < 10 && mine === turn; tries++) {
    await new Promise(resolve => setTimeout(resolve, 50));
    if (mine === turn && setOpen(place, true)) opened = place;
  }
}

/**
 * What a button of the page leads to, before the eyes; it stays open, and so does the place of the button.
 * @param {Pick<Stop, 'tab' | 'fold'>} place
 */
export async function visit(place) {
  const mine = turn + 1;
  opened = null;
  await show(place, document.documentElement.classList.contains('vd-present'));
  if (mine === turn) opened = null;
}

/** The stage as it was. @param {Pick<Stop, 'tab' | 'fold'> | null} stop  where the eyes shall stay, if anywhere */
export function leave(stop) {
  turn++;
  follow.disconnect();
  document.querySelector(`[${HERE}]`)?.removeAttribute(HERE);
  opened = null; // it stays as it is: someone looks at it
  if (stop) find(stop)?.scrollIntoView({block: 'start'});
}

/** Opens a tab, as soon as Gradio has built its button. @param {string} tab */
export async function openTab(tab) {
  for (let tries = 0; !find({tab, fold: null}) && tries < 200; tries++)
    await new Promise(resolve => setTimeout(resolve, 50));
}

/**
 * The fold's element, or what the tab opens with, once the tab is there.
 * @param {Pick<Stop, 'tab' | 'fold'>} stop
 * @returns {HTMLElement | null}
 */
function find({tab, fold}) {
  const panel = shownPanel(tab);
  if (!panel) {
    tabButton(tab)?.click();
    return null;
  }
  return fold === null ? panel.querySelector('.block') : document.getElementById(`fold-${tab}-${fold}`);
}

/** Scrolls there, and again while the page grows, until the hand does something else. @param {HTMLElement} place */
function bring(place) {
  /** @param {ScrollBehavior} behavior */
  const scroll = behavior => place.scrollIntoView({block: 'start', behavior});
  scroll(prefersReducedMotion() ? 'instant' : 'smooth');
  let first = true;
  const grown = (follow = new ResizeObserver(() => {
    if (!first) scroll('instant');
    first = false;
  }));
  grown.observe(place.parentElement ?? place);
  const stop = () => grown.disconnect();
  for (const hand of ['wheel', 'pointerdown', 'touchstart', 'keydown'])
    addEventListener(hand, stop, {once: true, passive: true});
  setTimeout(stop, 2500);
}

/**
 * As large as the screen above the bar allows. Without the standard's zoom (its getter is the sign of it) it stays as
 * it is.
 * @param {HTMLElement} place
 */
function fit(place) {
  scrollTo(0, 0);
  if (!('currentCSSZoom' in place)) return;
  const root = document.documentElement;
  const measure = () => {
    const bar = document.querySelector('.vd-stops')?.getBoundingClientRect().height ?? 0;
    root.style.setProperty('--vd-bar', `${bar}px`);
    const height = place.getBoundingClientRect().height / (place.currentCSSZoom ?? 1);
    const zoom = Math.min(LARGEST, (innerWidth - 48) / WIDTH, (innerHeight - bar - 24) / height);
    const legible = Math.max(0.85, innerWidth / 1600); // a section that is too tall even so is scrolled
    root.style.setProperty('--vd-zoom', Math.max(legible, zoom).toFixed(2));
  };
  follow = new ResizeObserver(measure);
  follow.observe(place);
  follow.observe(root);
}
