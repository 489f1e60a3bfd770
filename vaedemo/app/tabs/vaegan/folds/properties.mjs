/** The lecture's two tables as buttons: what each model can do, measured; and the ELBO that a GAN has not. */
import {facts} from '../../../../web/engine/model-store.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {setStop} from '../../../../web/page/tour-events.mjs';
import {visit} from '../../../../web/page/tour-stage.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {badge} from '../../../../web/ui/model-badge.mjs';
import {bitsOfValue, elbo, spans} from '../lib/bound.mjs';
import {MODELS as COMPARED, PROPERTIES, SAMPLES, SEARCHED} from '../lib/claims.mjs';
import {MODELS, SHAPE} from '../lib/models.mjs';
import {portrait} from '../lib/portrait.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/claims.mjs').Claim} Claim
 * @typedef {import('../lib/claims.mjs').Metrics} Metrics
 * @typedef {import('../lib/bound.mjs').Span} Span
 */

const VALUES = SHAPE.reduce((a, b) => a * b);

const TEMPLATE = `
<div class="vd-properties">
  <table>
    <thead><tr><th scope="col">Property</th>
      ${COMPARED.map(({title}) => `<th scope="col">${title} <span data-badge></span></th>`).join('')}</tr></thead>
    <tbody data-part="rows"></tbody>
  </table>
  <p class="vd-note" data-part="measured"></p>
  <section data-part="bound" tabindex="-1">
    <h3>The bound on log P(X) of the portrait</h3>
    <p data-part="sentence" role="status">The portrait is encoded …</p>
    <div data-part="bars"></div>
    <p class="vd-note">Whole bar: log P(X | z) at the mean of q(z | X). Striped end: the rate, which is taken off. What
      is left is the ELBO. P(X | z) is a density: pixel values lie between 0 and 1 and each Gaussian is narrow, so the
      density is far above 1, and its logarithm above 0.</p>
  </section>
  <div class="vd-row">${takeaway('code')}</div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  const {showError} = mounted;
  mounted.acts({
    go: ({dataset}) => lead(mounted, {tab: dataset.tab ?? '', fold: dataset.fold || null}),
    code: () => showCode(PYTHON),
  });
  portrait.subscribe(now => showBound(mounted, now));
  mounted.all('[data-badge]').forEach((place, i) => badge(place, COMPARED[i].name).catch(() => {}));
  const known = await Promise.allSettled(COMPARED.map(({name}) => facts(name)));
  showTable(
    mounted,
    known.map(one => (one.status === 'fulfilled' ? one.value.metrics : null)),
  );
  placeFirst(mounted, mounted.state.choice('part'));
  mounted.onStop(({part}) => placeFirst(mounted, part));
  if (known.every(one => one.status === 'rejected')) showError('None of the three models is here.');
}

/** @param {Mounted} mounted @param {import('../lib/claims.mjs').Place} place */
function lead(mounted, place) {
  if (place.tab === mounted.place.tab && place.fold === mounted.place.fold) return showPart(mounted);
  setStop({...place, state: {}});
  return visit(place);
}

/**
 * A stop of the tour shows a fold from its top: what it speaks of stands there.
 * @param {Mounted} mounted
 * @param {string} part
 */
const placeFirst = (mounted, part) => mounted.root.classList.toggle('bound-first', part === 'bound');

/** The bound comes into view, and has the focus. @param {Mounted} mounted */
function showPart(mounted) {
  const bound = mounted.part('bound');
  bound.focus({preventScroll: true});
  bound.scrollIntoView({block: 'nearest'});
}

/** @param {Mounted} mounted @param {(Metrics | null)[]} metrics  null: the model is not here */
function showTable(mounted, metrics) {
  const rows = PROPERTIES.map(({title, claims}) => {
    const row = document.createElement('tr');
    row.innerHTML = `<th scope="row">${title}</th>`;
    claims(metrics.map(one => one ?? {})).forEach((claim, i) => row.append(cell(COMPARED[i].title, title, claim)));
    return row;
  });
  mounted.part('rows').replaceChildren(...rows);
  const one = metrics.find(each => each?.n && each?.split);
  const where = one
    ? ` Measured on ${one.data}, ${one.split}, n = ${one.n.toLocaleString('en')}; the search, on two threads, for ` +
      `${SEARCHED} of these photos; sharpness of ${SAMPLES.toLocaleString('en')} samples.`
    : '';
  mounted.part('measured').textContent =
    'Press a field: it opens what shows it. Squared errors are means over pixel values from 0 to 1. The error in ' +
    'features is in parts of the photos’ variance there. Sharpness compares the strength of edges with ' +
    `photographs’, which have 1.${where}`;
}

/** @param {string} model @param {string} property @param {Claim} claim */
function cell(model, property, {verdict, figures, to, words}) {
  const field = document.createElement('td');
  field.dataset.title = model; // a phone shows no head
  field.innerHTML = `<button type="button" data-act="go" data-tab="${to.tab}" data-fold="${to.fold ?? ''}">
    <b>${verdict}</b> ${figures.map(figure => `<span>${figure}</span>`).join(' ')} <i>→ ${words}</i></button>`;
  const button = query(field, 'button');
  button.setAttribute('aria-label', `${property}, ${model}: ${[verdict, ...figures].join('; ')}. Opens ${words}`);
  return field;
}

/** @param {Mounted} mounted @param {import('../lib/portrait.mjs').Portrait} now */
function showBound(mounted, {codes, missing}) {
  const there = MODELS.filter(({name}) => codes[name]);
  const drawn = spans(there.map(({name}) => codes[name]));
  const rows = MODELS.map(({name, title}) => {
    const row = document.createElement('div');
    row.className = 'bound';
    row.dataset.model = name;
    const at = there.findIndex(one => one.name === name);
    row.innerHTML = `<b>${title}</b>${at < 0 ? '' : bar(drawn.zero, drawn.spans[at])}<span class="words"></span>`;
    query(row, '.words').textContent = words(name, codes, missing);
    return row;
  });
  mounted.part('bars').replaceChildren(...rows);
  mounted.part('sentence').textContent = comparison(codes);
  mounted.root.dataset.drawn = there.map(({name}) => elbo(codes[name]).toFixed(1)).join();
}

/** @param {number} zero @param {{pixels: Span, z: Span}} spans */
const bar = (zero, {pixels, z}) => `
<div class="track" aria-hidden="true">
  <i class="pixels" style="left: ${pixels.from}%; width: ${pixels.to - pixels.from}%"></i>
  <i class="z" style="left: ${z.from}%; width: max(2px, ${z.to - z.from}%)"></i>
  <i class="zero" style="left: ${zero}%"></i>
</div>`;

/** @param {number} value */
const nats = value => Math.round(value).toLocaleString('en').replace('-', '−');

/**
 * @param {string} name
 * @param {Record<string, import('../lib/portrait.mjs').Code>} codes
 * @param {Record<string, string>} missing
 */
function words(name, codes, missing) {
  const code = codes[name];
  if (name in missing) return `${name} is not here.`;
  if (!code) return 'No q(z | X), so no bound: there is nothing to compute.';
  return (
    `log P(X | z) ${nats(-code.distortion)} − rate ${nats(code.rate)} = ELBO ${nats(elbo(code))} nats; ` +
    `${bitsOfValue(code, VALUES).toFixed(2)} of 8 bits a value`
  );
}

/** @param {Record<string, import('../lib/portrait.mjs').Code>} codes */
function comparison({'faces-vae': vae, 'faces-vae-gan': both}) {
  if (!vae) return 'The VAE is not here: its bound would stand first.';
  const own = `For this portrait the VAE knows that log P(X) is at least ${nats(elbo(vae))} nats.`;
  if (!both) return own;
  const lead = elbo(vae) - elbo(both);
  const side = lead > 0 ? 'less' : 'more';
  return (
    `${own} The VAE part of the VAE/GAN, with its Gaussian on pixels, can say ${nats(Math.abs(lead))} nats ${side}: ` +
    'it learned from features, not from this bound.'
  );
}

const PYTHON = `import torch, vaedemo
from vaedemo.vision import preprocessing

photo = preprocessing.read("photo.jpg")
x = torch.from_numpy(preprocessing.prepared(photo, "faces", vaedemo.load_net("faces-eyes")))[None]  # (1, 3, 64, 64)
for name in (${MODELS.filter(({encodes}) => encodes)
  .map(({name}) => `"${name}"`)
  .join(', ')}):
    model = vaedemo.load(name)
    q = model.encode(x)
    rate, distortion = model.rate(q).sum(), model.distortion(x, q.mean)  # nats; the second at the mean of q
    print(name, -(distortion + rate).item())  # the ELBO; a GAN has no q(z|x), and so none`;
