/** Beat the encoder: your ellipse over the true posterior, and how far its ELBO is below log p(x). */
import * as address from '../../../../web/page/url-state.mjs';
import {Board} from '../lib/latent-window.mjs';
import {gapOf, nats, showBound} from '../lib/elbo-gap-chart.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {best, elbo, expected, rate} from '../lib/gaussian2d.mjs';
import {Hand} from '../lib/gaussian-handles.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {MODEL, begun, onSubject, paintX, progress} from '../lib/observed-digit.mjs';
import {decoder} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="vd-beat">
    <figure class="vd-figure"><div data-part="board"></div><figcaption data-part="caption">The posterior is being summed …</figcaption></figure>
    <div>
      <div class="vd-pictures"><figure class="vd-figure"><canvas class="vd-ink" data-part="x" width="28" height="28" role="img" aria-label="x, the digit, black and white"></canvas><figcaption>x</figcaption></figure>
        <figure class="vd-figure"><canvas class="vd-ink" data-part="mean" width="28" height="28" role="img" aria-label="What the decoder draws at your mean"></canvas><figcaption>your mean, decoded</figcaption></figure>
        <div data-part="sliders"></div></div>
      <div class="vd-bound" data-part="bound"></div>
      <p class="vd-terms" data-part="terms"></p>
      <p class="vd-verdict" role="status" data-part="verdict"></p>
      <div class="vd-row"><button type="button" class="vd-main" data-act="encoder" aria-pressed="false">Reveal the encoder</button>
        <button type="button" class="vd-quiet" data-act="upright" aria-pressed="false">Best upright Gaussian</button>
        <button type="button" class="vd-quiet" data-act="take">Put mine on the encoder's</button>
        <button type="button" class="vd-quiet" data-act="reset">Reset</button></div>
    </div>
  </div>
  <div data-part="progress"></div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const {root, find, say} = begun(element, TEMPLATE);
  const board = new Board(find('board'), '');
  const hand = new Hand(board, find('sliders'), {
    label: 'The true posterior, and your q over it',
    onMove: (q, byHand) => follow(q, byHand),
  });
  const [line, count, done] = progress();
  find('progress').append(line);
  let found = /** @type {import('../lib/log-evidence.mjs').Evidence | null} */ (null);
  let open = null;
  let painter = null;
  let subject = null;
  let encoder;
  let upright;
  let revealed = address.choice('revealed', ['', 'encoder', 'upright']);

  /** Wide and beside the peak: something to do. @returns {import('../lib/gaussian2d.mjs').Ellipse} */
  const start = () => ({
    mean: [found.mean[0] + 2 * found.sigma[0], found.mean[1] - 2 * found.sigma[0]],
    sigma: [2.4 * found.sigma[0], 1.6 * found.sigma[0]],
    angle: 0.5,
  });

  function follow(q, byHand) {
    if (!found) return;
    const {surface, logP} = found;
    const likelihood = expected(q, surface);
    const price = rate(q);
    const mine = likelihood - price;
    const shownEncoder = revealed !== '' && encoder;
    const shownUpright = revealed === 'upright' && upright;
    board.ellipses({mine: q, encoder: shownEncoder || undefined, upright: shownUpright || undefined});
    const bars = [{name: 'mine', label: 'yours', elbo: mine}];
    if (shownEncoder) bars.push({name: 'encoder', label: 'the encoder', elbo: encoder.elbo});
    if (shownUpright) bars.push({name: 'upright', label: 'best upright', elbo: upright.elbo});
    showBound(find('bound'), logP, bars);
    find('terms').textContent = `ELBO = E[log p(x|z)] − KL(q ‖ p(z)) = ${nats(likelihood)} − ${nats(price)}`;
    find('verdict').textContent = verdict(logP, mine, shownEncoder, shownUpright);
    open?.show(q.mean, planes => painter.draw(planes));
    root.dataset.elbo = `${logP.toFixed(4)} ${mine.toFixed(4)}`;
    if (byHand) address.set({mine: [...q.mean, ...q.sigma, q.angle].map(v => v.toFixed(4)).join()});
  }

  function reveal(next) {
    revealed = next;
    root.querySelector('[data-act="encoder"]').setAttribute('aria-pressed', String(revealed !== ''));
    root.querySelector('[data-act="upright"]').setAttribute('aria-pressed', String(revealed === 'upright'));
    address.set({revealed});
    if (found) follow(hand.q, false);
  }

  async function show(next, linked) {
    [subject, found] = [next, null];
    find('caption').textContent = 'The posterior is being summed …';
    const [q, evidence, decoded] = await Promise.all([next.q(), next.evidence(count), decoder(MODEL, 'beat')]);
    if (subject !== next) return;
    done();
    say(null);
    [found, open] = [evidence, decoded];
    painter ??= new Painter(find('mean'), open.shape);
    paintX(find('x'), next.x);
    board.window(found.mean, found.half);
    board.heat(found.surface);
    const parallel = {...q, angle: 0};
    const ideal = best(found.surface, found);
    encoder = {...parallel, elbo: elbo(parallel, found.surface)};
    upright = {...ideal, elbo: elbo(ideal, found.surface)};
    const away = Math.max(...q.mean.map((value, d) => Math.abs(value - found.mean[d]))) > found.half;
    find('caption').textContent =
      `A window of ${(2 * found.half).toFixed(2)} by ${(2 * found.half).toFixed(2)} of the plane; ${found.codes.toLocaleString('en')} z were decoded and scored.` +
      (found.here < 0.99 ? ` ${(100 * (1 - found.here)).toFixed(0)} % of the posterior lie elsewhere.` : '') +
      (away ? " The encoder's mean lies outside of it!" : '');
    hand.move(
      linked ? {mean: linked.slice(0, 2), sigma: linked.slice(2, 4).map(Math.abs), angle: linked[4]} : start(),
    );
  }

  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act},
      },
    }) => {
      if (act === 'encoder') reveal(revealed === '' ? 'encoder' : '');
      if (act === 'upright') reveal(revealed === 'upright' ? 'encoder' : 'upright');
      if (act === 'take' && found) {
        reveal(revealed || 'encoder');
        hand.move(encoder, true);
      }
      if (act === 'reset' && found) {
        address.set({mine: null});
        reveal('');
        hand.move(start());
      }
      if (act === 'png') savePng('posterior.png', board.picture(), 1);
      if (act === 'code') showCode(python(hand.q));
    },
  );
  onStop({tab: 'whyq', fold: 'beat-the-encoder'}, state => reveal(state.revealed ?? ''));
  reveal(revealed);
  let linked = address.numbers('mine', 5, 6);
  onSubject(next => {
    if (subject) address.set({mine: null}); // that was of another digit
    show(next, linked).catch(say);
    linked = null;
  });
}

function verdict(logP, mine, encoder, upright) {
  if (!encoder) return `KL(q ‖ p(z|x)) = ${gapOf(logP - mine)}: what your q misses.`;
  const lead = mine - encoder.elbo;
  const yours = lead > 0 ? `You beat the encoder by ${gapOf(lead)}.` : `The encoder leads by ${gapOf(-lead)}.`;
  if (!upright) return yours;
  return `${yours} Of its gap ${gapOf(logP - upright.elbo)} are approximation (no upright Gaussian does better), ${gapOf(upright.elbo - encoder.elbo)} amortization (one net for all digits).`;
}

const python = ({mean, sigma, angle}) => `import math, torch, vaedemo
from vaedemo.vision import preprocessing
from vaedemo.evaluation import evidence

model = vaedemo.load("${MODEL}")
x = torch.from_numpy(preprocessing.black_and_white(preprocessing.to_digit(preprocessing.read("digit.png"))))[None]
score = evidence.scorer(model, x)
log_p = evidence.grid(score).log_p
c, s = math.cos(${angle.toFixed(4)}), math.sin(${angle.toFixed(4)})
axes = torch.tensor([[c, -s], [s, c]]) @ torch.diag(torch.tensor([${sigma.map(v => v.toFixed(4)).join(', ')}]))
q = evidence.gaussian(torch.tensor([${mean.map(v => v.toFixed(4)).join(', ')}]), axes @ axes.T)
print(log_p, evidence.elbo(score, q), evidence.gap(score, q, log_p))  # nats`;
