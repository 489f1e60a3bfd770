/** z = mean + sigma * eps, the dice kept: z follows the hand, and gradients follow the path back. */
import * as address from '../../../../web/page/url-state.mjs';
import {Board} from '../lib/latent-window.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {SHOWN, arrows, gradients, scatter, spread} from '../lib/gradient-estimators.mjs';
import {Hand} from '../lib/gaussian-handles.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {MODEL, begun, onSubject, paintX, progress} from '../lib/observed-digit.mjs';
import {decoder, draw} from '../../../../web/engine/model-store.mjs';
import {normal} from '../../../../web/engine/normal.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';

const DRAWS = 1_000;
const SEEDS = 1_000_000;
const word = value =>
  Math.abs(value) < 10
    ? value.toFixed(1).replace('-', '−')
    : Math.round(value).toLocaleString('en').replace('-', '−');

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="vd-beat">
    <figure class="vd-figure"><div data-part="board"></div><figcaption data-part="caption">The posterior is being summed …</figcaption></figure>
    <div>
      <div class="vd-pictures"><figure class="vd-figure"><canvas class="vd-ink" data-part="x" width="28" height="28" role="img" aria-label="x, the digit, black and white"></canvas><figcaption>x</figcaption></figure>
        <figure class="vd-figure"><canvas class="vd-ink" data-part="z" width="28" height="28" role="img" aria-label="What the decoder draws for the ringed z"></canvas><figcaption>the ringed z, decoded</figcaption></figure>
        <div data-part="sliders"></div></div>
      <div class="vd-row"><button type="button" class="vd-main" data-act="cut" aria-pressed="false">Cut the path</button>
        <button type="button" class="vd-quiet" data-act="step">Follow the arrows</button>
        <button type="button" class="vd-quiet" data-act="dice">Throw eps anew</button><button type="button" class="vd-quiet" data-act="reset">Reset</button></div>
      <p class="vd-verdict" role="status" data-part="verdict"></p>
      <p class="vd-terms" data-part="terms"></p>
      <div class="vd-clouds"><figure class="vd-figure"><canvas data-part="path" role="img"></canvas><figcaption data-part="pathWords"></figcaption></figure>
        <figure class="vd-figure"><canvas data-part="score" role="img"></canvas><figcaption data-part="scoreWords"></figcaption></figure></div>
    </div>
  </div>
  <div data-part="progress"></div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button><button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const {root, find, say} = begun(element, TEMPLATE);
  const board = new Board(find('board'), '');
  const [line, count, done] = progress();
  const hand = new Hand(board, find('sliders'), {
    label: 'q over the true posterior, and draws of it',
    turns: false,
    onMove: () => follow(),
  });
  find('progress').append(line);
  let found = null;
  let open = null;
  let painter = null;
  let subject = null;
  let eps = [];
  let cut = false;
  let seed = address.whole('eps', 0, SEEDS - 1, 3);

  function follow() {
    if (!found || !eps.length) return;
    const {q} = hand;
    const kept = cut ? eps.map(() => [normal(), normal()]) : eps;
    const all = gradients(q, found.surface, kept);
    const mean = spread(all.path).mean;
    const sigma = spread(all.sigma).mean;
    board.ellipses({mine: q});
    arrows(board, q, all, {mean, sigma, unit: found.sigma[0], whole: !cut});
    open.show(all.z[0], planes => painter.draw(planes));
    const path = spread(all.path);
    const score = spread(all.score);
    const times = score.std / path.std;
    scatter([find('path'), find('score')], [all.path, all.score]);
    find('pathWords').textContent = `Pathwise: each of ${DRAWS.toLocaleString('en')} draws, spread ${word(path.std)}`;
    find('scoreWords').textContent = `Score function, to the same scale: spread ${word(score.std)}`;
    for (const [
      name,
      {
        mean: [a, b],
        std,
      },
    ] of [
      ['path', path],
      ['score', score],
    ])
      find(name).setAttribute(
        'aria-label',
        `Estimates of the gradient by the mean: average ${word(a)}, ${word(b)}; spread ${word(std)} nats a unit of z`,
      );
    find('verdict').textContent = cut
      ? 'z is a number that a die gave: it does not say how it would move with mean and sigma. No gradient comes back.'
      : `One pathwise draw is worth about ${word(times * times)} draws of the score function.`;
    find('terms').textContent = cut
      ? 'Only the score function is left, to the right below.'
      : `Gradient of E[log p(x|z)], nats a unit of z: by the mean (${mean.map(word).join(', ')}), by sigma (${sigma.map(word).join(', ')})`;
    root.dataset.gradient = [...mean, ...sigma, path.std, score.std].map(value => value.toFixed(2)).join(' ');
  }

  const start = () => ({
    mean: [found.mean[0] - 2 * found.sigma[0], found.mean[1] + 1.2 * found.sigma[0]],
    sigma: [found.sigma[0] * 1.5, found.sigma[0] * 1.1],
    angle: 0,
  });

  /** A step up the ELBO's reconstruction term, as far as a posterior's width allows. */
  function step() {
    const {q} = hand;
    const all = gradients(q, found.surface, eps);
    const by = spread(all.path).mean;
    const wide = spread(all.sigma).mean;
    const rate = 0.25 * found.sigma[0];
    const clip = value => Math.max(-1, Math.min(1, value * found.sigma[1]));
    hand.move(
      {
        ...q,
        mean: q.mean.map((m, d) => m + rate * clip(by[d])),
        sigma: q.sigma.map((s, d) => s * Math.exp(0.15 * clip(wide[d]))),
      },
      true,
    );
  }

  const dice = newest(async signal => {
    const flat = await draw(DRAWS, 2, seed);
    signal.throwIfAborted();
    eps = Array.from({length: DRAWS}, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
    follow();
  });

  async function show(next) {
    [subject, found] = [next, null];
    const [evidence, decoded] = await Promise.all([next.evidence(count), decoder(MODEL, 'reparam')]);
    if (subject !== next) return;
    done();
    say(null);
    [found, open] = [evidence, decoded];
    painter ??= new Painter(find('z'), open.shape);
    paintX(find('x'), next.x);
    board.window(found.mean, found.half);
    board.heat(found.surface);
    find('caption').textContent =
      `Dots: ${SHOWN} of ${DRAWS.toLocaleString('en')} draws z = mean + sigma · eps. Thin arrows: where log p(x|z) rises; thick ones: what the mean and each sigma are told.`;
    hand.move(start());
  }

  function path(whole) {
    cut = !whole;
    root.querySelector('[data-act="cut"]').setAttribute('aria-pressed', String(cut));
    root.querySelector('[data-act="step"]').disabled = cut;
    follow();
  }

  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act},
      },
    }) => {
      if (act === 'cut') {
        path(cut);
        address.set({path: cut ? 'cut' : null});
      }
      if (act === 'step' && found) step();
      if (act === 'dice') {
        seed = (seed + 1) % SEEDS;
        address.set({eps: seed});
        dice().catch(say);
      }
      if (act === 'reset' && found) {
        path(true);
        address.set({path: null});
        hand.move(start());
      }
      if (act === 'png') savePng('gradients.png', board.picture(), 1);
      if (act === 'code') showCode(python(hand.q, seed));
    },
  );
  onStop({tab: 'whyq', fold: 'reparameterization'}, state => path(state.path !== 'cut'));
  path(address.choice('path', ['whole', 'cut']) !== 'cut');
  dice().catch(say);
  onSubject(next => {
    show(next).catch(say);
  });
}

const python = ({mean, sigma}, seed) => `import torch, vaedemo
from vaedemo.vision import preprocessing
from vaedemo.latents import draw

model = vaedemo.load("${MODEL}")
x = torch.from_numpy(preprocessing.black_and_white(preprocessing.to_digit(preprocessing.read("digit.png"))))[None]
eps = torch.from_numpy(draw(${DRAWS}, 2, seed=${seed}))
mean, sigma = (torch.tensor(v).expand(${DRAWS}, 2).clone().requires_grad_() for v in ([${mean.map(v => v.toFixed(4)).join(', ')}], [${sigma.map(v => v.toFixed(4)).join(', ')}]))
score = -model.distortion(x.expand(${DRAWS}, -1, -1, -1), mean + sigma * eps)  # log p(x|z)
by_mean, by_sigma = torch.autograd.grad(score.sum(), (mean, sigma))     # (${DRAWS}, 2), one a draw
reinforce = score[:, None].detach() * eps / sigma.detach()
print(by_mean.mean(0), by_sigma.mean(0), by_mean.std(0), reinforce.std(0))`;
