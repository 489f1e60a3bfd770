/** log p(x) of anything, beside what the sampler draws: what P(X) is good for, and what not. */
import * as address from '../../../../web/page/url-state.mjs';
import {nats} from '../lib/elbo-gap-chart.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {summed} from '../lib/log-evidence.mjs';
import {pad} from '../../../../web/ui/drawing-pad.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {MODEL, SIDE, begun, onSubject, paintX, progress} from '../lib/observed-digit.mjs';
import {NOTHING, SUSPECTS} from '../lib/ood-pictures.mjs';
import {decoder, draw} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const DRAWN = 12;
const SEEDS = 1_000_000;

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="vd-beat">
    <div><h4>The scorer: which is likely?</h4>
      <div class="vd-scored" data-part="scored"></div>
      <p class="vd-verdict" role="status" data-part="verdict">Pictures are being scored …</p></div>
    <div><h4>The sampler: draw one</h4>
      <figure class="vd-figure"><canvas class="vd-ink vd-strip" data-part="drawn" role="img" aria-label="Samples: z from the prior, decoded"></canvas><figcaption data-part="drawnWords"></figcaption></figure>
      <div class="vd-row"><button type="button" class="vd-main" data-act="draw">Draw ${DRAWN}</button>
        <button type="button" class="vd-quiet" data-act="coins" aria-pressed="false">With coins for the pixels</button><button type="button" class="vd-quiet" data-act="reset">Reset</button></div>
      <p class="vd-note">No score was asked for. And the scorer, by itself, draws nothing: it would have to look through 2⁷⁸⁴ pictures.</p>
      <div data-part="pad"></div></div>
  </div>
  <div data-part="progress"></div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button><button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const {root, find, say} = begun(element, TEMPLATE);
  pad(find('pad'));
  const [line, count, done] = progress();
  find('progress').append(line);
  let coins = address.choice('coins', ['', 'on']) === 'on';
  let seed = address.whole('sampled', 0, SEEDS - 1, 1);
  const rows = [...SUSPECTS.keys()].map(name => {
    const row = dom(
      `<div><canvas class="vd-ink" width="28" height="28"></canvas><span class="name">${name}</span><span class="track"><i></i></span><b></b></div>`,
    );
    find('scored').append(row);
    return row;
  });

  const score = newest(async (signal, subject) => {
    await subject.q();
    signal.throwIfAborted();
    const open = await decoder(MODEL, 'whyq');
    const found = [];
    for (const [i, [name, make]] of [...SUSPECTS].entries()) {
      const x = make(subject.x);
      const canvas = rows[i].querySelector('canvas');
      paintX(canvas, x);
      Object.assign(rows[i].dataset, {name});
      let before = 0;
      const {logP} = await summed(
        (zs, keep) => open.scores(x, zs, zs.length / 2, {keep, signal, onPart: n => count(before + n)}),
        n => {
          before = n;
        },
      );
      found.push({name, logP});
      compare(found);
    }
    done();
    say(null);
    find('verdict').textContent = verdict(found);
    root.dataset.scores = found.map(({logP}) => logP.toFixed(3)).join();
  });

  /** Bars from the least likely, on one scale. @param {{name: string, logP: number}[]} found */
  function compare(found) {
    const sorted = found.map(({logP}) => -logP).sort((a, b) => b - a);
    const most = found.length < 5 ? sorted[0] : 1.15 * sorted[1]; // noise would leave the others no bars
    found.forEach(({logP}, i) => {
      rows[i].querySelector('i').style.width = `${Math.min(100, (100 * -logP) / most)}%`;
      rows[i].classList.toggle('beyond', -logP > most);
      rows[i].querySelector('b').textContent = nats(logP);
      rows[i].querySelector('canvas').setAttribute('aria-label', `${found[i].name}: log p(x) ${nats(logP)} nats`);
    });
  }

  const sample = newest(async signal => {
    const [codes, open] = await Promise.all([draw(DRAWN, 2, seed), decoder(MODEL)]);
    const painter = new Painter(find('drawn'), open.shape, {columns: 6, rows: DRAWN / 6});
    await open.batch(
      codes,
      DRAWN,
      (planes, first) =>
        painter.draw(coins ? planes.map(value => 255 * Number(Math.random() * 255 < value)) : planes, first),
      signal,
    );
    find('drawnWords').textContent = coins
      ? `${DRAWN} samples of p(x): z from N(0, I), then a coin for each pixel`
      : `${DRAWN} z from N(0, I), and the mean of p(x|z) for each`;
    root.querySelector('[data-act="coins"]').setAttribute('aria-pressed', String(coins));
  });
  const again = () => sample().catch(say);

  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act},
      },
    }) => {
      if (act === 'draw') {
        seed = (seed + 1) % SEEDS;
        address.set({sampled: seed});
        again();
      }
      if (act === 'coins') {
        coins = !coins;
        address.set({coins: coins ? 'on' : null});
        again();
      }
      if (act === 'reset') {
        [seed, coins] = [1, false];
        address.set({sampled: null, coins: null});
        again();
      }
      if (act === 'png') savePng('samples.png', find('drawn'), 8);
      if (act === 'code') showCode(python(seed));
    },
  );
  onStop({tab: 'whyq', fold: 'density-vs-sampler'}, () => again());
  again();
  onSubject(next => {
    score(next).catch(say);
  });
}

function verdict(found) {
  const best = found.reduce((a, b) => (b.logP > a.logP ? b : a));
  const of = name => found.find(one => one.name === name).logP;
  const [mine, shifted, noise] = [found[0].logP, of('moved by three pixels'), of('noise')];
  return (
    `Noise is ${nats(mine - noise)} nats behind the digit: good. Moved by three pixels, the same digit loses ${nats(mine - shifted)}. ` +
    `And the likeliest of all is: ${best.name}${best.name === NOTHING ? ', no digit at all' : ''}.`
  );
}

const python = seed => `import torch, vaedemo
from vaedemo.vision import preprocessing
from vaedemo.evaluation import evidence

model = vaedemo.load("${MODEL}")
x = torch.from_numpy(preprocessing.black_and_white(preprocessing.to_digit(preprocessing.read("digit.png"))))[None]
moved = x.roll(3, dims=3)
noise = (torch.rand(1, 1, ${SIDE}, ${SIDE}) < 0.5).float()
for picture in (x, moved, noise, torch.zeros_like(x)):
    print(evidence.grid(evidence.scorer(model, picture)).log_p)  # log p(x), nats
drawn = model.sample(${DRAWN}, seed=${seed})`;
