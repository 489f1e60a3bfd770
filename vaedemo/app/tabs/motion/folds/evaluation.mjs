/** How good it is: the best of K futures against K, and how likely each method holds what really happened. */
import {badge} from '../../../../web/ui/model-badge.mjs';
import {plot} from '../lib/best-of-k-chart.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {DRAWN, PEOPLE} from '../lib/still-store.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {facts} from '../../../../web/engine/model-store.mjs';

const KS = [1, 2, 5, 10, 20, 50, 100];
/** Of each method: its name, the suffix of its keys for the best of K, for the NLL, and its color. */
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
      <table><thead><tr><th>Negative log likelihood</th><th>ours, nats a coefficient</th><th>the paper's</th></tr></thead><tbody data-part="nll"></tbody></table>
      <p class="vd-note" data-part="gain"></p>
      <p class="vd-note">The paper's column is of Walker et al. 2016, as the lecture shows it: thousands of clips from the web, larger stills, 800 samples, its own units (optical flow: Walker 2015).
        Ours: a few hundred clips of people, stills of 64 pixels, 16 x 16 cells, 0.6 seconds. Both are Parzen estimates; only the <i>order</i> within a column can be compared.</p>
      <p class="vd-note" data-part="drawn"></p>
    </div>
  </div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export async function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  element.querySelector('.vd-section').append(root);
  root.addEventListener('click', ({target}) => target.dataset.act === 'code' && showCode(PYTHON));
  const [people, drawn] = await Promise.all(
    [PEOPLE, DRAWN].map(name =>
      facts(name).then(
        ({metrics}) => metrics,
        () => null,
      ),
    ),
  );
  if (!people) root.querySelector('.vd-trouble').textContent = `${PEOPLE} is not here.`;
  const measured = people ?? {};
  rows(find('nll'), measured);
  find('gain').textContent = gain(measured);
  find('drawn').textContent = ofDrawn(drawn);
  const {series, missing} = seriesOf(measured);
  const words = `${measured.data ?? 'People'}, ${measured.split ?? 'test'} split${measured.n ? `, n = ${measured.n.toLocaleString('en')}` : ''}. `;
  find('plotted').textContent =
    (series.length
      ? `Distance of the best of K answers to what really happened: root mean square of a coefficient, in pixels of a still of 64; less is better. ${words}` +
        'The regressor has one answer; its others are that one plus the noise that suits it best. '
      : 'The errors of the best of K have not been measured yet. ') +
    (series.length && missing.length ? `Not measured: ${missing.join(', ')}.` : '');
  if (people) badge(find('badge'), PEOPLE);
  if (!series.length) return root.classList.add('unmeasured');
  new ResizeObserver(() => {
    if (find('plot').clientWidth) plot(find('plot'), series, 'pixels');
  }).observe(find('plot')); // a fold that is closed has no width
}

/** @param {Record<string, any>} measured */
function seriesOf(measured) {
  const all = METHODS.map(({name, words, best, color}) => ({
    name,
    words,
    color,
    ours: name === 'ours',
    points: KS.map(k => ({k, value: measured[`best_of_${k}${best}`]})).filter(({value}) => Number.isFinite(value)),
  }));
  return {
    series: all.filter(({points}) => points.length),
    missing: all.filter(({points}) => !points.length).map(({words}) => words),
  };
}

/** @param {HTMLElement} place @param {Record<string, any>} measured */
function rows(place, measured) {
  place.replaceChildren(
    ...METHODS.map(({name, table, nll, paper}) => {
      const cells = [
        table,
        Number.isFinite(measured[nll]) ? measured[nll].toFixed(3).replace('-', '−') : 'not measured',
        paper || '–',
      ];
      const row = dom('<table><tbody><tr></tr></tbody></table>').querySelector('tr');
      row.className = name;
      row.append(...cells.map(text => Object.assign(document.createElement('td'), {textContent: text})));
      return row;
    }),
  );
}

/** @param {Record<string, any>} measured */
const gain = ({nll_gain_low: low, nll_gain_high: high}) =>
  !Number.isFinite(low) || !Number.isFinite(high)
    ? 'How sure the order is has not been measured.'
    : `Over the regressor ours gains between ${low.toFixed(3)} and ${high.toFixed(3)} nats a coefficient (95 % interval, bootstrap over sources)${low > 0 ? '.' : ': the interval holds 0, so it may be chance.'}`;

/** @param {Record<string, any> | null} measured */
function ofDrawn(measured) {
  if (!measured) return `${DRAWN} is not here.`;
  const found = [2, 3, 4]
    .filter(m => Number.isFinite(measured[`modes_found_${m}`]))
    .map(m => `of ${m} futures ${Math.round(100 * measured[`modes_found_${m}`])} %`);
  if (!found.length)
    return 'Of drawn scenes, whose futures are known exactly, it has not been measured how many are found.';
  return `Drawn scenes, whose futures are known exactly: 1,000 samples find ${found.join(', ')}${Number.isFinite(measured.mode_share_error) ? `; the largest error of a future's share is ${Math.round(100 * measured.mode_share_error)} % of it, on average` : ''}.`;
}

const PYTHON = `# python -m vaedemo evaluate ${PEOPLE}  writes weights/${PEOPLE}/metrics.json; it wants the data

import json
from vaedemo import zoo

measured = json.loads((zoo.find("${PEOPLE}").folder / "metrics.json").read_text())
print({key: value for key, value in measured.items() if key.startswith(("nll", "best_of"))})`;
