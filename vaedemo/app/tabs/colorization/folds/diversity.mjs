/** Where the eight disagree, why their mean is brown, and what comes of drawing each cell's color on its own. */
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {HEAT, heatmapOverlay} from '../../../../web/ui/heatmap-overlay.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {GREY} from '../lib/color-field-painter.mjs';
import {chroma, variances, weightedMean} from '../lib/field-statistics.mjs';
import {MODEL, whenColored} from '../lib/photo-store.mjs';
import {cells} from '../lib/requests.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/photo-store.mjs').Colored} Colored
 * @typedef {import('../lib/photo-store.mjs').Field} Field
 * @typedef {import('../lib/photo-store.mjs').Photo} Photo
 */

const LEAST = 4 / 128; // what counts as bright at least, in ab / 128: a map of what hardly differs stays dark

const PALER = 0.9; // of the eight's chroma: from there on one sees it

/** @param {string} name @param {string} head @param {string} [more] */
const figure = (name, head, more = '') => `
<figure class="vd-figure">
  <canvas class="vd-photo" width="4" height="4" role="img" data-part="${name}"></canvas>
  <figcaption><b>${head}</b> <span data-words="${name}"></span>${more}</figcaption>
</figure>`;
const SCALE = `
<span class="heat"><span>0</span>
  <i style="background: linear-gradient(90deg, ${HEAT.map(rgb => `rgb(${rgb.join(' ')})`).join(', ')})"></i>
  <span data-part="most"></span></span>`;
const TEMPLATE = `
<div class="vd-disagree">
  <div class="three">
    ${figure('map', 'Where they disagree.', SCALE)}
    ${figure('mean', 'The mean of the eight.')}
    ${figure('cells', 'Each cell on its own.')}
  </div>
  <p class="vd-note">The eight themselves, of which each cell of the map tells the standard deviation,
    and the mean the mean, by their weights:</p>
  <div class="strip" data-part="strip"></div>
  <div class="vd-row">
    <button type="button" class="vd-main" data-act="again">Draw each cell again</button>
    ${takeaway('png', 'code', 'badge')}
  </div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const {state, showError} = mounted;
  const canvases = ['map', 'mean', 'cells'].map(name => mounted.part(name, HTMLCanvasElement));
  /** @type {Photo | null} */
  let photo = null;
  let seed = state.whole('cells', 1);

  const drawCells = newest(async signal => {
    const shown = photo;
    if (!shown) return;
    const field = await cells(MODEL, shown, seed, signal);
    signal.throwIfAborted();
    showCells(mounted, shown, field, seed);
    showError(null);
  });

  whenColored(mounted, async colored => {
    photo = colored.photo;
    showMap(mounted, colored);
    showMean(mounted, colored);
    showStrip(mounted, colored);
    await drawCells();
  });

  mounted.acts({
    again() {
      seed = nextSeed(seed);
      state.set({cells: seed});
      return photo && drawCells();
    },
    png: () => photo && savePng('disagreement.png', beside(canvases), 1),
    code: () => photo && showCode(python(seed)),
  });
  mounted.badge(MODEL);
}

/**
 * A picture, and what is said of it.
 * @param {Mounted} mounted
 * @param {string} name
 * @param {string} label  what the picture shows
 * @param {string} words  below it
 */
function describe(mounted, name, label, words) {
  mounted.part(name, HTMLCanvasElement).setAttribute('aria-label', label);
  query(mounted.root, `[data-words="${name}"]`).textContent = words;
}

/** Where the colorings differ. @param {Mounted} mounted @param {Colored} colored */
function showMap(mounted, {photo: {coloring, words}, eight: {fields}}) {
  const map = mounted.part('map', HTMLCanvasElement);
  coloring.paint(map, GREY);
  const most = (128 * heatmapOverlay(map, variances(fields).map(Math.sqrt), LEAST)).toFixed(0);
  mounted.part('most').textContent = `${most} or more`;
  const over = `Map of the standard deviation over the eight colorings of ${words}`;
  describe(
    mounted,
    'map',
    `${over}: bright where they disagree, at most ${most} of ab`,
    'Standard deviation of a and b over the eight, in units of Lab:',
  );
}

/** Their weighted mean, and how much paler it is than they are. @param {Mounted} mounted @param {Colored} colored */
function showMean(mounted, {photo: {coloring, truth, words}, eight: {fields, weights}}) {
  const field = weightedMean(fields, weights);
  coloring.paint(mounted.part('mean', HTMLCanvasElement), field);
  const ofMean = chroma(field);
  const ofEight = fields.reduce((sum, one) => sum + chroma(one), 0) / fields.length;
  const ofTruth = truth ? chroma(truth) : 0;
  /** @param {number} value */
  const share = value => (ofTruth ? ` (${(value / ofTruth).toFixed(2)} of the truth's ${ofTruth.toFixed(1)})` : '');
  const paler = ofMean < PALER * ofEight;
  const said = [
    'Its mean chroma, the distance of ab from grey, is',
    `${ofMean.toFixed(1)}${share(ofMean)}; of the eight it is ${ofEight.toFixed(1)}${share(ofEight)}.`,
    paler
      ? 'Where they differ, colors cancel: what is left is a brown that none of them has.'
      : 'They differ little here, so little is lost.',
  ];
  describe(mounted, 'mean', `${words} in the mean of the eight colorings`, said.join(' '));
}

/** The eight in a row. @param {Mounted} mounted @param {Colored} colored */
function showStrip(mounted, {photo: {coloring}, eight: {fields}}) {
  const strip = fields.map((field, i) => {
    const canvas = document.createElement('canvas');
    canvas.className = 'vd-photo';
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `Coloring ${i + 1}`);
    coloring.paint(canvas, field, true);
    return canvas;
  });
  mounted.part('strip').replaceChildren(...strip);
}

/** Each cell on its own. @param {Mounted} mounted @param {Photo} photo @param {Field} field @param {number} seed */
function showCells(mounted, {coloring, words}, field, seed) {
  coloring.paintCells(mounted.part('cells', HTMLCanvasElement), field);
  const chances = "The chances of each cell's colors are right, and it is drawn by them alone";
  describe(
    mounted,
    'cells',
    `${words}, the color of each of the 32 x 32 cells drawn without regard to the others: confetti`,
    `${chances}: of 1,024 dice no two know of each other. Seed ${seed}.`,
  );
}

/** @param {number} seed */
const python = seed => `import torch, vaedemo
from vaedemo import colorize

photo = colorize.photo(open("photo.jpg", "rb").read())
y = torch.from_numpy(photo.grey) / 255  # (25600,), its lightness at 160 x 160
model = vaedemo.load("${MODEL}")
fields, weights, z = model.answers(y, 8, seed=0)  # (8, 2, 32, 32), (8,), (8, Z)
variance = fields.var(0, correction=0)  # (2, 32, 32), of ab / 128
mean = (weights[:, None, None, None] * fields).sum(0) / weights.sum()
cells = model.cells(y, 1, seed=${seed})  # (1, 2, 32, 32)
print(128 * mean.square().sum(0).sqrt().mean(), 128 * fields.square().sum(1).sqrt().mean())  # mean chroma`;
