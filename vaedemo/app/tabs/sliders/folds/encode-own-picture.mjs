/** A picture of one's own: the encoder sets the hero's sliders, and its ELBO follows the hand that pulls them. */
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {pad} from '../../../../web/ui/drawing-pad.mjs';
import {distortion, far, nats, rate} from '../lib/elbo-terms.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {onPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../../web/page/request.mjs';
import {goTo, onPlanes, onShown, tellCost} from '../lib/paired-models.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const ONWARD_MS = 1500; // a drawing that goes on is one move
const SLOW_MS = 300;
const PATIENCE_MS = 600; // half a drawing may be no picture yet

const TEMPLATE = `
<div class="vd-yours">
  <p class="vd-note" data-part="hint"></p>
  <div class="parts">
    <div data-part="pads"></div>
    <figure class="vd-figure"><canvas data-part="x" width="64" height="64" role="img" aria-label="The picture as the encoder sees it"></canvas>
      <figcaption>x, as the encoder sees it</figcaption></figure>
    <div data-part="models"></div>
  </div>
  <p class="vd-note" role="status" data-part="far"></p>
  <div class="vd-row"><button type="button" class="vd-main" data-act="take" disabled>Set the sliders from it</button>
    <button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button></div>
  <p class="vd-note">In nats. Distortion is −log p(x|z) at the mean of q(z|x), and where the sliders stand; there the rate is that of q moved to
    it, sigma kept. The ELBO is minus their sum. Under a Gaussian p(x|z) nats of a density may be negative.</p>
  <p class="vd-trouble" role="status"></p>
</div>`;

const TERMS = ['distortion', 'rate', 'ELBO'];
const MODEL = `
<section>
  <figure class="vd-figure"><canvas role="img"></canvas><figcaption></figcaption></figure>
  <table><thead><tr><td></td><th scope="col">at q's mean</th><th scope="col">pulled</th></tr></thead>
  <tbody>${TERMS.map(term => `<tr data-term="${term}"><th scope="row">${term}</th><td></td><td></td></tr>`).join('')}</tbody></table>
</section>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  element.querySelector('.vd-section').append(root);
  /** @type {import('../lib/paired-models.mjs').Shown} */ let shown;
  /**
   * One a model: the encoder's answer, its mean's distortion by bytes, and that where the sliders stand.
   * @type {{answer: import('../../../../web/page/request.mjs').Encoded, bytes: number, pulled?: number}[]}
   */
  let priced = [];
  /** @type {Blob | null} */ let picture = null;
  /** @type {Map<string, HTMLElement>} */ const pads = new Map();
  let visible = false;
  let taken = -Infinity;
  let timer = 0;
  let kind = null;
  let begun = false;

  function say(error) {
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        root.querySelector('.vd-trouble').textContent = error?.message ?? '';
      },
      error ? PATIENCE_MS : 0,
    );
  }

  function build() {
    const {draws, hint, ink} = shown.kind;
    if (!pads.has(draws)) pads.set(draws, pad(find('pads'), draws));
    for (const [subject, box] of pads) box.hidden = subject !== draws;
    find('hint').textContent = hint;
    find('far').textContent = '';
    for (const canvas of root.querySelectorAll('figure canvas')) canvas.className = ink ? 'vd-ink' : 'vd-photo';
    find('models').replaceChildren(
      ...shown.models.map(({title, name}) => {
        const block = dom(MODEL);
        const canvas = block.querySelector('canvas');
        canvas.className = ink ? 'vd-ink' : 'vd-photo';
        canvas.setAttribute('aria-label', `The reconstruction by ${name}: the mean of q(z|x), decoded`);
        block.querySelector('figcaption').textContent = `${title}: the mean of q(z|x), decoded`;
        return block;
      }),
    );
    forget();
  }

  function forget() {
    [0, 1].forEach(i => tellCost(i, ''));
    [priced, begun] = [[], false];
  }

  /**
   * The encoders' answers to a picture; they set the sliders, if asked to.
   * @param {Blob | null} blob
   * @param {boolean} sets
   */
  const take = newest(async (signal, blob, sets) => {
    const {
      models,
      kind: {ink},
    } = shown;
    if (!blob) return;
    const slow = setTimeout(() => {
      find('far').textContent = 'The encoder reads the picture …';
    }, SLOW_MS);
    const answers = await Promise.all(models.map(({name}) => encode(name, blob, signal))).finally(() => {
      clearTimeout(slow);
      find('far').textContent = '';
    });
    const means = await Promise.all(models.map(({open}, i) => decoded(open, answers[i].mean, signal)));
    if (shown.models !== models) return;
    say(null);
    new Painter(find('x'), models[0].open.shape, {crisp: ink}).draw(answers[0].x);
    priced = answers.map((answer, i) => ({answer, bytes: distortion(answer.x, means[i], answer.noise)}));
    means.forEach((planes, i) =>
      new Painter(blocks()[i].querySelector('canvas'), models[i].open.shape, {crisp: ink}).draw(planes),
    );
    answers.forEach((answer, i) => write(i, 0, answer.distortion, answer.rate));
    find('far').textContent = models.map((model, i) => far(model, answers[i], means[i])).join(' ');
    if (!sets) return;
    const now = performance.now();
    goTo(
      answers.map(({mean}) => mean),
      now - taken < ONWARD_MS,
    );
    taken = now;
  });
  const blocks = () => [...find('models').children];
  const go = () => take(picture, true).catch(say);

  /**
   * The fold never opens empty: until it is given a picture, it shows what was drawn elsewhere, or what the left
   * model draws.
   */
  async function begin() {
    if (begun || !visible || !shown) return;
    begun = true;
    const canvas = document.createElement('canvas');
    const {
      models: [{open}],
      codes: [z],
    } = shown;
    new Painter(canvas, open.shape).draw(await decoded(open, z));
    const drawn = await new Promise(done => {
      canvas.toBlob(done);
    });
    // blank to the encoder, perhaps
    if (!priced.length && shown.models[0].open === open) take(picture ?? drawn, false).catch(() => {});
  }

  /** Three terms of a model, in a column of its table. */
  function write(i, column, cost, nat) {
    [cost, nat, -cost - nat].forEach((value, row) => {
      blocks()[i].querySelector(`[data-term="${TERMS[row]}"]`).children[column + 1].textContent = nats(value);
    });
  }

  onPlanes((i, planes) => {
    if (!priced[i]) return;
    const {answer, bytes} = priced[i];
    // Bytes hide how sure a mean near 0 or 1 is; their error at q's mean is known, and taken off.
    const cost = answer.distortion + distortion(answer.x, planes, answer.noise) - bytes;
    if (picture) tellCost(i, `Your picture's distortion:\n${nats(answer.distortion)} → ${nats(cost)} nats`);
    priced[i].pulled = cost;
    if (visible) pulled(i);
  });
  const pulled = i => write(i, 1, priced[i].pulled, rate(shown.codes[i], priced[i].answer.sigma));

  onShown((next, what) => {
    shown = next;
    if (what !== 'models') return;
    // other models of one kind are given the same picture
    const again = picture && priced.length > 0 && next.kind === kind;
    kind = next.kind;
    build();
    if (again) go();
    else begin();
  });
  onPicture(blob => {
    picture = blob;
    root.querySelector('[data-act="take"]').disabled = !blob;
    if (blob && visible && shown) go(); // what was drawn elsewhere is offered, not taken
    if (!blob) [0, 1].forEach(i => tellCost(i, ''));
  });
  new IntersectionObserver(([entry]) => {
    visible = entry.isIntersecting;
    if (visible) priced.forEach((one, i) => one.pulled !== undefined && pulled(i));
    begin();
  }).observe(root);
  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act},
      },
    }) => {
      if (!shown) return;
      if (act === 'take') go();
      if (act === 'png')
        savePng(
          'reconstructions.png',
          beside([find('x'), ...blocks().map(block => block.querySelector('canvas'))]),
          8,
        );
      if (act === 'code') showCode(python(shown));
    },
  );
}

async function decoded(open, z, signal) {
  let answer = new Uint8Array();
  await open.batch(
    z,
    1,
    planes => {
      answer = planes;
    },
    signal,
  );
  return answer;
}

const python = ({models}) => `import torch
import vaedemo
from vaedemo.vision import preprocessing
from vaedemo.recipes import RECIPES

picture = preprocessing.read("picture.png")
for name in ("${models.map(({name}) => name).join('", "')}",):
    model = vaedemo.load(name)
    x = torch.from_numpy(preprocessing.prepared(picture, RECIPES[name].data))[None]  # (1, ${models[0].open.shape.join(', ')})
    q = model.encode(x)                       # Independent Normal: q.mean, q.stddev
    distortion = model.distortion(x, q.mean)  # (1,), nats; at the mean of q
    rate = model.rate(q).sum(1)               # (1,), nats
    print(name, distortion.item(), rate.item(), "ELBO", -(distortion + rate).item())`;
