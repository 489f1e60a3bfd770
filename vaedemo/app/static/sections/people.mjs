/** Many people, one description: the sliders' y with other z. */
import * as address from '../address.mjs';
import {badge} from '../badge.mjs';
import {showCode} from '../code.mjs';
import {MODEL, MOST, SEEDS, SWING, asked, describe, onFace, opened, people, words} from '../describing.mjs';
import {dom, newest, savePng} from '../shared.mjs';
import {Sheet} from '../sheet.mjs';

const COLUMNS = 6, REST_MS = 120;

const TEMPLATE = `
<div class="vd-people">
  <div class="vd-row vd-controls"><button type="button" class="vd-main" data-act="dice">Other people</button><span data-part="words"></span></div>
  <div data-part="sheet"></div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element @param {string} base */
export async function mount(element, base) {
  const root = dom(TEMPLATE), find = name => root.querySelector(`[data-part="${name}"]`);
  const say = error => { root.querySelector('.vd-trouble').textContent = error ? error.message : ''; };
  element.querySelector('.vd-section').append(root);
  const faces = await opened(base).catch(say);
  if (!faces) return;
  const {open, names, labels, latents} = faces;
  let seed = address.whole('people', 0, SEEDS - 1, 1), y = /** @type {number[]} */ ([]), timer = 0;
  /** @type {number[][]} */ let zs = [];

  const sheet = new Sheet(find('sheet'), {
    shape: open.shape, heads: Array(COLUMNS).fill(''), rows: MOST / COLUMNS, ink: false,
    visit(column, row) {
      const k = row * COLUMNS + column;
      if (!zs[k]) return; // not drawn yet
      sheet.place(column, row, `person ${k + 1} of ${MOST}`);
      describe({seed, row: k, z: zs[k]}, 'people');
    },
  });

  const redraw = newest(async signal => {
    const thrown = await people(base, latents, seed, MOST);
    signal.throwIfAborted();
    zs = thrown;
    find('words').textContent = `asked for: ${words(labels, y)}`;
    sheet.tell({
      caption: 'Each picture another z from N(0, I), all with the description above. Click: that person goes to the sliders.',
      label: 'Grid of faces with one description. Click, or use the arrow keys, to take one to the sliders.',
      picture: `${MOST} faces drawn by ${MODEL}: ${words(labels, y)}`,
    });
    await open.batch(zs.flatMap(z => [...z, ...y]), MOST, (planes, first) => sheet.painter.draw(planes, first), signal);
    say(null);
  });
  const go = () => redraw().catch(say);

  onFace((face, who) => {
    if (String(face.y) === String(y) || (who === SWING && y.length)) return;
    y = face.y;
    clearTimeout(timer);
    timer = setTimeout(go, REST_MS);
  });
  const acts = {
    dice() {
      seed = (seed + 1) % SEEDS;
      address.set({people: seed});
      go();
    },
    png: () => savePng('people.png', sheet.canvas, 2),
    code: () => showCode(python(names, y, seed)),
  };
  root.addEventListener('click', ({target}) => acts[target.dataset.act]?.());
  badge(find('badge'), base, MODEL);
}

/** @param {string[]} names @param {number[]} y @param {number} seed */
const python = (names, y, seed) => `import vaedemo

model = vaedemo.load("${MODEL}")
y = ${asked(names, y)}  # (A,)
pictures = model.sample(${MOST}, seed=${seed}, y=y.expand(${MOST}, -1))  # (${MOST}, 3, 64, 64), means of p(x|z, y)`;
