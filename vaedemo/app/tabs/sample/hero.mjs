/** The first ten seconds: a digit morphs as a dot wanders over its map; the hand takes over; "Draw yours". */
import {ROOT} from '../../../web/engine/root.mjs';
import * as address from '../../../web/page/url-state.mjs';
import {badge} from '../../../web/ui/model-badge.mjs';
import {showCode} from '../../../web/ui/code-dialog.mjs';
import {pad} from '../../../web/ui/drawing-pad.mjs';
import {prefersReducedMotion} from '../../../web/page/dom.mjs';
import {savePng} from '../../../web/page/downloads.mjs';
import {shown} from '../../../web/page/format.mjs';
import {onPicture} from '../../../web/page/picture-store.mjs';
import {encode, newest} from '../../../web/page/request.mjs';
import {legend} from '../../../web/ui/digit-legend.mjs';
import {LatentMap} from '../../../web/ui/latent-map.mjs';
import {connection, decoder, facts, forget, latents} from '../../../web/engine/model-store.mjs';
import {normal} from '../../../web/engine/normal.mjs';
import {Painter} from '../../../web/ui/painter.mjs';

const MODEL = 'digits-2d';
const GRID = 24;
const SIDE = 28; // the map's picture: see vaedemo/promotion.py

/** @param {HTMLElement} element  the hero's gr.HTML */
export async function mount(element) {
  const find = name => element.querySelector(`[data-part="${name}"]`);
  const canvas = find('digit');
  const caption = find('z');
  const map = new LatentMap(find('map'), {
    label: 'Map of the two latents of handwritten digits',
    picture: `${ROOT}live/models/${MODEL}/map.png`,
    onMove: (z, byHand) => show(z, byHand),
  });
  let painter;
  let open;
  let marked;
  let wandering = !prefersReducedMotion() && address.get('z') === null;

  function show(z, byHand) {
    if (byHand) {
      wandering = false;
      address.set({z: z.map(value => value.toFixed(3)).join()});
    }
    caption.textContent = `z = (${shown(z)})`;
    open?.show(z, planes => {
      painter.draw(planes);
      canvas.dataset.drawn = open.place;
      marked ??= performance.mark('vd-picture'); // the page's first; benchmarks/live.py reads it
      debug();
    });
  }

  function debug() {
    if (address.get('debug') === null) return;
    const taken = performance.now() - open.timing.asked;
    find('debug').textContent = `${taken.toFixed(1)} ms from hand to picture, decoded on the ${open.place}`;
  }

  /** Before the decoder is here: the map's own picture of that place. */
  function fromMap() {
    if (open || !map.img.naturalWidth) return;
    const [x, y] = map.toPlane(map.z).map(p => Math.min(GRID - 1, Math.floor(p * GRID)) * SIDE);
    canvas.width = canvas.height = SIDE;
    canvas.getContext('2d').drawImage(map.img, x, y, SIDE, SIDE, 0, 0, SIDE, SIDE);
  }
  map.img.addEventListener('load', fromMap);
  map.place(address.numbers('z', 2, 4) ?? [-0.6, 0.3]);
  caption.textContent = `z = (${shown(map.z)})`;
  fromMap();

  let visible = true;
  new IntersectionObserver(([entry]) => {
    visible = entry.isIntersecting;
  }).observe(canvas);

  function wander(now) {
    if (!wandering) return;
    if (!document.hidden && visible) {
      const t = now / 1000;
      map.move(map.fromPlane([0.5 + 0.36 * Math.sin(0.31 * t + 0.6), 0.5 + 0.36 * Math.sin(0.47 * t)]));
    }
    requestAnimationFrame(wander);
  }

  async function start() {
    open = await decoder(MODEL, 'hero');
    painter = new Painter(canvas, open.shape);
    map.move(map.z);
    if (wandering) requestAnimationFrame(wander);
    badge(find('badge'), MODEL);
    latents(MODEL).then(({points, labels}) => map.overlay(points, labels));
  }

  const answer = newest(async (signal, blob) => {
    if (!blob) {
      map.ring();
      return;
    }
    const encoded = await encode(MODEL, blob, signal);
    find('trouble').textContent = '';
    wandering = false;
    map.ring(encoded);
    map.move(encoded.mean);
  });
  onPicture(blob =>
    answer(blob).catch(error => {
      find('trouble').textContent = error.message;
    }),
  );
  pad(find('pad'));
  setTimeout(() => find('pad').classList.add('invited'), 5000);

  element.addEventListener('click', async event => {
    const act = event.target.dataset?.act;
    if (act === 'dice') map.move([normal(), normal()], true);
    if (act === 'colors') {
      const colored = map.element.classList.toggle('colored');
      event.target.setAttribute('aria-pressed', String(colored));
      legend(find('legend'), colored);
    }
    if (act === 'code')
      showCode(
        `import torch, vaedemo\n\nmodel = vaedemo.load("${MODEL}")\nz = torch.tensor([[${map.z.map(v => v.toFixed(3)).join(', ')}]])\npicture = model.render(model.decode(z))  # (1, 1, 28, 28), the mean of p(x|z)`,
      );
    if (act === 'png') savePng('digit.png', canvas, 16);
  });
  connection.subscribe(error => {
    find('trouble').textContent = error ? 'The server does not answer; trying again.' : '';
  });
  await waitFor(find, map);
  await start();
}

/** Where no source has the model it is being trained: shows the map unfold until it is there. */
async function waitFor(find, map) {
  const training = find('training');
  for (;;) {
    if (await facts(MODEL).catch(() => null)) break;
    const state = await fetch(`${ROOT}live/training`)
      .then(answer => answer.json())
      .catch(() => ({}));
    training.hidden = false;
    const left = state.seconds_left === undefined ? '' : ` About ${state.seconds_left} s left.`;
    const drawn = state.source?.startsWith('synthetic') ? ' (drawn digits, not real ones)' : '';
    const from = state.source ? ` It learns from ${state.source}${drawn}.` : '';
    const words = {
      training: `No weights were found here or on the Hub, so ${MODEL} is being trained before your eyes.${from}${left}`,
      stopped: 'The training was stopped. Start the app again to begin anew.',
      failed: `The training failed: ${(state.notes ?? []).join(' ')}`,
    };
    training.querySelector('p').textContent = words[state.state] ?? 'Looking for the weights …';
    const bar = training.querySelector('progress');
    bar.hidden = state.state !== 'training' || !state.horizon;
    if (state.horizon) {
      bar.max = state.horizon;
      bar.value = state.step;
    }
    training.querySelector('button').hidden = state.state !== 'training';
    training.querySelector('button').onclick = () => fetch(`${ROOT}live/training/cancel`, {method: 'POST'});
    if (state.picture) map.img.src = `${ROOT}live/training/map.png?step=${state.picture}`;
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
  if (training.hidden) return;
  training.hidden = true;
  forget(MODEL);
  map.img.src = `${ROOT}live/models/${MODEL}/map.png?trained`;
}
