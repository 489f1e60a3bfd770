/** What the sections of the page share: the picture that travels, and small helpers. */
import {decoder, facts, latents} from '../static/models.mjs';
import {Painter} from '../static/paint.mjs';

/**
 * A picture that was drawn, uploaded or chosen, and the model's answer to it.
 * @typedef {{x: Uint8Array, mean: number[], sigma: number[], rates: number[], rate: number, distortion: number, noise: number | null, label: number | null, model: string}} Encoded
 *   label: what a model that is told one was told, or took the picture for
 */
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
 * A file that somebody gave, as this browser shows it: itself, or what the server makes of a kind that no browser reads.
 * Rejects, with one plain sentence, where there is no picture in it, so that nothing that is shown need go for it.
 * @param {Blob} file
 */
async function readable(file) {
  if (await createImageBitmap(file).catch(() => null)) return file;
  const answer = await fetch(new URL('live/picture', document.baseURI), {method: 'POST', body: file})
    .catch(() => { throw new Error('The server does not answer; only it can read this file.'); });
  if (!answer.ok) throw new Error(answer.status < 500 ? await answer.text() : 'The server could not read this file.');
  return new File([await answer.blob()], 'picture.png', {type: 'image/png'});
}

/** What a box does with a file that somebody gives: it travels, the newest alone; of one that is no picture, `say` tells. @param {(words: string) => void} say */
export const giver = say => newest(async (signal, file) => {
  if (!file) return;
  const blob = await readable(file).catch(error => { if (!signal.aborted) say(error.message); });
  signal.throwIfAborted();
  if (blob) setPicture(blob);
});

/** @type {{section: string, state: Record<string, string>} | null} */
let stop = null;

/** A guided stop asks this section to show something. @param {string} section @param {(state: Record<string, string>) => void} hear */
export function onStop(section, hear) {
  const told = () => stop?.section === section && hear(stop.state);
  events.addEventListener('stop', told);
  told();
}

/** @param {{section: string, state: Record<string, string>}} next */
export function setStop(next) {
  stop = next;
  events.dispatchEvent(new Event('stop'));
}

/**
 * The decoder of a model that may be nowhere: rejects in plain words then, where it would go on asking by itself.
 * @param {string} base @param {string} name @param {string} [hand]
 */
export async function decoderOf(base, name, hand) {
  await facts(base, name).catch(error => { throw Object.assign(new Error(`${name} is not here.`), {cause: error}); });
  return decoder(base, name, hand);
}

/**
 * Asks the encoder. Throws an Error whose message is one plain sentence.
 * @param {number | null} [label]  what a model that is told labels is told; null: what it takes the picture for
 * @returns {Promise<Encoded>}
 */
export async function encode(base, model, blob, signal, label = null) {
  const query = label === null ? '' : `?label=${label}`;
  const {x, log_var: logVar, ...rest} = await askEncoder(`${base}live/encode/${model}${query}`, blob, signal);
  return {...rest, model, sigma: logVar.map(value => Math.exp(value / 2)), x: bytes(x)};
}

/** The JSON that one of the encoder's routes answers to a picture. Throws an Error whose message is one plain sentence. */
export async function askEncoder(url, blob, signal) {
  const answer = await fetch(url, {method: 'POST', body: blob, signal}).catch(error => {
    throw signal?.aborted ? error : new Error('The server does not answer; only it can encode a picture.');
  });
  if (!answer.ok) throw new Error(answer.status < 500 || answer.status === 503 ? await answer.text() : 'The server could not encode this picture.');
  return answer.json();
}

/** @param {string} text  in base64 */
export const bytes = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));

/** The newest wins: calls `work` with an AbortSignal, aborting the call before. */
export function newest(work) {
  let controller;
  return async (...args) => {
    controller?.abort();
    controller = new AbortController();
    const {signal} = controller;
    try { await work(signal, ...args); } catch (error) { if (!signal.aborted) throw error; }
  };
}

/** Pictures of a model (white on black; the page's CSS inverts them in light mode): decoded codes on a canvas of `columns`. Resolves when all are painted. */
export async function grid(base, model, canvas, codes, columns, signal) {
  const open = await decoder(base, model);
  const n = codes.length / open.inputs;
  const painter = new Painter(canvas, open.shape, {columns, rows: Math.ceil(n / columns)});
  await open.batch(codes, n, (planes, first) => painter.draw(planes, first), signal);
  return painter;
}

/** A model's example codes: [class][k] -> number[]. */
export async function examples(base, model) {
  const {examples: {data, shape: [n, z]}} = await latents(base, model);
  const rows = Array.from({length: n}, (_, i) => [...data.subarray(i * z, (i + 1) * z)]);
  return Array.from({length: 10}, (_, digit) => rows.slice(3 * digit, 3 * digit + 3));
}

/**
 * Ten buttons with example digits, re-drawn by the model; a click gives one as a picture, unless another is chosen, or
 * given, before it is drawn. @param {(picture: Blob, digit: number) => void} take
 */
export async function digitChoices(place, base, take) {
  const open = await decoder(base, 'digits'), codes = await examples(base, 'digits');
  let clicks = 0;
  codes.forEach((ofDigit, digit) => {
    const button = dom(`<button type="button" class="vd-digit" aria-label="Example: ${digit}"><canvas class="vd-ink" width="28" height="28"></canvas></button>`);
    const canvas = button.querySelector('canvas'), painter = new Painter(canvas, open.shape);
    let next = 0;
    open.batch(ofDigit[0], 1, planes => painter.draw(planes));
    button.addEventListener('click', () => {
      const click = clicks += 1, then = picture;
      open.batch(ofDigit[next++ % ofDigit.length], 1, planes => {
        painter.draw(planes);
        canvas.toBlob(blob => { if (click === clicks && then === picture) take(blob, digit); });
      });
    });
    place.append(button);
  });
}

/**
 * The same ten where a fold never opens empty: digit `first` stands there, and there `alone`, until there is a picture
 * that travels. @param {number} first @param {(picture: Blob) => void} alone @param {(picture: Blob, digit: number) => void} [onward]
 */
export async function openWithDigit(place, base, first, alone, onward = setPicture) {
  let opening = true;
  await digitChoices(place, base, (blob, digit) => {
    if (opening && !picture) alone(blob); else onward(blob, digit);
    opening = false;
  });
  if (picture) opening = false; else place.children[first].click();
}

/** @param {string} html  a template of ours, never people's text @returns {HTMLElement} */
export function dom(html) {
  const template = document.createElement('template');
  template.innerHTML = html.trim();
  return /** @type {HTMLElement} */ (template.content.firstElementChild);
}

/** @param {string} name @param {Blob} blob */
export function save(name, blob) {
  const anchor = Object.assign(document.createElement('a'), {href: URL.createObjectURL(blob), download: name});
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
}

/** A canvas as a PNG, enlarged by whole pixels. */
export function savePng(name, canvas, scale = 8) {
  const large = Object.assign(document.createElement('canvas'), {width: canvas.width * scale, height: canvas.height * scale});
  const context = large.getContext('2d');
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, large.width, large.height);
  large.toBlob(blob => save(name, blob));
}

/**
 * Planes of grey, or of red, green and blue, one frame after another or in a list, as a GIF that loops; with `back` there
 * and back. Throws an Error in plain words.
 * @param {string} base @param {string} name  of the file @param {Uint8Array | Uint8Array[]} planes
 * @param {{width?: number, height?: number, channels?: number, ms?: number, scale?: number, back?: boolean}} [options]  ms a frame
 */
export async function saveGif(base, name, planes, {width = 28, height = 28, channels = 1, ms = 80, scale = 8, back = false} = {}) {
  const query = new URLSearchParams(Object.entries({width, height, channels, ms, scale, back: Number(back)}).map(([key, value]) => [key, String(value)]));
  const answer = await fetch(`${base}live/gif?${query}`, {method: 'POST', body: new Blob([planes].flat())})
    .catch(() => { throw new Error('The server does not answer; only it can make a GIF.'); });
  if (!answer.ok) throw new Error(answer.status < 500 ? await answer.text() : 'The server could not make the GIF.');
  save(name, await answer.blob());
}

export const shown = (values, digits = 2) => values.map(value => value.toFixed(digits).replace('-', '−')).join(', ');
export const nats = value => `${value.toFixed(1)} nats`;
export const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
