/** log p(x) of anything, beside what the sampler draws: what P(X) is good for, and what not. */
import {decoder, draw} from '../../../../web/engine/model-store.mjs';
import {dom, query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {drawingPad} from '../../../../web/ui/drawing-pad.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {summed} from '../lib/log-evidence.mjs';
import {MODEL, SIDE} from '../lib/model.mjs';
import {nats} from '../lib/nats.mjs';
import {choices, onDigit, paintX} from '../lib/observed-digit.mjs';
import {NOTHING, PICTURES} from '../lib/ood-pictures.mjs';
import {DIGIT} from '../lib/snippet.mjs';
import {SumProgress} from '../lib/sum-progress.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/observed-digit.mjs').ObservedDigit} ObservedDigit
 * @typedef {{name: string, logP: number}} Scored  nats
 */

const DRAWN = 12;
const FIRST_SEED = 1;

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="vd-beat">
    <div><h4>The scorer: which is likely?</h4>
      <div class="vd-scored" data-part="scored"></div>
      <p class="vd-verdict" role="status" data-part="verdict">Pictures are being scored …</p></div>
    <div><h4>The sampler: draw one</h4>
      <figure class="vd-figure"><canvas class="vd-ink vd-strip" data-part="drawn" role="img"
        aria-label="Samples: z from the prior, decoded"></canvas>
        <figcaption data-part="drawnWords"></figcaption></figure>
      <div class="vd-row"><button type="button" class="vd-main" data-act="draw">Draw ${DRAWN}</button>
        <button type="button" class="vd-quiet" data-act="coins" aria-pressed="false">With coins for the pixels</button>
        <button type="button" class="vd-quiet" data-act="reset">Reset</button></div>
      <p class="vd-note">No score was asked for. And the scorer, by itself, draws nothing: it would have to look through
        2⁷⁸⁴ pictures.</p>
      <div data-part="pad"></div></div>
  </div>
  <div data-part="progress"></div>
  <div class="vd-row">${takeaway('png', 'code', 'badge')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

const ROW = `<div><canvas class="vd-ink" width="28" height="28"></canvas><span class="name"></span>
  <span class="track"><i></i></span><b></b></div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const {state, showError} = mounted;
  const scorer = new Scorer(mounted);
  const sampler = new Sampler(mounted);
  choices(mounted.part('examples')).catch(showError);
  drawingPad(mounted.part('pad'));
  mounted.needs(MODEL);
  mounted.badge(MODEL);
  mounted.acts({
    draw() {
      sampler.seed = nextSeed(sampler.seed);
      state.set({seed: sampler.seed});
      return sampler.draw();
    },
    coins() {
      sampler.coins = !sampler.coins;
      state.set({pixels: sampler.coins ? 'coins' : null});
      return sampler.draw();
    },
    reset() {
      sampler.seed = FIRST_SEED;
      sampler.coins = false;
      state.set({seed: null, pixels: null});
      return sampler.draw();
    },
    png: () => savePng('samples.png', mounted.part('drawn', HTMLCanvasElement), 8),
    code: () => showCode(python(sampler.seed)),
  });
  mounted.onStop(() => sampler.draw());
  sampler.draw().catch(showError);
  onDigit(digit => scorer.score(digit).catch(showError));
}

/** log p(x) of a digit, of what becomes of it, and of what no digit is. */
class Scorer {
  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.mounted = mounted;
    this.progress = new SumProgress(mounted.part('progress'));
    this.rows = PICTURES.map(([name]) => {
      const row = dom(ROW);
      query(row, '.name').textContent = name;
      row.dataset.name = name;
      return row;
    });
    mounted.part('scored').append(...this.rows);
  }

  score = newest(async (signal, /** @type {ObservedDigit} */ digit) => {
    const {mounted, progress, rows} = this;
    await digit.q();
    signal.throwIfAborted();
    const open = await decoder(MODEL, 'whyq');
    /** @type {Scored[]} */
    const found = [];
    for (const [i, [name, make]] of PICTURES.entries()) {
      const x = make(digit.x);
      paintX(query(rows[i], 'canvas', HTMLCanvasElement), x);
      let before = 0;
      const {logP} = await summed(
        (zs, keep) => open.scores(x, zs, zs.length / 2, {keep, signal, onPart: n => progress.count(before + n)}),
        n => {
          before = n;
        },
      );
      found.push({name, logP});
      this.#compare(found);
    }
    progress.done();
    mounted.showError(null);
    mounted.part('verdict').textContent = verdict(found);
    mounted.root.dataset.scores = found.map(({logP}) => logP.toFixed(3)).join();
  });

  /** Bars from the least likely, on one scale. @param {Scored[]} found */
  #compare(found) {
    const sorted = found.map(({logP}) => -logP).sort((a, b) => b - a);
    const most = found.length < 5 ? sorted[0] : 1.15 * sorted[1]; // noise would leave the others no bars
    found.forEach(({name, logP}, i) => {
      const row = this.rows[i];
      query(row, 'i').style.width = `${Math.min(100, (100 * -logP) / most)}%`;
      row.classList.toggle('beyond', -logP > most);
      query(row, 'b').textContent = nats(logP);
      query(row, 'canvas', HTMLCanvasElement).setAttribute('aria-label', `${name}: log p(x) ${nats(logP)} nats`);
    });
  }
}

/** Samples of p(x). */
class Sampler {
  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.mounted = mounted;
    /** Whether a coin is tossed for each pixel, instead of the mean of p(x|z). */
    this.coins = mounted.state.choice('pixels') === 'coins';
    this.seed = Number(mounted.state.whole('seed', FIRST_SEED));
  }

  draw = newest(async signal => {
    const {mounted} = this;
    const [codes, open] = await Promise.all([draw(DRAWN, 2, this.seed), decoder(MODEL)]);
    const canvas = mounted.part('drawn', HTMLCanvasElement);
    const painter = new Painter(canvas, open.shape, {columns: 6, rows: DRAWN / 6});
    const tossed = (/** @type {Uint8Array} */ planes) =>
      planes.map(value => 255 * Number(Math.random() * 255 < value));
    await open.batch(
      codes,
      DRAWN,
      (planes, first) => painter.draw(this.coins ? tossed(planes) : planes, first),
      signal,
    );
    mounted.part('drawnWords').textContent = this.coins
      ? `${DRAWN} samples of p(x): z from N(0, I), then a coin for each pixel`
      : `${DRAWN} z from N(0, I), and the mean of p(x|z) for each`;
    mounted.button('coins').setAttribute('aria-pressed', String(this.coins));
  });
}

/** @param {Scored[]} found */
function verdict(found) {
  const best = found.reduce((a, b) => (b.logP > a.logP ? b : a));
  const mine = found[0].logP;
  const behind = (/** @type {string} */ name) => nats(mine - (found.find(one => one.name === name)?.logP ?? NaN));
  return (
    `Noise is ${behind('noise')} nats behind the digit: good. ` +
    `Moved by three pixels, the same digit loses ${behind('moved by three pixels')}. ` +
    `And the likeliest of all is: ${best.name}${best.name === NOTHING ? ', no digit at all' : ''}.`
  );
}

/** @param {number} seed */
const python = seed => `import torch, vaedemo
from vaedemo.vision import preprocessing
from vaedemo.evaluation import evidence

${DIGIT}
moved = x.roll(3, dims=3)
noise = (torch.rand(1, 1, ${SIDE}, ${SIDE}) < 0.5).float()
for picture in (x, moved, noise, torch.zeros_like(x)):
    print(evidence.grid(evidence.scorer(model, picture)).log_p)  # log p(x), nats
drawn = model.sample(${DRAWN}, seed=${seed})`;
