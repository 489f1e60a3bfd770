/**
 * The decoders of M2 and M1+M2, which draw one z under all ten labels: one hidden layer with softplus, over [z, y]. An
 * M2 gives pixels, an M1+M2 codes, from which the decoder of `digits` draws. Both are so small that the page's own
 * thread computes them.
 */
import {decoder} from '../../../../web/engine/model-store.mjs';
import {readTensors} from '../../../../web/engine/safetensors.mjs';
import {SIDE} from '../../../../web/engine/training-run.mjs';
import {request} from '../../../../web/page/request.mjs';

/**
 * @typedef {Record<string, {data: any, shape: number[]}>} Tensors
 * @typedef {(planes: Uint8Array, first: number) => void} Paint  pictures, from number `first` on
 */

const LABELS = 10;
const PIXELS = SIDE * SIDE;
const CODES = 'digits';

/** log(1 + exp(x)), without overflow. @param {number} x */
const softplus = x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** A linear layer, softplus, a linear layer; tensors as PyTorch has them: `0.weight` (H, Z + 10), `2.weight` (D, H). */
export class LabelledNet {
  #first;
  #second;
  #bias;
  #shift;
  /** How many latents. */
  z;
  /** How many numbers come out. */
  outputs;

  /** @param {Tensors} tensors */
  constructor(tensors) {
    [this.#first, this.#bias] = [tensors['0.weight'].data, tensors['0.bias'].data];
    [this.#second, this.#shift] = [tensors['2.weight'].data, tensors['2.bias'].data];
    this.z = tensors['0.weight'].shape[1] - LABELS;
    this.outputs = this.#shift.length;
  }

  /** What it gives for one z under the labels 0 to 9, (10, outputs). @param {ArrayLike<number>} z */
  ten(z) {
    const units = this.#bias.length;
    const hidden = new Float32Array(LABELS * units);
    for (let unit = 0, at = 0; unit < units; unit++) {
      let sum = this.#bias[unit];
      for (let i = 0; i < this.z; i++) sum += this.#first[at++] * z[i];
      for (let label = 0; label < LABELS; label++) hidden[label * units + unit] = softplus(sum + this.#first[at++]);
    }
    const out = new Float32Array(LABELS * this.outputs);
    for (let label = 0; label < LABELS; label++)
      for (let i = 0, at = 0; i < this.outputs; i++) {
        let sum = this.#shift[i];
        for (let unit = 0; unit < units; unit++) sum += this.#second[at++] * hidden[label * units + unit];
        out[label * this.outputs + i] = sum;
      }
    return out;
  }
}

/** Means of Bernoulli pixels as bytes. @param {Float32Array} logits */
export const bytesOf = logits => Uint8Array.from(logits, logit => Math.round(255 / (1 + Math.exp(-logit))));

export class StyleDecoder {
  #net;
  #codes;

  /** @param {string} name  digits-m2 or digits-m1m2 */
  static async open(name) {
    const answer = await request(`learn/generator/${name}`, {purpose: 'hand out a decoder', model: name});
    const net = new LabelledNet(readTensors(await answer.arrayBuffer()));
    return new StyleDecoder(net, net.outputs === PIXELS ? null : await decoder(CODES, 'styles'));
  }

  /**
   * @param {LabelledNet} net
   * @param {import('../../../../web/engine/live-decoder.mjs').LiveDecoder | null} codes  draws from codes; null: the
   *   net gives pixels
   */
  constructor(net, codes) {
    this.#net = net;
    this.#codes = codes;
  }

  get z() {
    return this.#net.z;
  }

  /** Draws one z under all labels; of a hand that moves on, the newest. @param {number[]} z @param {Paint} paint */
  show(z, paint) {
    const out = this.#net.ten(z);
    if (this.#codes) this.#codes.show(out, planes => paint(planes, 0), LABELS);
    else paint(bytesOf(out), 0);
  }

  /** Draws several z, each under all labels. @param {number[][]} zs @param {Paint} paint @param {AbortSignal} signal */
  async all(zs, paint, signal) {
    const outs = zs.map(z => this.#net.ten(z));
    if (!this.#codes) return outs.forEach((out, i) => paint(bytesOf(out), LABELS * i));
    const codes = outs.flatMap(out => Array.from(out));
    await this.#codes.batch(codes, LABELS * zs.length, paint, signal);
  }
}
