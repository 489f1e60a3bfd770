/** One portrait through all models at once: encoders answer in one step; for the GAN's z one has to search. */
import {decoderOf} from '../../../web/engine/model-store.mjs';
import {ROOT} from '../../../web/engine/root.mjs';
import {mountFold, takeaway} from '../../../web/page/fold.mjs';
import {newest} from '../../../web/page/request.mjs';
import {FacePhotoInput} from '../../../web/ui/face-photo-input.mjs';
import {Painter} from '../../../web/ui/painter.mjs';
import {GAN, MODELS, SHAPE} from './lib/models.mjs';
import {encodePortrait, found, leading, portrait, search} from './lib/portrait.mjs';

/** @typedef {import('../../../web/page/fold.mjs').Mounted} Mounted */

const POINT = 'No face was found. Click the two eyes in your photo, one after the other.';

/** @param {string} name @param {string} caption */
const figure = (name, caption) => `
<figure class="vd-figure">
  <canvas class="vd-photo" data-part="${name}" width="64" height="64" role="img" aria-label="${caption}"></canvas>
  <figcaption>${caption}</figcaption>
</figure>`;
const TEMPLATE = `
<div class="vd-race">
  <div data-part="box"></div>
  ${figure('x', 'The photo, as the models see it')}
  ${MODELS.map(({name, title}) => figure(name, title)).join('')}
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="search" disabled>Search for the GAN’s z</button>
    <button type="button" class="vd-quiet" data-act="stop" hidden>Stop</button>
    ${takeaway('png', 'badge')}
  </div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const {showError} = mounted;
  /** @param {string} name */
  const canvas = name => mounted.part(name, HTMLCanvasElement);
  const photo = new Painter(canvas('x'), SHAPE, {crisp: false});
  const painters = new Map(MODELS.map(({name}) => [name, new Painter(canvas(name), SHAPE, {crisp: false})]));
  /** @type {AbortController | null} */
  let running = null;

  /** @param {string} name @param {ArrayLike<number>} z */
  async function show(name, z) {
    const open = await decoderOf(name, 'race');
    open.show(z, planes => painters.get(name)?.draw(planes));
  }

  const take = newest(async (signal, /** @type {Blob} */ blob, /** @type {number[][] | null} */ eyes) => {
    const face = await encodePortrait(blob, eyes, signal);
    signal.throwIfAborted();
    if (!face) {
      box.ask();
      showError(POINT);
      return;
    }
    showError(null);
    running?.abort();
    found.publish(null);
    box.mark(face.eyes);
    portrait.publish(face);
  });
  const example = `${ROOT}vaedemo/web/examples/astronaut.jpg`;
  const box = new FacePhotoInput(mounted.part('box'), mounted.root, example, async (blob, eyes) => {
    try {
      await take(blob, eyes);
      return true;
    } catch (error) {
      showError(/** @type {Error} */ (error));
      return false;
    }
  });

  portrait.subscribe(({x, codes}) => {
    photo.draw(x);
    for (const [name, {mean}] of Object.entries(codes)) show(name, mean).catch(showError);
    mounted.button('search').disabled = false;
  });
  found.subscribe(() => {
    const z = leading();
    if (z) show(GAN, z).catch(showError);
  });
  mounted.acts({
    async search() {
      if (!portrait.value) return;
      running?.abort();
      running = new AbortController();
      mounted.button('stop').hidden = false;
      try {
        await search({x: portrait.value.x}, now => found.publish(now), running.signal);
      } finally {
        mounted.button('stop').hidden = true;
      }
    },
    stop: () => running?.abort(),
  });
}
