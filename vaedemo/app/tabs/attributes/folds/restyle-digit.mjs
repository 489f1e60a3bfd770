/** Your digit in ten classes: the encoder, told the label, reads the style; the decoder writes all ten digits in it. */
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {pad} from '../../../../web/ui/drawing-pad.mjs';
import {decoderOf} from '../../../../web/engine/model-store.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {nats} from '../../../../web/page/format.mjs';
import {onPicture, setPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../../web/page/request.mjs';
import {openWithDigit} from '../../../../web/ui/digit-examples.mjs';
import {beside, decoded} from '../../../../web/ui/side-by-side.mjs';
import {parts} from '../../../../web/ui/dial.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const MODEL = 'digits-cvae';
const DIGITS = Array.from('0123456789');

const TEMPLATE = `
<div class="vd-restyle">
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="parts">
    <div data-part="pad"></div>
    <figure class="vd-figure"><canvas class="vd-ink" data-part="x" width="28" height="28" role="img" aria-label="The picture as the encoder sees it, 28 by 28"></canvas>
      <figcaption>x, as the encoder sees it</figcaption></figure>
    <div class="vd-controls"><label>This is a <select data-part="label" disabled>${DIGITS.map(digit => `<option>${digit}</option>`).join('')}</select></label>
      <p class="vd-note" role="status" data-part="guess"></p></div>
  </div>
  <div class="ten">${DIGITS.map(
    digit => `<figure class="vd-figure">
    <canvas class="vd-ink" width="28" height="28" role="img" aria-label="Your style as a ${digit}"></canvas><figcaption>${digit}</figcaption></figure>`,
  ).join('')}</div>
  <p class="vd-note">One z, the mean of q(z|x, y), decoded under each of the ten labels. Framed: the label it was read with.</p>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const ten = [...root.querySelectorAll('.ten figure')];
  const canvases = ten.map(figure => figure.querySelector('canvas'));
  const choice = find('label');
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  /** @type {Blob | null} */ let picture = null;
  /** What the model takes the picture for. @type {import('../../../../web/page/request.mjs').Encoded | null} */ let guess =
    null;
  let example = /** @type {number | null} */ (null);
  let corrected = false;

  /** @param {number | null} label  what the person says that it is */
  const show = newest(async (signal, blob, label) => {
    picture = blob;
    choice.disabled = !blob;
    if (!blob) {
      find('guess').textContent = '';
      return;
    }
    const open = await decoderOf(MODEL);
    if (label === null) guess = null;
    guess ??= await encode(MODEL, blob, signal);
    const answer = label === null ? guess : await encode(MODEL, blob, signal, label);
    const planes = await decoded(
      {open},
      DIGITS.map((_, y) => [...answer.mean, ...parts(y, DIGITS.length)]),
    );
    signal.throwIfAborted();
    say(null);
    corrected = label !== null;
    choice.value = String(answer.label);
    find('guess').textContent = verdict(guess, answer);
    new Painter(find('x'), open.shape).draw(answer.x);
    ten.forEach((figure, y) => {
      figure.classList.toggle('told', y === answer.label);
      new Painter(canvases[y], open.shape).draw(planes.subarray(y * answer.x.length, (y + 1) * answer.x.length));
    });
  });
  const go = (blob, label = null) => show(blob, label).catch(say);

  choice.addEventListener('change', () => {
    address.set({as: choice.value});
    go(picture, Number(choice.value));
  });
  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act},
      },
    }) => {
      if (act === 'png') savePng('ten-classes.png', beside(canvases), 8);
      if (act === 'code') showCode(python(corrected ? choice.value : null));
    },
  );
  pad(find('pad'));
  badge(find('badge'), MODEL).catch(say);
  const linked = address.whole('restyle', 0, 9, 4);
  const as = address.get('as') === null ? null : address.whole('as', 0, 9, linked);
  openWithDigit(
    find('examples'),
    linked,
    blob => go(blob, as),
    (blob, digit) => {
      example = digit;
      setPicture(blob);
    },
  ).catch(say);
  onPicture(blob => {
    address.set({restyle: blob && example, as: null});
    example = null;
    go(blob);
  });
}

/** Whose word it is that the digit was read with, and what the other one's would cost. */
function verdict(guess, answer) {
  const cost = ({label, rate, distortion}) => `told ${label}, it costs ${nats(rate + distortion)}`;
  if (guess.label === answer.label)
    return `So the model reads it: ${cost(answer)}, less than under any other label. Is it wrong? Choose.`;
  return `The model took it for a ${guess.label}: ${cost(guess)}; ${cost(answer)}.`;
}

/** @param {string | null} label  as the person corrected it */
const python = label => `import torch, vaedemo
from vaedemo.vision import preprocessing

model = vaedemo.load("${MODEL}")
x = torch.from_numpy(preprocessing.to_digit(preprocessing.read("digit.png")))[None]  # (1, 1, 28, 28)
label = ${label === null ? 'model.recognize(x)  # (1,), the one that explains x best' : `torch.tensor([${label}])`}
z = model.encode(x, model.condition(label)).mean  # (1, Z)
ten = model.render(model.decode(z.expand(10, -1), torch.eye(10)))  # (10, 1, 28, 28)`;
