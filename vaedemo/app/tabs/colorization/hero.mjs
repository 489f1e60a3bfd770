/** Eight colorings of one grey photo, the likeliest first: one is chosen, and compared with grey or with the truth. */
import {ROOT} from '../../../web/engine/root.mjs';
import * as address from '../../../web/page/url-state.mjs';
import {full} from './lib/requests.mjs';
import {badge} from '../../../web/ui/model-badge.mjs';
import {showCode} from '../../../web/ui/code-dialog.mjs';
import {COUNT, EXAMPLES, MODEL, color, example, fetched, onColored} from './lib/photo-store.mjs';
import {percent} from '../../../web/page/format.mjs';
import {GREY} from './lib/color-field-painter.mjs';
import {TEMPLATE} from './lib/hero-template.mjs';
import {pythonOf, sheetOf} from './lib/export.mjs';
import {dom} from '../../../web/page/dom.mjs';
import {save, savePng} from '../../../web/page/downloads.mjs';
import {onStop} from '../../../web/page/tour-events.mjs';
import {shelf} from '../../../web/ui/photo-picker.mjs';
import {Wipe} from '../../../web/ui/compare-slider.mjs';

const SLOW_MS = 300;

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const act = name => root.querySelector(`[data-act="${name}"]`);
  const trouble = element.querySelector('.vd-trouble');
  const boxes = [...root.querySelectorAll('.eight button')];
  const first = element.querySelector('img');
  const linked = address.choice('photo', Object.keys(EXAMPLES));
  const wipe = new Wipe(find('wipe'));
  /** @type {import('./lib/photo-store.mjs').Colored | null} */ let now = null;
  let picked = address.whole('pick', 1, COUNT, 0) - 1;
  let opening = true;
  let taking = 0;
  let revealed = false;
  let slow = 0;
  const say = text => {
    trouble.textContent = text;
  };
  first.src = example(linked);
  first.alt = `The grey photo: ${EXAMPLES[linked]}`;
  find('wipe').firstElementChild.prepend(first); // what was there at first paint, until the photo is read
  element.querySelector('[data-part="colors"]').replaceWith(root);

  /** @param {() => Promise<import('./lib/photo-store.mjs').Source>} source */
  async function take(source) {
    const mine = ++taking;
    clearTimeout(slow);
    slow = setTimeout(() => {
      if (mine === taking) say('Coloring the photo …');
    }, SLOW_MS);
    try {
      await color(source, ({example: name, blob}) => {
        if (name === null) offer(blob);
        if (!opening || name !== linked) picked = -1; // what the link picked is of the link's photo
        opening = false;
        address.set({photo: name, pick: picked < 0 ? null : picked + 1});
      });
      if (mine === taking) say('');
    } catch (error) {
      if (mine === taking) say(error.message);
    }
    if (mine === taking) clearTimeout(slow);
  }

  /** The large picture, and what is said of it. */
  function show() {
    const {photo, eight} = now;
    const {coloring, truth, words} = photo;
    const ground = revealed ? 'the true colors' : 'grey';
    first.remove();
    coloring.paint(wipe.over, revealed ? truth : GREY);
    if (picked < 0 || !eight) wipe.alone(revealed ? `The true colors of ${words}` : `The grey photo: ${words}`);
    else {
      coloring.paint(wipe.under, eight.fields[picked]);
      wipe.both({
        left: ground,
        right: `coloring ${picked + 1}`,
        over: `${words}, ${ground}`,
        under: `Coloring ${picked + 1} of ${words}`,
      });
    }
    boxes.forEach((box, i) => box.setAttribute('aria-pressed', String(i === picked)));
    find('words').textContent = !eight
      ? ''
      : picked < 0
        ? 'Click one of the eight to see it large.'
        : `Coloring ${picked + 1}, weight ${percent(eight.weights[picked])}. Drag the divider: left of it ${ground === 'grey' ? 'the grey photo' : ground}.`;
    act('reveal').setAttribute('aria-pressed', String(revealed));
    act('jpeg').disabled = picked < 0 || !eight;
  }

  onColored(next => {
    if (next.photo !== now?.photo) revealed = false;
    now = next;
    const {photo, eight} = now;
    root.style.setProperty('--aspect', String(photo.coloring.width / photo.coloring.height));
    act('reveal').disabled = !photo.truth;
    find('grey').hidden = Boolean(photo.truth);
    find('eight').setAttribute('aria-busy', String(!eight));
    boxes.forEach((box, i) => {
      photo.coloring.paint(box.querySelector('canvas'), eight?.fields[i] ?? GREY, true);
      const weight = eight ? percent(eight.weights[i]) : '';
      box.querySelector('span').textContent = weight;
      box.querySelector('b').style.width = eight ? `${(100 * eight.weights[i]) / eight.weights[0]}%` : '0';
      box.setAttribute(
        'aria-label',
        eight ? `Coloring ${i + 1} of ${photo.words}, weight ${weight}` : 'A coloring that is on its way',
      );
      box.disabled = !eight;
    });
    act('sheet').disabled = !eight;
    mark(photo.example);
    show();
  });

  function pick(i) {
    picked = i === picked ? -1 : i;
    address.set({pick: picked < 0 ? null : picked + 1});
    show();
  }

  async function jpeg() {
    const {photo, eight} = now;
    save('colored.jpg', await full(eight.fields[picked], photo.blob));
  }

  const acts = {
    reveal: () => {
      revealed = !revealed;
      show();
    },
    png: () => savePng('colored.png', wipe.picture(), 1),
    jpeg: () => {
      say('The server colors the photo in its full size …');
      jpeg().then(
        () => say(''),
        error => say(error.message),
      );
    },
    sheet: () =>
      savePng(
        'eight-colorings.png',
        sheetOf(
          boxes.map(box => box.querySelector('canvas')),
          now.eight.weights,
        ),
        1,
      ),
    code: () => showCode(pythonOf(picked)),
  };
  root.addEventListener('click', ({target}) => {
    const box = target.closest('.eight button');
    if (box) pick(boxes.indexOf(box));
    if (now) acts[target.dataset.act]?.();
  });
  const {begin, mark, offer} = shelf(find('shelf'), root, {
    examples: Object.fromEntries(
      Object.entries(EXAMPLES).map(([name, words]) => [name, {picture: example(name), words}]),
    ),
    note: `Or drop one anywhere here. It is colored on this page's server, and not kept.
      The examples are public domain or CC0; <a target="_blank" href="${ROOT}vaedemo/web/examples/LICENSES.md">who made them</a>`,
    choose: name => take(() => fetched(name)),
    photo: blob => take(async () => ({blob, words: 'your photo', example: null})),
  });
  find('shelf').querySelector('.vd-row').after(trouble); // beside the button that gives a photo
  begin(linked);
  onStop({tab: 'colorization', fold: null}, ({photo, pick: asked}) => {
    if (photo && photo !== (now ? now.photo.example : linked))
      root.querySelector(`[data-example="${photo}"]`)?.click();
    if (photo && asked) {
      picked = Number(asked) - 1;
      if (now) show();
    }
  });
  badge(find('badge'), MODEL).catch(() => {}); // without the model no photo is colored, and that is said
}
