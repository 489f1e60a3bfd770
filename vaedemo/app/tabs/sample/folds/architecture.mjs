/** The whole net, alive: encoder, z = mean + sigma * eps, decoder. Without the encoder, it samples. */
import * as address from '../../../../web/page/url-state.mjs';
import {away} from '../lib/drag-off.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {bars} from '../../../../web/ui/vector-bars.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {FeatureMaps} from '../lib/feature-map-grid.mjs';
import {dom, prefersReducedMotion} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {onPicture, setPicture} from '../../../../web/page/picture-store.mjs';
import {askEncoder, bytes, newest} from '../../../../web/page/request.mjs';
import {onStop} from '../../../../web/page/tour-events.mjs';
import {digitChoices, examples} from '../../../../web/ui/digit-examples.mjs';
import {decoder, draw} from '../../../../web/engine/model-store.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {TEMPLATE, code} from '../lib/architecture-template.mjs';

const MODELS = ['digits-2d', 'digits'];
const STEP = 280;
const HURRY = 700; // ms: a stage; a hand that draws waits for no wave

/** @param {HTMLElement} element */
export function mount(element) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  const trouble = root.querySelector('.vd-trouble');
  element.querySelector('.vd-section').append(root);
  const state = {
    model: address.choice('net', MODELS),
    encoder: address.choice('encoder', ['on', 'off']),
    throw: address.whole('throw', 0, 999999999, 1),
  };
  const maps = Object.fromEntries(
    ['e14', 'e7', 'd7', 'd14', 'd28'].map(name => [
      name,
      new FeatureMaps(find(name), name[0] === 'e' ? 'encoder' : 'decoder'),
    ]),
  );
  let picture = null;
  let usual = null;
  let answered = null;
  let shown = null;
  let last = -Infinity;

  /** What the encoder answers to the picture that travels, or to an example. */
  async function encoded(signal) {
    const {model} = state;
    const blob = picture ?? (usual ??= await example());
    if (answered?.blob !== blob || answered.model !== model)
      answered = {...(await lookInto(model, blob, signal)), blob, model};
    return answered;
  }

  const run = newest(async (signal, fromX) => {
    const hurry = prefersReducedMotion() || performance.now() - last < HURRY;
    const on = state.encoder === 'on';
    last = performance.now();
    const open = await decoder(state.model);
    const q = on ? await encoded(signal) : null;
    const eps = await draw(1, open.inputs, state.throw);
    const z = q ? eps.map((value, i) => q.mean[i] + q.sigma[i] * value) : eps;
    const features = await open.features(z);
    let planes;
    await open.batch(
      z,
      1,
      part => {
        planes = part;
      },
      signal,
    );
    find('hidden').hidden = features !== null;

    const maximum = features?.at(-1).width;
    const ofWidth = width => features?.findLast(feature => feature.width === width);
    const stage = (name, feature) => [find(name), () => feature && maps[name].show(state.model, feature)];
    const whole = q && (fromX || shown !== q); // a wave that was cut off in the encoder begins anew
    if (whole) shown = null;
    const turns = [
      ...(whole
        ? [
            [find('x'), () => new Painter(find('x').firstElementChild, [1, 28, 28]).draw(q.x)],
            stage('e14', q.stages[0]),
            stage('e7', q.stages[1]),
            [
              find('q'),
              () => {
                bars(find('mean'), q.mean, 'mean');
                bars(find('sigma'), q.sigma, 'sigma');
                shown = q;
              },
            ],
          ]
        : []),
      [
        find('z'),
        () => {
          bars(find('eps'), eps, 'eps');
          bars(find('code'), z, 'z');
        },
      ],
      stage('d7', ofWidth(maximum / 4)),
      stage('d14', ofWidth(maximum / 2)),
      stage('d28', ofWidth(maximum)),
      [find('picture'), () => new Painter(find('picture').firstElementChild, open.shape).draw(planes)],
    ];
    await wave(turns, hurry, signal);
    root.dataset.drawn = [state.model, state.encoder, state.throw].join();
    trouble.textContent = '';
    badge(find('badge'), state.model);
  });
  const go = fromX =>
    run(fromX).catch(error => {
      trouble.textContent = error.message;
    });

  function label() {
    const on = state.encoder === 'on';
    root.dataset.encoder = state.encoder;
    find('time').textContent = on ? 'Training' : 'Test time';
    find('source').textContent = on ? 'Latent z' : 'z from N(0, I)';
    find('equals').textContent = on ? '= z' : 'z';
    find('examples').hidden = !on;
    find('throw').textContent = on ? 'Throw eps' : 'Throw z';
    find('remove').textContent = on ? 'Remove the encoder' : 'Put the encoder back';
    root.querySelector('select').value = state.model;
  }

  /** @param {'on' | 'off'} encoder */
  function set(encoder) {
    const right = find('right');
    const before = right.getBoundingClientRect().left;
    const changed = encoder !== state.encoder;
    state.encoder = encoder;
    address.set({encoder: encoder === 'on' ? null : 'off'});
    label();
    const moved = (before - right.getBoundingClientRect().left) / (right.currentCSSZoom ?? 1);
    if (changed && moved && !prefersReducedMotion())
      right.animate([{transform: `translateX(${moved}px)`}, {transform: 'none'}], {
        duration: 450,
        easing: 'ease-in-out',
      });
    last = -Infinity;
    go(true);
  }

  root.addEventListener('click', ({target}) => {
    const act = target.dataset.act;
    if (act === 'throw') {
      state.throw = (state.throw + 1) % 1_000_000_000;
      address.set({throw: state.throw});
      go(false);
    }
    if (act === 'remove') set(state.encoder === 'on' ? 'off' : 'on');
    if (act === 'png') savePng(`${state.model}-throw-${state.throw}.png`, find('picture').firstElementChild, 16);
    if (act === 'code') showCode(code(state));
  });
  root.querySelector('select').addEventListener('change', ({target}) => {
    state.model = target.value;
    address.set({net: state.model});
    go(true);
  });
  away(find('left'), () => set('off'));
  digitChoices(find('examples'), setPicture);
  onPicture(blob => {
    picture = blob;
    if (state.encoder === 'on') go(true);
  });
  onStop({tab: 'sample', fold: 'architecture'}, ({encoder}) => set(encoder === 'off' ? 'off' : 'on'));
  label();
  if (last === -Infinity) go(true); // neither a picture nor a stop has begun
}

/**
 * One stage after the other, what waits being dim; in a hurry all at once.
 * @param {[HTMLElement, () => void][]} turns
 */
async function wave(turns, hurry, signal) {
  signal.throwIfAborted();
  for (const [place] of turns) {
    place.classList.toggle('waiting', !hurry);
    place.classList.remove('lit');
  }
  for (const [place, paint] of turns) {
    paint();
    place.classList.remove('waiting');
    if (hurry) continue;
    place.classList.add('lit');
    await new Promise(resolve => {
      setTimeout(resolve, STEP);
    });
    signal.throwIfAborted();
  }
}

/**
 * @returns {Promise<{x: Uint8Array, stages: import('../../../../web/engine/activations.mjs').Feature[], mean:
 *   number[], sigma: number[]}>}
 */
async function lookInto(model, blob, signal) {
  const {x, stages, ...moments} = await askEncoder(model, blob, signal, {}, 'activations');
  return {...moments, x: bytes(x), stages: stages.map(({planes, ...sizes}) => ({...sizes, planes: bytes(planes)}))};
}

/** A six, re-drawn by the model of 32 latents. @returns {Promise<Blob>} */
async function example() {
  const canvas = document.createElement('canvas');
  const open = await decoder('digits');
  const painter = new Painter(canvas, open.shape);
  const codes = await examples('digits');
  await open.batch(codes[6][0], 1, planes => painter.draw(planes));
  return new Promise(resolve => {
    canvas.toBlob(resolve);
  });
}
