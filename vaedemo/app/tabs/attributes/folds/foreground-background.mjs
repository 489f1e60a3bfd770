/** disCVAE's layers: a person, a gate, a background; each of the two z is kept or thrown on its own. */
import {ROOT} from '../../../../web/engine/root.mjs';
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {
  MODEL as DESCRIBED,
  SEEDS,
  SWING,
  asked,
  onFace,
  people,
  plain,
  usual,
  words,
} from '../lib/described-face.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {Sheet} from '../../../../web/ui/picture-grid.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {facts} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const MODEL = 'faces-discvae';
const COLUMNS = 6;
const ROWS = 4;
const REST_MS = 200;
/** A picture's planes as the server sends them: where each layer begins, and how many planes it has. */
const LAYERS = [
  ['foreground', 'The person', 0, 3],
  ['gate', 'The gate: white keeps the person', 3, 1],
  ['background', 'The background', 4, 3],
  ['whole', 'One over the other', 7, 3],
];
const PLANES = 10;

const TEMPLATE = `
<div class="vd-layers">
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="front">Other people, same backgrounds</button>
    <button type="button" class="vd-main" data-act="back">Same people, other backgrounds</button>
  </div>
  <div class="four">${LAYERS.map(
    ([name, caption]) => `<figure class="vd-figure">
    <canvas class="vd-photo" data-part="${name}" width="64" height="64" role="img"></canvas><figcaption>${caption}</figcaption></figure>`,
  ).join('')}</div>
  <div data-part="sheet"></div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG of the layers</button>
    <button type="button" class="vd-quiet" data-act="grid">PNG of the grid</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
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
  const known = await facts(MODEL).catch(() => say(new Error(`${MODEL} is not here.`)));
  if (!known) return;
  const described = await facts(DESCRIBED).then(
    ({recipe}) => recipe.net.attributes,
    () => [],
  ); // of the face above
  const {
    z: latents,
    behind,
    attributes: names,
    shape: [, height, width],
  } = known.recipe.net;
  const area = height * width;
  const seeds = {front: address.whole('front', 0, SEEDS - 1, 2), back: address.whole('back', 0, SEEDS - 1, 1)};
  let y = usual(names);
  let timer = 0;
  let at = [0, 0];
  /** All pictures' planes. @type {Uint8Array | null} */ let all = null;

  const sheet = new Sheet(find('sheet'), {
    shape: [3, height, width],
    heads: Array(COLUMNS).fill(''),
    rows: ROWS,
    ink: false,
    visit(column, row) {
      at = [column, row];
      if (all) enlarge();
    },
  });
  const painters = LAYERS.map(
    ([name, , , channels]) => new Painter(find(name), [channels, height, width], {crisp: false}),
  );
  LAYERS.forEach(([name, caption]) => find(name).setAttribute('aria-label', `${caption}, drawn by ${MODEL}`));

  function enlarge() {
    const [column, row] = at;
    const first = (row * COLUMNS + column) * PLANES * area;
    sheet.place(column, row, `person ${row + 1} before background ${column + 1}`);
    LAYERS.forEach(([, , start, channels], i) =>
      painters[i].draw(all.subarray(first + start * area, first + (start + channels) * area)),
    );
  }

  const redraw = newest(async signal => {
    const [fronts, backs] = [
      await people(latents - behind, seeds.front, ROWS),
      await people(behind, seeds.back, COLUMNS),
    ];
    const vectors = fronts.flatMap(front => backs.map(back => [...front, ...back, ...y]));
    const answer = await fetch(`${ROOT}live/layers/${MODEL}`, {
      method: 'POST',
      body: new Float32Array(vectors.flat()),
      signal,
    }).catch(error => {
      throw signal.aborted ? error : new Error('The server does not answer; only it can draw layers.');
    });
    if (!answer.ok) throw new Error(await answer.text());
    all = new Uint8Array(await answer.arrayBuffer());
    sheet.tell({
      caption: `Across: backgrounds. Down: people. Asked for: ${words(names.map(plain), y)}. Click on a picture to see its layers.`,
      label: 'Grid of faces: people down, backgrounds across. Click, or use the arrow keys, to choose one.',
      picture: `${ROWS * COLUMNS} faces drawn by ${MODEL}: each row one person, each column one background`,
    });
    vectors.forEach((_, i) => sheet.painter.draw(all.subarray((i * PLANES + 7) * area, (i + 1) * PLANES * area), i));
    enlarge();
    say(null);
  });
  const go = () => redraw().catch(say);
  const other = which => {
    seeds[which] = (seeds[which] + 1) % SEEDS;
    address.set(seeds);
    go();
  };

  const acts = {
    front: () => other('front'),
    back: () => other('back'),
    png: () => savePng('layers.png', beside(LAYERS.map(([name]) => find(name))), 4),
    grid: () => savePng('people-and-backgrounds.png', sheet.canvas, 2),
    code: () => showCode(python(seeds, at, names, y)),
  };
  root.addEventListener('click', ({target}) => acts[target.dataset.act]?.());
  badge(find('badge'), MODEL);
  onFace((face, who) => {
    // the description of the face above, as soon as there is one
    const told = names.map((name, i) => face.y[described.indexOf(name)] ?? usual(names)[i]);
    if (who === SWING || (String(told) === String(y) && all)) return;
    y = told;
    clearTimeout(timer);
    timer = setTimeout(go, REST_MS);
  });
  if (!timer) go();
}

const python = ({front, back}, [column, row], names, y) => `import torch, vaedemo
from vaedemo.latents import draw

model = vaedemo.load("${MODEL}")
person = draw(${row + 1}, model.z - model.behind, seed=${front})[${row}:]
ground = draw(${column + 1}, model.behind, seed=${back})[${column}:]
z = torch.cat([torch.from_numpy(person), torch.from_numpy(ground)], 1)
y = ${asked(names, y)}[None]  # (1, A)
decoded = model.decode(z, y)
foreground, gate, background = model.layers(decoded)  # (1, 3, 64, 64), (1, 1, 64, 64), (1, 3, 64, 64)
picture = model.render(decoded)  # (1, 3, 64, 64)`;
