/** What the server answers of colors. Every call throws an Error whose message is one plain sentence. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {Coloring, bytesOf, fieldOf} from './color-field-painter.mjs';
import {bytes} from '../../../../web/page/request.mjs';

/** @typedef {import('./color-field-painter.mjs').Field} Field */
/**
 * @typedef {{width: number, height: number, coloring: Coloring, grey: Uint8Array, truth: Field | null}} Seen
 *   width, height: of the file itself; grey: what the models see of it; truth: its own colors, null where it has none
 * @typedef {{weights: number[] | null, z: number[][] | null, fields: Field[]}} Answer
 * @typedef {{field: Field, rate: number, terms: {hist: number, mah: number, grad: number}}} Redrawn
 */
const ANSWER = 2048; // bytes of a color field

/**
 * @param {string} url
 * @param {BodyInit} body
 * @param {AbortSignal} [signal]
 * @param {string} [name]  of a model that may be nowhere
 */
async function ask(url, body, signal, name) {
  const answer = await fetch(url, {method: 'POST', body, signal}).catch(error => {
    throw signal?.aborted ? error : new Error('The server does not answer; only it can color a photo.');
  });
  if (answer.status === 503 && name) throw new Error(`${name} is not here.`);
  if (!answer.ok)
    throw new Error(answer.status < 500 ? await answer.text() : 'The server could not color this photo.');
  return answer;
}

/** @param {Uint8Array} all */
const fieldsOf = all =>
  Array.from({length: all.length / ANSWER}, (_, i) => fieldOf(all.subarray(i * ANSWER, (i + 1) * ANSWER)));

/** What there is to see in a picture file. @param {Blob} blob @param {AbortSignal} [signal] @returns {Promise<Seen>} */
export async function seen(blob, signal) {
  const {width, height, shown, light, grey, field} = await (await ask(`${ROOT}live/photo`, blob, signal)).json();
  const coloring = new Coloring({light: bytes(light), width: shown[0], height: shown[1]});
  return {width, height, coloring, grey: bytes(grey), truth: field && fieldOf(bytes(field))};
}

/**
 * Colorings of a grey picture by one of the models.
 * @param {string} name
 * @param {Uint8Array} grey
 * @param {{n?: number, seed?: number}} asked
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer>}
 */
export async function colors(name, grey, {n = 8, seed = 0}, signal) {
  const {weights, z, fields} = await (
    await ask(`${ROOT}live/colors/${name}?n=${n}&seed=${seed}`, grey, signal, name)
  ).json();
  return {weights, z, fields: fieldsOf(bytes(fields))};
}

/**
 * The color fields that a model paints of each z.
 * @param {string} name
 * @param {Uint8Array} grey
 * @param {number[][]} z
 * @param {AbortSignal} [signal]
 */
export async function painted(name, grey, z, signal) {
  const answer = await ask(`${ROOT}live/recolor/${name}`, new Blob([grey, new Float32Array(z.flat())]), signal, name);
  return fieldsOf(new Uint8Array(await answer.arrayBuffer()));
}

/**
 * n draws of z ~ P(z|grey): of each its component, then all color fields as bytes.
 * @param {string} name
 * @param {Uint8Array} grey
 * @param {number} n
 * @param {AbortSignal} [signal]
 */
export async function draws(name, grey, n, signal) {
  const all = new Uint8Array(
    await (await ask(`${ROOT}live/draws/${name}?n=${n}&seed=0`, grey, signal, name)).arrayBuffer(),
  );
  return {components: all.subarray(0, n), fields: all.subarray(n)};
}

/**
 * The photo's own colors through a VAE: encoder's mean, decoder.
 * @param {string} name
 * @param {Uint8Array} grey
 * @param {Field} field
 * @param {AbortSignal} [signal]
 * @returns {Promise<Redrawn>}
 */
export async function redrawn(name, grey, field, signal) {
  const {field: mine, ...rest} = await (
    await ask(`${ROOT}live/reconstruct/${name}`, new Blob([grey, bytesOf(field)]), signal, name)
  ).json();
  return {field: fieldOf(bytes(mine)), ...rest};
}

/** The photo in its full size with these colors, a JPEG. @param {Field} field @param {Blob} photo */
export const full = async (field, photo) => (await ask(`${ROOT}live/full`, new Blob([bytesOf(field), photo]))).blob();
