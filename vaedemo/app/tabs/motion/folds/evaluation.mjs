/** How good it is: the best of K futures against K, and how likely each method holds what really happened. */
import {facts} from '../../../../web/engine/model-store.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {plot} from '../lib/best-of-k-chart.mjs';
import {DRAWN, PEOPLE} from '../lib/still-store.mjs';

const KS = [1, 2, 5, 10, 20, 50, 100];
/** The suffix of its keys for the best of K, its key for the NLL, its name in the table, the paper's NLL. */
const METHODS = [
  {
    name: 'ours',
    words: 'CVAE',
    best: '',
    nll: 'nll',
    color: 'var(--vd-accent)',
    paper: '11082',
    table: 'CVAE, this model',
  },
  {
    name: 'regressor',
    words: 'regressor',
    best: '_regressor_noise',
    nll: 'nll_regressor',
    color: '#0e7490',
    paper: '11563',
    table: 'Regressor',
  },
  {
    name: 'flow',
    words: 'flow classes',
    best: '_flow_classification',
    nll: 'nll_flow_classification',
    color: '#a16207',
    paper: '11734',
    table: 'Flow classification',
  },
  {
    name: 'nearest',
    words: 'nearest still',
    best: '_nearest',
    nll: 'nll_nearest',
    color: '#78716c',
    paper: '',
    table: 'Nearest still',
  },
];
const TEMPLATE = `
<div class="vd-howgood">
  <div class="stage">
    <figure class="vd-figure"><div data-part="plot"></div>
      <figcaption data-part="plotted"></figcaption></figure>
    <div>
      <table>
        <thead><tr><th>Negative log likelihood</th><th>ours, nats a coefficient</th><th>the paper's</th></tr></thead>
        <tbody data-part="nll"></tbody></table>
      <p class="vd-note" data-part="gain"></p>
      <p class="vd-note">The paper's column is of Walker et al. 2016, as the lecture shows it: thousands of clips from
        the web, larger stills, 800 samples, its own units (optical flow: Walker 2015). Ours: a few hundred clips of
        people, stills of 160 pixels, 16 x 16 cells, 0.6 seconds. Both are Parzen estimates; only the <i>order</i>
        within a column can be compared.</p>
      <p class="vd-note" data-part="drawn"></p>
    </div>
  </div>
  <div class="vd-row">${takeaway('code', 'badge')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @typedef {Record<string, any>} Measured  a model's metrics.json */

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
async function setup(mounted) {
  mounted.acts({code: () => showCode(PYTHON)});
  const [people, drawn] = await Promise.all([PEOPLE, DRAWN].map(measuredOf));
  const measured = people ?? {};
  if (people) mounted.badge(PEOPLE);
  else mounted.showError(`${PEOPLE} is not here.`);
  mounted.part('nll').replaceChildren(...METHODS.map(method => rowOf(method, measured)));
  mounted.part('gain').textContent = gain(measured);
  mounted.part('drawn').textContent = ofDrawn(drawn);
  const all = seriesOf(measured);
  const series = all.filter(({points}) => points.length);
  const missing = all.filter(({points}) => !points.length).map(({words}) => words);
  mounted.part('plotted').textContent = series.length
    ? caption(measured, missing)
    : 'The errors of the best of K have not been measured yet.';
  mounted.root.classList.toggle('unmeasured', !series.length);
  if (!series.length) return;
  const place = mounted.part('plot');
  new ResizeObserver(() => {
    if (place.clientWidth) plot(place, series, 'pixels'); // a fold that is closed has no width
  }).observe(place);
}

/** The metrics of a model; null: it is nowhere. @param {string} model @returns {Promise<Measured | null>} */
const measuredOf = model =>
  facts(model).then(
    ({metrics}) => metrics,
    () => null,
  );

/** @param {Measured} measured @param {string[]} missing  methods that were not measured */
function caption({data, split, n}, missing) {
  const count = n ? `, n = ${n.toLocaleString('en')}` : '';
  return [
    'Distance of the best of K answers to what really happened: root mean square of a coefficient,',
    `in pixels of a still of 64; less is better. ${data ?? 'People'}, ${split ?? 'test'} split${count}.`,
    'The regressor has one answer; its others are that one plus the noise that suits it best.',
    ...(missing.length ? [`Not measured: ${missing.join(', ')}.`] : []),
  ].join(' ');
}

/** Of each method its best of K, as far as they were measured. @param {Measured} measured */
const seriesOf = measured =>
  METHODS.map(({name, words, best, color}) => ({
    name,
    words,
    color,
    ours: name === 'ours',
    points: KS.map(k => ({k, value: measured[`best_of_${k}${best}`]})).filter(({value}) => Number.isFinite(value)),
  }));

/** A row of the table. @param {(typeof METHODS)[number]} method @param {Measured} measured */
function rowOf({name, table, nll, paper}, measured) {
  const value = measured[nll];
  const ours = Number.isFinite(value) ? value.toFixed(3).replace('-', '−') : 'not measured';
  const row = document.createElement('tr');
  row.className = name;
  for (const text of [table, ours, paper || '–']) row.insertCell().textContent = text;
  return row;
}

/** @param {Measured} measured */
function gain({nll_gain_low: low, nll_gain_high: high}) {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return 'How sure the order is has not been measured.';
  return [
    `Over the regressor ours gains between ${low.toFixed(3)} and ${high.toFixed(3)} nats a coefficient`,
    `(95 % interval, bootstrap over sources)${low > 0 ? '.' : ': the interval holds 0, so it may be chance.'}`,
  ].join(' ');
}

/** @param {Measured | null} measured */
function ofDrawn(measured) {
  if (!measured) return `${DRAWN} is not here.`;
  const found = [2, 3, 4]
    .filter(m => Number.isFinite(measured[`modes_found_${m}`]))
    .map(m => `of ${m} futures ${Math.round(100 * measured[`modes_found_${m}`])} %`);
  if (!found.length)
    return 'Of drawn scenes, whose futures are known exactly, it has not been measured how many are found.';
  const error = measured.mode_share_error;
  const share = Number.isFinite(error)
    ? `; the largest error of a future's share is ${Math.round(100 * error)} % of it, on average`
    : '';
  return `Drawn scenes, whose futures are known exactly: 1,000 samples find ${found.join(', ')}${share}.`;
}

const PYTHON = `# python -m vaedemo evaluate ${PEOPLE}  writes weights/${PEOPLE}/metrics.json; it wants the data

import json
import vaedemo

measured = json.loads((vaedemo.folder("${PEOPLE}") / "metrics.json").read_text())
print({key: value for key, value in measured.items() if key.startswith(("nll", "best_of"))})`;
