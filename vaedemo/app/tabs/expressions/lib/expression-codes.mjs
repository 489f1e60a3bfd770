/**
 * Where the expressions lie in z for a face, as `Codes` of vaedemo/models/expressions.py has it: a test compares them.
 */

/** @typedef {import('../../../../web/engine/model-store.mjs').Tensors} Tensors */

/** In the order of the model's tables. */
export const EXPRESSIONS = [
  ...['neutral', 'smile', 'smile_open', 'laugh', 'mouth_open', 'surprised', 'sad', 'angry', 'disgust', 'pucker'],
  ...['squint', 'brows_up', 'eyes_closed', 'wink_left', 'wink_right'],
];
/** Strengths: 1 is the whole expression, below 0 it is suppressed. */
export const WEAKEST = -0.5;
export const STRONGEST = 1.5;
/** A strength that the model may be asked for. @param {number} strength */
export const held = strength => Math.max(WEAKEST, Math.min(STRONGEST, strength));
const MEASURED = 0; // of pairs of photographs
const SHAPED = 1; // of blendshapes and rendered heads

export class ExpressionCodes {
  #tensors;
  #count = EXPRESSIONS.length;

  /** @param {Tensors} tensors  of the model */
  constructor(tensors) {
    this.#tensors = tensors;
    const [y] = tensors.traits.shape;
    const [, , z] = tensors.code_mean.shape;
    this.z = z;
    this.y = y;
  }

  /** The condition y of a face. @param {ArrayLike<number>} points  its landmarks, x and y of each */
  condition(points) {
    const {traits, usual} = this.#tensors;
    const width = usual.data.length;
    return Float32Array.from({length: this.y}, (_, row) => {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += traits.data[row * width + i] * (points[i] - usual.data[i]);
      return sum;
    });
  }

  /**
   * The code of an expression for a face: of blendshapes, which are plainer; else as photographs have it.
   * @param {string} expression
   * @param {ArrayLike<number>} y
   */
  code(expression, y) {
    const goal = EXPRESSIONS.indexOf(expression);
    const {code_count: count, code_mean: mean, code_slope: slope} = this.#tensors;
    const kind = count.data[SHAPED * this.#count + goal] > 0 ? SHAPED : MEASURED;
    const first = (kind * this.#count + goal) * this.z;
    return Float32Array.from({length: this.z}, (_, i) => {
      let sum = mean.data[first + i];
      for (let k = 0; k < this.y; k++) sum += slope.data[(first + i) * this.y + k] * y[k];
      return sum;
    });
  }
}

/**
 * [z, y] of several codes at once, each times its strength.
 * @param {ArrayLike<number>} y
 * @param {{code: ArrayLike<number>, strength: number}[]} parts
 */
export function vectorOf(y, parts) {
  const z = Float32Array.from({length: parts[0].code.length}, (_, i) =>
    parts.reduce((sum, {code, strength}) => sum + strength * code[i], 0),
  );
  return Float32Array.from([...z, ...Array.from(y)]);
}
