/** The look of the Sliders tab's opening: two pictures, the bank between them, and what its sliders turn, in words. */
import {dom, query} from '../../../../web/page/dom.mjs';
import {takeaway} from '../../../../web/page/fold.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {SliderBank} from '../../../../web/ui/sliders.mjs';
import {KINDS, costs} from './paired-models.mjs';

/**
 * @typedef {import('./paired-models.mjs').Shown} Shown
 * @typedef {import('./paired-models.mjs').Row} Row
 * @typedef {import('../../../../web/page/fold.mjs').Mounted} Mounted
 */

/** @param {number} i  0 the left one, 1 the right one */
const figure = i => `
<figure class="vd-figure" data-part="figure${i}">
  <figcaption data-part="name${i}"></figcaption>
  <canvas data-part="picture${i}" width="64" height="64" role="img"></canvas>
  <p class="cost" data-part="cost${i}" hidden></p>
</figure>`;

const kindButtons = Object.entries(KINDS).map(
  ([kind, {title}]) =>
    `<button type="button" class="vd-quiet" data-act="kind" data-kind="${kind}" aria-pressed="false">${title}</button>`,
);

export const TEMPLATE = `
<div class="vd-pull">
  <div class="vd-row vd-controls" role="group" aria-label="What is shown">${kindButtons.join('')}</div>
  <div class="stage">
    ${figure(0)}
    <div><p class="words" data-part="words"></p><div data-part="sliders"></div></div>
    ${figure(1)}
  </div>
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="random">Randomize all but locked</button>
    <button type="button" class="vd-quiet" data-act="zero">All to 0</button>
    <button type="button" class="vd-quiet" data-act="undo" disabled>Undo</button>
    <label>Start from <select data-part="start"></select></label>
  </div>
  <div class="vd-row">
    ${takeaway('png')}
    <button type="button" class="vd-quiet" data-act="gif" title="The slider pulled last, there and back">GIF</button>
    ${takeaway('code')}
    <span data-part="badge0"></span><span data-part="badge1"></span>
  </div>
  <p class="vd-note" data-part="measured"></p>
  <p class="vd-trouble" role="status"></p>
</div>`;

export class PairedView {
  /** The sliders of the models that are shown. @type {SliderBank} */
  bank;
  /** @type {Painter[]} */
  #painters = [];
  /** The row whose words are shown. @type {Row | null} */
  #told = null;
  #mounted;
  #hands;

  /**
   * @param {Mounted} mounted
   * @param {{pull: (z: number[], byHand: boolean, pulled: number) => void, choose: (names: string[]) => unknown}} hands
   *   choose: other models
   */
  constructor(mounted, hands) {
    this.#mounted = mounted;
    this.#hands = hands;
    costs.subscribe(both =>
      both.forEach((words, i) => {
        const cost = mounted.part(`cost${i}`);
        cost.textContent = words;
        cost.hidden = !words;
      }),
    );
  }

  canvases() {
    return this.#painters.map(({canvas}) => canvas);
  }

  /** @param {string} text  above the sliders */
  words(text) {
    this.#mounted.part('words').textContent = text;
  }

  /** The controls and canvases for other models. @param {Shown} shown */
  build(shown) {
    this.#told = null;
    this.words('');
    query(this.#mounted.root, '.stage').classList.toggle('alone', shown.models.length === 1);
    this.#painters = shown.models.map((_, i) => this.#painter(shown, i));
    this.#buildBank(shown);
    this.#fillChoices(shown);
    [0, 1].forEach(i => this.#nameModel(shown, i));
    this.#mounted.part('measured').textContent = measured(shown);
  }

  /** @param {Shown} shown @param {number} i */
  #painter({kind, models}, i) {
    const canvas = this.#mounted.part(`picture${i}`, HTMLCanvasElement);
    canvas.className = kind.ink ? 'vd-ink' : 'vd-photo';
    canvas.setAttribute('aria-label', `The picture that ${models[i].name} decodes from the sliders' z`);
    return new Painter(canvas, models[i].open.shape, {crisp: kind.ink});
  }

  /** @param {Shown} shown */
  #buildBank({models: [left, right], rows, codes}) {
    this.bank = new SliderBank(this.#mounted.part('sliders'), {
      dimensions: rows.map(({d}) => d),
      labels: rows.map(({label}) => label),
      kl: left.kl,
      wide: left.wide,
      notes: right && rows.map(({note}) => note),
      onMove: this.#hands.pull,
    });
    this.bank.place(codes[0]);
    for (const {d, title} of rows) this.bank.row(d).title = title;
  }

  /** @param {Shown} shown */
  #fillChoices({kind, models: [left]}) {
    const starts = left.examples.map((_, i) => [String(i), kind.examples[i]]);
    this.#mounted
      .part('start', HTMLSelectElement)
      .replaceChildren(
        ...[['', '…'], ['prior', 'a random z'], ...starts].map(([value, text]) => new Option(text, value)),
      );
    for (const button of this.#mounted.all('[data-kind]'))
      button.setAttribute('aria-pressed', String(KINDS[button.dataset.kind] === kind));
  }

  /** @param {Shown} shown @param {number} i */
  #nameModel(shown, i) {
    const model = shown.models[i];
    this.#mounted.part(`figure${i}`).hidden = !model;
    this.#mounted.part(`badge${i}`).hidden = !model;
    if (!model) return;
    this.#mounted.part(`name${i}`).replaceChildren(this.#title(shown, i));
    this.#mounted.badge(model.name, `badge${i}`);
  }

  /** A model's name; where there are others to compare it with, a choice. @param {Shown} shown @param {number} i */
  #title({kind, models}, i) {
    const all = Object.entries(kind.models);
    if (all.length < 3) return document.createTextNode(models[i].title);
    const select = /** @type {HTMLSelectElement} */ (
      dom(`<select aria-label="Model at the ${i ? 'right' : 'left'}"></select>`)
    );
    select.replaceChildren(...all.map(([name, text]) => new Option(text, name, false, name === models[i].name)));
    select.addEventListener('change', () => {
      const names = models.map(({name}) => name);
      if (names[1 - i] === select.value) names[1 - i] = names[i]; // they change places
      names[i] = select.value;
      this.#hands.choose(names);
    });
    return select;
  }

  /** What a slider turns, in words and marked in the bank. @param {Row} row */
  describe(row) {
    if (this.#told === row) return;
    if (this.#told) this.bank.row(this.#told.d)?.classList.remove('pulled');
    this.bank.row(row.d).classList.add('pulled');
    this.words(row.words);
    this.#told = row;
  }

  /** @param {number} i @param {Uint8Array} planes @param {{place: string}} open  who decoded them */
  draw(i, planes, {place}) {
    this.#painters[i].draw(planes);
    this.#painters[i].canvas.dataset.drawn = place;
  }
}

/** What the numbers beside the sliders are. @param {Shown} shown */
function measured({models: [left, right], rows}) {
  const rest = left.kl.length - rows.length;
  const others = rest ? ` The other ${rest} latents have no slider; Start and All to 0 move them too.` : '';
  if (!left.factors.length) {
    const most = 'carry most nats (KL, on average over test pictures)';
    return `Sliders are those of the ${rows.length} latents that ${most}.${others}`;
  }
  const whose = left.owned[0] ? 'whose latent it is, by training' : 'the factor that its latent tells most of';
  const along = right ? " Right of it, the same for the right model's latent that it moves." : '';
  return (
    `Left of a slider: ${whose}, and how much: mutual information in parts of the factor's entropy, over test ` +
    `pictures.${along}${others}`
  );
}
