/**
 * Three ways to answer one grey photo: mixture density net, CVAE, regression; how near is the best, how different are
 * they.
 */
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {sheetOf} from '../lib/export.mjs';
import {distance, variances} from '../lib/field-statistics.mjs';
import {COUNT, MODEL, colors, whenColored} from '../lib/photo-store.mjs';
import {mean} from '../lib/requests.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/photo-store.mjs').Field} Field
 * @typedef {import('../lib/photo-store.mjs').Photo} Photo
 */
const CVAE = 'colorization-cvae';
/** @type {Record<string, [string, string]>} */
const METHODS = {
  mdn: ['VAE and MDN', 'eight groups of draws of P(z | grey)'],
  cvae: ['CVAE', 'eight z from N(0, I); the decoder sees the grey photo'],
  regression: ['Regression', 'no z, one answer: the mean of what could be'],
};
const NAMES = Object.keys(METHODS);

/** @param {string} name */
const row = name => `
<div class="method" data-method="${name}">
  <p><b>${METHODS[name][0]}</b> <span class="vd-note">${METHODS[name][1]}</span></p>
  <div class="strip"></div>
  <p class="vd-note figures" role="status"></p>
</div>`;
const TEMPLATE = `
<div class="vd-methods">
  ${NAMES.map(row).join('')}
  <p class="vd-note" data-part="words"></p>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="again">Eight other z for the CVAE</button>
    ${takeaway('png', 'code', 'badge')}<span data-part="cvae-badge"></span>
  </div>
</div>`;
const KNOWN = `Error of the best: of the answer nearest to the true colors, the mean distance in ab / 128
  (0: the truth; one photo, so luck has its part). Variance: over the eight, mean over cells, a and b.
  The outlined answer is the nearest.`;
const UNKNOWN = `This photo came without colors, so no answer can be told nearest to the truth.
  Variance: over the eight, mean over cells, a and b, of ab / 128.`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const {root, state, showError} = mounted;
  /** @type {Photo | null} */
  let photo = null;
  let seed = state.whole('seed', 0);

  whenColored(mounted, async (colored, signal) => {
    const shown = colored.photo;
    photo = shown;
    mounted.part('words').textContent = shown.truth ? KNOWN : UNKNOWN;
    show(root, 'mdn', shown, colored.eight.fields);
    const others = [
      mean(MODEL, shown, signal).then(field => show(root, 'regression', shown, [field])),
      colors(CVAE, shown, {seed}, signal).then(({fields}) => show(root, 'cvae', shown, fields)),
    ];
    for (const one of await Promise.allSettled(others)) if (one.status === 'rejected') throw one.reason;
  });

  mounted.acts({
    async again() {
      if (!photo) return;
      const shown = photo;
      const asked = nextSeed(seed);
      seed = asked;
      state.set({seed});
      const {fields} = await colors(CVAE, shown, {seed});
      if (photo === shown && seed === asked) show(root, 'cvae', shown, fields);
      showError(null);
    },
    png: () => photo && savePng('three-methods.png', sheetOf(mounted.all('canvas', HTMLCanvasElement), [], COUNT), 1),
    code: () => photo && showCode(python(seed)),
  });
  mounted.badge(MODEL);
  mounted.badge(CVAE, 'cvae-badge');
}

/**
 * A method's answers in a row, and how good they are.
 * @param {HTMLElement} root
 * @param {string} name
 * @param {Photo} photo
 * @param {Field[]} fields
 */
function show(root, name, {coloring, truth, words}, fields) {
  const row = query(root, `[data-method="${name}"]`);
  const errors = truth ? fields.map(field => distance(field, truth)) : null;
  const best = errors ? errors.indexOf(Math.min(...errors)) : -1;
  const canvases = fields.map((field, i) => {
    const canvas = document.createElement('canvas');
    canvas.className = 'vd-photo';
    canvas.classList.toggle('best', fields.length > 1 && i === best);
    canvas.setAttribute('role', 'img');
    const nearest = i === best ? ', the nearest to the true colors' : '';
    canvas.setAttribute('aria-label', `${words}, answer ${i + 1} of ${METHODS[name][0]}${nearest}`);
    coloring.paint(canvas, field, true);
    return canvas;
  });
  query(row, '.strip').replaceChildren(...canvases);
  query(row, '.figures').textContent = figures(fields, errors?.[best]);
}

/** Error of the best, and variance. @param {Field[]} fields @param {number} [error]  none of a photo without colors */
function figures(fields, error) {
  const several = fields.length > 1;
  const variance = variances(fields).reduce((sum, value, _, {length}) => sum + value / length, 0);
  const words = several ? `variance: ${(1e4 * variance).toPrecision(3)} · 10⁻⁴` : 'variance: none, it is one answer';
  if (error === undefined) return words;
  return `error of ${several ? `the best of ${fields.length}` : 'the one'}: ${error.toFixed(4)} · ${words}`;
}

/** @param {number} seed */
const python = seed => `from gradio_client import Client, handle_file

client = Client("${new URL('.', document.baseURI).href}")
photo = handle_file("photo.jpg")
for method, n, seed in (("mdn", ${COUNT}, 0), ("cvae", ${COUNT}, ${seed}), ("regression", 1, 0)):
    answer = client.predict(photo, n, method, seed, [], api_name="/colorize")
    print(method, answer["error_of_best"], len(answer["pictures"]))  # ab / 128; null of a grey photo`;
