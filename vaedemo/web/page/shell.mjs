/**
 * What holds the tabs and folds, as everything else sees it: Gradio's page, or one without a server
 * (static-shell.mjs). The ids are the same on both; here stands all that differs.
 */
import {queryAll} from './dom.mjs';

/** The names of the tabs, and of each tab's folds, as they stand in the page's head. @type {Map<string, string[]>} */
let known;

/** @returns {Map<string, string[]>} */
const tabs = () =>
  (known ??= new Map(Object.entries(JSON.parse(document.getElementById('vd-tabs')?.textContent || '{}'))));

/** From left to right. */
export const tabNames = () => [...tabs().keys()];

/** @param {string} tab */
export const foldNames = tab => tabs().get(tab) ?? [];

/**
 * The panel of a tab, where it is shown.
 * @param {string} tab
 */
export function shownPanel(tab) {
  const panel = document.getElementById(`tab-${tab}`);
  return panel && panel.style.display !== 'none' ? panel : null;
}

/**
 * On a narrow page Gradio moves tabs into a menu, where they have no ids.
 * @param {string} tab
 */
export function tabButton(tab) {
  const label = window.gradio_config?.components.find(({props}) => props.elem_id === `tab-${tab}`)?.props.label;
  return (
    document.getElementById(`tab-${tab}-button`) ??
    queryAll(document, '#tabs .overflow-dropdown button').find(button => button.textContent?.trim() === label)
  );
}

/** @param {Element} fold */
export const isOpen = fold =>
  fold instanceof HTMLDetailsElement
    ? fold.open
    : (fold.querySelector(':scope > .label-wrap')?.classList.contains('open') ?? false);

/**
 * Opens or closes a fold; true where it had to. What is none, such as what a tab opens with, stays as it is.
 * @param {Element} fold
 * @param {boolean} open
 */
export function setOpen(fold, open) {
  const [label] = queryAll(fold, ':scope > .label-wrap');
  if (!label || isOpen(fold) === open) return false;
  label.click();
  return true;
}
