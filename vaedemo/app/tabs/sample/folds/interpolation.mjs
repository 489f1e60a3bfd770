/** From one digit to another: in pixels, along the straight line in z, and along the shell. */
import {ROOT} from '../../../../web/engine/root.mjs';
import * as address from '../../../../web/page/url-state.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {saveGif, savePng} from '../../../../web/page/downloads.mjs';
import {shown} from '../../../../web/page/format.mjs';
import {onPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {examples} from '../../../../web/ui/digit-examples.mjs';
import {LatentMap} from '../../../../web/ui/latent-map.mjs';
import {decoder} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {lerp, slerp} from '../../../../web/engine/interpolation.mjs';

const MODELS = ['digits-2d', 'digits'];
const FRAMES = 11;
const LINES = [
  ['pixels', 'through the pixels'],
  ['lerp', 'straight through z (lerp)'],
  ['slerp', 'along the shell (slerp)'],
];
const options = Array.from({length: 10}, (_, digit) => `<option>${digit}</option>`).join('');

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <label>From <select data-set="from">${options}<option value="mine" disabled>yours</option></select></label>
    <label>to <select data-set="to">${options}</select></label>
    <label>Model <select data-set="model">${MODELS.map(name => `<option>${name}</option>`).join('')}</select></label>
    <button type="button" class="vd-main" data-act="play">Play</button>
  </div>
  <div class="vd-journey">
    <div class="vd-lines">
      <div class="vd-trio">${LINES.map(
        ([name, words]) => `<figure class="vd-figure">
        <canvas class="vd-ink" data-large="${name}" role="img" aria-label="The digit on its way, ${words}"></canvas><figcaption>${words}</figcaption></figure>`,
      ).join('')}</div>
      <input type="range" data-part="t" min="0" max="1" step="0.01" value="0.5" aria-label="How far on the way, from 0 to 1">
      ${LINES.map(([name, words]) => `<canvas class="vd-ink vd-strip" data-strip="${name}" role="img" aria-label="${FRAMES} steps ${words}"></canvas>`).join('')}
    </div>
    <figure class="vd-figure" data-part="where"><div data-part="map"></div><figcaption>The straight line and the arc on the map</figcaption></figure>
  </div>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="gif">GIF</button><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button></div>
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
    from: address.whole('from', 0, 9, 3),
    to: address.whole('to', 0, 9, 8),
    model: address.choice('path', MODELS),
  };
  for (const key in state) setting(key).value = state[key];
  let ends = null;
  let mine = null;
  let playing = 0;
  const map = new LatentMap(find('map'), {
    label: 'The way on the map',
    picture: `${ROOT}live/models/digits-2d/map.png`,
    onMove: z => ends && state.model === 'digits-2d' && at(nearest(z)),
  });

  const change = newest(async signal => {
    const open = await decoder(state.model, 'between');
    const codes = await examples(state.model);
    const code = digit => codes[digit][0];
    const a = state.from === 'mine' ? (await encode(state.model, mine, signal)).mean : code(state.from);
    const b = code(state.to);
    signal.throwIfAborted();
    const painters = Object.fromEntries(
      LINES.map(([name]) => [name, new Painter(root.querySelector(`[data-large="${name}"]`), open.shape)]),
    );
    const planes = [];
    await open.batch(
      [...a, ...b],
      2,
      (part, first, count) => {
        for (let i = 0; i < count; i++) planes.push(part.slice(784 * i, 784 * (i + 1)));
      },
      signal,
    );
    ends = {open, a, b, planes, painters};
    await strips(signal);
    find('where').hidden = state.model !== 'digits-2d';
    if (state.model === 'digits-2d')
      map.path(
        steps(40)
          .map(t => slerp(a, b, t))
          .concat(
            steps(40)
              .reverse()
              .map(t => lerp(a, b, t)),
          ),
      );
    at(Number(find('t').value));
    trouble.textContent = '';
  });
  const go = () =>
    change().catch(error => {
      trouble.textContent = error.message;
    });

  const steps = n => Array.from({length: n}, (_, i) => i / (n - 1));
  const mixed = t => ends.planes[0].map((value, i) => Math.round((1 - t) * value + t * ends.planes[1][i]));

  async function strips(signal) {
    const painter = name =>
      new Painter(root.querySelector(`[data-strip="${name}"]`), ends.open.shape, {columns: FRAMES});
    const pixels = painter('pixels');
    steps(FRAMES).forEach((t, i) => pixels.draw(mixed(t), i));
    for (const [name, way] of [
      ['lerp', lerp],
      ['slerp', slerp],
    ]) {
      const strip = painter(name);
      await ends.open.batch(
        steps(FRAMES).flatMap(t => way(ends.a, ends.b, t)),
        FRAMES,
        (planes, first) => strip.draw(planes, first),
        signal,
      );
    }
  }

  /** Shows the place t of the way, all three ways at once. */
  function at(t) {
    if (!ends) return;
    find('t').value = t;
    const {a, b, open, painters} = ends;
    const straight = lerp(a, b, t);
    if (state.model === 'digits-2d') map.place(straight);
    painters.pixels.draw(mixed(t));
    open.show(
      [...straight, ...slerp(a, b, t)],
      planes => {
        painters.lerp.draw(planes.subarray(0, 784));
        painters.slerp.draw(planes.subarray(784));
      },
      2,
    );
  }

  /** The place on the straight line that is nearest to where the hand points. */
  function nearest(z) {
    const way = ends.b.map((value, i) => value - ends.a[i]);
    const length = way.reduce((sum, value) => sum + value * value, 0);
    return Math.min(
      1,
      Math.max(0, way.reduce((sum, value, i) => sum + value * (z[i] - ends.a[i]), 0) / (length || 1)),
    );
  }

  function play() {
    const start = performance.now();
    const mineNow = ++playing;
    const step = now => {
      if (mineNow !== playing) return;
      const seconds = (now - start) / 1000;
      at(0.5 - 0.5 * Math.cos((Math.PI * seconds) / 2.5));
      if (seconds < 5) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  root.addEventListener('input', ({target}) => {
    if (target === find('t')) {
      playing++;
      at(Number(target.value));
    }
    const key = target.dataset.set;
    if (!key) return;
    state[key] = key === 'model' || target.value === 'mine' ? target.value : Number(target.value);
    address.set({from: state.from === 'mine' ? null : state.from, to: state.to, path: state.model});
    go();
  });
  root.addEventListener('click', ({target}) => {
    const act = target.dataset.act;
    if (act === 'play') play();
    if (!ends) return; // the models are still on their way
    if (act === 'png') savePng('between.png', root.querySelector('[data-strip="slerp"]'), 8);
    if (act === 'gif')
      gif().catch(error => {
        trouble.textContent = error.message;
      });
    if (act === 'code') showCode(code());
  });

  async function gif() {
    const planes = new Uint8Array(40 * 784);
    await ends.open.batch(
      steps(40).flatMap(t => slerp(ends.a, ends.b, t)),
      40,
      (part, first) => planes.set(part, 784 * first),
    );
    await saveGif('between.gif', planes, {back: true});
  }

  const code = () =>
    `import torch, vaedemo\nfrom vaedemo.latents import slerp\n\nmodel = vaedemo.load("${state.model}")\n` +
    `a = torch.tensor([${shown(ends.a, 3).replaceAll('−', '-')}])\nb = torch.tensor([${shown(ends.b, 3).replaceAll('−', '-')}])\n` +
    `z = torch.from_numpy(slerp(a.numpy(), b.numpy(), ${FRAMES}))\npictures = model.render(model.decode(z))  # (${FRAMES}, 1, 28, 28)`;

  onPicture(blob => {
    mine = blob;
    setting('from').querySelector('[value="mine"]').disabled = !blob;
    if (blob) {
      state.from = setting('from').value = 'mine';
      go();
    } else if (state.from === 'mine') {
      state.from = setting('from').value = 3;
      go();
    }
  });
  onStop({tab: 'sample', fold: 'interpolation'}, play);
  go();
}
