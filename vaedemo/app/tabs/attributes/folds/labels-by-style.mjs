/** Ten classes, ten styles: down a column one z under every label, along a row one label with ten z. */
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {decoderOf} from '../../../../web/engine/model-store.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {Sheet} from '../../../../web/ui/picture-grid.mjs';
import {decoded} from '../../../../web/ui/side-by-side.mjs';
import {parts} from '../../../../web/ui/dial.mjs';
import {draw} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const MODEL = 'digits-cvae';
const COUNT = 10;
const SEEDS = 1_000_000_000;

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls"><button type="button" class="vd-main" data-act="throw">Ten new styles</button></div>
  <div class="vd-classes">
    <div data-part="sheet"></div>
    <figure class="vd-figure">
      <canvas class="vd-ink vd-large" data-part="large" width="28" height="28" role="img"></canvas>
      <figcaption data-part="words"></figcaption>
      <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
        <button type="button" class="vd-quiet" data-act="grid">PNG of the grid</button>
        <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
    </figure>
  </div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export async function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  let seed = address.whole('styles', 0, SEEDS - 1, 1);
  let column = address.whole('column', 0, COUNT - 1, 0);
  let row = address.whole('row', 0, COUNT - 1, 7);
  /** @type {number[][]} */ let styles = [];

  const open = await decoderOf(MODEL).catch(say);
  if (!open) return;
  const sheet = new Sheet(find('sheet'), {
    shape: open.shape,
    heads: Array(COUNT).fill(''),
    rows: COUNT,
    sides: Array.from({length: COUNT}, (_, label) => String(label)),
    visit(toColumn, toRow) {
      [column, row] = [toColumn, toRow];
      address.set({styles: seed, column, row});
      enlarge().catch(say);
    },
  });
  const painter = new Painter(find('large'), open.shape);
  sheet.tell({
    caption:
      'Across: ten z from N(0, I), the same z down a column. Down: the labels. Click on a picture to see it large.',
    label:
      'Grid of pictures: ten styles across, the labels 0 to 9 down. Click, or use the arrow keys, to choose one.',
    picture: `A hundred digits drawn by ${MODEL}: each column one style, each row one class`,
  });

  async function enlarge() {
    const words = `style ${column + 1}, label ${row}`;
    sheet.place(column, row, words);
    find('words').textContent =
      `${words[0].toUpperCase()}${words.slice(1)}: draw ${column + 1} of seed ${seed}, as a ${row}`;
    find('large').setAttribute('aria-label', `A ${row} drawn by ${MODEL} in style ${column + 1}`);
    painter.draw(await decoded({open}, [[...styles[column], ...parts(row, COUNT)]]));
  }

  const restyle = newest(async signal => {
    const z = open.inputs - COUNT;
    const codes = await draw(COUNT, z, seed);
    signal.throwIfAborted();
    styles = Array.from({length: COUNT}, (_, i) => [...codes.subarray(i * z, (i + 1) * z)]);
    await enlarge();
    const vectors = Array.from({length: COUNT ** 2}, (_, i) => [
      ...styles[i % COUNT],
      ...parts(Math.floor(i / COUNT), COUNT),
    ]);
    await open.batch(vectors.flat(), vectors.length, (planes, first) => sheet.painter.draw(planes, first), signal);
    say(null);
  });

  /** @param {number} next */
  function go(next) {
    seed = next;
    address.set({styles: seed});
    return restyle().catch(say);
  }

  root.addEventListener('click', ({target}) => {
    const {act} = target.dataset;
    if (act === 'throw') go((seed + 1) % SEEDS);
    if (act === 'png') savePng(`a-${row}.png`, find('large'), 16);
    if (act === 'grid') savePng('ten-classes-ten-styles.png', sheet.canvas, 4);
    if (act === 'code') showCode(python(seed, column, row));
  });
  badge(find('badge'), MODEL);
  restyle().catch(say);
  onStop({tab: 'attributes', fold: 'labels-by-style'}, ({styles: wanted}) => go(Number(wanted)));
}

const python = (seed, column, row) => `import torch, vaedemo
from vaedemo.latents import draw

model = vaedemo.load("${MODEL}")
styles = torch.from_numpy(draw(${COUNT}, model.z, seed=${seed}))  # (${COUNT}, Z): the columns
labels = torch.eye(${COUNT})  # (${COUNT}, ${COUNT}), one-hot: the rows
picture = model.render(model.decode(styles[${column}:${column + 1}], labels[${row}:${row + 1}]))  # (1, 1, 28, 28)
grid = model.render(model.decode(styles.repeat(${COUNT}, 1), labels.repeat_interleave(${COUNT}, 0)))  # row by row`;
