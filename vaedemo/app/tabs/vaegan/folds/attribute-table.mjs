/** The attribute table: what is asked of a face, and what is read in it; measured, and drawn here. */
import {decoderOf, draw, facts, latents} from '../../../../web/engine/model-store.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {beside, decoded} from '../../../../web/ui/side-by-side.mjs';
import {tuple} from '../lib/decoders.mjs';
import {GAN, LATENTS, MODELS, SHAPE} from '../lib/models.mjs';
import {moved, rowsOf} from '../lib/ways.mjs';

/** @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted */

const PEOPLE = 6;
const COLUMNS = 3;
/** What may be asked for; bit i of the address's `asked` stands for the i-th. */
const ASKED = [
  {name: 'Smiling', title: 'smile'},
  {name: 'Eyeglasses', title: 'glasses'},
  {name: 'Wearing_Hat', title: 'hat'},
  {name: 'Bangs', title: 'bangs'},
  {name: 'Blond_Hair', title: 'blond hair'},
  {name: 'Mustache', title: 'mustache'},
];
const USUAL = 0b11; // a smile, and glasses

const TEMPLATE = `
<div class="vd-asked">
  <table>
    <thead><tr><th scope="col">Asked of</th><th scope="col">Cosine of asked and read</th>
      <th scope="col">Squared error</th></tr></thead>
    <tbody data-part="rows"></tbody>
  </table>
  <p data-part="best"></p>
  <p class="vd-note">The code of another person is moved along attribute vectors to the attributes of this one, and
    decoded; faces-reader, a net that no model learned from, reads attributes, from −1 to 1. Cosine: higher is better;
    error: lower is. After Larsen et al. 2016, section 4.2, with our reader and our photographs.
    <span data-part="measured"></span></p>
  <div class="vd-row vd-controls" role="group" aria-label="Asked for">Ask for
    ${ASKED.map(({title}, i) => `<label><input type="checkbox" data-bit="${i}"> ${title}</label>`).join('')}
    <label>How far <input type="range" min="0" max="2" step="0.05" data-part="far">
      <output data-part="far-value"></output></label>
    <button type="button" class="vd-quiet" data-act="dice">Other people</button>
  </div>
  <div class="grids">${MODELS.map(
    ({name, title}) => `<figure class="vd-figure" data-part="${name}"><canvas class="vd-photo" role="img"></canvas>
      <figcaption>${title} <span></span></figcaption></figure>`,
  ).join('')}</div>
  <p class="vd-note">The same place holds the same z ~ N(0, I), moved by the sum of each model’s own vectors: mean
    code of faces with the attribute, minus that of faces without. <span data-part="searched"></span></p>
  <div class="vd-row">${takeaway('png', 'code')}</div>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
function setup(mounted) {
  const samples = new AskedSamples(mounted);
  mounted.all('[data-bit]', HTMLInputElement).forEach((box, i) => {
    box.addEventListener('change', () => samples.set({asked: samples.asked ^ (1 << i)}));
  });
  const far = mounted.part('far', HTMLInputElement);
  far.addEventListener('input', () => samples.set({far: Number(far.value)}));
  mounted.acts({
    dice: () => samples.set({seed: nextSeed(samples.seed)}),
    png: () => savePng('asked-attributes.png', beside(samples.canvases), 2),
    code: () => showCode(python(samples)),
  });
  mounted.onStop(({asked}) => asked && samples.set({asked: Number(asked), far: 1}));
  samples.run();
  return showTable(mounted);
}

/** The measured figures. @param {Mounted} mounted */
async function showTable(mounted) {
  const known = await Promise.allSettled(MODELS.map(({name}) => facts(name)));
  const metrics = known.map(one => (one.status === 'fulfilled' ? one.value.metrics : null));
  const cosines = metrics.map(one => one?.attribute_cosine ?? -Infinity);
  const best = Math.max(...cosines);
  const rows = MODELS.map(({title}, i) =>
    row(title, metrics[i], metrics[i]?.attribute_cosine, metrics[i]?.attribute_mse, cosines[i] === best),
  );
  const real = metrics.find(one => one?.attribute_cosine_real !== undefined);
  if (real) rows.push(row('Their own photos', real, real.attribute_cosine_real, undefined, false));
  mounted.part('rows').replaceChildren(...rows);
  if (best > -Infinity) {
    const {title} = MODELS[cosines.indexOf(best)];
    mounted.part('best').textContent = `What is asked of the ${title} is read best: cosine ${best.toFixed(3)}.`;
  }
  const measured = metrics.find(one => one?.attribute_cosine !== undefined);
  mounted.part('measured').textContent = measured ? `${measured.data}, ${measured.split}.` : '';
}

/**
 * @param {string} title
 * @param {Record<string, any> | null} metrics  null: the model is not here
 * @param {number | undefined} cosine
 * @param {number | undefined} error
 * @param {boolean} isBest
 */
function row(title, metrics, cosine, error, isBest) {
  const one = document.createElement('tr');
  const absent = metrics ? 'not measured' : 'not here';
  const width = Math.max(0, cosine ?? 0) * 100;
  one.innerHTML = `<th scope="row">${title}</th>
    <td><span class="track"><i style="width: ${width}%"></i></span>
      <b>${cosine?.toFixed(3) ?? absent}</b>${isBest && cosine !== undefined ? ' best' : ''}</td>
    <td>${error?.toFixed(3) ?? ''}</td>`;
  return one;
}

/** What each model draws of one description. */
class AskedSamples {
  #mounted;
  #painters;

  /** @param {Mounted} mounted */
  constructor(mounted) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.asked = state.whole('asked', USUAL);
    this.seed = state.whole('seed', 1);
    this.far = Math.max(0, (state.given('far') ? state.numbers('far')?.[0] : 1) ?? 1);
    this.canvases = MODELS.map(({name}) => query(mounted.part(name), 'canvas', HTMLCanvasElement));
    this.#painters = this.canvases.map(
      canvas => new Painter(canvas, SHAPE, {columns: COLUMNS, rows: PEOPLE / COLUMNS, crisp: false}),
    );
    this.#place();
  }

  get names() {
    return ASKED.filter((_, i) => this.asked & (1 << i)).map(({name}) => name);
  }

  /** @param {{asked?: number, seed?: number, far?: number}} wanted */
  set({asked = this.asked, seed = this.seed, far = this.far}) {
    Object.assign(this, {asked, seed, far});
    this.#mounted.state.set({
      asked: asked === USUAL ? null : asked,
      seed: seed === 1 ? null : seed,
      far: far === 1 ? null : far.toFixed(2),
    });
    this.#place();
    this.run();
  }

  #place() {
    this.#mounted.all('[data-bit]', HTMLInputElement).forEach((box, i) => {
      box.checked = Boolean(this.asked & (1 << i));
    });
    this.#mounted.part('far', HTMLInputElement).value = String(this.far);
    this.#mounted.part('far-value').textContent = this.far.toFixed(2);
    const titles = ASKED.filter((_, i) => this.asked & (1 << i)).map(({title}) => title);
    MODELS.forEach(({title}, i) => {
      const words = `${PEOPLE} faces by the ${title}, asked for: ${titles.join(', ') || 'nothing'}`;
      this.canvases[i].setAttribute('aria-label', words);
    });
  }

  run() {
    this.#run().catch(this.#mounted.showError);
  }

  #run = newest(async signal => {
    const {asked, seed, far, names} = this;
    const codes = await draw(PEOPLE, LATENTS, seed);
    await Promise.all(
      MODELS.map(async ({name}, i) => {
        const said = await this.#draw(name, i, codes, names, far, signal).catch(error => {
          if (signal.aborted) throw error;
          return error.message;
        });
        query(this.#mounted.part(name), 'figcaption span').textContent = said;
      }),
    );
    this.#mounted.root.dataset.drawn = [asked, seed, far].join();
  });

  /**
   * Answers what is to be said of it.
   * @param {string} name
   * @param {number} i
   * @param {Float32Array} codes
   * @param {string[]} names
   * @param {number} far
   * @param {AbortSignal} signal
   */
  async #draw(name, i, codes, names, far, signal) {
    const open = await decoderOf(name, 'asked');
    const [{attribute_vectors: vectors, attribute_photos: photos}, {factors}] = await Promise.all([
      latents(name),
      facts(name),
    ]);
    if (!vectors) return 'has no attribute vectors here.';
    if (name === GAN && photos)
      this.#mounted.part('searched').textContent =
        `The GAN gives no codes: its vectors come from searching for ${photos.data[0].toLocaleString('en')} photos.`;
    const rows = rowsOf(vectors);
    const ways = names.map(one => rows[factors.indexOf(one)]);
    const people = rowsOf({data: codes, shape: [PEOPLE, LATENTS]});
    const asked = people.map(z =>
      moved(
        z,
        ways,
        ways.map(() => far),
      ),
    );
    const planes = await decoded({open}, asked, signal);
    signal.throwIfAborted();
    this.#painters[i].draw(planes);
    return '';
  }
}

/** @param {AskedSamples} samples */
const python = ({names, seed, far}) => `import torch, vaedemo
from safetensors.torch import load_file
from vaedemo.data.face_set import ATTRIBUTES
from vaedemo.latents import draw

asked = [${names.map(name => `"${name}"`).join(', ')}]
rows = [ATTRIBUTES.index(name) for name in asked]
for name in ${tuple(MODELS.map(({name}) => name))}:
    model = vaedemo.load(name)
    vectors = load_file(vaedemo.folder(name) / "latents.safetensors")["attribute_vectors"].float()  # (A, Z)
    z = torch.from_numpy(draw(${PEOPLE}, model.z, seed=${seed})) + ${far.toFixed(2)} * vectors[rows].sum(0)
    pictures = model.render(model.decode(z))  # (${PEOPLE}, 3, 64, 64)`;
