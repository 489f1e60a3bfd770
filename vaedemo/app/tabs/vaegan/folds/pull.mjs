/** Four models under one hand: along attribute vectors, and along the directions that change their pictures most. */
import {facts, latents} from '../../../../web/engine/model-store.mjs';
import {query} from '../../../../web/page/dom.mjs';
import {savePng} from '../../../../web/page/downloads.mjs';
import {mountFold, takeaway} from '../../../../web/page/fold.mjs';
import {newest} from '../../../../web/page/request.mjs';
import {nextSeed} from '../../../../web/page/seeds.mjs';
import {showCode} from '../../../../web/ui/code-dialog.mjs';
import {ConditionSliders} from '../../../../web/ui/condition-sliders.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {beside, decoded, saveBeside} from '../../../../web/ui/side-by-side.mjs';
import {BADGES, columns, openAll} from '../lib/decoders.mjs';
import {GAN, SHAPE} from '../lib/models.mjs';
import {onStart, startsOf} from '../lib/starts.mjs';
import {ATTRIBUTES, asked, moved, rowsOf, steps} from '../lib/ways.mjs';

/**
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 * @typedef {import('../lib/decoders.mjs').LiveDecoder} LiveDecoder
 * @typedef {import('../lib/starts.mjs').Start} Start
 * @typedef {import('../lib/starts.mjs').From} From
 * @typedef {{open: LiveDecoder, painter: Painter, ways: number[][], photos: number}} Puppet
 *   ways: a vector for each slider; photos: how many the attribute vectors come from, 0 where the model has none
 */

const DIRECTIONS = 4;
const MOST = 3; // of an attribute's slider: times its vector
const FAR = 4; // of a direction's: in sigmas of the prior
const SCALE = 4; // of the PNG
const GIF_SCALE = 3;
const FRAMES = 16; // of the GIF, one way

const TEMPLATE = `
<div class="vd-pull-four">
  <div class="vd-row vd-controls">
    <label>Begin with <select data-set="from">
      <option value="portrait">the portrait’s code</option><option value="dice">a draw of the prior</option>
    </select></label>
    <button type="button" class="vd-quiet" data-act="throw">Throw</button>
    <button type="button" class="vd-quiet" data-act="zero">All sliders to 0</button>
  </div>
  <div class="stage">${columns(
    (name, title) => `<canvas class="vd-photo" data-part="picture-${name}" width="64" height="64" role="img"
      aria-label="The face under the hand, drawn by the ${title}"></canvas>`,
  )}</div>
  <div class="banks">
    <div><h3>Attribute vectors</h3><div data-part="attributes"></div></div>
    <div><h3>z’s own directions</h3><div data-part="directions"></div>
      <p class="vd-note">The directions along which each model’s own pictures change most, in sigmas of the prior; to
        the right pictures get lighter. Nothing ties the first one of the VAE to the first one of the GAN.</p>
    </div>
  </div>
  <p class="vd-note" data-part="source"></p>
  <div class="vd-row">${takeaway('gif', 'png', 'code')}${BADGES}</div>
  <p class="vd-trouble" role="status"></p>
</div>`;

export const mount = mountFold({template: TEMPLATE, setup});

/** @param {Mounted} mounted */
async function setup(mounted) {
  const decoders = await openAll(mounted, 'vaegan-pull');
  const puppets = await Promise.all(
    [...decoders].map(async ([name, open]) => [name, await puppet(mounted, name, open)]),
  );
  const pull = new Pull(mounted, new Map(/** @type {[string, Puppet][]} */ (puppets)));
  mounted.acts({
    throw: () => pull.change({from: 'dice', seed: nextSeed(pull.settings.seed)}),
    zero: () => pull.zero(),
    png: () => savePng('pull.png', beside(mounted.all('.stage canvas', HTMLCanvasElement)), SCALE),
    gif: () => pull.saveGif(),
    code: () => pull.showPython(),
  });
  const from = query(mounted.root, '[data-set="from"]', HTMLSelectElement);
  from.addEventListener('input', () => pull.change({from: /** @type {From} */ (from.value)}));
  onStart(() => pull.begin().catch(mounted.showError));
  mounted.followConnection();
  mounted.onStop(({attributes}) => pull.place(attributes.split(',').map(Number)));
  await pull.begin();
}

/** @param {Mounted} mounted @param {string} name @param {LiveDecoder} open @returns {Promise<Puppet>} */
async function puppet(mounted, name, open) {
  const [tensors, {factors}] = await Promise.all([latents(name), facts(name)]);
  const painter = new Painter(mounted.part(`picture-${name}`, HTMLCanvasElement), SHAPE, {crisp: false});
  const {attribute_vectors: vectors, attribute_photos: photos, directions} = tensors;
  if (!vectors || !directions) {
    mounted.part(`said-${name}`).textContent =
      'These files of the model have no attribute vectors: it stays as it is.';
    return {open, painter, ways: [], photos: 0};
  }
  return {open, painter, ways: [...asked(rowsOf(vectors), factors), ...rowsOf(directions)], photos: photos.data[0]};
}

class Pull {
  #mounted;
  #puppets;
  #banks;
  /** Where the hand begins. @type {Record<string, Start>} */
  #starts = {};
  /** Of all sliders, attributes first. @type {number[]} */
  #values;
  #pulled = 0;

  /** @param {Mounted} mounted @param {Map<string, Puppet>} puppets */
  constructor(mounted, puppets) {
    const {state} = mounted;
    this.#mounted = mounted;
    this.#puppets = puppets;
    this.settings = {from: /** @type {From} */ (state.choice('from')), seed: state.whole('seed', 1)};
    const attributes = state.numbers('attributes') ?? ATTRIBUTES.map(() => 0);
    const directions = state.numbers('directions') ?? Array(DIRECTIONS).fill(0);
    this.#values = [...attributes, ...directions];
    this.#banks = [
      new ConditionSliders(mounted.part('attributes'), {
        labels: ATTRIBUTES.map(({label}) => label),
        values: attributes,
        most: MOST,
        onMove: (values, i) => this.#move(values, 0, i),
      }),
      new ConditionSliders(mounted.part('directions'), {
        labels: directions.map((_, i) => `direction ${i + 1}`),
        values: directions,
        most: FAR,
        onMove: (values, i) => this.#move(values, ATTRIBUTES.length, ATTRIBUTES.length + i),
      }),
    ];
    mounted.part('source').textContent = sourceOf(puppets);
  }

  /** A slider was pulled. @param {number[]} values  of its bank @param {number} first @param {number} pulled */
  #move(values, first, pulled) {
    this.#values.splice(first, values.length, ...values);
    this.#pulled = pulled;
    this.#keep();
    this.#show();
  }

  #keep() {
    const [attributes, directions] = this.#parts();
    this.#mounted.state.set({
      attributes: attributes.some(Boolean) ? attributes.join() : null,
      directions: directions.some(Boolean) ? directions.join() : null,
    });
  }

  #parts() {
    return [this.#values.slice(0, ATTRIBUTES.length), this.#values.slice(ATTRIBUTES.length)];
  }

  /** @param {Partial<Pull['settings']>} some */
  change(some) {
    this.settings = {...this.settings, ...some};
    this.#mounted.state.set(some);
    return this.begin();
  }

  /** Begins where the settings say; the sliders stay. */
  begin = newest(async signal => {
    const {from, seed} = this.settings;
    query(this.#mounted.root, '[data-set="from"]', HTMLSelectElement).value = from;
    const starts = await startsOf(from, seed);
    signal.throwIfAborted();
    this.#starts = starts;
    for (const [name, {photos}] of this.#puppets)
      if (photos) this.#mounted.part(`said-${name}`).textContent = starts[name].said;
    this.#show();
  });

  zero() {
    this.place(ATTRIBUTES.map(() => 0));
  }

  /** Attributes at these values, directions at 0. @param {number[]} attributes */
  place(attributes) {
    this.#values = [...attributes, ...Array(DIRECTIONS).fill(0)];
    this.#parts().forEach((values, i) => this.#banks[i].place(values));
    this.#pulled = Math.max(0, attributes.findIndex(Boolean));
    this.#keep();
    this.#show();
  }

  /** @param {string} name @param {number[]} [values] */
  #code(name, values = this.#values) {
    const {ways} = /** @type {Puppet} */ (this.#puppets.get(name));
    return moved(this.#starts[name].z, ways, values);
  }

  #show() {
    for (const [name, {open, painter}] of this.#puppets)
      if (this.#starts[name]) open.show(this.#code(name), planes => painter.draw(planes));
  }

  /** The slider that was pulled last, from one end to the other and back, in all models. */
  async saveGif() {
    const most = this.#pulled < ATTRIBUTES.length ? MOST : FAR;
    const ends = steps(FRAMES).map(t => this.#values.with(this.#pulled, most * (2 * t - 1)));
    const parts = await Promise.all(
      [...this.#puppets].map(([name, {open}]) =>
        decoded(
          {open},
          ends.map(values => this.#code(name, values)),
        ),
      ),
    );
    await saveBeside('pull.gif', parts, SHAPE, GIF_SCALE);
  }

  showPython() {
    const name = [...this.#puppets.keys()].find(one => this.#puppets.get(one)?.photos);
    if (name) showCode(python(name, this.#starts[name].z, this.#parts()));
  }
}

/** Where the attribute vectors come from. @param {Map<string, Puppet>} puppets */
function sourceOf(puppets) {
  const encoded = [...puppets].find(([name, {photos}]) => name !== GAN && photos)?.[1].photos;
  const searched = puppets.get(GAN)?.photos;
  const many = (/** @type {number} */ count) => count.toLocaleString('en');
  const parts = [
    'A vector is the mean code of photographs with an attribute minus that of photographs without; 1 adds it once.',
    encoded && `Models with an encoder have the codes of ${many(encoded)} photographs.`,
    searched && `The GAN has none: its codes were found by searching for ${many(searched)} photographs.`,
  ];
  return parts.filter(Boolean).join(' ');
}

/** @param {string} name @param {number[]} z  where it begins @param {number[][]} parts  of the sliders */
function python(name, z, [attributes, directions]) {
  const numbers = (/** @type {number[]} */ values) => `[${values.map(value => +value.toFixed(3)).join(', ')}]`;
  const values = ATTRIBUTES.map(({name: attribute, sign}, i) => [attribute, sign * attributes[i]]);
  const pulled = values.filter(([, value]) => value).map(([attribute, value]) => `"${attribute}": ${value}`);
  return `import torch, vaedemo
from safetensors.torch import load_file
from vaedemo.data.face_set import ATTRIBUTES

name = "${name}"
model = vaedemo.load(name)
told = load_file(vaedemo.folder(name) / "latents.safetensors")
z = torch.tensor([${numbers(z)}]).float()
for attribute, value in {${pulled.join(', ')}}.items():
    z += value * told["attribute_vectors"][ATTRIBUTES.index(attribute)]
z += torch.tensor(${numbers(directions)}).float() @ told["directions"].float()
picture = model.render(model.decode(z))  # (1, 3, 64, 64)`;
}
