/** The picture that travels between folds and tabs. */
import {newest, request} from './request.mjs';
import {Store} from './store.mjs';

/** @type {Store<Blob | null>} */
const picture = new Store();

/** The picture that travels between folds and tabs, if there is one. @returns {Blob | null} */
export const pictureNow = () => picture.value;

/**
 * The picture that travels changed.
 * @param {(picture: Blob | null) => void} hear  null: it was cleared
 * @param {HTMLElement} [root]  what shows drawings: a photo, which is meant for other tabs, waits until it is in view
 */
export function onPicture(hear, root) {
  if (!root) return picture.subscribe(hear);
  let visible = false;
  /** @type {Blob | null} */
  let waiting = null;
  new IntersectionObserver(entries => {
    visible = entries[entries.length - 1].isIntersecting;
    if (!visible || !waiting) return;
    hear(waiting);
    waiting = null;
  }).observe(root);
  return picture.subscribe(blob => {
    waiting = blob && !visible && isPhoto(blob) ? blob : null;
    if (!waiting) hear(blob);
  });
}

/** @param {Blob | null} blob  a picture file, or null: cleared */
export const setPicture = blob => picture.publish(blob);

/** A photo, and no drawing or example digit: a file that somebody chose, or the camera's. @param {Blob} blob */
export const isPhoto = blob => blob instanceof File || blob.type === 'image/jpeg';

/**
 * A file that somebody gave, as this browser shows it: itself, or what the server makes of a kind that no browser
 * reads. Rejects, with one plain sentence, where there is no picture in it, so that nothing that is shown need go.
 * @param {Blob} file
 */
async function readable(file) {
  if (await createImageBitmap(file).catch(() => null)) return file;
  const answer = await request('picture', {purpose: 'read this file', body: file});
  return new File([await answer.blob()], 'picture.png', {type: 'image/png'});
}

/**
 * What a box does with a file that somebody gives: it travels, the newest alone; of one that is no picture, the box
 * shows the error.
 * @param {(words: string) => void} showError
 * @param {(picture: Blob) => void} [give]  to whom, where it is not to travel
 */
export const giver = (showError, give = setPicture) =>
  newest(async (signal, /** @type {Blob | null | undefined} */ file) => {
    if (!file) return;
    const blob = await readable(file).catch(error => {
      if (!signal.aborted) showError(error.message);
    });
    signal.throwIfAborted();
    if (blob) give(blob);
  });
