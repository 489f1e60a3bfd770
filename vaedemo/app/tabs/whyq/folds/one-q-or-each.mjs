/** One Gaussian for ten digits, or one each: the average ELBO of both. */
import {ROOT} from '../../../../web/engine/root.mjs';
import * as address from '../../../../web/page/url-state.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {nats} from '../lib/elbo-gap-chart.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {place, rate} from '../lib/gaussian2d.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {MODEL, paintX, progress} from '../lib/observed-digit.mjs';
import {LEAST, MOST, bestSingle, bounds, mean, tenDigits} from '../lib/shared-vs-own-q.mjs';
import {LatentMap} from '../../../../web/ui/latent-map.mjs';

const TEMPLATE = `
<div>
  <div class="vd-beat">
    <figure class="vd-figure"><div data-part="map"></div><figcaption>The ring: your one q, at one sigma. <span data-part="own" hidden>The ten small rings: one q each, as the encoder answers.</span></figcaption></figure>
    <div>
      <label class="vd-slide">sigma <input type="range" min="${LEAST}" max="${MOST}" step="0.01" value="0.5" aria-label="sigma of the one q"><output></output></label>
      <div class="vd-ten" data-part="ten"></div>
      <p class="vd-verdict" role="status" data-part="verdict">Ten digits are being scored over the plane …</p>
      <p class="vd-note" data-part="note"></p>
      <div class="vd-row"><button type="button" class="vd-main" data-act="each" aria-pressed="false">One q each</button>
        <button type="button" class="vd-quiet" data-act="best">Best single q</button><button type="button" class="vd-quiet" data-act="reset">Reset</button></div>
    </div>
  </div>
  <div data-part="progress"></div>
  <div class="vd-row"><button type="button" class="vd-quiet" data-act="png">PNG</button><button type="button" class="vd-quiet" data-act="code">Code</button><span data-part="badge"></span></div>
  <p class="vd-trouble" role="status"></p>
</div>`;

/** @param {HTMLElement} element */
export async function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const slider = root.querySelector('input');
  const say = error => {
    root.querySelector('.vd-trouble').textContent = error ? error.message : '';
  };
  element.querySelector('.vd-section').append(root);
  const map = new LatentMap(find('map'), {
    label: 'The middle of the one q on the map',
    picture: `${ROOT}live/models/${MODEL}/map.png`,
    onMove: () => follow(true),
  });
  const [line, count, done] = progress();
  find('progress').append(line);
  let ten = null;
  let each = address.choice('each', ['', 'own']) === 'own';

  function follow(byHand = false) {
    const sigma = Number(slider.value);
    const q = {mean: map.z, sigma: [sigma, sigma], angle: 0};
    map.ring(q);
    slider.nextElementSibling.textContent = sigma.toFixed(2);
    if (byHand) address.set({oneq: [...map.z, sigma].map(value => value.toFixed(3)).join()});
    if (!ten) return;
    const one = bounds(ten.scores, q);
    const average = mean(one);
    const own = mean(ten.own);
    const most = Math.max(...one.map(value => -value));
    one.forEach((value, i) => {
      const column = find('ten').children[i];
      const [grey, orange] = column.querySelectorAll('i');
      grey.style.scale = `1 ${-value / most}`;
      orange.style.scale = `1 ${each ? -ten.own[i] / most : 0}`;
      column.querySelector('span').textContent = Math.round(-value);
      column.title = `Digit ${i}: ELBO ${nats(value)} with the one q, ${nats(ten.own[i])} with its own`;
    });
    find('verdict').textContent =
      `One q for all: average ELBO ${nats(average)} nats.${each ? ` One each: ${nats(own)}, ${nats(own - average)} nats better.` : ''}`;
    find('note').textContent =
      `Bars: −ELBO of each digit, nats. The one q's KL to the prior is ${nats(rate(q))} nats${each ? `, the ten own ones' ${nats(mean(ten.rates))} on average: narrow ellipses are dear, and worth it` : ''}.`;
    root.dataset.average = `${average.toFixed(3)} ${own.toFixed(3)}`;
  }

  function show(own) {
    each = own;
    root.querySelector('[data-act="each"]').setAttribute('aria-pressed', String(each));
    find('own').hidden = !each;
    const svg = map.element.querySelector('svg');
    svg.querySelectorAll('.own').forEach(ring => ring.remove());
    if (each && ten)
      for (const q of ten.qs) {
        const ring = document.createElementNS('http://www.w3.org/2000/svg', 'polygon');
        ring.setAttribute('class', 'own');
        ring.setAttribute(
          'points',
          Array.from({length: 32}, (_, i) =>
            map.toPlane(place(q, Math.cos((i * Math.PI) / 16), Math.sin((i * Math.PI) / 16))).join(),
          ).join(' '),
        );
        svg.append(ring);
      }
    follow();
  }

  const put = ([a, b, sigma], byHand = false) => {
    slider.value = String(sigma);
    map.place([a, b]);
    follow(byHand);
  };
  slider.addEventListener('input', () => follow(true));
  root.addEventListener(
    'click',
    ({
      target: {
        dataset: {act},
      },
    }) => {
      if (act === 'each') {
        show(!each);
        address.set({each: each ? 'own' : null});
      }
      if (act === 'best' && ten) put(bestSingle(ten.scores), true);
      if (act === 'reset') {
        put([0.8, -0.5, 0.5]);
        show(false);
        address.set({oneq: null, each: null});
      }
      if (act === 'png' && ten) savePng('ten-digits.png', find('ten').querySelector('canvas'), 8);
      if (act === 'code') showCode(python(map.z, Number(slider.value)));
    },
  );
  onStop({tab: 'whyq', fold: 'one-q-or-each'}, state => show(state.each === 'own'));
  put(address.numbers('oneq', 3, 4) ?? [0.8, -0.5, 0.5]);
  badge(find('badge'), MODEL).catch(say);
  try {
    ten = await tenDigits(count);
    done();
    find('ten').replaceChildren(
      ...ten.xs.map(x => {
        const column = dom(
          '<div><div class="bars"><i></i><i class="own"></i></div><span></span><canvas class="vd-ink" width="28" height="28"></canvas></div>',
        );
        paintX(column.querySelector('canvas'), x);
        return column;
      }),
    );
    show(each);
  } catch (error) {
    say(error);
  }
}

const python = ([a, b], sigma) => `import torch, vaedemo
from vaedemo.evaluation import evidence

digits, model = vaedemo.load("digits"), vaedemo.load("${MODEL}")
x = (digits.sample(10, seed=0) > 0.5).float()  # ten digits, drawn; a minute
one = evidence.gaussian(torch.tensor([${a.toFixed(3)}, ${b.toFixed(3)}]), ${sigma.toFixed(3)} ** 2 * torch.eye(2))
for digit in x.split(1):
    score = evidence.scorer(model, digit)
    own = evidence.of_encoder(model.encode(digit))
    print(evidence.elbo(score, one), evidence.elbo(score, own))  # nats`;
