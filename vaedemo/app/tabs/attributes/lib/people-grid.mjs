/**
 * A grid of people of the description above: z of their own, y the sliders'. Its folds differ in who decodes, and
 * where.
 */
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {MODEL, SEEDS, SWING, describe, onFace, opened, people, words} from './described-face.mjs';
import {decoderOf} from '../../../../web/engine/model-store.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {Sheet} from '../../../../web/ui/picture-grid.mjs';

const REST_MS = 120;

const TEMPLATE = `
<div class="vd-people">
  <div class="vd-row vd-controls"><button type="button" class="vd-main" data-act="dice">Other people</button><span data-part="words"></span></div>
  <div data-part="sheet"></div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/**
 * @typedef {object} Crowd
 * @property {string} key  of its seed in the address
 * @property {number} seed  where the address has none
 * @property {number} others  people drawn from the prior
 * @property {boolean} [above]  the face above comes first
 * @property {string[]} models  who decodes them: one after the other, each beginning a row
 * @property {string[]} heads  above the columns
 * @property {string[]} [sides]  before the rows
 * @property {string} file  the PNG's name
 * @property {{caption: string, label: string}} tells  below the grid; what one can do with it
 * @property {(names: string[], y: number[], seed: number) => string} python
 */

/** @param {HTMLElement} element @param {Crowd} crowd */
export async function mountCrowd(
  element,
  {key, seed: start, others, above = false, models, heads, sides = [], file, tells, python},
) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const count = others + Number(above);
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  const [faces, ...more] = await Promise.all([
    opened(),
    ...models.filter(name => name !== MODEL).map(name => decoderOf(name, key)),
  ]).catch(error => [say(error)]);
  if (!faces) return;
  const {open, names, labels, latents} = faces;
  const decoders = [open, ...more];
  const columns = heads.length;
  let seed = address.whole(key, 0, SEEDS - 1, start);
  let timer = 0;
  /** @type {import('./described-face.mjs').Face} */ let face;
  /** Who is in the picture, and of which seed: the next may be on its way. @type {{seed: number, zs: number[][]}} */
  let drawn = {seed, zs: []};

  const sheet = new Sheet(find('sheet'), {
    shape: open.shape,
    heads,
    sides,
    rows: (models.length * count) / columns,
    ink: false,
    visit(column, row) {
      const k = (row * columns + column) % count;
      const who = k - Number(above);
      if (!drawn.zs[k]) return; // not drawn yet
      sheet.place(column, row, who < 0 ? 'the face above' : `person ${who + 1} of ${others}`);
      if (who >= 0) describe({seed: drawn.seed, row: who, z: drawn.zs[k]}, key);
    },
  });

  const redraw = newest(async signal => {
    const {z, y} = face;
    const now = seed;
    const thrown = await people(latents, now, others);
    signal.throwIfAborted();
    drawn = {seed: now, zs: above ? [z, ...thrown] : thrown};
    find('words').textContent = `asked for: ${words(labels, y)}`;
    sheet.tell({...tells, picture: `${count} faces drawn by ${models.join(', then by ')}: ${words(labels, y)}`});
    const vectors = drawn.zs.flatMap(one => [...one, ...y]);
    await Promise.all(
      decoders.map((decoder, i) =>
        decoder.batch(vectors, count, (planes, first) => sheet.painter.draw(planes, i * count + first), signal),
      ),
    );
    say(null);
  });
  const go = () => redraw().catch(say);

  onFace((next, who) => {
    const same = face && String(next.y) === String(face.y) && !(above && String(next.z) !== String(face.z));
    if (same || (who === SWING && face)) return;
    face = next;
    clearTimeout(timer);
    timer = setTimeout(go, REST_MS);
  });
  const acts = {
    dice() {
      seed = (seed + 1) % SEEDS;
      address.set({[key]: seed});
      go();
    },
    png: () => savePng(file, sheet.canvas, 2),
    code: () => showCode(python(names, face.y, seed)),
  };
  root.addEventListener('click', ({target}) => acts[target.dataset.act]?.());
  for (const name of models) {
    const place = document.createElement('span');
    root.querySelector('[data-act=code]').parentElement.append(place);
    badge(place, name);
  }
}
