/** M1, M2 and M1+M2 on MNIST: what the shipped models reach with 100 and with 1,000 labels, beside the paper's. */
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {request} from '../../../../web/page/request.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';

/** @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted */

/**
 * Errors in per cent; paper: those of Kingma et al. 2014, at 100 and at 1,000 labels, where the model is theirs.
 * @type {{name: string, title: string, paper: number[] | null}[]}
 */
const MODELS = [
  {name: 'digits-m1', title: 'M1: a classifier on codes', paper: null},
  {name: 'digits-m2', title: 'M2: the label is a latent', paper: [11.97, 3.6]},
  {name: 'digits-m1m2', title: 'M1+M2: M2 on the codes of M1', paper: [3.33, 2.4]},
];
const COUNTS = [100, 1000];

const TEMPLATE = `
<div class="errors">
  <div class="vd-scroll"><table>
    <thead>
      <tr><th scope="col">wrong of MNIST's 10,000 test digits</th><th scope="col">100 labels</th>
        <th scope="col">1,000 labels</th><th scope="col">paper, 100</th><th scope="col">paper, 1,000</th></tr>
    </thead>
    <tbody data-part="rows"></tbody>
  </table></div>
  <p class="vd-note" data-part="words" role="status"></p>
  <div class="vd-row">${takeaway('code', 'badge')}</div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  mounted.badge(MODELS[0].name);
  mounted.acts({code: () => showCode(PYTHON)});
  const known = await (await request('learn/errors', {purpose: 'tell of few labels'})).json();
  const metrics = MODELS.map(({name}) => known[name]);
  const rows = MODELS.map(({title, paper}, i) => [
    title,
    ...COUNTS.map(count => ours(metrics[i], count)),
    ...COUNTS.map((_, j) => (paper ? `${paper[j].toFixed(2)} %` : '–')),
  ]);
  const pixels = metrics[0]?.pixel_error_100;
  if (pixels !== undefined) rows.push(['A classifier on pixels', `${(100 * pixels).toFixed(1)} %`, '–', '–', '–']);
  mounted.part('rows').replaceChildren(...rows.map(rowOf));
  const missing = MODELS.filter((_, i) => !metrics[i]).map(({name}) => name);
  const about = metrics[0];
  mounted.part('words').textContent = [
    about ? `Ours: ${about.data}, ${about.split} split, mean and deviation of five draws of the labels.` : '',
    'Paper: Kingma et al. 2014. M1 is not compared: theirs has another classifier, and a VAE without convolutions.',
    missing.length ? `A dash: ${missing.join(' and ')} can be trained, but no weights ship.` : '',
  ].join(' ');
}

/** @param {Record<string, any> | null} metrics @param {number} count */
function ours(metrics, count) {
  const error = metrics?.[`error_${count}`];
  if (error === undefined) return '–';
  return `${(100 * error).toFixed(1)} ± ${(100 * metrics?.[`error_${count}_sd`]).toFixed(1)} %`;
}

/** @param {string[]} words */
function rowOf([title, ...cells]) {
  const row = document.createElement('tr');
  const head = Object.assign(document.createElement('th'), {scope: 'row', textContent: title});
  row.append(head, ...cells.map(textContent => Object.assign(document.createElement('td'), {textContent})));
  return row;
}

const PYTHON = `import vaedemo

m1, vae = vaedemo.load_net("digits-m1"), vaedemo.load("digits")
x = vae.sample(16, seed=0)  # (16, 1, 28, 28) in [0, 1]
(first, *others) = m1.on_codes.of(100)  # five classifiers, each of which saw 100 labels
print(first(vae.encode(x).mean).argmax(1))

# The figures: python -m vaedemo evaluate digits-m1
# Its training, and that of the other two: python -m vaedemo train digits-m1 (digits-m2, digits-m1m2)
`;
