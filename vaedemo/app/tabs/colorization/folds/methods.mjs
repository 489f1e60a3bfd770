/**
 * Three ways to answer one grey photo: mixture density net, CVAE, regression; how near is the best, how different are
 * they.
 */
import * as address from '../../../../web/page/url-state.mjs';
import {colors} from '../lib/requests.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {COUNT, MODEL, apart, inView, variances} from '../lib/photo-store.mjs';
import {sheetOf} from '../lib/export.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';

const METHODS = {
  [MODEL]: ['VAE and MDN', 'the means of the eight Gaussians of P(z | grey)'],
  'colorization-cvae': ['CVAE', 'eight z from N(0, I); the decoder sees the grey photo'],
  'colorization-regression': ['Regression', 'no z, one answer: the mean of what could be'],
};
const SEEDS = 1_000_000_000;

const TEMPLATE = `
<div class="vd-methods">
  ${Object.entries(METHODS)
    .map(
      ([name, [head, words]]) => `<div class="method" data-method="${name}">
    <p><b>${head}</b> <span class="vd-note">${words}</span></p><div class="strip"></div><p class="vd-note figures" role="status"></p></div>`,
    )
    .join('')}
  <p class="vd-note" data-part="words"></p>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="again">Eight other z for the CVAE</button>
    <button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button>${Object.keys(METHODS)
      .map(name => `<span data-badge="${name}"></span>`)
      .join('')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;
const KNOWN =
  'Error of the best: of the answer nearest to the true colors, the mean distance in ab / 128 (0: the truth; one photo, so luck has its part). Variance: over the eight, mean over cells, a and b. The outlined answer is the nearest.';
const UNKNOWN =
  'This photo came without colors, so no answer can be told nearest to the truth. Variance: over the eight, mean over cells, a and b, of ab / 128.';

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const row = name => root.querySelector(`[data-method="${name}"]`);
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  /** @type {import('../lib/photo-store.mjs').Photo | null} */ let photo = null;
  let seed = address.whole('zs', 0, SEEDS - 1, 0);

  /** @param {string} name @param {import('../lib/color-field-painter.mjs').Field[]} fields */
  function show(name, fields) {
    const {coloring, truth, words} = photo;
    const errors = truth && fields.map(field => apart(field, truth));
    const best = errors?.indexOf(Math.min(...errors));
    row(name)
      .querySelector('.strip')
      .replaceChildren(
        ...fields.map((field, i) => {
          const canvas = dom('<canvas class="vd-photo" role="img"></canvas>');
          coloring.paint(canvas, field, true);
          canvas.classList.toggle('best', fields.length > 1 && i === best);
          canvas.setAttribute(
            'aria-label',
            `${words}, answer ${i + 1} of ${METHODS[name][0]}${i === best ? ', the nearest to the true colors' : ''}`,
          );
          return canvas;
        }),
      );
    const variance = variances(fields).reduce((sum, value, _, {length}) => sum + value / length, 0);
    row(name).querySelector('.figures').textContent = [
      errors &&
        `error of ${fields.length > 1 ? `the best of ${fields.length}` : 'the one'}: ${errors[best].toFixed(4)}`,
      fields.length > 1 ? `variance: ${(1e4 * variance).toPrecision(3)} · 10⁻⁴` : 'variance: none, it is one answer',
    ]
      .filter(Boolean)
      .join(' · ');
  }

  inView(
    root,
    async ({photo: next, eight}, signal) => {
      photo = next;
      root.style.setProperty('--aspect', String(photo.coloring.width / photo.coloring.height));
      root.querySelector('[data-part="words"]').textContent = photo.truth ? KNOWN : UNKNOWN;
      show(MODEL, eight.fields);
      const ended = await Promise.allSettled(
        Object.keys(METHODS)
          .slice(1)
          .map(async name => {
            const {fields} = await colors(name, photo.grey, {n: COUNT, seed}, signal);
            signal.throwIfAborted();
            show(name, fields);
          }),
      );
      const failed = ended.find(({status}) => status === 'rejected');
      if (failed) throw failed.reason;
    },
    say,
  );

  async function again() {
    const mine = photo;
    const asked = (seed = (seed + 1) % SEEDS);
    address.set({zs: seed});
    const {fields} = await colors('colorization-cvae', mine.grey, {n: COUNT, seed});
    if (photo === mine && seed === asked) show('colorization-cvae', fields);
  }

  function png() {
    const canvases = [...root.querySelectorAll('canvas')];
    savePng('three-methods.png', sheetOf(canvases, [], COUNT), 1);
  }

  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act},
      },
    }) => {
      if (!photo) return;
      if (act === 'again') again().then(() => say(null), say);
      if (act === 'png') png();
      if (act === 'code') showCode(python(seed));
    },
  );
  for (const name of Object.keys(METHODS)) badge(root.querySelector(`[data-badge="${name}"]`), name).catch(() => {}); // said above
}

const python = seed => `from gradio_client import Client, handle_file

client, photo = Client("${new URL('.', document.baseURI).href}"), handle_file("photo.jpg")
for method, n, seed in (("mdn", ${COUNT}, 0), ("cvae", ${COUNT}, ${seed}), ("regression", 1, 0)):
    answer = client.predict(photo, n, method, seed, [], api_name="/colorize")
    print(method, answer["error_of_best"], len(answer["pictures"]))  # ab / 128; null of a grey photo`;
