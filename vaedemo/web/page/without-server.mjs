/**
 * The answers of a page without a server, to questions that are more than a file's address: what the browser does
 * itself, and what the server said when the site was written (vaedemo/app/site/answers.py). All else says what is
 * missing.
 */
import {decoder, facts} from '../engine/model-store.mjs';
import {numpyNormals} from '../engine/numpy-normal.mjs';
import {BadPicture, PREPARED} from '../engine/prepare-picture.mjs';
import {ROOT} from '../engine/root.mjs';
import {gifOf} from './gif.mjs';
import {crc32} from './png.mjs';
import {RequestError} from './request.mjs';

/**
 * @typedef {BodyInit | Promise<BodyInit | null>} Answer  null: the browser has none
 * @typedef {(query: URLSearchParams, body: Uint8Array<ArrayBuffer>, name: string) => Answer} Answers
 *   name: what stands behind the route's first word, mostly a model's
 */

const GREY = 160 * 160; // bytes of a photo as the models of colors see it
const PORTRAYED = ['faces-vae', 'faces-vae-dis', 'faces-vae-gan'];

/** By the route's first word. @type {Record<string, Answers>} */
const OWN = {
  draw: query => numpyNormals(Number(query.get('seed')), Number(query.get('n')) * Number(query.get('z'))),
  gif: (query, body) => {
    const number = (/** @type {string} */ name) => Number(query.get(name));
    const [width, height, channels, ms, scale] = ['width', 'height', 'channels', 'ms', 'scale'].map(number);
    return gifOf(body, {width, height, channels, ms, scale, back: number('back') === 1});
  },
  encode: async (query, body, name) => {
    if (!(await isPrepared(name))) return null;
    const {encodeHere} = await import('./encode-here.mjs');
    const label = query.has('label') ? Number(query.get('label')) : null;
    return JSON.stringify(await encodeHere(name, new Blob([body]), {label, binary: query.has('binary')}));
  },
  activations: async (_, body, name) => {
    if (!(await isPrepared(name))) return null;
    const {lookHere} = await import('./encode-here.mjs');
    return JSON.stringify(await lookHere(name, new Blob([body])));
  },
  learn: async (_, body, name) => {
    const [question, model] = name.split('/');
    if (question !== 'styles') return null;
    return JSON.stringify(await (await import('./styles-here.mjs')).stylesHere(model, body));
  },
  predict: async (_, body, name) => {
    let pixels = new Uint8Array();
    await (await decoder(name)).batch(new Float32Array(body.buffer), 1, planes => (pixels = planes.slice()));
    return pixels;
  },
};

/** The same of photos. @type {Record<string, Answers>} */
const OF_PHOTOS = {
  photo: async (_, body) => JSON.stringify(await (await import('./color-here.mjs')).photoHere(new Blob([body]))),
  colors: async (query, grey, name) => {
    const {colorsHere} = await import('./color-here.mjs');
    const [n, seed] = ['n', 'seed'].map(key => Number(query.get(key)));
    return JSON.stringify(await colorsHere(name, grey, {n, seed, tints: query.get('tints') === '1'}));
  },
  mean: async (_, grey, name) => bytesOf(await (await import('./color-here.mjs')).meanHere(name, grey)),
  recolor: async (_, body, name) => {
    const {recolorHere} = await import('./color-here.mjs');
    return bytesOf(await recolorHere(name, body.slice(0, GREY), new Float32Array(body.slice(GREY).buffer)));
  },
  draws: async (query, grey, name) => {
    const {drawsHere} = await import('./color-here.mjs');
    return bytesOf(await drawsHere(name, grey, Number(query.get('n')), Number(query.get('seed'))));
  },
  cells: async (query, grey, name) => {
    const {cellsHere} = await import('./color-here.mjs');
    return bytesOf(await cellsHere(name, grey, Number(query.get('n')), Number(query.get('seed'))));
  },
  object: async (query, grey, name) => {
    const {objectHere} = await import('./color-here.mjs');
    const [n, seed, row, column] = ['n', 'seed', 'row', 'column'].map(key => Number(query.get(key)));
    return JSON.stringify(await objectHere(name, grey, {n, seed, row, column}));
  },
  motion: async (query, body, name) => (await import('./motion-here.mjs')).motionHere(name, query, body, keptAnswer),
  face: async (query, body, name) => {
    const {faceHere} = await import('./face-here.mjs');
    return JSON.stringify(await faceHere(name, new Blob([body]), eyesOf(query)));
  },
  vaegan: async (query, body, name) => {
    if (name !== 'portrait') return null;
    const {portraitHere} = await import('./face-here.mjs');
    return JSON.stringify(await portraitHere(PORTRAYED, new Blob([body]), eyesOf(query)));
  },
  express: async (query, body, name) => {
    if (name !== 'face') return null;
    const {placedHere} = await import('./face-here.mjs');
    return JSON.stringify(await placedHere(new Blob([body]), eyesOf(query)));
  },
};

/** @param {Uint8Array} bytes */
const bytesOf = bytes => /** @type {Uint8Array<ArrayBuffer>} */ (bytes);

/** Where somebody pointed at eyes, in parts of the photo's sides, or null. @param {URLSearchParams} query */
function eyesOf(query) {
  const places = query.get('eyes')?.split(',').map(Number);
  return places ? [places.slice(0, 2), places.slice(2)] : null;
}

/** Whether the browser brings pictures to what the model's encoder takes. @param {string} model */
const isPrepared = async model => PREPARED.includes((await facts(model)).recipe.data);

/** The keys of what was answered when the site was written. @type {Promise<string[]> | undefined} */
let kept;

/** @param {string} address @param {Uint8Array} body */
const keyOf = (address, body) =>
  [crc32(new TextEncoder().encode(address)), body.length, crc32(body)].map(number => number.toString(16)).join('-');

/**
 * What the server said to this when the site was written, or null.
 * @param {string} address
 * @param {Uint8Array<ArrayBuffer>} body
 * @param {AbortSignal} [signal]
 */
async function keptAnswer(address, body, signal) {
  kept ??= fetch(`${ROOT}live/answers.json`).then(answer => answer.json());
  const keys = await kept.catch(() => {
    kept = undefined; // it is asked again
    return /** @type {string[]} */ ([]);
  });
  const key = keyOf(address, body);
  return keys.includes(key) ? fetch(`${ROOT}live/answers/${key}`, {signal}) : null;
}

/**
 * Answers as the server would. Throws a RequestError.
 * @param {string} address  path and query of a route below live/
 * @param {{purpose: string, body: BodyInit | null, signal?: AbortSignal}} asked
 */
export async function answerTo(address, {purpose, body, signal}) {
  const bytes = new Uint8Array(await new Response(body).arrayBuffer());
  signal?.throwIfAborted();
  const answer = await keptAnswer(address, bytes, signal);
  if (answer) return answer; // less to fetch than a net
  const own = await ownAnswer(address, bytes);
  signal?.throwIfAborted();
  if (own === null) throw new RequestError(unanswered(purpose));
  return new Response(own);
}

/**
 * What the browser answers itself, or null. Throws a RequestError for a picture that cannot be read.
 * @param {string} address
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function ownAnswer(address, bytes) {
  const [path, query] = address.split('?');
  const [route, ...rest] = path.split('/');
  try {
    return (await {...OWN, ...OF_PHOTOS}[route]?.(new URLSearchParams(query), bytes, rest.join('/'))) ?? null;
  } catch (error) {
    throw error instanceof BadPicture ? new RequestError(error.message) : error;
  }
}

/** @param {string} purpose */
const unanswered = purpose =>
  `This page has no server, and only a server can ${purpose}. "python -m vaedemo demo" starts one on your computer.`;
