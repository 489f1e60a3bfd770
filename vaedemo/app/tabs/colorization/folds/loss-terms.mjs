/** What each term of the loss is for: the photo's own colors through four VAEs that differ in it. */
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {nats} from '../../../../web/page/format.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {whenColored} from '../lib/photo-store.mjs';
import {reconstruct} from '../lib/requests.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/photo-store.mjs').Photo} Photo
 * @typedef {import('../lib/requests.mjs').Reconstruction} Reconstruction
 */
/** @type {Record<string, [string, string]>} */
const VAES = {
  'colorization-whole': ['All three terms', 'L_hist + L_mah + L_grad'],
  'colorization-no-mah': ['Without L_mah', 'L_hist + L_grad'],
  'colorization-no-grad': ['Without L_grad', 'L_hist + L_mah'],
  'colorization-l2': ['Squared error alone', '|C − f(z)|²'],
};
const NAMES = Object.keys(VAES);
const TERMS = {
  hist: ['L_hist', 'squared error, rare colors counting more'],
  mah: ['L_mah', 'error along the principal components, each over its spread'],
  grad: ['L_grad', 'error of the differences between neighbours'],
};

/** @param {[string, string[]]} term */
const bar = ([term, [name, words]]) => `
<span class="bar" data-term="${term}" title="${words}"><span>${name}</span><i><b></b></i><output></output></span>`;
const FIGURES = `
<span class="bars">${Object.entries(TERMS).map(bar).join('')}</span><span data-part="rate"></span>`;
/** @param {string} name @param {string[]} words @param {string} [figures] */
const figure = (name, [head, words], figures = FIGURES) => `
<figure class="vd-figure" data-vae="${name}">
  <canvas class="vd-photo" width="4" height="4" role="img"></canvas>
  <figcaption><b>${head}</b><br>${words}${figures}</figcaption>
</figure>`;
const TEMPLATE = `
<div class="vd-terms">
  <div class="five">
    ${figure('truth', ['Its own colors', 'C, as the VAEs are given it: 32 x 32 cells'], '')}
    ${NAMES.map(name => figure(name, VAES[name])).join('')}
  </div>
  <p class="vd-note" role="status" data-part="words"></p>
  <div class="vd-row">
    ${takeaway('png', 'code')}${NAMES.map(name => `<span data-part="badge-${name}"></span>`).join('')}
  </div>
</div>`;
const WORDS =
  'Bars: the three errors of each picture, shorter is better, each kind on its own scale; ' +
  'every VAE is judged by all three, whichever it was trained with.';
const GREY = 'This photo came without colors, so there are none to encode. Take a color photo above.';

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  whenColored(mounted, ({photo}, signal) => judge(mounted, photo, signal));
  mounted.acts({
    png: () => savePng('loss-terms.png', beside(mounted.all('canvas', HTMLCanvasElement)), 1),
    code: () => showCode(PYTHON),
  });
  for (const name of NAMES) mounted.badge(name, `badge-${name}`);
}

/**
 * The photo's colors through the four VAEs, as soon as all have answered.
 * @param {Mounted} mounted
 * @param {Photo} photo
 * @param {AbortSignal} signal
 */
async function judge(mounted, photo, signal) {
  const {coloring, truth} = photo;
  const words = mounted.part('words');
  mounted.root.classList.toggle('grey', !truth);
  words.textContent = truth ? 'Four VAEs read the colors …' : GREY;
  if (!truth) return;
  const own = query(mounted.root, '[data-vae="truth"] canvas', HTMLCanvasElement);
  coloring.paint(own, truth, true);
  own.setAttribute('aria-label', `${photo.words} in its own colors`);
  const ended = await Promise.allSettled(NAMES.map(name => reconstruct(name, photo, signal)));
  signal.throwIfAborted();
  const answers = ended.map(one => (one.status === 'fulfilled' ? one.value : null));
  const here = answers.filter(answer => answer !== null);
  NAMES.forEach((name, i) => {
    const box = query(mounted.root, `[data-vae="${name}"]`);
    box.classList.toggle('absent', !answers[i]);
    if (answers[i]) show(box, name, photo, answers[i], here);
  });
  words.textContent = here.length ? WORDS : '';
  for (const one of ended) if (one.status === 'rejected') throw one.reason; // what is here is shown, what lacks is said
}

/**
 * One VAE's picture, and its errors beside the others'.
 * @param {HTMLElement} box
 * @param {string} name
 * @param {Photo} photo
 * @param {Reconstruction} answer
 * @param {Reconstruction[]} all
 */
function show(box, name, {coloring, words}, answer, all) {
  const canvas = query(box, 'canvas', HTMLCanvasElement);
  coloring.paint(canvas, answer.field, true);
  canvas.setAttribute('aria-label', `The colors of ${words} through the VAE: ${VAES[name][0]}`);
  for (const term of Object.keys(TERMS)) {
    const most = Math.max(...all.map(({terms}) => terms[term]));
    query(box, `[data-term="${term}"] b`).style.width = `${(100 * answer.terms[term]) / most}%`;
    query(box, `[data-term="${term}"] output`).textContent = answer.terms[term].toPrecision(3);
  }
  query(box, '[data-part="rate"]').textContent = `rate ${nats(answer.rate)}`;
}

const PYTHON = `import torch, vaedemo
from vaedemo import colorize

photo = colorize.photo(open("photo.jpg", "rb").read())
y = torch.from_numpy(photo.grey)[None] / 255  # (1, 25600), its lightness at 160 x 160
ab = torch.from_numpy(photo.field)[None] / 127.5 - 1  # (1, 2, 32, 32), its colors / 128
for name in (${NAMES.map(name => `"${name}"`).join(', ')}):
    model = vaedemo.load(name)
    q = model.encode(model.picture(y, ab))
    field = model.decode(q.mean, y)  # (1, 2, 32, 32)
    print(name, model.errors(field, ab), model.rate(q).sum().item())  # the three errors; nats`;
