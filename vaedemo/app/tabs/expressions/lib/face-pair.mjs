/** What lies between two faces, as `Pair` of vaedemo/express.py has it: both warped towards each other and blended. */
import {contextOf, newCanvas} from '../../../../web/page/canvas-pixels.mjs';
import {FaceWarp, SIDE} from './face-warp.mjs';
import {fittedCode, flowAt, spread} from './fitted-code.mjs';
import {squareOf} from './own-square.mjs';
import {placedAt} from './portrait.mjs';

/** @typedef {import('./portrait.mjs').Face} Face @typedef {import('./flow-editor.mjs').FlowEditor} FlowEditor */

const MARGIN = 11; // pixels of 64 around a face
const OWN_EYES = [21.7, 33.1, 41.2, 33.1]; // x and y of the eyes' centres in a face's own square

/** Where the face's own square lies in a picture of so many pixels a side. @param {number} side */
export function placementIn(side) {
  const scale = side / (SIDE + 2 * MARGIN);
  return {linear: [[scale, 0], [0, scale]], offset: [scale * MARGIN, scale * MARGIN]}; // prettier-ignore
}

/** Where the eyes lie in such a picture, in parts of its sides: x and y of each. */
export const eyesIn = () => OWN_EYES.map(value => (value + MARGIN) / (SIDE + 2 * MARGIN));

/**
 * The face upright in a picture of its own.
 * @param {Face} face @param {number} side  pixels
 */
export function cutOut({bitmap, placement}, side) {
  const canvas = newCanvas(side, side);
  const context = contextOf(canvas, {willReadFrequently: true});
  context.fillStyle = '#808080'; // beyond the photo
  context.fillRect(0, 0, side, side);
  const [scale, edge] = [side / (SIDE + 2 * MARGIN), (side * MARGIN) / (SIDE + 2 * MARGIN)];
  const [a, b, c, d, e, f] = squareOf(placedAt(placement, bitmap.width), scale * SIDE, 0);
  context.setTransform(a, b, c, d, e + edge, f + edge);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0);
  context.resetTransform();
  return canvas;
}

/** One face of a pair, and the flow that takes it to the other. */
class Side {
  #decode;
  #code;
  #rest;

  /** @param {FlowEditor} editor @param {Face} face @param {Face} other @param {number} side  pixels */
  constructor(editor, face, other, side) {
    this.canvas = cutOut(face, side);
    const {data} = contextOf(this.canvas).getImageData(0, 0, side, side);
    this.warp = new FaceWarp({data, width: side, height: side}, placementIn(side));
    this.#decode = (/** @type {Float32Array} */ z) => editor.decoded(face, z);
    const moves = other.points.map((value, i) => face.points[i] - value);
    this.#code = fittedCode(this.#decode, editor.z, other.points, moves);
    const got = flowAt(this.#decode(this.#code), other.points);
    const rest = moves.map((value, i) => value - got[i]);
    this.#rest = spread(other.points, rest);
    const length = (/** @type {number[]} */ all) => all.reduce((sum, value) => sum + value * value, 0);
    /** The share of the landmarks' moves that no code says. */
    this.left = length(rest) / Math.max(length(moves), 1e-9);
  }

  /** The photo on so much of the way to the other. @param {number} share @param {boolean} fine */
  at(share, fine) {
    const flow = this.#decode(this.#code.map(value => share * value));
    return this.warp.at(
      flow.map((value, i) => value + share * this.#rest[i]),
      fine,
    );
  }
}

export class FacePair {
  #sides;
  #blended;

  /** @param {FlowEditor} editor @param {Face} one @param {Face} other @param {number} side  pixels of the pictures */
  constructor(editor, one, other, side) {
    this.#sides = [new Side(editor, one, other, side), new Side(editor, other, one, side)];
    this.#blended = new ImageData(side, side);
    this.#blended.data.fill(255);
  }

  /** Both faces as they are. */
  get canvases() {
    return this.#sides.map(({canvas}) => canvas);
  }

  /** The share of the landmarks' moves that no code says, of the first face. */
  get left() {
    return this.#sides[0].left;
  }

  /** Both photos, warped towards each other and blended. @param {number} t  in [0, 1] @param {boolean} [fine] */
  at(t, fine = false) {
    const [one, other] = this.#sides.map((side, i) => side.at(i ? 1 - t : t, fine));
    const {data} = this.#blended;
    for (let i = 0; i < data.length; i += 4)
      for (let k = i; k < i + 3; k++) data[k] = one[k] + t * (other[k] - one[k]);
    return this.#blended;
  }
}
