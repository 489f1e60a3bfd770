/** Smooth and sharp: the same z and the same description, decoded as a mean and by a decoder that a critic taught. */
import * as address from '../address.mjs';
import {badge} from '../badge.mjs';
import {showCode} from '../code.mjs';
import {MODEL, SEEDS, SHARP, SWING, asked, describe, onFace, opened, people, words} from '../describing.mjs';
import {decoderOf, dom, newest, savePng} from '../shared.mjs';
import {Sheet} from '../sheet.mjs';

const OTHERS = 5, REST_MS = 120;

const TEMPLATE = `
<div class="vd-people">
  <div class="vd-row vd-controls"><button type="button" class="vd-main" data-act="dice">Other people</button><span data-part="words"></span></div>
  <div data-part="sheet"></div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span><span data-part="badge-sharp"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element @param {string} base */
export async function mount(element, base) {
  const root = dom(TEMPLATE), find = name => root.querySelector(`[data-part="${name}"]`);
  const say = error => { root.querySelector('.vd-trouble').textContent = error ? error.message : ''; };
  element.querySelector('.vd-section').append(root);
  const [faces, sharp] = await Promise.all([opened(base), decoderOf(base, SHARP, 'sharp')]).catch(error => [say(error)]);
  if (!faces) return;
  const {open, names, labels, latents} = faces;
  let seed = address.whole('pairs', 0, SEEDS - 1, 5), timer = 0;
  /** @type {import('../describing.mjs').Face} */ let face;
  /** @type {number[][]} */ let zs = [];

  const sheet = new Sheet(find('sheet'), {
    shape: open.shape, heads: ['above', ...Array(OTHERS).fill('another')], rows: 2, sides: ['mean', 'critic'], ink: false,
    visit(column, row) {
      if (!zs[column]) return; // not drawn yet
      sheet.place(column, row, column ? `person ${column} of ${OTHERS}` : 'the face above');
      if (column) describe({seed, row: column - 1, z: zs[column]}, 'sharp');
    },
  });

  const redraw = newest(async signal => {
    const {z, y} = face, thrown = [z, ...await people(base, latents, seed, OTHERS)];
    signal.throwIfAborted();
    zs = thrown;
    find('words').textContent = `asked for: ${words(labels, y)}`;
    sheet.tell({
      caption: 'Down a column z and description are the same. First the face above, then five other z. Click: that person goes to the sliders.',
      label: 'Faces, each decoded as a mean and, below, by the decoder that a critic taught. Click, or use the arrow keys, to take one to the sliders.',
      picture: `${zs.length} faces drawn by ${MODEL} and, below, by ${SHARP}: ${words(labels, y)}`,
    });
    const vectors = zs.flatMap(one => [...one, ...y]);
    await Promise.all([open, sharp].map((decoder, row) => decoder.batch(vectors, zs.length, (planes, first) => sheet.painter.draw(planes, row * zs.length + first), signal)));
    say(null);
  });
  const go = () => redraw().catch(say);

  onFace((next, who) => {
    if (who === SWING && face) return;
    face = next;
    clearTimeout(timer);
    timer = setTimeout(go, REST_MS);
  });
  const acts = {
    dice() {
      seed = (seed + 1) % SEEDS;
      address.set({pairs: seed});
      go();
    },
    png: () => savePng('smooth-and-sharp.png', sheet.canvas, 3),
    code: () => showCode(python(names, face, seed)),
  };
  root.addEventListener('click', ({target}) => acts[target.dataset.act]?.());
  badge(find('badge'), base, MODEL);
  badge(find('badge-sharp'), base, SHARP);
}

/** @param {string[]} names @param {import('../describing.mjs').Face} face @param {number} seed */
const python = (names, {y}, seed) => `import torch, vaedemo
from vaedemo.latents import draw

model, sharp = vaedemo.load("${MODEL}"), vaedemo.load("${SHARP}")
z = torch.from_numpy(draw(${OTHERS}, model.z, seed=${seed}))  # the ${OTHERS} others
y = ${asked(names, y)}.expand(${OTHERS}, -1)  # (${OTHERS}, A)
means = model.render(model.decode(z, y))  # (${OTHERS}, 3, 64, 64), of p(x|z, y)
pictures = sharp.render(sharp.decode(z, y))  # the same people`;
