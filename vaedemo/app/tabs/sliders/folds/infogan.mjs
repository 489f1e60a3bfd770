/** InfoGAN beside VAE: the same controls; one has codes and no encoder, the other an encoder and no categories. */
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {examples} from '../../../../web/ui/digit-examples.mjs';
import {draw, facts, latents} from '../../../../web/engine/model-store.mjs';
import {cdf, quantile} from '../../../../web/engine/normal.mjs';
import {styles} from '../lib/infogan-grid.mjs';
import {Side} from '../lib/infogan-side.mjs';

const GAN = 'digits-infogan';
const VAE = 'digits';
const CATEGORIES = 10;
const NOISE = 62;
const SEEDS = 1_000_000_000;

const TEMPLATE = `
<div>
  <div class="vd-pair vd-infogan" data-part="sides"></div>
  <div class="vd-row vd-controls" role="group" aria-label="Which code runs down the grid">Down the grid:
    <button type="button" class="vd-quiet" data-down="0" aria-pressed="true">c2</button>
    <button type="button" class="vd-quiet" data-down="1" aria-pressed="false">c3</button></div>
  <div data-part="grid"></div>
  <p class="vd-note" data-part="accuracy"></p>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="grid">PNG of the grid</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button></div>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  element.querySelector('.vd-section').append(root);
  const given = (address.numbers('codes', 2, 1) ?? [0, 0]).map(code => (code + 1) / 2);
  let seed = address.whole('noise', 0, SEEDS - 1, 1);
  let noise = /** @type {number[]} */ (Array(NOISE).fill(0));
  let thrown = -1; // the seed of the noise at hand: the next may be on its way
  /** The category of each digit, and the VAE's example codes of each. */
  const order = Array.from({length: CATEGORIES}, (_, i) => i);
  let codes = /** @type {number[][][]} */ ([]);
  let lively = [0, 1];
  let which = 0;
  let grid;

  const codesOf = ({places}) => /** @type {[number, number]} */ (places.map(place => 2 * place - 1));
  /** The generator's input: a one-hot category, two codes, noise. */
  const ganVector = ({category, codes: [c2, c3]}) => [
    ...Array.from({length: CATEGORIES}, (_, i) => Number(i === category)),
    c2,
    c3,
    ...noise,
  ];
  const placeOf = chosen => ({category: order[chosen.digit], codes: codesOf(chosen)});
  const example = digit => codes[digit]?.[which % codes[digit].length] ?? [];

  /** What a hand did on one side the other does too. */
  const gan = new Side(GAN, {
    title: 'InfoGAN: codes, and no encoder',
    group: 'The category c1, by the digit that it mostly draws',
    sliders: ['c2', 'c3'],
    dice: 'New noise',
    chosen: {digit: 3, places: [given[0], given[1]]},
    vector: chosen => ganVector(placeOf(chosen)),
    value: place => 2 * place - 1,
    tell: chosen => {
      follow(chosen, vae);
      showGrid(true);
    },
  });
  const vae = new Side(VAE, {
    title: 'VAE: an encoder, and no categories',
    group: 'Start from the code of an example',
    sliders: ['', ''],
    dice: 'Another example',
    chosen: {digit: 3, places: [0.5, 0.5]},
    value: quantile,
    vector: ({digit, places}) =>
      example(digit).map((value, d) => (lively.includes(d) ? quantile(places[lively.indexOf(d)]) : value)),
    tell: chosen => {
      if (gan.chosen.digit !== chosen.digit) restart(chosen.digit);
      follow(chosen, gan);
      showGrid(true);
    },
  });
  find('sides').append(gan.element, vae.element);

  function follow(chosen, other) {
    if (other === vae && chosen.digit !== vae.chosen.digit) restart(chosen.digit);
    else other.place(other === vae || chosen.digit === gan.chosen.digit ? chosen : {digit: chosen.digit});
  }

  /** The VAE begins anew at an example: its two sliders where that lies. */
  function restart(digit) {
    const z = example(digit);
    vae.place({digit, places: z.length ? lively.map(d => cdf(z[d])) : [0.5, 0.5]});
  }

  function showGrid(byHand) {
    const place = placeOf(gan.chosen);
    grid?.show(place, String(thrown)).catch(error => gan.say(error));
    if (byHand)
      address.set({category: place.category, codes: place.codes.map(code => code.toFixed(2)).join(), noise: seed});
  }

  const throwNoise = newest(async signal => {
    const now = seed;
    const values = await draw(1, NOISE, now);
    signal.throwIfAborted();
    [noise, thrown] = [[...values], now];
    gan.draw();
  });

  async function openGan() {
    const open = await gan.ready();
    const {digits} = await latents(GAN);
    const {metrics} = await facts(GAN);
    // Where it is not known what the categories draw, they stand in their own order.
    if (digits)
      digits.data.forEach((digit, category) => {
        order[digit] = category;
      });
    gan.chosen.digit = Math.max(0, order.indexOf(address.whole('category', 0, CATEGORIES - 1, order[3])));
    gan.choices(
      order.map((category, digit) =>
        digits ? {label: String(digit), small: `c1 ${category}`} : {label: String(category), small: ''},
      ),
    );
    await throwNoise();
    grid = styles(find('grid'), {
      order,
      labels: order.map((_, digit) => String(digit)),
      open,
      vector: ganVector,
      go: ({category, codes: next}) => {
        gan.place({
          digit: order.indexOf(category),
          places: /** @type {[number, number]} */ (next.map(code => (code + 1) / 2)),
        });
        follow(gan.chosen, vae);
        showGrid(true);
      },
    });
    showGrid(false);
    badge(gan.element.querySelector('[data-part="badge"]'), GAN);
    find('accuracy').textContent =
      metrics.category_accuracy === undefined
        ? ''
        : `Nobody told it what a digit is; still, its ten categories sort ${(100 * metrics.category_accuracy).toFixed(0)}% of real digits rightly (${metrics.data}, ${metrics.split}, n = ${metrics.n.toLocaleString('en')}).`;
  }

  async function openVae() {
    await vae.ready();
    const {
      kl: {data: kl},
    } = await latents(VAE);
    lively = Array.from(kl, (_, d) => d)
      .sort((a, b) => kl[b] - kl[a])
      .slice(0, 2);
    vae.element.querySelectorAll('label span').forEach((span, i) => {
      span.textContent = `z${lively[i]}`;
    });
    codes = await examples(VAE);
    vae.choices(codes.map((_, digit) => ({label: String(digit), small: ''})));
    restart(gan.chosen.digit);
    badge(vae.element.querySelector('[data-part="badge"]'), VAE);
  }

  root.addEventListener('click', ({target}) => {
    const {act, down} = target.dataset;
    const side = target.closest('.vd-side');
    if (act === 'throw' && side === gan.element) {
      seed = (seed + 1) % SEEDS;
      throwNoise().then(
        () => showGrid(true),
        error => gan.say(error),
      );
    }
    if (act === 'throw' && side === vae.element) {
      which++;
      restart(vae.chosen.digit);
    }
    if (down) turn(+down);
    if (act === 'png') savePng('infogan-and-vae.png', beside(gan.canvas, vae.canvas), 16);
    if (act === 'grid' && grid) savePng('infogan.png', grid.canvas, 4);
    if (act === 'code') showCode(python(placeOf(gan.chosen), seed));
  });

  function turn(down) {
    for (const button of root.querySelectorAll('[data-down]'))
      button.setAttribute('aria-pressed', String(+button.dataset.down === down));
    grid?.turn(down);
    showGrid(false);
  }

  const opened = openGan().catch(error => gan.say(error));
  opened.then(openVae).catch(error => vae.say(error));
  onStop({tab: 'sliders', fold: 'infogan'}, ({down}) => {
    if (down) opened.then(() => turn(+down));
  });
}

function beside(...canvases) {
  const both = Object.assign(document.createElement('canvas'), {width: 28 * canvases.length, height: 28});
  canvases.forEach((canvas, i) => both.getContext('2d').drawImage(canvas, 28 * i, 0));
  return both;
}

const python = ({category, codes}, seed) => `import torch
import vaedemo
from vaedemo.latents import draw

model = vaedemo.load("${GAN}")
category = torch.nn.functional.one_hot(torch.tensor([${category}]), ${CATEGORIES})
codes = torch.tensor([[${codes.map(code => code.toFixed(2)).join(', ')}]])
noise = torch.from_numpy(draw(1, ${NOISE}, seed=${seed}))
picture = model.render(model.decode(torch.cat([category, codes, noise], 1)))  # (1, 1, 28, 28)`;
