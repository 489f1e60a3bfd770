/** Three scores of how disentangled a model is, of four models: bars to choose a model by. */
import {query} from '../../../../web/page/dom.mjs';
import {facts} from '../../../../web/engine/model-store.mjs';

/** What the models are called. @type {Record<string, string>} */
export const MODELS = {
  sprites: 'beta-TCVAE',
  'sprites-factor': 'FactorVAE',
  'sprites-beta': 'beta-VAE',
  'sprites-vae': 'plain VAE',
};

/**
 * key: of the model's metrics; chance: what guessing scores
 * @typedef {{key: string, title: string, words: string, chance?: number}} Score
 * @type {Score[]}
 */
const SCORES = [
  {
    key: 'mig',
    title: 'MIG',
    words: `For each factor: how far the latent that tells most of it leads over the second, in parts of the factor's
      entropy; then the mean over the factors. It is 1 when every factor has a latent of its own, and 0 when two latents
      always share.`,
  },
  {
    key: 'factor_score',
    title: 'FactorVAE score',
    chance: 0.2,
    words: `Hold one factor fixed and vary all others: the latent that varies least should tell which factor it was.
      The score is how often it does; guessing is right in 1 of 5. It forgives rotations: where two latents share x and
      y, MIG counts nothing for either, and this score is still right half of the time.`,
  },
  {
    key: 'dci_disentanglement',
    title: 'DCI disentanglement',
    words: `Trees predict each factor from all latents, and one looks which latents they use.
      It is 1 when each latent matters to one factor alone, and 0 when each matters to all alike.`,
  },
];

/** @param {string} name @param {string} label @param {number} [chance] */
const bar = (name, label, chance) => `
  <button type="button" data-act="model" data-model="${name}" aria-pressed="false"><span>${label}</span>
    <span class="track" ${chance ? `style="--chance: ${100 * chance}%"` : ''}><i></i></span><b></b></button>`;

/** @param {Score} score */
const score = ({key, title, words, chance}) => `
<section class="vd-score" data-score="${key}" aria-label="${title}"><h4>${title}</h4>
  ${Object.entries(MODELS)
    .map(([name, label]) => bar(name, label, chance))
    .join('')}
  <details class="vd-fold"><summary>What this measures</summary><p>${words}</p></details></section>`;

export const TEMPLATE = `<div class="vd-scores">${SCORES.map(score).join('')}</div>`;

/**
 * Fills the bars. What is not here, or was not measured, says so.
 * @param {HTMLElement} root  around the template
 * @param {HTMLElement} note  takes what was measured on
 */
export async function showScores(root, note) {
  const names = Object.keys(MODELS);
  const found = await Promise.allSettled(names.map(facts));
  const metrics = found.map(one => (one.status === 'fulfilled' ? one.value.metrics : null));
  names.forEach((name, i) => {
    for (const {key} of SCORES) {
      const row = query(root, `[data-score="${key}"] [data-model="${name}"]`, HTMLButtonElement);
      const value = metrics[i]?.[key];
      row.disabled = !metrics[i];
      query(row, 'i').style.width = `${100 * (value ?? 0)}%`;
      query(row, 'b').textContent = metrics[i] ? (value?.toFixed(2) ?? 'not measured') : 'not here';
    }
  });
  const one = metrics.find(each => each?.n);
  note.textContent = one
    ? `Measured on ${one.data}, ${one.split}, n = ${one.n.toLocaleString('en')}; every score from 0 to 1, ` +
      "higher is better. The FactorVAE score's mark is chance."
    : '';
}
