/** Dice in z, and in all pixels beside it. */
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {decoderOf} from '../../../../web/engine/model-store.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {grid} from '../../../../web/ui/decoded-grid.mjs';
import {draw} from '../../../../web/engine/model-store.mjs';

const MODELS = ['digits', 'digits-2d', 'faces-vae'];
const SIZES = [16, 36, 64];

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="throw">Throw</button>
    <label>Model <select data-set="model">${MODELS.map(name => `<option>${name}</option>`).join('')}</select></label>
    <label>Pictures <select data-set="n">${SIZES.map(n => `<option>${n}</option>`).join('')}</select></label>
    <label>Temperature <input type="range" data-set="temperature" min="0" max="1.5" step="0.05"><output></output></label>
    <label>Seed <input type="number" data-set="seed" min="0" max="999999999" inputmode="numeric"></label>
  </div>
  <div class="vd-pair">
    <figure class="vd-figure"><canvas class="vd-ink" data-part="z" role="img"></canvas>
      <figcaption>z from N(0, I), decoded</figcaption></figure>
    <figure class="vd-figure"><canvas class="vd-ink" data-part="noise" role="img" aria-label="Grids of random pixels: snow"></canvas>
      <figcaption data-part="pixels"></figcaption></figure>
  </div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const trouble = root.querySelector('.vd-trouble');
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const setting = name => root.querySelector(`[data-set="${name}"]`);
  element.querySelector('.vd-section').append(root);
  const state = {
    model: address.choice('model', MODELS),
    n: Number(address.choice('n', ['36', ...SIZES.map(String)])),
    temperature: Math.max(0, (address.numbers('temperature', 1, 1.5) ?? [1])[0]),
    seed: address.whole('seed', 0, 999999999, 1),
  };
  let thrown = '';
  let codes;

  const redraw = newest(async signal => {
    for (const key in state) setting(key).value = state[key];
    root.querySelector('output').textContent = state.temperature.toFixed(2);
    const {inputs, shape} = await decoderOf(state.model);
    const wanted = [state.n, inputs, state.seed].join();
    if (wanted !== thrown) codes = await draw(state.n, inputs, state.seed);
    thrown = wanted;
    signal.throwIfAborted();
    const columns = Math.sqrt(state.n);
    const [channels] = shape;
    const kind = channels > 1 ? 'vd-photo' : 'vd-ink';
    const numbers = shape.reduce((a, b) => a * b);
    find('z').className = find('noise').className = kind;
    find('pixels').textContent =
      `${numbers.toLocaleString('en')} ${channels > 1 ? 'values of red, green and blue' : 'pixels'}, each thrown on its own`;
    find('z').setAttribute('aria-label', `${state.n} pictures drawn by ${state.model}, seed ${state.seed}`);
    await grid(
      state.model,
      find('z'),
      codes.map(value => value * state.temperature),
      columns,
      signal,
    );
    snow(find('noise'), columns, state.seed, shape);
    trouble.textContent = '';
    badge(find('badge'), state.model);
  });
  const go = () =>
    redraw().catch(error => {
      trouble.textContent = error.message;
    });

  function change(key, value) {
    state[key] = value;
    address.set({[key]: value});
    go();
  }

  root.addEventListener('input', ({target}) => {
    const key = target.dataset.set;
    if (key === 'model') change(key, target.value);
    else if (key && target.value !== '' && target.checkValidity()) change(key, Number(target.value));
  });
  root.addEventListener('click', ({target}) => {
    if (target.dataset.act === 'throw') change('seed', (state.seed + 1) % 1_000_000_000);
    if (target.dataset.act === 'png') savePng(`${state.model}-seed-${state.seed}.png`, find('z'), 4);
    if (target.dataset.act === 'code')
      showCode(
        `import vaedemo\n\nmodel = vaedemo.load("${state.model}")\n` +
          `pictures = model.sample(${state.n}, temperature=${state.temperature}, seed=${state.seed})  # (${state.n}, C, H, W) in [0, 1]`,
      );
  });
  onStop({tab: 'sample', fold: 'prior-samples'}, ({seed}) => change('seed', Number(seed)));
  go();
}

/** Every pixel on its own: the same seed gives the same snow. */
function snow(canvas, columns, seed, [channels, height]) {
  const side = (canvas.width = canvas.height = columns * height);
  const context = canvas.getContext('2d');
  const image = context.createImageData(side, side);
  let state = (seed + 0x9e3779b9) | 0;
  for (let i = 0; i < image.data.length; i += 4) {
    state = (Math.imul(state ^ (state >>> 15), state | 1) + 0x6d2b79f5) | 0; // mulberry32's step
    if (channels > 1) for (let c = 0; c < 3; c++) image.data[i + c] = (state >>> (8 * (c + 1))) & 255;
    else image.data.fill((state >>> 8) & 255, i, i + 3);
    image.data[i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
