/** What a picture costs under two models: distortion + rate, beside what test digits cost. */
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {pad} from '../../../../web/ui/drawing-pad.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {onPicture, setPicture} from '../../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {grid} from '../../../../web/ui/decoded-grid.mjs';
import {digitChoices} from '../../../../web/ui/digit-examples.mjs';
import {facts} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {ODDITIES} from '../lib/out-of-distribution-digits.mjs';

const MODELS = ['digits-2d', 'digits'];
const LONGEST = 50; // percent of the width, words beside it
const bits = value => `${(value / Math.LN2).toFixed(1)} bits`;
const round = value => Math.round(value).toLocaleString('en');

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <span class="vd-row" data-part="examples" role="group" aria-label="Pick an example digit"></span>
    <span class="vd-row" role="group" aria-label="Pictures that cost a lot">Not quite digits:
      ${Object.keys(ODDITIES)
        .map(name => `<button type="button" class="vd-quiet" data-odd="${name}">${name}</button>`)
        .join('')}</span>
  </div>
  <div class="vd-elbo">
    <div><div data-part="pad"></div>
      <figure class="vd-figure"><canvas class="vd-ink" data-part="x" width="28" height="28" role="img"
        aria-label="The picture as the encoders see it"></canvas>
        <figcaption>x, as the encoders see it</figcaption></figure></div>
    <div data-part="models"></div>
  </div>
  <p class="vd-note">Distortion is at the mean of q(z|x), and over grey pixels it is an expectation:
    a pixel of 0.7 counts as white in 7 of 10 pictures. Test averages draw z from q. The ELBO is minus the whole bar. Point at a bar for bits.</p>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

const MODEL = `
<section class="vd-cost">
  <figure class="vd-figure"><canvas class="vd-ink" width="28" height="28" role="img"
    aria-label="The reconstruction: the decoder's picture of the posterior's mean"></canvas>
    <figcaption data-part="badge"></figcaption></figure>
  <div>
    <p class="sentence" role="status">The encoder reads the picture …</p>
    <div class="bar" data-bar="this"></div><div class="bar test" data-bar="test" hidden></div>
    <figure class="vd-figure"><div class="rates" role="img"></div><figcaption></figcaption></figure>
  </div>
</section>`;

/** @typedef {{distortion: number, rate: number}} Cost  in nats */

/**
 * A stacked bar: distortion, then rate; `most` nats are the longest.
 * @param {HTMLElement} element @param {string} label @param {Cost} cost @param {number} most
 */
function bar(element, label, {distortion, rate}, most) {
  const part = (name, value) => {
    const block = Object.assign(document.createElement('i'), {
      className: name,
      title: `${name}: ${value.toFixed(1)} nats = ${bits(value)}`,
    });
    block.style.width = `${(LONGEST * value) / most}%`;
    return block;
  };
  const words = (className, textContent) => Object.assign(document.createElement('span'), {className, textContent});
  element.replaceChildren(
    words('label', label),
    part('distortion', distortion),
    part('rate', rate),
    words('amount', `distortion ${round(distortion)} + `),
    words('amount rate', `rate ${round(rate)}`),
  );
}

/** The KL of each latent, the largest first. */
function ratesChart(element, rates) {
  const sorted = [...rates.keys()].sort((a, b) => rates[b] - rates[a]);
  const most = Math.max(...rates, 0.01);
  element.replaceChildren(
    ...sorted.map(d => {
      const column = Object.assign(document.createElement('i'), {
        title: `z${d}: ${rates[d].toFixed(2)} nats = ${bits(rates[d])}`,
      });
      column.style.height = `${(100 * rates[d]) / most}%`;
      return column;
    }),
  );
  element.setAttribute(
    'aria-label',
    `KL of ${rates.length} latents, from ${most.toFixed(2)} down to ${rates[sorted.at(-1)].toFixed(2)} nats`,
  );
  element.nextElementSibling.textContent = `KL of each of the ${rates.length} latents, the largest ${most.toFixed(1)} nats`;
}

/** @param {string} name @param {Cost} cost @param {any} test  the model's metrics */
function sentence(name, {distortion, rate}, test) {
  const average = test.distortion + test.rate;
  return (
    `Under ${name} this picture costs ${round(distortion + rate)} nats: ${round(distortion)} for its pixels, ${round(rate)} for z.` +
    (Number.isFinite(average)
      ? ` Digits of the ${test.split} set cost ${round(average)} on average (n = ${test.n.toLocaleString('en')}).`
      : '')
  );
}

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  pad(find('pad'));
  const places = MODELS.map(name => {
    const place = dom(MODEL);
    find('models').append(place);
    badge(place.querySelector('[data-part="badge"]'), name).catch(say);
    return place;
  });
  let picture = null;

  const show = newest(async (signal, blob) => {
    picture = blob;
    if (!blob) return;
    const [answers, known] = await Promise.all([
      Promise.all(MODELS.map(name => encode(name, blob, signal))),
      Promise.all(MODELS.map(name => facts(name))),
    ]);
    signal.throwIfAborted();
    say(null);
    new Painter(find('x'), [1, 28, 28]).draw(answers[0].x);
    const tests = known.map(({metrics}) => metrics);
    const total = ({distortion, rate}) => distortion + rate;
    // One scale for both models, so that the bars compare.
    const most = Math.max(...answers.map(total), ...tests.map(test => total(test) || 0));
    await Promise.all(
      answers.map((answer, i) => {
        const place = places[i];
        const find = selector => place.querySelector(selector);
        const test = tests[i];
        const measured = Number.isFinite(total(test));
        find('.sentence').textContent = sentence(MODELS[i], answer, test);
        bar(find('[data-bar="this"]'), 'This picture', answer, most);
        find('[data-bar="test"]').hidden = !measured;
        if (measured) bar(find('[data-bar="test"]'), `Average, ${test.split}`, test, most);
        ratesChart(find('.rates'), answer.rates);
        return grid(MODELS[i], find('canvas'), Float32Array.from(answer.mean), 1, signal);
      }),
    );
    root.dataset.cost = answers.map(answer => total(answer).toFixed(1)).join();
  });

  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act, odd},
      },
    }) => {
      if (odd) ODDITIES[odd]().then(setPicture).catch(say);
      if (act === 'png')
        savePng(
          'reconstructions.png',
          beside([find('x'), ...places.map(place => place.querySelector('canvas'))]),
          16,
        );
      if (act === 'code') showCode(CODE);
    },
  );
  const begin = () => find('examples').querySelector('button')?.click();
  onPicture(blob => show(blob).catch(say));
  onStop({tab: 'sample', fold: 'elbo'}, () => {
    if (!picture) begin();
  });
  digitChoices(find('examples'), setPicture)
    .then(() => {
      if (!picture) begin();
    })
    .catch(say);
}

function beside(canvases) {
  const all = Object.assign(document.createElement('canvas'), {width: 28 * canvases.length, height: 28});
  canvases.forEach((canvas, i) => all.getContext('2d').drawImage(canvas, 28 * i, 0));
  return all;
}

const CODE = `import torch
import vaedemo
from vaedemo.vision import preprocessing

x = torch.from_numpy(preprocessing.to_digit(preprocessing.read("digit.png")))[None]  # (1, 1, 28, 28)
for name in ("${MODELS.join('", "')}"):
    model = vaedemo.load(name)
    q = model.encode(x)
    distortion = model.distortion(x, q.mean)  # (1,), nats; at the mean of q
    rates = model.rate(q)                     # (1, Z), nats, KL of each latent
    print(name, distortion.item(), rates.sum().item())`;
