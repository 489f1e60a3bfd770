/** Where the eight disagree, why their mean is brown, and what comes of drawing each cell's color on its own. */
import {GREY} from '../lib/color-field-painter.mjs';
import {colors} from '../lib/requests.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {MODEL, chroma, inView, mixed, variances} from '../lib/photo-store.mjs';
import {HEAT, glow} from '../../../../web/ui/heatmap-overlay.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {mountFold} from '../../../../web/page/fold.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';

/** @typedef {import('../lib/color-field-painter.mjs').Field} Field */

const LEAST = 4 / 128; // what counts as bright at least, in ab / 128: a map of what hardly differs stays dark

const PALER = 0.9; // of the eight's chroma: from there on one sees it
const CELLWISE = 'colorization-features';
const SEEDS = 1_000_000_000;

const figure = (
  name,
  head,
  more = '',
) => `<figure class="vd-figure"><canvas class="vd-photo" width="4" height="4" role="img" data-part="${name}"></canvas>
  <figcaption><b>${head}</b> <span data-words="${name}"></span>${more}</figcaption></figure>`;
const TEMPLATE = `
<div class="vd-disagree">
  <div class="three">
    ${figure('map', 'Where they disagree.', `<span class="heat"><span>0</span><i style="background: linear-gradient(90deg, ${HEAT.map(rgb => `rgb(${rgb.join(' ')})`).join(', ')})"></i><span data-part="most"></span></span>`)}
    ${figure('mean', 'The mean of the eight.')}
    ${figure('cells', 'Each cell on its own.')}
  </div>
  <p class="vd-note">The eight themselves, of which each cell of the map tells the standard deviation, and the mean the mean, by their weights:</p>
  <div class="strip" data-part="strip"></div>
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="again">Draw each cell again</button>
    <button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button>
    <span data-part="badge"></span><span data-part="cellbadge"></span>
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {import('../../../../web/page/fold.mjs').Mounted} mounted */
function setup(mounted) {
  const {root, state, showError} = mounted;
  const [map, mean, cells] = ['map', 'mean', 'cells'].map(name => mounted.part(name, HTMLCanvasElement));
  /** @param {string} name */
  const words = name => query(root, `[data-words="${name}"]`);
  /** @type {import('../lib/photo-store.mjs').Photo | null} */
  let photo = null;
  let seed = state.whole('cells', 1);

  const cellwise = newest(async signal => {
    const mine = photo;
    if (!mine) return;
    const {fields} = await colors(CELLWISE, mine.grey, {n: 1, seed}, signal);
    signal.throwIfAborted();
    mine.coloring.paintCells(cells, fields[0]);
    cells.setAttribute(
      'aria-label',
      `${mine.words}, the color of each of the 32 x 32 cells drawn without regard to the others: confetti`,
    );
    words('cells').textContent =
      `The chances of each cell's colors are right, and it is drawn by them alone: of 1,024 dice no two know of each other. Seed ${seed}.`;
    showError(null);
  });

  inView(
    root,
    async ({photo: next, eight: {fields, weights}}) => {
      photo = next;
      const {coloring} = photo;
      root.style.setProperty('--aspect', String(coloring.width / coloring.height));
      showMap(photo, fields);
      showMean(photo, fields, weights);
      const strip = fields.map((field, i) => {
        const canvas = Object.assign(document.createElement('canvas'), {className: 'vd-photo', role: 'img'});
        canvas.setAttribute('aria-label', `Coloring ${i + 1}`);
        coloring.paint(canvas, field, true);
        return canvas;
      });
      mounted.part('strip').replaceChildren(...strip);
      await cellwise();
    },
    showError,
  );

  mounted.acts({
    again() {
      seed = (seed + 1) % SEEDS;
      state.set({cells: seed});
      return photo && cellwise();
    },
    png: () => photo && savePng('disagreement.png', beside([map, mean, cells]), 1),
    code: () => photo && showCode(python(seed)),
  });
  mounted.badge(MODEL).catch(() => {});
  mounted.badge(CELLWISE, 'cellbadge').catch(() => {});

  /**
   * Where the colorings differ.
   * @param {import('../lib/photo-store.mjs').Photo} photo
   * @param {Field[]} fields
   */
  function showMap({coloring, words: what}, fields) {
    coloring.paint(map, GREY);
    const most = (128 * glow(map, variances(fields).map(Math.sqrt), LEAST)).toFixed(0);
    mounted.part('most').textContent = `${most} or more`;
    map.setAttribute(
      'aria-label',
      `Map of the standard deviation over the eight colorings of ${what}: bright where they disagree, at most ${most} of ab`,
    );
    words('map').textContent = 'Standard deviation of a and b over the eight, in units of Lab:';
  }

  /**
   * Their weighted mean, and how much paler it is than they are.
   * @param {import('../lib/photo-store.mjs').Photo} photo
   * @param {Field[]} fields
   * @param {number[]} weights
   */
  function showMean({coloring, truth, words: what}, fields, weights) {
    const field = mixed(fields, weights);
    coloring.paint(mean, field);
    mean.setAttribute('aria-label', `${what} in the mean of the eight colorings`);
    const ofMean = chroma(field);
    const ofEight = fields.reduce((sum, one) => sum + chroma(one), 0) / fields.length;
    const ofTruth = truth ? chroma(truth) : 0;
    /** @param {number} value */
    const share = value => (ofTruth ? ` (${(value / ofTruth).toFixed(2)} of the truth's ${ofTruth.toFixed(1)})` : '');
    const paler = ofMean < PALER * ofEight;
    words('mean').textContent = [
      'Its mean chroma, the distance of ab from grey, is',
      `${ofMean.toFixed(1)}${share(ofMean)}; of the eight it is ${ofEight.toFixed(1)}${share(ofEight)}.`,
      paler
        ? 'Where they differ, colors cancel: what is left is a brown that none of them has.'
        : 'They differ little here, so little is lost.',
    ].join(' ');
  }
}

/** @param {number} seed */
const python = seed => `import torch, vaedemo
from vaedemo import zoo
from vaedemo import colorize

photo = colorize.photo(open("photo.jpg", "rb").read())
y = torch.from_numpy(photo.grey) / 255  # (4096,), its lightness at 64 x 64
fields, weights, z = vaedemo.load("${MODEL}").answers(y, 8, seed=0)  # (8, 2, 32, 32), (8,), (8, Z)
variance = fields.var(0, correction=0)  # (2, 32, 32), of ab / 128
mean = (weights[:, None, None, None] * fields).sum(0) / weights.sum()
cells = zoo.load_net("${CELLWISE}").answers(y, 1, seed=${seed}).fields  # (1, 2, 32, 32)
print(128 * mean.square().sum(0).sqrt().mean(), 128 * fields.square().sum(1).sqrt().mean())  # mean chroma`;
