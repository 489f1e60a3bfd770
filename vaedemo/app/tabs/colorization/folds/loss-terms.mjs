/** What each term of the loss is for: the photo's own colors through four VAEs that differ in it. */
import {redrawn} from '../lib/requests.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {MODEL, inView} from '../lib/photo-store.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {nats} from '../../../../web/page/format.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';

const VAES = {
  [MODEL]: ['All three terms', 'L_hist + L_mah + L_grad'],
  'colorization-no-mah': ['Without L_mah', 'L_hist + L_grad'],
  'colorization-no-grad': ['Without L_grad', 'L_hist + L_mah'],
  'colorization-l2': ['Squared error alone', '|C − f(z)|²'],
};
const TERMS = {
  hist: ['L_hist', 'squared error, rare colors counting more'],
  mah: ['L_mah', 'error along the principal components, each over its spread'],
  grad: ['L_grad', 'error of the differences between neighbours'],
};

const bars = Object.entries(TERMS)
  .map(
    ([term, [name, words]]) =>
      `<span class="bar" data-term="${term}" title="${words}"><span>${name}</span><i><b></b></i><output></output></span>`,
  )
  .join('');
const figure = (
  name,
  head,
  words,
) => `<figure class="vd-figure" data-vae="${name}"><canvas class="vd-photo" width="4" height="4" role="img"></canvas>
  <figcaption><b>${head}</b><br>${words}${name === 'truth' ? '' : `<span class="bars">${bars}</span><span data-part="rate"></span>`}</figcaption></figure>`;
const TEMPLATE = `
<div class="vd-terms">
  <div class="five">${figure('truth', 'Its own colors', 'C, as the VAEs are given it: 32 x 32 cells')}${Object.entries(
    VAES,
  )
    .map(([name, [head, words]]) => figure(name, head, words))
    .join('')}</div>
  <p class="vd-note" role="status" data-part="words"></p>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button>${Object.keys(VAES)
      .map(name => `<span data-badge="${name}"></span>`)
      .join('')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;
const WORDS =
  'Bars: the three errors of each picture, shorter is better, each kind on its own scale; every VAE is judged by all three, whichever it was trained with.';

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const box = name => root.querySelector(`[data-vae="${name}"]`);
  const words = root.querySelector('[data-part="words"]');
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);

  inView(
    root,
    async ({photo: {coloring, grey, truth, words: shown}}, signal) => {
      root.style.setProperty('--aspect', String(coloring.width / coloring.height));
      root.classList.toggle('grey', !truth);
      words.textContent = truth
        ? 'Four VAEs read the colors …'
        : 'This photo came without colors, so there are none to encode. Take a color photo above.';
      if (!truth) return;
      coloring.paint(box('truth').querySelector('canvas'), truth, true);
      box('truth').querySelector('canvas').setAttribute('aria-label', `${shown} in its own colors`);
      const ended = await Promise.allSettled(Object.keys(VAES).map(name => redrawn(name, grey, truth, signal)));
      signal.throwIfAborted();
      const answers = Object.fromEntries(
        Object.keys(VAES).map((name, i) => [name, ended[i].status === 'fulfilled' ? ended[i].value : null]),
      );
      const here = Object.values(answers).filter(Boolean);
      for (const [name, answer] of Object.entries(answers)) {
        box(name).classList.toggle('absent', !answer);
        if (!answer) continue;
        const canvas = box(name).querySelector('canvas');
        coloring.paint(canvas, answer.field, true);
        canvas.setAttribute('aria-label', `The colors of ${shown} through the VAE: ${VAES[name][0]}`);
        for (const term of Object.keys(TERMS)) {
          const bar = box(name).querySelector(`[data-term="${term}"]`);
          const value = answer.terms[term];
          bar.querySelector('b').style.width = `${(100 * value) / Math.max(...here.map(({terms}) => terms[term]))}%`;
          bar.querySelector('output').textContent = value.toPrecision(3);
        }
        box(name).querySelector('[data-part="rate"]').textContent = `rate ${nats(answer.rate)}`;
      }
      words.textContent = here.length ? WORDS : '';
      const failed = ended.find(({status}) => status === 'rejected');
      if (failed) throw failed.reason; // what is here is shown, and what is missing is said
    },
    say,
  );

  root.addEventListener('click', ({target}) => {
    if (target.dataset.act === 'png') savePng('loss-terms.png', beside([...root.querySelectorAll('canvas')]), 1);
    if (target.dataset.act === 'code') showCode(PYTHON);
  });
  for (const name of Object.keys(VAES)) badge(root.querySelector(`[data-badge="${name}"]`), name).catch(() => {}); // said above
}

const PYTHON = `import torch, vaedemo
from vaedemo import colorize

photo = colorize.photo(open("photo.jpg", "rb").read())
y = torch.from_numpy(photo.grey)[None] / 255  # (1, 4096), its lightness at 64 x 64
ab = torch.from_numpy(photo.field)[None] / 127.5 - 1  # (1, 2, 32, 32), its colors / 128
x = torch.cat([y.view(1, 4, 32, 32), (ab + 1) / 2], 1)  # (1, 6, 32, 32)
for name in (${Object.keys(VAES)
  .map(name => `"${name}"`)
  .join(', ')}):
    model = vaedemo.load(name)
    q = model.encode(x)
    field = model.decode(q.mean, y)  # (1, 2, 32, 32)
    print(name, model.errors(field, ab), model.rate(q).sum().item())  # the three errors; nats`;
