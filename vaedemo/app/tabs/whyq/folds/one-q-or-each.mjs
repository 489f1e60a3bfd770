/** One Gaussian for ten digits, or one each: the average ELBO of both. */
import {ROOT} from '../../../../web/engine/root.mjs';
import {dom, query, queryAll} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {LatentMap} from '../../../../web/ui/latent-map.mjs';
import {place, rate} from '../lib/gaussian2d.mjs';
import {MODEL} from '../lib/model.mjs';
import {nats} from '../lib/nats.mjs';
import {paintX} from '../lib/observed-digit.mjs';
import {LEAST, MOST, bestSingle, bounds, mean} from '../lib/shared-vs-own-q.mjs';
import {SumProgress} from '../lib/sum-progress.mjs';
import {tenDigits} from '../lib/ten-digits.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/gaussian2d.mjs').Ellipse} Ellipse
 * @typedef {import('../lib/ten-digits.mjs').TenDigits} TenDigits
 */

const START = [0.8, -0.5, 0.5]; // of the one q: mean, sigma

const TEMPLATE = `
<div>
  <div class="vd-beat">
    <figure class="vd-figure"><div data-part="map"></div>
      <figcaption>The ring: your one q, at one sigma.
        <span data-part="own" hidden>The ten small rings: one q each, as the encoder answers.</span>
      </figcaption></figure>
    <div>
      <label class="vd-slide">sigma <input type="range" min="${LEAST}" max="${MOST}" step="0.01" value="0.5"
        aria-label="sigma of the one q"><output></output></label>
      <div class="vd-ten" data-part="ten"></div>
      <p class="vd-verdict" role="status" data-part="verdict">Ten digits are being scored over the plane …</p>
      <p class="vd-note" data-part="note"></p>
      <div class="vd-row">
        <button type="button" class="vd-main" data-act="each" aria-pressed="false">One q each</button>
        <button type="button" class="vd-quiet" data-act="best">Best single q</button>
        <button type="button" class="vd-quiet" data-act="reset">Reset</button></div>
    </div>
  </div>
  <div data-part="progress"></div>
  <div class="vd-row">${takeaway('png', 'code', 'badge')}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

const COLUMN = `<div><div class="bars"><i></i><i class="own"></i></div><span></span>
  <canvas class="vd-ink" width="28" height="28"></canvas></div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const {state} = mounted;
  const comparison = new Comparison(mounted);
  mounted.acts({
    each() {
      comparison.show(!comparison.each);
      state.set({each: comparison.each ? 'own' : null});
    },
    best: () => comparison.putBest(),
    reset() {
      comparison.put(START);
      comparison.show(false);
      state.set({q: null, each: null});
    },
    png: () =>
      comparison.ten && savePng('ten-digits.png', query(mounted.part('ten'), 'canvas', HTMLCanvasElement), 8),
    code: () => showCode(python(comparison.q())),
  });
  mounted.onStop(stop => comparison.show(stop.each === 'own'));
  comparison.put(state.numbers('q') ?? START);
  mounted.needs(MODEL);
  mounted.badge(MODEL);
  comparison.begin().catch(mounted.showError);
}

class Comparison {
  /** @type {TenDigits | null} */
  ten = null;
  #map;
  #slider;
  #output;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    this.mounted = mounted;
    /** Whether each digit's own q is shown. */
    this.each = mounted.state.choice('each') === 'own';
    this.#slider = query(mounted.root, '.vd-slide input', HTMLInputElement);
    this.#output = query(mounted.root, '.vd-slide output');
    this.#map = new LatentMap(mounted.part('map'), {
      label: 'The middle of the one q on the map',
      picture: `${ROOT}live/models/${MODEL}/map.png`,
      onMove: () => this.#follow(true),
    });
    this.#slider.addEventListener('input', () => this.#follow(true));
  }

  async begin() {
    const {mounted} = this;
    const progress = new SumProgress(mounted.part('progress'));
    this.ten = await tenDigits(progress.count);
    progress.done();
    const columns = this.ten.xs.map(x => {
      const column = dom(COLUMN);
      paintX(query(column, 'canvas', HTMLCanvasElement), x);
      return column;
    });
    mounted.part('ten').replaceChildren(...columns);
    this.show(this.each);
  }

  /** The one q. @returns {Ellipse} */
  q() {
    const sigma = Number(this.#slider.value);
    return {mean: this.#map.z, sigma: [sigma, sigma], angle: 0};
  }

  /** @param {number[]} q  mean, sigma @param {boolean} [byHand] */
  put([a, b, sigma], byHand = false) {
    this.#slider.value = String(sigma);
    this.#map.place([a, b]);
    this.#follow(byHand);
  }

  putBest() {
    if (this.ten) this.put(bestSingle(this.ten.scores), true);
  }

  /** @param {boolean} each */
  show(each) {
    const {mounted} = this;
    this.each = each;
    mounted.button('each').setAttribute('aria-pressed', String(each));
    mounted.part('own').hidden = !each;
    const svg = query(mounted.part('map'), 'svg', SVGSVGElement);
    svg.querySelectorAll('.own').forEach(ring => ring.remove());
    if (each && this.ten) svg.append(...this.ten.qs.map(q => this.#ring(q)));
    this.#follow(false);
  }

  /** @param {Ellipse} q */
  #ring(q) {
    const ring = document.createElementNS('http://www.w3.org/2000/svg', 'polygon');
    const points = Array.from({length: 32}, (_, i) => (i * Math.PI) / 16).map(angle =>
      this.#map.toPlane(place(q, Math.cos(angle), Math.sin(angle))).join(),
    );
    ring.setAttribute('class', 'own');
    ring.setAttribute('points', points.join(' '));
    return ring;
  }

  /** @param {boolean} byHand */
  #follow(byHand) {
    const {mounted, ten, each} = this;
    const q = this.q();
    const [sigma] = q.sigma;
    this.#map.ring(q);
    this.#output.textContent = sigma.toFixed(2);
    if (byHand) mounted.state.set({q: [...q.mean, sigma].map(value => value.toFixed(3)).join()});
    if (!ten) return;
    const one = bounds(ten.scores, q);
    const average = mean(one);
    const own = mean(ten.own);
    this.#showBars(one, ten.own);
    const better = each ? ` One each: ${nats(own)}, ${nats(own - average)} nats better.` : '';
    const rates = each
      ? `, the ten own ones' ${nats(mean(ten.rates))} on average: narrow ellipses are dear, and worth it`
      : '';
    mounted.part('verdict').textContent = `One q for all: average ELBO ${nats(average)} nats.${better}`;
    mounted.part('note').textContent =
      `Bars: −ELBO of each digit, nats. The one q's KL to the prior is ${nats(rate(q))} nats${rates}.`;
    mounted.root.dataset.average = `${average.toFixed(3)} ${own.toFixed(3)}`;
  }

  /** @param {number[]} one  each digit's ELBO under the one q @param {number[]} own  under its own */
  #showBars(one, own) {
    const most = Math.max(...one.map(value => -value));
    one.forEach((value, i) => {
      const column = /** @type {HTMLElement} */ (this.mounted.part('ten').children[i]);
      const [grey, orange] = queryAll(column, 'i');
      grey.style.scale = `1 ${-value / most}`;
      orange.style.scale = `1 ${this.each ? -own[i] / most : 0}`;
      query(column, 'span').textContent = String(Math.round(-value));
      column.title = `Digit ${i}: ELBO ${nats(value)} with the one q, ${nats(own[i])} with its own`;
    });
  }
}

/** @param {Ellipse} q */
const python = ({mean: [a, b], sigma: [sigma]}) => `import torch, vaedemo
from vaedemo.evaluation import evidence

digits, model = vaedemo.load("digits"), vaedemo.load("${MODEL}")
x = (digits.sample(10, seed=0) > 0.5).float()  # ten digits, drawn; a minute
one = evidence.gaussian(torch.tensor([${a.toFixed(3)}, ${b.toFixed(3)}]), ${sigma.toFixed(3)} ** 2 * torch.eye(2))
for digit in x.split(1):
    score = evidence.scorer(model, digit)
    own = evidence.of_encoder(model.encode(digit))
    print(evidence.elbo(score, one), evidence.elbo(score, own))  # nats`;
