/** The same z through four decoders, twenty-four at a time: sharp or smooth, and whose prior it is. */
import {draw} from '../../../../web/engine/model-store.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {PictureGrid} from '../../../../web/ui/picture-grid.mjs';
import {beside} from '../../../../web/ui/side-by-side.mjs';
import {BADGES, columns, metricsOf, openAll, tuple} from '../lib/decoders.mjs';
import {FollowingGrid} from '../lib/following-grid.mjs';
import {LATENTS, MODELS, SHAPE} from '../lib/models.mjs';
import {rowsOf} from '../lib/ways.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/decoders.mjs').LiveDecoder} LiveDecoder
 * @typedef {{open: LiveDecoder, sheet: PictureGrid, grid: FollowingGrid, large: Painter}} Column
 */

const COUNT = 24;
const COLUMNS = 4;
const PICKED = 3; // of these z, until another is chosen
const SCALE = 2; // of the PNG
/** Figures of drawn pictures: the metric's key, its name, and the key of what other photographs have. */
const FIGURES = [
  {key: 'sharpness', words: 'sharpness', floor: 1},
  {key: 'fd', words: 'FD', floor: 'fd_floor'},
  {key: 'fd_reader', words: 'FD-r', floor: 'fd_reader_floor'},
];

const TEMPLATE = `
<div class="vd-four">
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="throw">Throw</button>
    <label>Temperature
      <input type="range" data-set="temperature" min="0" max="1.5" step="0.05"><output></output></label>
    <label>Seed <input type="number" data-set="seed" min="0" max="999999999" inputmode="numeric"></label>
  </div>
  ${columns(
    (name, title) => `
    <canvas class="vd-photo" data-part="large-${name}" width="64" height="64" role="img"
      aria-label="The chosen z, drawn by the ${title}"></canvas>
    <div data-part="sheet-${name}"></div>`,
  )}
  <p class="vd-note">The prior is N(0, I) for all four. Whose is it? The three others began as copies of the VAE. From
    there the GAN’s generator learned from nothing but draws of the prior. The decoders of VAE and VAE with Dis_l never
    saw one: they learned from codes of photographs, z ~ q(z|x), and the rate, a term of the ELBO, pays for each code
    that lies far from the prior. The VAE/GAN’s decoder learned from both.</p>
  <div class="vd-scroll"><table data-part="figures" hidden></table></div>
  <p class="vd-note" data-part="units" hidden>Sharpness: the energy of the differences between neighbouring pixels, in
    parts of photographs’. FD and FD-r: squared Fréchet distance between many samples and as many photographs, as two
    nets see them, EfficientNet-Lite0 (FD) and our own reader of attributes (FD-r); less is nearer. What other
    photographs have is the floor.</p>
  <div class="vd-row">${takeaway('png', 'code')}${BADGES}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  const decoders = await openAll(mounted, 'vaegan-dice');
  const dice = new Dice(mounted, decoders);
  mounted.acts({
    throw: () => dice.change({seed: nextSeed(dice.settings.seed)}),
    png: () => dice.savePicture(),
    code: () => showCode(python(dice.settings, decoders.keys())),
  });
  for (const key of ['temperature', 'seed']) {
    const input = query(mounted.root, `[data-set="${key}"]`, HTMLInputElement);
    input.addEventListener('input', () => {
      if (input.value !== '' && input.checkValidity()) dice.change({[key]: Number(input.value)});
    });
  }
  mounted.followConnection();
  mounted.onStop(({seed}) => dice.change({seed: Number(seed), temperature: 1}));
  dice.show();
  showFigures(mounted, await metricsOf(decoders.keys()));
}

class Dice {
  #mounted;
  /** @type {Map<string, Column>} */
  #columns;
  /** What the seed draws. @type {number[][]} */
  #codes = [];
  #drawn = -1;

  /** @param {Mounted} mounted @param {Map<string, LiveDecoder>} decoders */
  constructor(mounted, decoders) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.settings = {
      temperature: Math.max(0, state.numbers('temperature')?.[0] ?? 1),
      seed: state.whole('seed', 1),
      picked: state.whole('picked', PICKED),
    };
    this.#columns = new Map([...decoders].map(([name, open]) => [name, this.#column(name, open)]));
  }

  /** @param {string} name @param {LiveDecoder} open @returns {Column} */
  #column(name, open) {
    const sheet = new PictureGrid(this.#mounted.part(`sheet-${name}`), {
      shape: SHAPE,
      heads: Array(COLUMNS).fill(''),
      rows: COUNT / COLUMNS,
      ink: false,
      visit: (column, row) => this.change({picked: row * COLUMNS + column}),
    });
    const large = new Painter(this.#mounted.part(`large-${name}`, HTMLCanvasElement), SHAPE, {crisp: false});
    return {open, sheet, large, grid: new FollowingGrid(open, sheet.painter, this.#mounted.showError)};
  }

  /** @param {Partial<Dice['settings']>} some */
  change(some) {
    this.settings = {...this.settings, ...some};
    this.#mounted.state.set(some);
    this.show();
  }

  show() {
    this.#redraw().catch(this.#mounted.showError);
  }

  #redraw = newest(async signal => {
    this.#describe();
    const {seed, temperature, picked} = this.settings;
    if (this.#drawn !== seed) {
      const drawn = await draw(COUNT, LATENTS, seed);
      signal.throwIfAborted();
      this.#codes = rowsOf({data: drawn, shape: [COUNT, LATENTS]});
      this.#drawn = seed;
    }
    const codes = this.#codes.map(z => z.map(value => temperature * value));
    for (const {open, grid, large} of this.#columns.values()) {
      open.show(codes[picked], planes => large.draw(planes));
      grid.show(codes);
    }
    this.#mounted.showError(null);
  });

  #describe() {
    const {temperature, seed, picked} = this.settings;
    query(this.#mounted.root, '[data-set="temperature"]', HTMLInputElement).value = String(temperature);
    query(this.#mounted.root, '[data-set="seed"]', HTMLInputElement).value = String(seed);
    query(this.#mounted.root, 'output').textContent = temperature.toFixed(2);
    for (const {name, title} of MODELS) {
      const sheet = this.#columns.get(name)?.sheet;
      sheet?.place(picked % COLUMNS, Math.floor(picked / COLUMNS), `z ${picked + 1} of ${COUNT} is shown large`);
      sheet?.describe({
        caption: '',
        label: `${COUNT} faces by the ${title}. Click, or use the arrow keys, to show one z large in all four.`,
        picture: `${COUNT} faces drawn by the ${title}, seed ${seed}, temperature ${temperature}`,
      });
    }
  }

  savePicture() {
    if (this.#columns.size === 0) return;
    const sheets = [...this.#columns.values()].map(({sheet}) => sheet.canvas);
    savePng(`four-decoders-seed-${this.settings.seed}.png`, beside(sheets), SCALE);
  }
}

/**
 * The table of what was measured; none where nothing was.
 * @param {Mounted} mounted
 * @param {Record<string, Record<string, any>>} metrics  by model
 */
function showFigures(mounted, metrics) {
  const measured = FIGURES.filter(({key}) => Object.values(metrics).some(one => key in one));
  const table = mounted.part('figures', HTMLTableElement);
  table.hidden = measured.length === 0;
  mounted.part('units').hidden = measured.length === 0;
  const rows = MODELS.filter(({name}) => name in metrics).map(({name, title}) => [
    title,
    ...measured.map(({key}) => figure(metrics[name][key])),
  ]);
  const floors = measured.map(({floor}) => {
    if (typeof floor === 'number') return figure(floor);
    return figure(Object.values(metrics).find(one => floor in one)?.[floor]);
  });
  table.replaceChildren(
    rowOf(['', ...measured.map(({words}) => words)], 'col'),
    ...rows.map(row => rowOf(row)),
    rowOf(['other photographs', ...floors]),
  );
}

/** @param {number | undefined} value */
function figure(value) {
  if (value === undefined) return '–';
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}

/** @param {string[]} cells  the first is a head @param {'col' | null} [head]  all are */
function rowOf(cells, head = null) {
  const row = document.createElement('tr');
  row.append(
    ...cells.map((textContent, i) => {
      const cell = document.createElement(i === 0 || head ? 'th' : 'td');
      if (cell instanceof HTMLTableCellElement && cell.tagName === 'TH') cell.scope = head ?? 'row';
      return Object.assign(cell, {textContent});
    }),
  );
  return row;
}

/** @param {Dice['settings']} settings @param {Iterable<string>} names */
function python({temperature, seed}, names) {
  return `import vaedemo

pictures = {}
for name in ${tuple(names)}:
    model = vaedemo.load(name)
    # the same z for each model: N(0, I), times the temperature
    pictures[name] = model.sample(${COUNT}, temperature=${temperature}, seed=${seed})  # (${COUNT}, 3, 64, 64)`;
}
