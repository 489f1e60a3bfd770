/** A picture becomes a cloud: the posterior as an ellipse, its mean decoded, and draws from it. */
import {ROOT} from '../../../../web/engine/root.mjs';
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {pad} from '../../../../web/ui/drawing-pad.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {nats} from '../../../../web/page/format.mjs';
import {onPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../../web/page/request.mjs';
import {grid} from '../../../../web/ui/decoded-grid.mjs';
import {openWithDigit} from '../../../../web/ui/digit-examples.mjs';
import {LatentMap} from '../../../../web/ui/latent-map.mjs';
import {decoder} from '../../../../web/engine/model-store.mjs';
import {normal} from '../../../../web/engine/normal.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const MODELS = ['digits-2d', 'digits'];
const DRAWS = 12;

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <label>Model <select data-set="model">${MODELS.map(name => `<option>${name}</option>`).join('')}</select></label>
    <span class="vd-row" data-part="examples" role="group" aria-label="Pick an example digit"></span>
  </div>
  <div class="vd-columns">
    <div data-part="pad"></div>
    <figure class="vd-figure"><canvas class="vd-ink vd-large" data-part="x" width="28" height="28" role="img" aria-label="The picture as the encoder sees it, 28 by 28"></canvas>
      <figcaption>x, as the encoder sees it</figcaption></figure>
    <figure class="vd-figure"><canvas class="vd-ink vd-large" data-part="mean" role="img" aria-label="The reconstruction: the decoder's picture of the posterior's mean"></canvas>
      <figcaption>the mean of q(z|x), decoded</figcaption></figure>
    <figure class="vd-figure" data-part="where"><div data-part="map"></div><figcaption data-part="words"></figcaption></figure>
  </div>
  <figure class="vd-figure"><canvas class="vd-ink vd-strip" data-part="draws" role="img" aria-label="Draws from the posterior, decoded"></canvas>
    <figcaption>${DRAWS} draws z = mean + sigma · eps, decoded</figcaption></figure>
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="again">Draw again from q(z|x)</button>
    <button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  element.querySelector('.vd-section').append(root);
  const trouble = root.querySelector('.vd-trouble');
  const choose = root.querySelector('select');
  choose.value = address.choice('posterior', MODELS);
  let answered = null;
  let picture = null;
  pad(find('pad'));
  const map = new LatentMap(find('map'), {
    label: 'The posterior on the map of digits-2d',
    picture: `${ROOT}live/models/digits-2d/map.png`,
    onMove: z => follow(z),
  });

  /** The hand may leave the mean: what do other codes draw? */
  async function follow(z) {
    const open = await decoder('digits-2d', 'draw');
    open.show(z, planes => new Painter(find('mean'), open.shape).draw(planes));
  }

  const show = newest(async (signal, blob) => {
    picture = blob;
    if (!blob) {
      answered = null;
      map.ring();
      find('words').textContent = '';
      return;
    }
    answered = await encode(choose.value, blob, signal);
    trouble.textContent = '';
    new Painter(find('x'), [1, 28, 28]).draw(answered.x);
    await grid(choose.value, find('mean'), Float32Array.from(answered.mean), 1, signal);
    const flat = choose.value === 'digits-2d';
    const {sigma, rates} = answered;
    find('map').hidden = !flat;
    if (flat) {
      map.place(answered.mean);
      map.ring(answered);
    }
    const active = rates.filter(rate => rate > 0.1).length;
    find('words').textContent = flat
      ? `sigma = ${sigma.map(value => value.toFixed(2)).join(', ')}; the prior's is 1. To say z costs ${nats(answered.rate)}.`
      : `${active} of the ${sigma.length} latents say something of this picture; together ${nats(answered.rate)}. The rest stay at the prior.`;
    await again(signal);
    badge(find('badge'), choose.value);
  });

  async function again(signal) {
    if (!answered) return;
    const {mean, sigma, model} = answered;
    const codes = Float32Array.from(
      {length: DRAWS * mean.length},
      (_, i) => mean[i % mean.length] + sigma[i % mean.length] * normal(),
    );
    await grid(model, find('draws'), codes, DRAWS, signal);
  }

  const go = blob =>
    show(blob).catch(error => {
      trouble.textContent = error.message;
    });
  choose.addEventListener('change', () => {
    address.set({posterior: choose.value});
    go(picture);
  });
  root.addEventListener('click', ({target}) => {
    if (target.dataset.act === 'again')
      again().catch(error => {
        trouble.textContent = error.message;
      });
    if (target.dataset.act === 'png') savePng('draws-from-q.png', find('draws'), 8);
    if (target.dataset.act === 'code') showCode(CODE.replace('MODEL', choose.value));
  });
  openWithDigit(find('examples'), 3, go);
  onPicture(go);
}

const CODE = `import torch
import vaedemo
from vaedemo.vision import preprocessing

model = vaedemo.load("MODEL")
x = torch.from_numpy(preprocessing.to_digit(preprocessing.read("digit.png")))[None]  # (1, 1, 28, 28)
q = model.encode(x)                       # Independent Normal: q.mean, q.stddev
z = q.rsample(torch.Size([${DRAWS}]))[:, 0]      # z = mean + sigma * eps
draws = model.render(model.decode(z))     # (${DRAWS}, 1, 28, 28)
`;
