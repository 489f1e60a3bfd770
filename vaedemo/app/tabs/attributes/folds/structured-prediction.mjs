/** Half a digit: eight guesses at the rest of it by the CVAE, beside the one answer of a net without latent space. */
import {ROOT} from '../../../../web/engine/root.mjs';
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {pad} from '../../../../web/ui/drawing-pad.mjs';
import {decoderOf} from '../../../../web/engine/model-store.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {onPicture, setPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../../web/page/request.mjs';
import {openWithDigit} from '../../../../web/ui/digit-examples.mjs';
import {beside, decoded} from '../../../../web/ui/side-by-side.mjs';
import {draw} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {TEMPLATE} from '../lib/structured-prediction-template.mjs';

const MODEL = 'digits-quadrant';
const NET = 'digits-quadrant-net';
const COUNT = 8;
const SIDE = 28;
const SEEDS = 1_000_000_000;
const PARTS = {1: 'its lower left quarter', 2: 'its left half', 3: 'all but its upper right quarter'};
/** How many quadrants have to be given for each to be seen: upper left, upper right, lower left, lower right. */
const TURNS = [2, 4, 1, 3];

/** Whether a pixel is seen, row by row, with `given` quadrants. @param {number} given */
const seen = given =>
  Array.from(
    {length: SIDE ** 2},
    (_, i) => TURNS[2 * Math.floor((2 * i) / SIDE ** 2) + Math.floor((2 * (i % SIDE)) / SIDE)] <= given,
  );

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const guesses = [...root.querySelectorAll('.guesses canvas')];
  const canvases = [find('given'), ...guesses, find('net')];
  const painters = canvases.map(canvas => new Painter(canvas, [1, SIDE, SIDE]));
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  let given = address.whole('given', 1, 3, 2);
  let seed = address.whole('rest', 0, SEEDS - 1, 1);
  let example = /** @type {number | null} */ (null);
  /** The picture as the models see it, 0 to 255. @type {Uint8Array | null} */ let x = null;

  const complete = newest(async signal => {
    root.dataset.given = String(given);
    find('words').textContent = `Given: ${PARTS[given]}.`;
    if (!x) return painters.forEach(painter => painter.draw(new Uint8Array(SIDE ** 2)));
    const open = await decoderOf(MODEL);
    const mask = seen(given);
    const y = [...x].map((value, i) => (mask[i] ? value / 255 : -1));
    const pasted = planes => planes.map((value, i) => (mask[i % mask.length] ? x[i % mask.length] : value));
    painters[0].draw(x.map((value, i) => (mask[i] ? value : 0)));
    const z = await draw(COUNT, open.inputs - y.length, seed);
    const each = z.length / COUNT;
    const planes = pasted(
      await decoded(
        {open},
        Array.from({length: COUNT}, (_, i) => [...z.subarray(i * each, (i + 1) * each), ...y]),
      ),
    );
    signal.throwIfAborted();
    guesses.forEach((_, i) => painters[1 + i].draw(planes.subarray(i * y.length, (i + 1) * y.length)));
    painters.at(-1).draw(pasted(await predicted(y, signal)));
    canvases.forEach(canvas => canvas.setAttribute('aria-label', canvas.dataset.label.replace('PART', PARTS[given])));
    say(null);
  });
  const go = () => complete().catch(say);
  const look = newest(async (signal, blob) => {
    x = blob && (await encode(MODEL, blob, signal)).x;
    await complete();
  });

  /** @param {Record<string, number>} next */
  function turn(next) {
    ({given = given, rest: seed = seed} = next);
    root.querySelector(`[name="given"][value="${given}"]`).checked = true;
    address.set({given, rest: seed});
    go();
  }

  root.addEventListener('change', ({target}) => {
    if (target.name === 'given') turn({given: Number(target.value)});
  });
  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act},
      },
    }) => {
      if (act === 'throw') turn({rest: (seed + 1) % SEEDS});
      if (act === 'png') savePng('the-rest-of-a-digit.png', beside(canvases), 8);
      if (act === 'code') showCode(python(given, seed));
    },
  );
  root.querySelector(`[name="given"][value="${given}"]`).checked = true;
  pad(find('pad'));
  [MODEL, NET].forEach(name => badge(find(name), name).catch(say));
  openWithDigit(
    find('examples'),
    address.whole('half', 0, 9, 3),
    blob => look(blob).catch(say),
    (blob, digit) => {
      example = digit;
      setPicture(blob);
    },
  ).catch(say);
  onPicture(blob => {
    address.set({half: blob && example});
    example = null;
    look(blob).catch(say);
  });
}

/** The net's answer, which the server has. @param {number[]} y @param {AbortSignal} signal */
async function predicted(y, signal) {
  const answer = await fetch(`${ROOT}live/predict/${NET}`, {
    method: 'POST',
    body: Float32Array.from(y),
    signal,
  }).catch(error => {
    throw signal.aborted ? error : new Error('The server does not answer; only it has the net without z.');
  });
  if (!answer.ok)
    throw new Error(
      answer.status < 500 || answer.status === 503 ? `${NET} is not here.` : 'The server could not ask the net.',
    );
  return new Uint8Array(await answer.arrayBuffer());
}

const python = (given, seed) => `import torch, vaedemo
from vaedemo import zoo
from vaedemo.vision import preprocessing
from vaedemo.latents import draw
from vaedemo.models.quadrant import completed, hide

model, net = vaedemo.load("${MODEL}"), zoo.load_net("${NET}")
x = torch.from_numpy(preprocessing.to_digit(preprocessing.read("digit.png")))[None]  # (1, 1, 28, 28)
y = hide(x, ${given})  # (1, 784): hidden pixels are -1
z = torch.from_numpy(draw(${COUNT}, model.z, seed=${seed}))  # (${COUNT}, Z)
guesses = completed(model.decode(z, y.expand(${COUNT}, -1)), y.expand(${COUNT}, -1))  # (${COUNT}, 1, 28, 28)
answer = completed(net.predict(y), y)  # (1, 1, 28, 28)`;
