/** The derivation beside one picture: a line of algebra lights up the part of it that the line speaks of. */
import * as address from '../../../../web/page/url-state.mjs';
import {Board} from '../lib/latent-window.mjs';
import {nats} from '../lib/elbo-gap-chart.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {elbo, expected, place, rate} from '../lib/gaussian2d.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {MODEL, begun, onSubject, paintX, progress} from '../lib/observed-digit.mjs';
import {draw} from '../../../../web/engine/model-store.mjs';

/**
 * Of each line, what it speaks of, and what to see there.
 * @type {{parts: string[], words: (n: Record<string, string>) => string}[]}
 */
const LINES = [
  {
    parts: ['darts', 'line'],
    words: n =>
      `Dots: of 1,000 throws of P(z) only ${n.inside} came as near as this window. The line is log P(X) = ${n.logP} nats: here, with two latents, it can be summed.`,
  },
  {
    parts: ['q', 'heat', 'gap'],
    words: n => `The ring is Q, the grey heat P(z|X). How far they are apart is the gap: ${n.gap} nats.`,
  },
  {
    parts: ['line', 'gap'],
    words: n => `log P(X) = ${n.logP} stands still, whatever the ring does: there is no z in it.`,
  },
  {
    parts: ['line', 'gap', 'elbo'],
    words: n => `${n.logP} less the gap of ${n.gap} is ${n.elbo}; so is ${n.likelihood} less ${n.rate}.`,
  },
  {parts: ['q', 'x'], words: () => 'From this X the encoder answers with this ring: a mean and two sigmas.'},
  {
    parts: ['elbo', 'line'],
    words: n => `The bar, ${n.elbo}, ends below the line, ${n.logP}. It would touch it if the ring were the heat.`,
  },
  {
    parts: ['likelihood', 'rate'],
    words: n => `Distortion ${n.distortion} plus rate ${n.rate}: ${n.loss} nats to be made small.`,
  },
  {
    parts: ['eps', 'q'],
    words: () =>
      'Dots in the ring: mean + sigma · eps, for dice eps that were thrown before. Move mean or sigma, and they move along: see “Reparameterize”.',
  },
];

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls" data-part="examples" role="group" aria-label="Pick an example digit"></div>
  <div class="vd-derived"><div data-part="board"></div>
    <div class="vd-proof"><div class="levels" data-part="proof"><i class="elbo"><span>ELBO <b></b></span></i><i class="gap"><span>gap <b></b></span></i>
        <i class="likelihood"><span>E[log P(X|z)] <b></b></span></i><i class="rate"><span>KL(Q ‖ P(z)) <b></b></span></i><i class="line"><span>log P(X) <b></b></span></i></div>
      <figure class="vd-figure x"><canvas class="vd-ink" data-part="x" width="28" height="28" role="img" aria-label="X, the digit"></canvas><figcaption>X</figcaption></figure></div></div>
  <p class="vd-verdict" role="status" data-part="words">The posterior is being summed …</p>
  <div data-part="progress"></div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="back" aria-label="Previous line">←</button><button type="button" class="vd-main" data-act="on">Next line</button>
    <button type="button" class="vd-quiet" data-act="reset">Reset</button><button type="button" class="vd-quiet" data-act="png">PNG</button><button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export function mount(element) {
  const {root, find, say} = begun(element, TEMPLATE);
  const fold = element.closest('#fold-whyq-derivation');
  const board = new Board(find('board'), 'The posterior as heat, Q as a ring, throws of the prior and of Q as dots');
  const [progressLine, count, done] = progress();
  find('progress').append(progressLine);
  let line = address.whole('line', 1, LINES.length, 1);
  let numbers = null;
  let subject = null;
  const written = () =>
    // Gradio gives the class twice
    [...fold.querySelectorAll('.vd-lines .vd-line')].filter(text => !text.parentElement.closest('.vd-line'));

  function light(next) {
    line = Math.max(1, Math.min(LINES.length, next));
    const {parts, words} = LINES[line - 1];
    root.dataset.line = String(line);
    root.dataset.parts = parts.join(' ');
    written().forEach((text, i) => {
      text.classList.toggle('here', i === line - 1);
      text.tabIndex = 0;
      text.setAttribute('role', 'button');
      text.setAttribute('aria-current', i === line - 1 ? 'step' : 'false');
    });
    if (numbers) find('words').textContent = words(numbers);
    if (numbers) dots();
  }
  const go = next => {
    light(next);
    address.set({line});
  };

  let thrown = [];
  let q = null;
  /** Throws of the prior for the first line, of Q for the last. */
  function dots() {
    const {parts} = LINES[line - 1];
    board.darts(
      parts.includes('eps')
        ? thrown.slice(0, 60).map(([a, b]) => ({z: place(q, a, b), hit: false}))
        : parts.includes('darts')
          ? thrown.map(z => ({z, hit: false}))
          : [],
    );
  }

  async function show(next) {
    [subject, numbers] = [next, null];
    const [posterior, evidence, codes] = await Promise.all([next.q(), next.evidence(count), draw(1_000, 2, 1)]);
    if (subject !== next) return;
    done();
    say(null);
    q = {...posterior, angle: 0};
    thrown = Array.from({length: 1_000}, (_, i) => [codes[2 * i], codes[2 * i + 1]]);
    paintX(find('x'), next.x);
    board.window(evidence.mean, evidence.half);
    board.heat(evidence.surface);
    board.ellipses({mine: q});
    const likelihood = expected(q, evidence.surface);
    const price = rate(q);
    const bound = elbo(q, evidence.surface);
    const inside = thrown.filter(z => board.toPlane(z).every(p => p >= 0 && p <= 1)).length;
    numbers = {
      logP: nats(evidence.logP),
      gap: (evidence.logP - bound).toFixed(2),
      elbo: nats(bound),
      likelihood: nats(likelihood),
      distortion: nats(-likelihood),
      rate: nats(price),
      loss: nats(-bound),
      inside: String(inside),
    };
    stand(find('proof'), evidence.logP, likelihood, bound, numbers);
    light(line);
  }

  fold.addEventListener('click', ({target}) => {
    const at = written().findIndex(text => text.contains(target));
    if (at >= 0) go(at + 1);
  });
  fold.addEventListener('keydown', event => {
    if (!event.target.classList.contains('vd-line') || !['Enter', ' '].includes(event.key)) return;
    event.preventDefault();
    go(written().indexOf(event.target) + 1);
  });
  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act},
      },
    }) => {
      if (act === 'on') go(line + 1);
      if (act === 'back') go(line - 1);
      if (act === 'reset') go(1);
      if (act === 'png') savePng('derivation.png', board.picture(), 1);
      if (act === 'code') showCode(PYTHON);
    },
  );
  onStop({tab: 'whyq', fold: 'derivation'}, state => light(Number(state.line) || line));
  light(line);
  new MutationObserver(() => {
    if (!written()[line - 1]?.classList.contains('here')) light(line);
  }).observe(fold, {childList: true, subtree: true}); // Gradio writes the formulas when it likes
  new ResizeObserver(() => {
    if (numbers) dots();
  }).observe(board.element);
  onSubject(next => {
    show(next).catch(say);
  });
}

/**
 * The bars, all to one scale from above the highest of the three levels to below the ELBO.
 * @param {HTMLElement} proof
 */
function stand(proof, logP, likelihood, bound, numbers) {
  const top = Math.max(logP, likelihood);
  const span = top - bound;
  const high = top + 0.12 * span;
  const low = bound - 0.6 * span;
  const y = value => (100 * (high - value)) / (high - low);
  const put = (name, from, to, value) => {
    const bar = proof.querySelector(`.${name}`);
    Object.assign(bar.style, {top: `${y(from)}%`, height: `${y(to) - y(from)}%`});
    bar.querySelector('b').textContent = value;
  };
  put('line', logP, logP, numbers.logP);
  put('gap', logP, bound, numbers.gap);
  put('elbo', bound, low, numbers.elbo);
  put('likelihood', likelihood, low, numbers.likelihood);
  put('rate', likelihood, bound, numbers.rate);
}

const PYTHON = `import torch, vaedemo
from vaedemo.vision import preprocessing
from vaedemo.evaluation import evidence

model = vaedemo.load("${MODEL}")
x = torch.from_numpy(preprocessing.black_and_white(preprocessing.to_digit(preprocessing.read("digit.png"))))[None]
score = evidence.scorer(model, x)                    # log p(x|z)
log_p = evidence.grid(score).log_p
q = evidence.of_encoder(model.encode(x))
print(log_p, evidence.elbo(score, q), evidence.gap(score, q, log_p), model.rate(model.encode(x)).sum())`;
