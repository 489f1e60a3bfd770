/**
 * One hint: an arrow tells where a cell ends, 512 draws are weighed by how well they agree, and the rest of the
 * picture follows.
 */
import {percent} from '../../../../web/page/format.mjs';
import * as address from '../../../../web/page/url-state.mjs';
import {weighed} from '../lib/requests.mjs';
import {Arrows, MOST} from '../lib/motion-hints-editor.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {Film, colorOf, filmsOf, letterOf, offsetAt, paintAll} from '../lib/future-renderer.mjs';
import {pythonOf, saveFilms} from '../lib/export.mjs';
import {GRID, SHOWN, asked, inView} from '../lib/still-store.mjs';
import {Player} from '../../../../web/ui/playback-clock.mjs';
import {dom, prefersReducedMotion as wantsStill} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';

const FAR = 5;
const NEAR = 2.5;
// pixels: of a best draw that does not agree; cells that a hand may miss by; of a cell that moves in any draw
const MOVES = 1;
const DRAWS = 512;
const TEMPLATE = `
<div class="vd-arrows">
  <div class="stage">
    <figure class="vd-figure">
      <div data-part="pull"></div>
      <figcaption role="status" data-part="words"></figcaption>
      <div class="vd-row">
        <button type="button" class="vd-quiet" data-act="play">Play</button>
        <button type="button" class="vd-quiet" data-act="undo" disabled>Undo</button>
        <button type="button" class="vd-quiet" data-act="reset" disabled>Without hints</button>
      </div>
    </figure>
    <div>
      <div class="panels" role="group" aria-label="What the hint leaves of the futures" data-part="panels"></div>
      <div class="groups" data-part="groups"></div>
      <div class="vd-row">
        <button type="button" class="vd-quiet" data-act="gif" title="The heaviest of the draws">GIF</button>
        <button type="button" class="vd-quiet" data-act="png">PNG</button>
        <button type="button" class="vd-quiet" data-act="code">Code</button>
        <span data-part="badge"></span>
      </div>
      <p class="vd-note">A draw counts by exp(−d²/2s²), d how far from the arrow's end its cell ends, s = 2.5 pixels of a still of 64. Faded: futures that contradict.</p>
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
  element.querySelector('.vd-section').append(root);
  /** @type {{still: import('../lib/still-store.mjs').Still, answer: import('../lib/still-store.mjs').Answer} | null} */
  let now = null;
  /** Of the futures that are shown, and then of the groups' typical ones: all that moves in any of them is cut out. @type {Film[]} */ let films =
    [];
  /** What the arrows leave. @type {import('../lib/requests.mjs').Weighed | null} */ let found = null;
  let linked = linkedArrows();
  let shown = films;
  let busy = false;
  let waiting = false;
  const arrows = new Arrows(find('pull'), {
    from: snapped,
    onChange(done) {
      if (done)
        address.set({
          arrows:
            arrows.arrows
              .map(({row, column, right, down}) => [row, column, +right.toFixed(1), +down.toFixed(1)])
              .join() || null,
        });
      for (const name of ['undo', 'reset']) act(name).disabled = !arrows.arrows.length;
      player.pause(1);
      weigh(done).catch(say);
    },
  });
  arrows.tell(
    'The still. Drag from what shall move to where it ends; or move a ring with the arrow keys, press Enter, move the end, and press Enter again; Delete takes the last arrow back.',
  );
  const player = new Player(root, paint, playing => {
    act('play').textContent = playing ? 'Pause' : 'Play';
  });

  function paint(t) {
    if (!shown.length) return;
    paintAll(shown, arrows.canvas, t, 'motion');
    [...find('panels').querySelectorAll('canvas')].forEach((canvas, i) => films[i].paint(canvas, t, 'motion'));
  }

  /** The cell near this one that moves farthest in any of the futures; this one, if nothing near it moves. */
  function snapped(row, column) {
    const far = cell => Math.max(0, ...films.map(({reach}) => reach[cell]));
    const away = cell => Math.hypot(Math.floor(cell / GRID) - row, (cell % GRID) - column);
    const near = Array.from({length: GRID * GRID}, (_, cell) => cell).filter(
      cell => away(cell) <= NEAR && far(cell) >= MOVES,
    );
    const best = near.sort((a, b) => away(a) - away(b))[0] ?? row * GRID + column;
    return {row: Math.floor(best / GRID), column: best % GRID};
  }

  /**
   * Asks what the arrows leave, one question at a time and then the newest.
   * @param {boolean} [done]  the hand has let go
   */
  async function weigh(done = true) {
    if (busy) {
      waiting = true;
      return;
    }
    const mine = now;
    const hints = arrows.shown;
    if (!mine) return;
    busy = true;
    try {
      found = hints.length ? await weighed(mine.still.model, mine.still.still, {...asked, hints}) : null;
      say(null);
    } finally {
      busy = false;
    }
    if (waiting || mine !== now) {
      waiting = false;
      await weigh();
      return;
    }
    show(hints);
    if (done && !wantsStill() && hints === arrows.arrows) player.play();
  }

  /** @param {import('../lib/requests.mjs').Arrow[]} hints */
  function show(hints) {
    const {
      still,
      answer: {futures, shares},
    } = now;
    const left = found?.shares ?? shares;
    const most = Math.max(...left);
    shown = found ? [new Film(still, found.best, films[0].cut)] : films.slice(0, futures.length);
    [...find('panels').children].forEach((box, i) => {
      box.style.setProperty(
        '--seen',
        found ? (0.18 + (0.82 * found.weights[i]) / Math.max(found.heaviest, 1e-9)).toFixed(3) : '1',
      );
      box
        .querySelector('canvas')
        .setAttribute(
          'aria-label',
          `Future ${i + 1}, of group ${letterOf(futures[i].mode)}${found ? `, weight ${percent(found.weights[i])}` : ''}`,
        );
    });
    [...find('groups').children].forEach((box, k) => {
      box.dataset.share = left[k].toFixed(4);
      box.querySelector('b').style.width = `${(100 * left[k]) / most}%`;
      box.querySelector('output').textContent = percent(left[k]);
    });
    find('words').textContent = found
      ? said(hints)
      : 'Drag from what shall move to where it is to be in 0.6 seconds.';
    arrows.canvas.setAttribute(
      'aria-label',
      found
        ? `${still.words}: the draw that agrees best with ${counted(hints.length)}`
        : `${still.words}: ${futures.length} futures over one another`,
    );
    paint(player.t);
  }

  function said(hints) {
    const {best, effective} = found;
    const [film] = shown;
    const off = Math.max(
      ...hints.map(({row, column, right, down}) => {
        const [x, y] = offsetAt(film.offsets, row * GRID + column, 1);
        return Math.hypot(x - right, y - down);
      }),
    );
    if (off > FAR)
      return `None of ${DRAWS} draws goes there: the nearest misses by ${off.toFixed(0)} pixels of 64, and is shown.`;
    return `After ${counted(hints.length)} as much as ${effective < 10 ? effective.toFixed(1) : Math.round(effective)} of ${DRAWS} draws is left. Shown is the heaviest, of group ${letterOf(best.mode)}.`;
  }

  inView(
    root,
    async (moving, signal) => {
      const another = now?.still !== moving.still;
      const {
        still,
        answer: {futures, typical, shares},
      } = (now = moving);
      films = filmsOf(still, [...futures, ...typical]);
      [found, shown] = [null, films.slice(0, futures.length)];
      find('panels').replaceChildren(
        ...futures.map((future, i) => {
          const box = dom(
            `<figure class="vd-figure"><canvas class="vd-photo" width="${SHOWN}" height="${SHOWN}" role="img"></canvas><span class="tag">${i + 1} · ${letterOf(future.mode)}</span></figure>`,
          );
          box.style.setProperty('--mode', colorOf(future.mode));
          return box;
        }),
      );
      find('groups').replaceChildren(
        ...shares.map((_, k) => {
          const box = dom(`<div>Group ${letterOf(k)} <i aria-hidden="true"><b></b></i><output></output></div>`);
          box.style.setProperty('--mode', colorOf(k));
          return box;
        }),
      );
      player.pause(0);
      show([]);
      badge(find('badge'), still.model).catch(() => {});
      const kept = linked ?? (another ? [] : arrows.arrows);
      linked = null;
      arrows.set(kept);
      // The draws are made before the first arrow is: then a drag follows the hand.
      if (!kept.length)
        await weighed(still.model, still.still, {...asked, hints: [{row: 0, column: 0, right: 0, down: 0}]}, signal);
    },
    say,
  );

  const acts = {
    play: () => {
      if (player.playing) player.pause();
      else player.play();
    },
    undo: () => arrows.set(arrows.arrows.slice(0, -1)),
    reset: () => arrows.set([]),
    png: () => savePng('hinted.png', arrows.canvas, 2),
    gif: () => saveFilms(now.still, asked, arrows.arrows).catch(say),
    code: () => showCode(pythonOf(now.still, asked, arrows.arrows)),
  };
  root.addEventListener('click', ({target}) => now && acts[target.dataset.act]?.());
  onStop({tab: 'motion', fold: 'motion-hint'}, ({arrows: text}) => {
    const asked = text && parsed(text.split(',').map(Number));
    if (asked && now) arrows.set(asked);
    else linked = asked ?? linked;
  });
}

/** What the link holds. @returns {import('../lib/requests.mjs').Arrow[] | null} */
function linkedArrows() {
  const count = (address.get('arrows') ?? '').split(',').length;
  const values = count % 4 ? null : address.numbers('arrows', Math.min(count, 4 * MOST), 64);
  return values && parsed(values);
}

/** @param {number[]} values  row, column, right, down of each @returns {import('../lib/requests.mjs').Arrow[]} */
const parsed = values =>
  Array.from({length: Math.floor(values.length / 4)}, (_, i) => {
    const [row, column, right, down] = values.slice(4 * i, 4 * i + 4);
    const cell = value => Math.max(0, Math.min(GRID - 1, Math.round(value)));
    return {row: cell(row), column: cell(column), right, down};
  });

const counted = count => (count === 1 ? 'one arrow' : `${count} arrows`);
