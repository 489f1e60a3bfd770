/** Thirty-two latents: those that carry most as sliders, and how many carry nothing. */
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {examples} from '../../../../web/ui/digit-examples.mjs';
import {LiveDecoder} from '../../../../web/engine/live-decoder.mjs';
import {draw, latents} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {DEAD, SliderBank} from '../../../../web/ui/sliders.mjs';

const MODEL = 'digits';
const SLIDERS = 10;

const TEMPLATE = `
<div>
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="random">Randomize all but locked</button>
    <button type="button" class="vd-quiet" data-act="zero">All to 0</button>
    <label>Start from <select data-part="start"><option value="">…</option><option value="prior">a random z</option>
      ${Array.from({length: 10}, (_, digit) => `<option value="${digit}">a ${digit}</option>`).join('')}</select></label>
  </div>
  <div class="vd-bank">
    <figure class="vd-figure"><canvas class="vd-ink" data-part="digit" width="28" height="28" role="img"
      aria-label="The digit that the decoder draws for the sliders' z"></canvas></figure>
    <div>
      <div data-part="sliders"></div>
      <details class="vd-fold"><summary></summary><div data-part="others"></div></details>
    </div>
  </div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export async function mount(element) {
  const root = dom(TEMPLATE);
  const trouble = root.querySelector('.vd-trouble');
  const canvas = root.querySelector('canvas');
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const say = error => {
    trouble.textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);

  try {
    const [
      open,
      {
        kl: {data: kl},
      },
    ] = await Promise.all([
      // One of its own: the newest picture asked of a shared decoder may be another section's.
      LiveDecoder.open(MODEL, {onError: say}),
      latents(MODEL),
    ]);
    const painter = new Painter(canvas, open.shape);
    const z = address.numbers('bank', kl.length) ?? (await examples(MODEL))[3][0];
    const order = [...kl.keys()].sort((a, b) => kl[b] - kl[a]);
    const first = order.slice(0, SLIDERS);
    const rest = order.slice(SLIDERS);
    const banks = [
      ['sliders', first],
      ['others', rest],
    ].map(
      ([part, dimensions]) =>
        new SliderBank(find(part), {
          dimensions,
          kl,
          labels: dimensions.map(d => `z${d}`),
          onMove: show,
        }),
    );

    let moves = 0;

    /** Both banks and the picture hold the same z; whoever moved tells. */
    function show(next, byHand) {
      next.forEach((value, d) => {
        z[d] = value;
      });
      banks.forEach(bank => bank.place(z));
      summarize(root.querySelector('summary'), rest, kl, z);
      open.show(z, planes => painter.draw(planes));
      if (byHand) moves += 1;
      if (byHand) address.set({bank: z.map(value => +value.toFixed(2)).join()});
    }

    /** A whole code, of which locked sliders take nothing. @param {ArrayLike<number>} code */
    const start = code => banks.forEach(bank => bank.set(d => code[d]));

    const choose = newest(async (signal, what) => {
      const then = moves;
      const code =
        what === 'prior'
          ? await draw(1, kl.length, Math.floor(Math.random() * 1e9))
          : (await examples(MODEL))[what][Math.floor(3 * Math.random())];
      signal.throwIfAborted();
      if (then === moves) start(code); // else the hand has gone elsewhere meanwhile
    });
    find('start').addEventListener('change', ({target}) => {
      choose(target.value).catch(say);
      target.value = '';
    });
    root.addEventListener('click', ({target}) => {
      if (target.dataset.act === 'random') banks[0].randomize();
      if (target.dataset.act === 'zero') start(Array(kl.length).fill(0));
      if (target.dataset.act === 'png') savePng(`${MODEL}.png`, canvas, 16);
      if (target.dataset.act === 'code') showCode(python(z));
    });
    onStop({tab: 'sample', fold: 'more-latents'}, ({start: what}) => what && choose(what).catch(say));
    show([...z], false);
    badge(find('badge'), MODEL);
  } catch (error) {
    say(error);
  }
}

/** What the latents without a slider do. */
function summarize(element, rest, kl, z) {
  const dead = rest.filter(d => kl[d] < DEAD).length;
  const moved = rest.filter(d => z[d]).length;
  element.textContent =
    `The other ${rest.length}: ${moved ? `${moved} of them not at 0` : 'all at 0'}; ` +
    `${dead || 'none'} ${dead === 1 ? 'is' : 'are'} dead (KL below ${DEAD} nats)`;
}

const python = z => `import torch, vaedemo

model = vaedemo.load("${MODEL}")
z = torch.tensor([[${z.map(value => value.toFixed(2)).join(', ')}]])
picture = model.render(model.decode(z))  # (1, 1, 28, 28), the mean of p(x|z)`;
