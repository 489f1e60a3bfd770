/** The picture that travels between folds and tabs. */
import {ROOT} from '../engine/root.mjs';
import {newest} from './request.mjs';

const events = new EventTarget();
/** @type {Blob | null} */
let picture = null;

/** The picture that travels between sections and tabs changed. @param {(picture: Blob | null) => void} hear */
export function onPicture(hear) {
  events.addEventListener('picture', () => hear(picture));
  if (picture) hear(picture);
}

/** @param {Blob | null} blob  a picture file, or null: cleared */
export function setPicture(blob) {
  picture = blob;
  events.dispatchEvent(new Event('picture'));
}

/** A photo, and no drawing or example digit: a file that somebody chose, or the camera's. @param {Blob} blob */
export const isPhoto = blob => blob instanceof File || blob.type === 'image/jpeg';

/**
 * A file that somebody gave, as this browser shows it: itself, or what the server makes of a kind that no browser
 * reads.
 * Rejects, with one plain sentence, where there is no picture in it, so that nothing that is shown need go for it.
 * @param {Blob} file
 */
async function readable(file) {
  if (await createImageBitmap(file).catch(() => null)) return file;
  const answer = await fetch(`${ROOT}live/picture`, {method: 'POST', body: file}).catch(() => {
    throw new Error('The server does not answer; only it can read this file.');
  });
  if (!answer.ok) throw new Error(answer.status < 500 ? await answer.text() : 'The server could not read this file.');
  return new File([await answer.blob()], 'picture.png', {type: 'image/png'});
}

/**
 * What a box does with a file that somebody gives: it travels, the newest alone; of one that is no picture, `say`
 * tells.
 * @param {(words: string) => void} say
 */
export const giver = say =>
  newest(async (signal, file) => {
    if (!file) return;
    const blob = await readable(file).catch(error => {
      if (!signal.aborted) say(error.message);
    });
    signal.throwIfAborted();
    if (blob) setPicture(blob);
  });
