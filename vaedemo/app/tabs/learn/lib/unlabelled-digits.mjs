/** Digits that nobody has labelled, and where two models that never saw a label put them. */
import {decoder} from '../../../../web/engine/model-store.mjs';
import {readTensors} from '../../../../web/engine/safetensors.mjs';
import {SIDE} from '../../../../web/engine/training-run.mjs';
import {request} from '../../../../web/page/request.mjs';
import {askedFor} from './few-labels.mjs';
import {TEACHER} from './lesson.mjs';

/** @typedef {{z: Float32Array, plane: Float32Array, codes: Float32Array, planes: Uint8Array}} Digits */

const PIXELS = SIDE * SIDE;

/**
 * What nobody has labelled: the server draws z and encodes, this browser draws the pictures.
 * @returns {Promise<Digits>}
 */
export async function digits() {
  const [answer, teacher] = await Promise.all([
    request('learn/digits', {purpose: 'encode digits'}),
    decoder(TEACHER, 'labels'),
  ]);
  const {z, plane, codes} = readTensors(await answer.arrayBuffer());
  const [n, latents] = z.shape;
  const vectors = new Float32Array(n * teacher.inputs);
  for (let i = 0; i < n; i++) {
    vectors.set(z.data.subarray(i * latents, (i + 1) * latents), i * teacher.inputs);
    vectors[i * teacher.inputs + latents + askedFor(i)] = 1;
  }
  const planes = new Uint8Array(n * PIXELS);
  await teacher.batch(vectors, n, (part, first) => planes.set(part, first * PIXELS));
  return {z: z.data, plane: plane.data, codes: codes.data, planes};
}
