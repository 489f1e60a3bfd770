/** What the lecture's tables say of VAE, GAN and VAE/GAN, each claim with the measured figure and what shows it. */

/**
 * @typedef {Record<string, any>} Metrics  of a model; {} where it is not here, or was not measured
 * @typedef {{tab: string, fold: string | null}} Place
 * @typedef {{verdict: string, figures: string[], to: Place, words: string}} Claim  words: what the button leads to
 * @typedef {{title: string, claims: (metrics: Metrics[]) => Claim[]}} Property  metrics and claims: of MODELS, in order
 */

export const MODELS = [
  {name: 'faces-vae', title: 'VAE'},
  {name: 'faces-gan', title: 'GAN'},
  {name: 'faces-vae-gan', title: 'VAE/GAN'},
];

export const SEARCHED = 24; // photos whose search is measured: FOUND in vaedemo/evaluation/likeness.py
export const SAMPLES = 5_000; // whose sharpness is: COUNT in vaedemo/evaluation/frechet.py

const SHARP = 0.75; // of photographs' sharpness; from here on a sample counts as sharp
const BLURRY = 0.5;

/** @param {string | null} fold */
const here = fold => ({tab: 'vaegan', fold});

/**
 * What was measured, as a list: nothing where it was not.
 * @param {unknown} value
 * @param {(value: number) => string} say
 */
const told = (value, say) => (typeof value === 'number' ? [say(value)] : []);

/** @param {number} value */
const whole = value => Math.round(value).toLocaleString('en').replace('-', '−');

/** @param {number} value  small, of levels in [0, 1] */
const error = value => value.toPrecision(2);

/** @param {Metrics} metrics @returns {string[]} */
const oneStep = metrics => [
  'one step of the encoder',
  ...told(metrics.pixel_mse, value => `squared error of the picture: ${error(value)}`),
  ...told(metrics.reader_feature_error, value => `error in another net’s features: ${value.toFixed(2)}`),
];

/** @param {Metrics} metrics @returns {string[]} */
const search = metrics => [
  '200 steps of back-propagation',
  ...told(metrics.inversion_s, value => `${value.toFixed(1)} s a photo`),
  ...told(metrics.inversion_mse, value => `squared error of the picture: ${error(value)}`),
];

/** @param {Metrics} metrics */
const rate = metrics => told(metrics.rate, value => `a photo’s z costs ${whole(value)} nats`);
/** @param {Metrics} metrics */
const bound = metrics => told(metrics.elbo, value => `at least ${whole(value)} nats a photo`);
/** @param {Metrics} metrics */
const sharpness = metrics => told(metrics.sharpness, value => `sharpness ${value.toFixed(2)}`);

/** How samples look, by what was measured; '' where nothing was. @param {Metrics} metrics */
export function look({sharpness: value}) {
  if (typeof value !== 'number') return '';
  if (value >= SHARP) return 'Sharp';
  return value < BLURRY ? 'Blurry' : 'Less sharp than photos';
}

/** @type {Property[]} */
export const PROPERTIES = [
  {
    title: 'Given an X, easy to find z',
    claims: ([vae, gan, both]) => [
      {verdict: 'Yes', figures: oneStep(vae), to: here(null), words: 'One photo for all'},
      {verdict: 'No', figures: search(gan), to: here(null), words: 'One photo for all'},
      {verdict: 'Yes', figures: oneStep(both), to: here(null), words: 'One photo for all'},
    ],
  },
  {
    title: 'Interpretable P(X)',
    claims: ([vae, , both]) => [
      {
        verdict: 'Yes',
        figures: ['z ~ N(0, I), and a Gaussian around its picture', ...rate(vae)],
        to: {tab: 'whyq', fold: 'density-vs-sampler'},
        words: 'Why Q: score, or sample',
      },
      {
        verdict: 'No',
        figures: ['a sampler: it draws, and scores nothing'],
        to: {tab: 'whyq', fold: 'density-vs-sampler'},
        words: 'Why Q: score, or sample',
      },
      {
        verdict: 'As the VAE',
        figures: ['but its decoder learned from features, not from log P(X | z)', ...rate(both)],
        to: {tab: 'whyq', fold: 'gaussian-likelihood'},
        words: 'Why Q: L2 is a Gaussian',
      },
    ],
  },
  {
    title: 'Explicit P(X): a bound, the ELBO',
    claims: ([vae, , both]) => [
      {verdict: 'Yes', figures: bound(vae), to: here('properties'), words: 'its ELBO, below'},
      {verdict: 'No', figures: ['nothing to compute'], to: here('properties'), words: 'its place, below'},
      {
        verdict: 'Only its VAE part',
        figures: bound(both),
        to: here('properties'),
        words: 'its ELBO, below',
      },
    ],
  },
  {
    title: 'Sharp samples, or blurry',
    claims: metrics =>
      metrics.map((one, i) => ({
        verdict: look(one) || ['Blurry', 'Sharp', 'Sharp'][i],
        figures: [...sharpness(one), ...(look(one) ? [] : ['the lecture says so; not measured'])],
        to: here('dice'),
        words: 'Dice: one z, four decoders',
      })),
  },
];
