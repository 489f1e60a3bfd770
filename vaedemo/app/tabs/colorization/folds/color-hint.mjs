/**
 * One hint: a color is dabbed somewhere, 512 draws are weighed by how well they agree with it, and the whole picture
 * follows.
 */
import * as address from '../../../../web/page/url-state.mjs';
import {draws, full} from '../lib/requests.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {COUNT, MODEL, inView} from '../lib/photo-store.mjs';
import {percent} from '../../../../web/page/format.mjs';
import {GREY} from '../lib/color-field-painter.mjs';
import {Dabs, MOST} from '../lib/color-hints-editor.mjs';
import {sheetOf} from '../lib/export.mjs';
import {cssOf} from '../lib/cielab.mjs';
import {Posterior, cellOf} from '../lib/hint-posterior.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {save, savePng} from '../../../../web/page/downloads.mjs';
import {Swatches} from '../lib/color-palette.mjs';

const DRAWS = 512;
const FAR = 2; // sigmas, of a best draw that does not agree

const TEMPLATE = `
<div class="vd-hints">
  <div data-part="swatches"></div>
  <div class="stage">
    <figure class="vd-figure">
      <div data-part="dabs"></div>
      <figcaption><span role="status" data-part="words"></span> <progress data-part="progress" hidden aria-label="Draws on their way"></progress></figcaption>
      <div class="vd-row">
        <button type="button" class="vd-quiet" data-act="undo" disabled>Undo</button>
        <button type="button" class="vd-quiet" data-act="reset" disabled>Without hints</button>
        <button type="button" class="vd-quiet" data-act="png">PNG</button>
        <button type="button" class="vd-quiet" data-act="jpeg" title="As large as your photo">JPEG, full size</button>
      </div>
    </figure>
    <div>
      <div class="eight" role="group" aria-label="What the hint leaves of the eight components">${Array.from(
        {length: COUNT},
        (_, k) => `
        <figure class="vd-figure" data-component="${k}"><canvas class="vd-photo" width="4" height="4" role="img"></canvas><i aria-hidden="true"><b></b></i><figcaption></figcaption></figure>`,
      ).join('')}</div>
      <div class="vd-row"><button type="button" class="vd-quiet" data-act="sheet">PNG of the eight</button>
        <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
      <p class="vd-note">Of a color that you dab only hue and saturation count (a and b of Lab); how light it is the photo says.
        A draw counts by exp(−d²/2s²), d its distance in ab from the dab, s = 10. Faded: components whose draws contradict the dabs.</p>
    </div>
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const act = name => root.querySelector(`[data-act="${name}"]`);
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  const boxes = [...root.querySelectorAll('[data-component]')];
  const canvases = boxes.map(box => box.querySelector('canvas'));
  element.querySelector('.vd-section').append(root);
  /** @type {{photo: import('../lib/photo-store.mjs').Photo, eight: import('../lib/photo-store.mjs').Eight} | null} */
  let now = null;
  /** @type {Posterior | null} */ let posterior = null;
  /** The coloring in view. @type {import('../lib/color-field-painter.mjs').Field | null} */ let shown = null;
  let linked = linkedDabs();
  let frame = 0;
  const swatches = new Swatches(find('swatches'));
  const dabs = new Dabs(find('dabs'), {
    color: place => swatches.at(place),
    css: dab => cssOf(now ? now.photo.coloring.lightAt(cellOf(dab)) : 0.6, dab.ab),
    onChange(done) {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(update);
      if (done) keep();
    },
  });
  dabs.tell(
    'The photo. Click to dab the chosen color; or move a ring with the arrow keys, and press Enter; Delete takes the last dab back.',
  );

  const keep = () =>
    address.set({
      hints: dabs.dabs.map(({x, y, ab}) => [x, y, ...ab].map(value => +value.toFixed(3)).join()).join() || null,
    });

  function update() {
    for (const name of ['undo', 'reset']) act(name).disabled = !dabs.dabs.length;
    if (!posterior) return;
    const {
      photo: {coloring, words},
      eight,
    } = now;
    const weighed = posterior.weigh(dabs.dabs);
    const {weights, agreement, effective, nearest} = weighed;
    const fields = weights.map((_, k) => posterior.coloring(weighed, k) ?? eight.fields[k]);
    const heaviest = weights.indexOf(Math.max(...weights));
    shown = fields[heaviest];
    coloring.paint(dabs.canvas, shown);
    dabs.canvas.setAttribute(
      'aria-label',
      `${words}, as component ${heaviest + 1} colors it after ${said(dabs.dabs.length)}`,
    );
    boxes.forEach((box, k) => {
      coloring.paint(canvases[k], fields[k], true);
      box.style.setProperty('--seen', (0.15 + 0.85 * agreement[k]).toFixed(3));
      box.classList.toggle('heaviest', k === heaviest);
      box.dataset.weight = weights[k].toFixed(5);
      box.querySelector('b').style.width = `${(100 * weights[k]) / weights[heaviest]}%`;
      box.querySelector('figcaption').textContent = `${k + 1}: ${percent(weights[k])}`;
      canvases[k].setAttribute('aria-label', `Component ${k + 1}, weight ${percent(weights[k])}`);
    });
    find('words').textContent = !dabs.dabs.length
      ? `${DRAWS} draws of P(z | grey), unweighed. Choose a color and click on the photo.`
      : nearest > FAR
        ? `None of the ${DRAWS} agrees well; the nearest are shown.`
        : `After ${said(dabs.dabs.length)} as much as ${effective < 10 ? effective.toFixed(1) : Math.round(effective)} of ${DRAWS} draws is left; component ${heaviest + 1} is the heaviest.`;
  }

  inView(
    root,
    async (colored, signal) => {
      const another = now?.photo !== colored.photo;
      const {coloring, truth, words} = colored.photo;
      [now, posterior] = [colored, null];
      find('words').textContent = `Drawing ${DRAWS} colorings of the photo …`;
      find('progress').hidden = false;
      root.style.setProperty('--aspect', String(coloring.width / coloring.height));
      coloring.paint(dabs.canvas, GREY);
      dabs.canvas.setAttribute('aria-label', `The grey photo: ${words}`);
      canvases.forEach((canvas, k) => coloring.paint(canvas, colored.eight.fields[k], true));
      swatches.photo(truth);
      dabs.set(linked ?? (another ? [] : dabs.dabs), !linked);
      linked = null;
      const drawn = await draws(MODEL, colored.photo.grey, DRAWS, signal);
      signal.throwIfAborted();
      posterior = new Posterior(drawn, COUNT);
      find('progress').hidden = true;
      update();
    },
    error => {
      say(error);
      find('progress').hidden = true;
      if (error) find('words').textContent = '';
    },
  );

  const acts = {
    undo: () => dabs.set(dabs.dabs.slice(0, -1)),
    reset: () => dabs.set([]),
    png: () => savePng('hinted.png', dabs.canvas, 1),
    jpeg: async () => save('hinted.jpg', await full(shown, now.photo.blob)),
    sheet: () =>
      savePng(
        'eight-hinted.png',
        sheetOf(
          canvases,
          boxes.map(box => Number(box.dataset.weight)),
        ),
        1,
      ),
  };
  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act: name},
      },
    }) => {
      if (name === 'code') showCode(python(dabs.dabs));
      else if (posterior) acts[name]?.()?.catch?.(say);
    },
  );
  badge(find('badge'), MODEL).catch(() => {});
}

/** What the link holds. @returns {import('../lib/hint-posterior.mjs').Dab[] | null} */
function linkedDabs() {
  const count = (address.get('hints') ?? '').split(',').length;
  const values = count % 4 ? null : address.numbers('hints', Math.min(count, 4 * MOST), 1);
  return values && parsed(values);
}

/** @param {number[]} values  x, y, a, b of each @returns {import('../lib/hint-posterior.mjs').Dab[]} */
const parsed = values =>
  Array.from({length: values.length / 4}, (_, i) => {
    const [x, y, a, b] = values.slice(4 * i, 4 * i + 4);
    return {x: Math.max(0, Math.min(0.999, x)), y: Math.max(0, Math.min(0.999, y)), ab: [a, b]};
  });

const said = count => (count === 1 ? 'one dab' : count ? `${count} dabs` : 'no dab');

/** @param {import('../lib/hint-posterior.mjs').Dab[]} dabs */
const python = dabs => `from gradio_client import Client, handle_file

hints = [${dabs
  .map(({x, y, ab}) => {
    const rgb = cssOf(0.6, ab)
      .match(/\d+/g)
      .map(byte => Number(byte).toString(16).padStart(2, '0'));
    return `[${x.toFixed(3)}, ${y.toFixed(3)}, "#${rgb.join('')}"]`;
  })
  .join(', ')}]  # x and y in parts of the photo's sides, a color
client = Client("${new URL('.', document.baseURI).href}")
answer = client.predict(handle_file("photo.jpg"), ${COUNT}, "mdn", 0, hints, api_name="/colorize")
answer["weights"], answer["pictures"]  # the heaviest first; JPEGs in the photo's own size, as data URLs`;
