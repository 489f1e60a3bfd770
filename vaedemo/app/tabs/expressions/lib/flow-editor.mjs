/** The model in the page: flows of a face's expressions, decoded as often as the hand moves. */
import {decoderInPage} from '../../../../web/engine/backends.mjs';
import {facts, latents} from '../../../../web/engine/model-store.mjs';
import {RequestError} from '../../../../web/page/request.mjs';
import {ExpressionCodes, vectorOf} from './expression-codes.mjs';

/** @typedef {import('./portrait.mjs').Face} Face @typedef {import('./portrait.mjs').Edit} Edit */

export const MODEL = 'expressions';
const NOT_HERE =
  'No flow can be decoded in this browser, so the photo stays as it is: it has no WebAssembly SIMD, or no module ' +
  'workers, or the model’s file did not come.';

export class FlowEditor {
  #decoder;
  #codes;
  /** Condition and codes of the face that was asked for last. */
  #known = {points: /** @type {number[]} */ ([]), y: new Float32Array(), codes: new Map()};

  /** Rejects, in plain words, where the model is nowhere. */
  static async open() {
    await facts(MODEL);
    const here = decoderInPage(MODEL).catch(() => {
      throw new RequestError(NOT_HERE);
    });
    const [decoder, tensors] = await Promise.all([here, latents(MODEL)]);
    return new FlowEditor(decoder, new ExpressionCodes(tensors));
  }

  /**
   * Not to be called: open() does.
   * @param {import('../../../../web/engine/decoder.mjs').Decoder} decoder
   * @param {ExpressionCodes} codes
   */
  constructor(decoder, codes) {
    this.#decoder = decoder;
    this.#codes = codes;
  }

  /** How many numbers a code has. */
  get z() {
    return this.#codes.z;
  }

  /**
   * The flow that gives a face one expression, or several at once: x and y of each of 64 x 64 cells.
   * @param {Face} face
   * @param {Edit[]} edits
   */
  flow(face, edits) {
    const {y, codes} = this.#knownOf(face);
    const parts = edits.map(({expression, strength}) => {
      if (!codes.has(expression)) codes.set(expression, this.#codes.code(expression, y));
      return {code: codes.get(expression), strength};
    });
    return this.#decoder.numbers(vectorOf(y, parts));
  }

  /** The flow that a code makes of a face. @param {Face} face @param {Float32Array} z */
  decoded(face, z) {
    return this.#decoder.numbers(vectorOf(this.#knownOf(face).y, [{code: z, strength: 1}]));
  }

  /** @param {Face} face */
  #knownOf({points}) {
    if (this.#known.points !== points) this.#known = {points, y: this.#codes.condition(points), codes: new Map()};
    return this.#known;
  }
}

/** @type {Promise<FlowEditor> | undefined} */
let editor;

/** The tab's editor, opened once; after a failure it is opened anew. */
export function flowEditor() {
  editor ??= FlowEditor.open();
  editor.catch(() => {
    editor = undefined;
  });
  return editor;
}
