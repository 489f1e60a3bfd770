/** One attribute swept for several people: along a row only that attribute changes, down a column only z. */
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {MODEL, SEEDS, SWING, asked, describe, onFace, opened, passing, people} from '../lib/described-face.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {Sheet} from '../../../../web/ui/picture-grid.mjs';
import {decoded, saveBeside} from '../../../../web/ui/side-by-side.mjs';

const VALUES = [-1, -0.67, -0.33, 0, 0.33, 0.67, 1];
const ROWS = 5;
const REST_MS = 120;
const FRAMES = 24;

const TEMPLATE = `
<div class="vd-people">
  <div class="vd-row vd-controls"><label>Sweep <select data-part="which"></select></label>
    <button type="button" class="vd-main" data-act="dice">Other people</button></div>
  <div data-part="sheet"></div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="gif" title="All rows, there and back">GIF</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export async function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const which = find('which');
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  const faces = await opened().catch(say);
  if (!faces) return;
  const {open, names, labels, latents} = faces;
  which.replaceChildren(...labels.map((label, i) => new Option(label, names[i])));
  which.value = address.choice('sweep', names);
  let seed = address.whole('rows', 0, SEEDS - 1, 3);
  let y = /** @type {number[]} */ ([]);
  let timer = 0;
  /** Who is in the picture, and of which seed: the next may be on its way. @type {{seed: number, zs: number[][]}} */
  let drawn = {seed, zs: []};
  const swept = value => y.with(names.indexOf(which.value), value);

  const sheet = new Sheet(find('sheet'), {
    shape: open.shape,
    heads: VALUES.map(value => String(value).replace('-', '−')),
    rows: ROWS,
    ink: false,
    visit(column, row) {
      if (!drawn.zs[row]) return; // not drawn yet
      sheet.place(column, row, `person ${row + 1}, ${which.selectedOptions[0].text} ${VALUES[column]}`);
      describe({seed: drawn.seed, row, z: drawn.zs[row], y: swept(VALUES[column])}, 'progression');
    },
  });

  const redraw = newest(async signal => {
    const now = seed;
    const zs = await people(latents, now, ROWS);
    signal.throwIfAborted();
    drawn = {seed: now, zs};
    const {text} = which.selectedOptions[0];
    sheet.tell({
      caption: `Along a row only “${text}” changes, from −1 to 1; down a column only z. Click: that face goes to the sliders.`,
      label: `Grid of faces: ${text} from -1 to 1 across, people down. Click, or use the arrow keys, to take one to the sliders.`,
      picture: `${ROWS} faces drawn by ${MODEL}, ${text} swept from -1 to 1`,
    });
    const vectors = zs.flatMap(z => VALUES.map(value => [...z, ...swept(value)]));
    await open.batch(vectors.flat(), vectors.length, (planes, first) => sheet.painter.draw(planes, first), signal);
    say(null);
  });
  const go = () => redraw().catch(say);

  onFace(({y: next}, who) => {
    if (who === SWING && y.length) return;
    const i = names.indexOf(which.value);
    const same = y.length && y.every((value, k) => k === i || value === next[k]);
    y = next;
    if (same) return;
    clearTimeout(timer);
    timer = setTimeout(go, REST_MS);
  });

  /** All rows beside each other, the attribute there and back. */
  async function gif() {
    const way = passing(y, names.indexOf(which.value), FRAMES);
    const parts = await Promise.all(
      drawn.zs.map(z =>
        decoded(
          {open},
          way.map(told => [...z, ...told]),
        ),
      ),
    );
    await saveBeside(`${which.value}.gif`, parts, open.shape, 3);
  }

  const acts = {
    dice() {
      seed = (seed + 1) % SEEDS;
      address.set({rows: seed});
      go();
    },
    png: () => savePng(`${which.value}.png`, sheet.canvas, 2),
    gif: () => gif().then(() => say(null), say),
    code: () => showCode(python(names, y, seed, which.value)),
  };
  root.addEventListener('click', ({target}) => acts[target.dataset.act]?.());
  which.addEventListener('change', () => {
    address.set({sweep: which.value});
    go();
  });
  badge(find('badge'), MODEL);
  onStop({tab: 'attributes', fold: 'attribute-sweep'}, ({sweep}) => {
    if (!names.includes(sweep)) return;
    which.value = sweep;
    go();
  });
}

/** @param {string[]} names @param {number[]} y @param {number} seed @param {string} which */
const python = (names, y, seed, which) => `import torch, vaedemo
from vaedemo.latents import draw

model = vaedemo.load("${MODEL}")
z = torch.from_numpy(draw(${ROWS}, model.z, seed=${seed}))
y = ${asked(names, y)}.repeat(${ROWS}, 1)  # (${ROWS}, A)
columns = []
for value in torch.linspace(-1, 1, ${VALUES.length}):
    y[:, model.attributes.index("${which}")] = value
    columns.append(model.render(model.decode(z, y)))  # (${ROWS}, 3, 64, 64), means of p(x|z, y)`;
