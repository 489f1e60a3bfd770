/** How disentangled a model is: three scores of four models, and what every latent tells of every factor. */
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {shown} from '../../../../web/page/format.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {grid} from '../../../../web/ui/decoded-grid.mjs';
import {facts, latents} from '../../../../web/engine/model-store.mjs';
import {quantile} from '../../../../web/engine/normal.mjs';
import {gaps, heatmap, strongest} from '../lib/mutual-information-table.mjs';

const FRAMES = 5;
const ENDS = [0.02, 0.98]; // quantiles of the prior
/** @type {Record<string, string>} */
const MODELS = {
  sprites: 'beta-TCVAE',
  'sprites-factor': 'FactorVAE',
  'sprites-beta': 'beta-VAE',
  'sprites-vae': 'plain VAE',
};

const SCORES = [
  {
    key: 'mig',
    title: 'MIG',
    words: `For each factor: how far the latent that tells most of it leads over the second, in parts of the factor's entropy;
    then the mean over the factors. It is 1 when every factor has a latent of its own, and 0 when two latents always share.`,
  },
  {
    key: 'factor_score',
    title: 'FactorVAE score',
    chance: 0.2,
    words: `Hold one factor fixed and vary all others: the latent that varies least should tell which factor it was.
    The score is how often it does; guessing is right in 1 of 5. It forgives rotations: where two latents share x and y, MIG counts nothing for either, and this score is still right half of the time.`,
  },
  {
    key: 'dci_disentanglement',
    title: 'DCI disentanglement',
    words: `Trees predict each factor from all latents, and one looks which latents they use.
    It is 1 when each latent matters to one factor alone, and 0 when each matters to all alike.`,
  },
];

const score = ({key, title, words, chance}) => `
<section class="vd-score" data-score="${key}" aria-label="${title}"><h4>${title}</h4>
  ${Object.entries(MODELS)
    .map(
      ([name, label]) => `<button type="button" data-model="${name}" aria-pressed="false"><span>${label}</span>
    <span class="track" ${chance ? `style="--chance: ${100 * chance}%"` : ''}><i></i></span><b></b></button>`,
    )
    .join('')}
  <details class="vd-fold"><summary>What this measures</summary><p>${words}</p></details></section>`;

const TEMPLATE = `
<div>
  <div class="vd-scores">${SCORES.map(score).join('')}</div>
  <p class="vd-note" data-part="measured"></p>
  <div class="vd-information">
    <div><div data-part="heat"></div><p class="vd-note" data-part="mean"></p></div>
    <div>
      <p data-part="tells" class="vd-tells" role="status">Point at a cell.</p>
      <figure class="vd-figure"><div class="vd-frames"><canvas class="vd-ink" data-part="strip" role="img"></canvas></div>
        <figcaption data-part="caption"></figcaption></figure>
      <div class="vd-row"><button type="button" class="vd-quiet" data-act="other">Another sprite</button>
        <button type="button" class="vd-quiet" data-act="png">PNG</button><button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
      <p class="vd-note">A square looks the same after a quarter turn, an ellipse after half a turn. The angle of a picture is not one number,
        so no single latent can stand for orientation: that column stays pale, whatever the model.</p>
    </div>
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export async function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  let name = address.choice('measured', Object.keys(MODELS));
  let cell = linkedCell();
  let known;
  let mark;
  let start = 0;

  const choose = newest(async (signal, next) => {
    const model = await facts(next).catch(error => {
      throw Object.assign(new Error(`${next} is not here, so there is nothing to show of it.`), {cause: error});
    });
    signal.throwIfAborted();
    for (const button of root.querySelectorAll('[data-model]'))
      button.setAttribute('aria-pressed', String(button.dataset.model === next));
    const {information, kl} = await latents(next);
    signal.throwIfAborted();
    say(null);
    name = next;
    badge(find('badge'), name);
    if (!information) throw new Error(`${next} has not been measured here: what its latents tell is not known.`);
    known = {information: information.data, kl: kl.data, factors: model.factors};
    mark = heatmap(find('heat'), known, {onPoint: tell, onChoose: next => pick(next, true).catch(say)});
    find('mean').textContent =
      `Each cell: mutual information, in parts of the factor's entropy. Last row: the lead of the best latent over the second; its mean, ${mean(gaps(known)).toFixed(2)}, is the MIG.`;
    const {information: shares, factors} = known;
    if (!cell || cell.factor >= factors.length || cell.latent >= kl.data.length) cell = strongest(known);
    await pick({...cell, share: shares[cell.latent * factors.length + cell.factor]}, false);
  });

  function tell({latent, factor, share}) {
    find('tells').textContent = `z${latent} tells ${share.toFixed(2)} of the ${known.factors[factor]}'s entropy`;
  }

  /** A strip of pictures that moves one latent. */
  const strip = newest(async signal => {
    const codes = traversal((await sprites(name))[start], cell.latent);
    signal.throwIfAborted();
    await grid(name, find('strip'), Float32Array.from(codes.flat()), FRAMES, signal);
    find('strip').setAttribute('aria-label', `Five sprites drawn by ${name} while z${cell.latent} rises`);
    find('caption').textContent = `z${cell.latent} = ${shown(
      codes.map(z => z[cell.latent]),
      1,
    )}; the other latents rest.`;
  });

  async function pick(next, byHand) {
    cell = next;
    mark(cell);
    tell(cell);
    if (byHand) address.set({cell: `${cell.latent},${cell.factor}`});
    await strip();
  }

  root.addEventListener('click', ({target}) => {
    const button = target.closest('[data-model]');
    const {act} = target.dataset;
    if (button) {
      cell = null;
      address.set({measured: button.dataset.model, cell: null});
      choose(button.dataset.model).catch(say);
    }
    if (act === 'other')
      sprites(name)
        .then(all => {
          start = (start + 1) % all.length;
          return strip();
        })
        .catch(say);
    if (act === 'png') savePng(`${name}-z${cell.latent}.png`, find('strip'), 4);
    if (act === 'code') sprites(name).then(all => showCode(python(name, all[start], cell.latent)), say);
  });
  onStop({tab: 'sliders', fold: 'disentanglement-scores'}, ({measured}) => {
    if (measured in MODELS) {
      cell = null;
      choose(measured).catch(say);
    }
  });
  await Promise.all([measure(root, find('measured')), choose(name).catch(say)]);
}

/** Fills the bars. What is not here, or was not measured, says so. */
async function measure(root, note) {
  const tests = await Promise.all(
    Object.keys(MODELS).map(name =>
      facts(name).then(
        ({metrics}) => ({name, ...metrics}),
        () => ({name, absent: true}),
      ),
    ),
  );
  for (const test of tests)
    for (const {key} of SCORES) {
      const row = root.querySelector(`[data-score="${key}"] [data-model="${test.name}"]`);
      const value = test[key];
      row.disabled = Boolean(test.absent);
      row.querySelector('i').style.width = `${100 * (value ?? 0)}%`;
      row.querySelector('b').textContent = test.absent
        ? 'not here'
        : value === undefined
          ? 'not measured'
          : value.toFixed(2);
    }
  const one = tests.find(test => test.n);
  note.textContent = one
    ? `Measured on ${one.data}, ${one.split}, n = ${one.n.toLocaleString('en')}; every score from 0 to 1, higher is better. The FactorVAE score's mark is chance.`
    : '';
}

const mean = values => values.reduce((a, b) => a + b, 0) / values.length;
function linkedCell() {
  const given = address.numbers('cell', 2, 1000);
  return given?.every(value => Number.isInteger(value) && value >= 0)
    ? {latent: given[0], factor: given[1], share: 0}
    : null;
}

/** A model's example codes. @returns {Promise<number[][]>} */
const sprites = async name => {
  const {
    examples: {
      data,
      shape: [n, z],
    },
  } = await latents(name);
  return Array.from({length: n}, (_, i) => [...data.subarray(i * z, (i + 1) * z)]);
};

/** Codes that equal z but for one latent: what vaedemo.latents.traversal gives. */
const traversal = (z, latent) =>
  Array.from({length: FRAMES}, (_, i) =>
    z.with(latent, quantile(ENDS[0] + ((ENDS[1] - ENDS[0]) * i) / (FRAMES - 1))),
  );

const python = (name, z, latent) => `import numpy as np
import torch
import vaedemo
from vaedemo.latents import traversal

model = vaedemo.load("${name}")
z = np.array([${z.map(value => value.toFixed(2)).join(', ')}])
codes = torch.from_numpy(traversal(z, ${latent}, ${FRAMES}))  # only z${latent} moves
strip = model.render(model.decode(codes))  # (${FRAMES}, 1, 64, 64), means of p(x|z)`;
