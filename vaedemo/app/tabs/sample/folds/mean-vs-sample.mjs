/** The mean of p(x|z), samples of it (a coin for each pixel), and their average. */
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {dom, prefersReducedMotion} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {onPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {decoder, draw} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const MODEL = 'digits';
const COUNTS = [1, 4, 16, 64, 256];
const EVERY_MS = 300;

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="toggle" aria-pressed="false">Show samples</button>
    <button type="button" class="vd-quiet" data-act="freeze" aria-pressed="false">Freeze</button>
    <button type="button" class="vd-quiet" data-act="random">Random z</button>
    <label>Average of <input type="range" data-part="count" min="0" max="${COUNTS.length - 1}" step="1"
      aria-label="How many samples are averaged"><output></output></label>
  </div>
  <div class="vd-means" tabindex="0" role="group" aria-label="Space freezes the samples">
    <figure class="vd-figure"><canvas class="vd-ink" data-part="shown" role="img"></canvas>
      <figcaption><b data-part="what"></b> <span data-part="whence"></span><br>Press and hold the picture for the other one.</figcaption></figure>
    <figure class="vd-figure"><canvas class="vd-ink" data-part="average" role="img"></canvas>
      <figcaption data-part="averaged"></figcaption></figure>
  </div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/**
 * One picture of p(x|z): each pixel white with the probability that its byte of the mean says.
 * @param {Uint8Array} mean
 */
const sample = mean => mean.map(byte => (Math.random() * 255 < byte ? 255 : 0));

/** The average of n samples. @param {Uint8Array} mean @param {number} n */
function average(mean, n) {
  const sum = new Float32Array(mean.length);
  for (let i = 0; i < n; i++)
    sample(mean).forEach((byte, k) => {
      sum[k] += byte;
    });
  return Uint8Array.from(sum, value => value / n + 0.5);
}

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const button = act => root.querySelector(`[data-act="${act}"]`);
  const canvas = find('shown');
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  const state = {
    seed: address.whole('coin', 0, 999999999, 4),
    count: COUNTS.indexOf(address.whole('coins', 1, 256, 16)),
  };
  if (state.count < 0) state.count = 2;
  /** @type {Uint8Array | undefined} */ let mean;
  let one;
  let averaged;
  let samples = false;
  let held = false;
  let frozen = prefersReducedMotion();
  let answered = null;
  let painter;
  let averager;
  const sampling = () => samples !== held; // held down, it is the other one

  function toss() {
    one = sample(mean);
    averaged = average(mean, COUNTS[state.count]);
    paint();
  }

  function paint() {
    const n = COUNTS[state.count];
    const now = sampling();
    find('count').value = state.count;
    root.querySelector('output').textContent = n;
    button('toggle').textContent = samples ? 'Show the mean' : 'Show samples';
    button('toggle').setAttribute('aria-pressed', String(samples));
    button('freeze').textContent = frozen ? 'Run' : 'Freeze';
    button('freeze').setAttribute('aria-pressed', String(frozen));
    find('what').textContent = now ? 'A sample of p(x|z):' : 'The mean of p(x|z):';
    find('whence').textContent = answered
      ? 'z is the mean of q(z|x) of your picture.'
      : `z is from N(0, I), seed ${state.seed}.`;
    find('averaged').textContent =
      n === 1
        ? 'One sample. Average more of them: it nears the mean.'
        : `The average of ${n} samples${n < 256 ? '' : ': nearly the mean'}.`;
    if (!mean) return;
    painter.draw(now ? one : mean);
    averager.draw(averaged);
    canvas.dataset.shown = now ? 'sample' : 'mean';
    canvas.setAttribute(
      'aria-label',
      now ? 'A sample of the digit: every pixel black or white' : 'The mean of the digit: smooth',
    );
    find('average').setAttribute('aria-label', `The average of ${n} samples`);
  }

  const decode = newest(async signal => {
    const open = await decoder(MODEL);
    const z = answered?.mean ?? (await draw(1, open.inputs, state.seed));
    await open.batch(
      z,
      1,
      planes => {
        mean = planes;
      },
      signal,
    );
    painter ??= new Painter(canvas, open.shape);
    averager ??= new Painter(find('average'), open.shape);
    say(null);
    toss();
  });
  const take = newest(async (signal, blob) => {
    answered = blob && (await encode(MODEL, blob, signal));
    await decode();
  });
  onPicture(blob => take(blob).catch(say));

  function change(key, value) {
    state[key] = value;
    address.set({coin: state.seed, coins: COUNTS[state.count]});
  }
  function random() {
    change('seed', Math.floor(Math.random() * 1e9));
    take(null).catch(say); // a picture that is being encoded comes too late
  }
  const freeze = () => {
    frozen = !frozen;
    paint();
  };
  const hold = to => {
    if (held !== to) {
      held = to;
      paint();
    }
  };

  find('count').addEventListener('input', ({target}) => {
    change('count', Number(target.value));
    if (mean) toss();
  });
  find('count').addEventListener('keydown', event => event.stopPropagation()); // the presenter's arrows turn stops
  canvas.addEventListener('pointerdown', event => {
    if (!event.button) hold(true);
  });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) canvas.addEventListener(end, () => hold(false));
  canvas.addEventListener('contextmenu', event => event.preventDefault()); // a thumb that rests asks for no menu
  root.addEventListener('keydown', event => {
    if (event.key !== ' ' || event.target.closest('button, input')) return;
    event.preventDefault();
    freeze();
  });
  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act},
      },
    }) => {
      if (act === 'toggle') {
        samples = !samples;
        paint();
      }
      if (act === 'freeze') freeze();
      if (act === 'random') random();
      if (act === 'png') savePng(`${sampling() ? 'sample' : 'mean'}.png`, canvas, 16);
      if (act === 'code') showCode(python(state.seed, COUNTS[state.count], answered));
    },
  );
  onStop({tab: 'sample', fold: 'mean-vs-sample'}, () => {
    samples = true;
    paint();
  });
  setInterval(() => {
    if (mean && !frozen && !document.hidden && root.offsetParent) toss();
  }, EVERY_MS);
  paint();
  if (!answered) decode().catch(say);
  badge(find('badge'), MODEL).catch(say);
}

const python = (seed, n, answered) => `import torch, vaedemo
from vaedemo.latents import draw

model = vaedemo.load("${MODEL}")
z = torch.${answered ? `tensor([[${answered.mean.map(value => value.toFixed(3)).join(', ')}]])` : `from_numpy(draw(1, model.z, seed=${seed}))`}
mean = model.render(model.decode(z))                            # (1, 1, 28, 28), the mean of p(x|z)
sample = torch.bernoulli(mean)                                  # a coin for each pixel
average = torch.bernoulli(mean.expand(${n}, -1, -1, -1)).mean(0)  # of ${n} samples`;
