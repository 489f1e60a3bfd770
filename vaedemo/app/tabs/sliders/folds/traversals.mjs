/**
 * Every slider's latent as a film strip around the z that the hero shows; the frame that is clicked is where the hand
 * goes.
 */
import {dom} from '../../../../web/page/dom.mjs';
import {save} from '../../../../web/page/downloads.mjs';
import {shown as words} from '../../../../web/page/format.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {goTo, onShown} from '../lib/paired-models.mjs';
import {along, pulledTo, saveSwing, through} from '../../../../web/ui/side-by-side.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const FRAMES = 9;
const REST_MS = 200;
const PATIENCE_MS = 800; // drawn anew when the hand has rested, or has not for so long

const TEMPLATE = `
<div class="vd-strips">
  <div class="rows"></div>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="gif">GIF</button>
  </div>
  <p class="vd-note">Frames lie at quantiles 0.02 to 0.98 of the prior, equal masses apart; where a model's codes spread wider than it, of a Gaussian as wide as they. The line below a strip marks where the slider stands.</p>
  <p class="vd-trouble" role="status"></p>
</div>`;
const STRIP = '<div class="strip"><canvas tabindex="0" role="slider" aria-valuemin="1"></canvas><i></i></div>';

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error?.message ?? '';
  };
  element.querySelector('.vd-section').append(root);
  /** @type {import('../lib/paired-models.mjs').Shown} */ let shown;
  /** @type {{row: import('../lib/paired-models.mjs').Row, strips: {canvas: HTMLCanvasElement, here: HTMLElement, painter: Painter}[]}[]} */
  let lines = [];
  let chosen = null;
  let visible = false;
  let timer = 0;
  let since = 0;

  function build() {
    const {kind, models, rows} = shown;
    root.classList.toggle('alone', models.length === 1);
    lines = rows.map(row => {
      const line = dom('<div class="line"><span class="name"></span></div>');
      line.querySelector('.name').textContent = row.label;
      const strips = models.map(({title, open}, i) => {
        const strip = dom(STRIP);
        const canvas = strip.querySelector('canvas');
        const here = strip.querySelector('i');
        canvas.className = kind.ink ? 'vd-ink' : 'vd-photo';
        canvas.setAttribute('aria-label', `${row.label}, ${title}: a strip of ${FRAMES} pictures`);
        canvas.setAttribute('aria-valuemax', String(FRAMES));
        canvas.addEventListener('click', ({offsetX}) => go(row, Math.floor((FRAMES * offsetX) / canvas.clientWidth)));
        canvas.addEventListener('keydown', event => key(event, row));
        line.append(strip);
        return {canvas, here, painter: new Painter(canvas, open.shape, {columns: FRAMES, crisp: false}), i};
      });
      if (models[1])
        line.append(Object.assign(document.createElement('span'), {className: 'note', textContent: row.note}));
      return {row, strips, line};
    });
    const head = dom('<div class="line head"><span></span></div>');
    head.append(...models.map(({title}) => Object.assign(document.createElement('span'), {textContent: title})));
    root.querySelector('.rows').replaceChildren(head, ...lines.map(({line}) => line));
    choose(rows[0]);
  }

  /** @param {import('../lib/paired-models.mjs').Row} row  whose swing the GIF will be */
  function choose(row) {
    chosen = row;
    root.querySelector('[data-act="gif"]').textContent = `GIF of ${row.label.split(',')[0]}`;
  }

  function go(row, frame) {
    choose(row);
    if (shown.locked(row)) return say(new Error(`${row.label} is locked.`));
    say(null);
    goTo(pulledTo(shown, row, through(FRAMES, row)[Math.max(0, Math.min(FRAMES - 1, frame))]));
  }

  /** The frame that is nearest to where the slider stands. */
  const frameOf = row => Math.round(along(shown.codes[0][row.d], row) * (FRAMES - 1));

  function key(event, row) {
    const way = {ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1}[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation(); // the presenter's arrows turn stops
    go(row, frameOf(row) + way);
  }

  const draw = newest(async signal => {
    since = 0;
    if (!visible || !shown) return;
    mark();
    await Promise.all(
      shown.models.map(({open}, i) => {
        const codes = lines.flatMap(({row}) => through(FRAMES, row).map(value => pulledTo(shown, row, value)[i]));
        const painters = lines.map(({strips}) => strips[i].painter);
        const size = open.shape.reduce((a, b) => a * b);
        return open.batch(
          codes.flat(),
          codes.length,
          (planes, first, count) => {
            for (let k = 0; k < count; k++) {
              const place = first + k;
              painters[Math.floor(place / FRAMES)].draw(planes.subarray(k * size, (k + 1) * size), place % FRAMES);
            }
          },
          signal,
        );
      }),
    );
    root.dataset.drawn = String(Number(root.dataset.drawn ?? 0) + 1);
  });

  /** Where the sliders stand. */
  function mark() {
    for (const {row, strips} of lines) {
      const value = shown.codes[0][row.d];
      const at = along(value, row);
      const frame = frameOf(row);
      for (const {canvas, here} of strips) {
        here.style.left = `${(100 * (0.5 + at * (FRAMES - 1))) / FRAMES}%`;
        canvas.setAttribute('aria-valuenow', String(frame + 1));
        canvas.setAttribute('aria-valuetext', `frame ${frame + 1} of ${FRAMES}, z = ${words([value])}`);
      }
    }
  }

  function soon() {
    since ||= performance.now();
    clearTimeout(timer);
    timer = setTimeout(
      () => draw().catch(say),
      Math.max(0, Math.min(REST_MS, since + PATIENCE_MS - performance.now())),
    );
  }

  onShown((next, what) => {
    shown = next;
    if (what === 'models') build();
    if (visible) soon();
  });
  new IntersectionObserver(([entry]) => {
    visible = entry.isIntersecting;
    if (visible) soon();
  }).observe(root);
  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act},
      },
    }) => {
      if (act === 'png') sheet(shown, lines).toBlob(blob => save('strips.png', blob));
      if (act === 'gif') saveSwing(shown, chosen).then(() => say(null), say);
    },
  );
}

/** All strips with their labels on one sheet, as the models draw them: light on black. */
function sheet({models}, lines) {
  const [
    {
      strips: [
        {
          canvas: {width, height},
        },
      ],
    },
  ] = lines;
  const size = Math.max(14, height / 4);
  const label = size * 8;
  const gap = size / 2;
  const head = size * 2;
  const all = Object.assign(document.createElement('canvas'), {
    width: label + models.length * (width + gap),
    height: head + lines.length * (height + gap),
  });
  const context = all.getContext('2d');
  context.fillRect(0, 0, all.width, all.height);
  Object.assign(context, {fillStyle: '#fff', font: `${size}px system-ui, sans-serif`, textBaseline: 'middle'});
  models.forEach(({name}, i) => context.fillText(name, label + i * (width + gap), head / 2));
  lines.forEach(({row, strips}, r) => {
    const top = head + r * (height + gap);
    context.fillText(row.label, gap, top + height / 2, label - 2 * gap);
    strips.forEach(({canvas}, i) => context.drawImage(canvas, label + i * (width + gap), top));
  });
  return all;
}
