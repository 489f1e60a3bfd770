/** M1, M2 and M1+M2 on MNIST: what the shipped models reach with 100 and with 1,000 labels, beside the paper's. */
import {dom} from '../../../../web/page/dom.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {request} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {COUNTS, measured, said} from '../lib/few-labels-words.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/few-labels-words.mjs').Reader} Reader
 * @typedef {{ours: string, paper?: string}} Cell
 */

/**
 * Errors in per cent; paper: those of Kingma et al. 2014, at 100 and at 1,000 labels, where the model is theirs.
 * @type {{name: string, title: string, about: string, paper: number[] | null}[]}
 */
const MODELS = [
  {name: 'digits-m1', title: 'M1', about: 'a classifier on codes', paper: null},
  {name: 'digits-m2', title: 'M2', about: 'the label is a latent', paper: [11.97, 3.6]},
  {name: 'digits-m1m2', title: 'M1+M2', about: 'M2 on the codes of M1', paper: [3.33, 2.4]},
];

const OURS =
  'Ours are not quite the paper’s. Our VAE has convolutions. M1 has another classifier, so it is not compared. In M2 ' +
  'labelled digits weigh more, and M1+M2 learns the answers of M1, too.';

const TEMPLATE = `
<div class="errors few">
  <p>How many of MNIST's 10,000 test digits are read wrong: mean and deviation of five draws of the labels. Small: the
    paper's (Kingma et al. 2014).</p>
  <div class="vd-scroll"><table>
    <thead><tr><td></td>${COUNTS.map(count => `<th scope="col">${count.toLocaleString('en')} labels</th>`).join(
      '',
    )}</tr></thead>
    <tbody data-part="rows"></tbody>
  </table></div>
  <p class="vd-note" data-part="words" role="status"></p>
  <div class="vd-row">${takeaway('code')}<span class="vd-row" data-part="badges"></span></div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  mounted.acts({code: () => showCode(PYTHON)});
  const known = await (await request('learn/errors', {purpose: 'tell of few labels'})).json();
  const here = MODELS.filter(({name}) => known[name]);
  const readers = here.map(({name, title, paper}) => ({title, paper, metrics: known[name]}));
  const pixels = known['digits-m1']?.pixel_error_100;
  const rows = here.map(({title, about}, i) => rowOf(title, about, cellsOf(readers[i])));
  if (pixels !== undefined)
    rows.unshift(rowOf('Pixels', 'a classifier on them', [{ours: percentOf(100 * pixels)}, {ours: '–'}]));
  mounted.part('rows').replaceChildren(...rows);
  mounted.part('words').textContent = [
    ...said(readers, pixels),
    OURS,
    ...missing(MODELS.filter(({name}) => !known[name]).map(({name}) => name)),
  ].join(' ');
  showBadges(
    mounted.part('badges'),
    here.map(({name}) => name),
  );
}

/** @param {number} value */
const percentOf = value => `${value.toFixed(1)} %`;

/** A cell for each number of labels. @param {Reader} reader @returns {Cell[]} */
const cellsOf = reader =>
  COUNTS.map((count, i) => {
    const found = measured(reader, count);
    const ours = found ? `${found.error.toFixed(1)} ± ${percentOf(found.deviation)}` : '–';
    return {ours, paper: reader.paper ? `paper ${reader.paper[i].toFixed(2)} %` : undefined};
  });

/** @param {string} title @param {string} about @param {Cell[]} cells */
function rowOf(title, about, cells) {
  const row = document.createElement('tr');
  const head = cellOf('th', title, about);
  head.setAttribute('scope', 'row');
  row.append(head, ...cells.map(({ours, paper}) => cellOf('td', ours, paper)));
  return row;
}

/** @param {'td' | 'th'} kind @param {string} textContent @param {string} [small]  below it */
function cellOf(kind, textContent, small) {
  const cell = Object.assign(document.createElement(kind), {textContent});
  if (small) cell.append(Object.assign(document.createElement('small'), {textContent: small}));
  return cell;
}

/** @param {string[]} names */
function missing(names) {
  if (!names.length) return [];
  return [`${names.join(' and ')} can be trained, but ${names.length > 1 ? 'are' : 'is'} not here.`];
}

/** @param {HTMLElement} place @param {string[]} names */
function showBadges(place, names) {
  const places = names.map(() => dom('<span></span>'));
  place.replaceChildren(...places);
  names.forEach((name, i) => badge(places[i], name).catch(() => {}));
}

const PYTHON = `import vaedemo

m1, vae = vaedemo.load_net("digits-m1"), vaedemo.load("digits")
x = vae.sample(16, seed=0)  # (16, 1, 28, 28) in [0, 1]
(first, *others) = m1.on_codes.of(100)  # five classifiers, each of which saw 100 labels
print(first(vae.encode(x).mean).argmax(1))

# The figures: python -m vaedemo evaluate digits-m1
# Its training, and that of the other two: python -m vaedemo train digits-m1 (digits-m2, digits-m1m2)
`;
