/**
 * Your photo: the face is found, aligned and encoded; its z goes to the sliders, or is fitted, or its hidden part
 * completed.
 */
import {ROOT} from '../../../../web/engine/root.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {MODEL, SAID, describe, opened, words} from '../lib/described-face.mjs';
import {faceIn, fit} from '../lib/face-requests.mjs';
import {Mask} from '../../../../web/ui/mask-painter.mjs';
import {photoBox} from '../../../../web/ui/face-photo-input.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {beside, decoded} from '../../../../web/ui/side-by-side.mjs';
import {facts} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const SHAPE = /** @type {[number, number, number]} */ ([3, 64, 64]);
const AREA = 64 * 64;
const STEPS = 150;
const ANSWERS = 6;
const LOOKING = 'Looking for a face …';
const FAR = 2.5; // times the mean squared error of test faces: the model has not seen the like

const figure = (
  name,
  caption,
) => `<figure class="vd-figure"><canvas class="vd-photo" data-part="${name}" width="64" height="64" role="img"></canvas>
  <figcaption>${caption}</figcaption></figure>`;
const TEMPLATE = `
<div class="vd-facephoto">
  <div class="parts">
    <div data-part="box"></div>
    <div>${figure('x', 'x, the face as the models see it. Paint over a part to hide it; keys 1 to 4 hide eyes, mouth, a half.')}
      <button type="button" class="vd-quiet" data-act="uncover">Uncover</button></div>
    ${figure('drawn', 'what the decoder makes of z')}
    <div class="vd-controls acts">
      <button type="button" class="vd-main" data-act="sliders" disabled>Take it to the sliders</button>
      <button type="button" class="vd-quiet" data-act="fit" disabled>Fit z step by step</button>
      <button type="button" class="vd-quiet" data-act="complete" disabled>Complete what is hidden</button>
      <button type="button" class="vd-quiet" data-act="stop" hidden>Stop</button>
      <progress max="${STEPS}" value="0" hidden aria-label="Steps of the fit"></progress>
      <p class="vd-note" role="status" data-part="words"></p>
    </div>
  </div>
  <div class="answers" data-part="answers"></div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export async function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const act = name => root.querySelector(`[data-act="${name}"]`);
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  const progress = /** @type {HTMLProgressElement} */ (root.querySelector('progress'));
  element.querySelector('.vd-section').append(root);
  const faces = await opened().catch(say);
  if (!faces) return;
  const {open, names, labels, latents} = faces;
  const drawn = new Painter(find('drawn'), SHAPE, {crisp: false});
  const mask = new Mask(find('x'), () => buttons());
  /** @type {import('../lib/face-requests.mjs').Found | null} */ let face = null;
  let z = /** @type {number[]} */ ([]);
  let running = /** @type {AbortController | null} */ (null);
  let seed = 0;
  const usual = (await facts(MODEL)).metrics.pixel_mse;

  function buttons() {
    for (const name of ['sliders', 'fit', 'complete'])
      act(name).disabled = !face || Boolean(running) || (name === 'complete' && !mask.hidden);
    act('stop').hidden = progress.hidden = !running;
  }

  /** Shows what the decoder makes of z, and says how well it fits. */
  async function show(how) {
    const mine = face;
    const planes = await decoded({open}, [[...z, ...face.y]]);
    if (face !== mine) return; // another photo has come
    const error = planes.reduce((sum, value, i) => sum + ((value - face.x[i]) / 255) ** 2, 0) / planes.length;
    drawn.draw(planes);
    find('drawn').setAttribute('aria-label', `What ${MODEL} draws for the ${how} z of the photo`);
    const far =
      usual && error > FAR * usual
        ? ' It lies far from the faces that the model learned from: expect little likeness.'
        : '';
    const y = face.y.map((value, i) => (SAID.has(names[i]) ? value : -1));
    find('words').textContent =
      `Read in it: ${words(labels, y)}. Squared error ${error.toFixed(4)} a value, by the ${how} z.${far}`;
  }

  const take = newest(async (signal, blob, eyes = null) => {
    running?.abort();
    const before = find('words').textContent;
    find('words').textContent = LOOKING;
    const found = await faceIn(blob, eyes, signal).catch(error => {
      if (!signal.aborted) find('words').textContent = before === LOOKING ? '' : before;
      throw error;
    });
    signal.throwIfAborted();
    say(null);
    running?.abort(); // begun meanwhile, with the face before
    face = null;
    mask.show(null);
    drawn.draw(new Uint8Array(3 * AREA));
    find('answers').replaceChildren();
    buttons();
    if (!found) {
      find('words').textContent = 'No face was found. Click the two eyes in your photo, one after the other.';
      return box.ask();
    }
    box.mark(found.eyes);
    [face, z] = [found, found.z];
    mask.show(found.x);
    buttons();
    await show("encoder's");
  });
  const box = photoBox(find('box'), root, `${ROOT}vaedemo/web/examples/astronaut.jpg`, (blob, eyes) =>
    take(blob, eyes).then(
      () => true,
      error => {
        say(error);
        return false;
      },
    ),
  );

  /** A fit that tells of its steps, until it is done, stopped, or another photo comes. */
  async function work(asked, tell) {
    const mine = (running = new AbortController());
    buttons();
    try {
      await fit(
        {x: face.x, ...asked},
        (vectors, step) => {
          if (running !== mine) return;
          progress.value = step;
          tell(vectors);
        },
        mine.signal,
      );
      say(null);
    } catch (error) {
      if (error.name !== 'AbortError') say(error);
    }
    if (running === mine) running = null;
    buttons();
  }

  async function complete() {
    const visible = mask.visible.slice();
    const {x} = face;
    const size = 3 * AREA; // as they are now, whatever is painted meanwhile
    find('answers').replaceChildren(
      ...Array.from({length: ANSWERS}, (_, i) => dom(figure(`answer${i}`, `guess ${i + 1}`))),
    );
    const painters = Array.from({length: ANSWERS}, (_, i) => new Painter(find(`answer${i}`), SHAPE, {crisp: false}));
    await work({visible, n: ANSWERS, spread: true, seed: seed++}, async vectors => {
      const planes = await decoded({open}, vectors);
      painters.forEach((painter, i) =>
        painter.draw(planes.subarray(i * size, (i + 1) * size).map((value, k) => (visible[k % AREA] ? x[k] : value))),
      );
    });
  }

  const acts = {
    sliders() {
      describe({seed: -1, row: 0, z, y: face.y}, 'photo');
      document.querySelector('#fold-attributes-attribute-sliders')?.scrollIntoView({behavior: 'smooth'});
    },
    fit: () =>
      work({y: face.y, visible: mask.hidden ? mask.visible : null}, vectors => {
        z = vectors[0].slice(0, latents);
        show('fitted').catch(say);
      }),
    complete,
    stop: () => running?.abort(),
    uncover: () => mask.clear(),
    png: () =>
      savePng('photo.png', beside([find('x'), find('drawn'), ...root.querySelectorAll('.answers canvas')]), 4),
    code: () => showCode(PYTHON),
  };
  root.addEventListener('click', ({target}) => acts[target.dataset.act]?.());
  badge(find('badge'), MODEL);
}

const PYTHON = `import torch, vaedemo
from vaedemo import zoo
from vaedemo.vision import preprocessing
from vaedemo.vision.latent_inversion import fitted

model, reader = vaedemo.load("${MODEL}"), zoo.load_net("faces-reader")
x = torch.from_numpy(preprocessing.to_portrait(preprocessing.read("photo.jpg")))[None]  # (1, 3, 64, 64)
y = reader.expected(x)[:, model.columns]  # (1, A), what is read in it
z = model.encode(x, y).mean  # (1, Z), in one shot; or fitted:
*_, (step, z) = fitted(model, x[0], y[0])
picture = model.render(model.decode(z, y))  # (1, 3, 64, 64)`;
