/** The look of the Sliders tab's opening: two pictures, the bank between them, and what its sliders turn, in words. */
import {badge} from '../../../../web/ui/model-badge.mjs';
import {dom} from '../../../../web/page/dom.mjs';
import {encode} from '../../../../web/page/request.mjs';
import {KINDS, onCost} from './paired-models.mjs';
import {normal} from '../../../../web/engine/normal.mjs';
import {Painter} from '../../../../web/ui/painter.mjs';
import {SliderBank} from '../../../../web/ui/sliders.mjs';

/**
 * @typedef {import('./paired-models.mjs').Shown} Shown
 * @typedef {import('./paired-models.mjs').Row} Row
 * @typedef {import('./paired-models.mjs').Model} Model
 */

const figure = i => `<figure class="vd-figure" data-part="figure${i}">
  <figcaption data-part="name${i}"></figcaption><canvas data-part="picture${i}" width="64" height="64" role="img"></canvas>
  <p class="cost" data-part="cost${i}" hidden></p></figure>`;
const TEMPLATE = `
<div class="vd-pull">
  <div class="vd-row vd-controls" role="group" aria-label="What is shown">${Object.entries(KINDS)
    .map(
      ([kind, {title}]) =>
        `<button type="button" class="vd-quiet" data-kind="${kind}" aria-pressed="false">${title}</button>`,
    )
    .join('')}</div>
  <div class="stage">${figure(0)}<div><p class="words" data-part="words"></p><div data-part="sliders"></div></div>${figure(1)}</div>
  <div class="vd-row vd-controls">
    <button type="button" class="vd-main" data-act="random">Randomize all but locked</button>
    <button type="button" class="vd-quiet" data-act="zero">All to 0</button>
    <button type="button" class="vd-quiet" data-act="undo" disabled>Undo</button>
    <label>Start from <select data-part="start"></select></label>
  </div>
  <div class="vd-row">
    <button type="button" class="vd-quiet" data-act="png">PNG</button>
    <button type="button" class="vd-quiet" data-act="gif" title="The slider pulled last, there and back">GIF</button>
    <button type="button" class="vd-quiet" data-act="code">Code</button>
    <span data-part="badge0"></span><span data-part="badge1"></span>
  </div>
  <p class="vd-note" data-part="measured"></p>
  <p class="vd-trouble" role="status"></p>
</div>`;

/**
 *
 * @param {{pull: (z: number[], byHand: boolean, pulled: number) => void, model: (names: string[]) => void}} hear
 */
export function view(hear) {
  const root = dom(TEMPLATE);
  const find = name => root.querySelector(`[data-part="${name}"]`);
  /** @type {Painter[]} */ let painters = [];
  let told = null;
  onCost((i, words) => {
    find(`cost${i}`).textContent = words;
    find(`cost${i}`).hidden = !words;
  });

  const look = {
    root,
    /** @type {SliderBank} */ bank: undefined,
    canvases: () => painters.map(({canvas}) => canvas),
    words(text) {
      find('words').textContent = text;
    },
    say(text) {
      root.querySelector('.vd-trouble').textContent = text ?? '';
    },

    /** The controls and canvases for other models. @param {Shown} shown */
    build(shown) {
      const {kind, models, rows} = shown;
      const [left] = models;
      told = null;
      find('words').textContent = '';
      root.querySelector('.stage').classList.toggle('alone', models.length === 1);
      painters = models.map(({open}, i) => {
        const canvas = find(`picture${i}`);
        canvas.className = kind.ink ? 'vd-ink' : 'vd-photo';
        canvas.setAttribute('aria-label', `The picture that ${models[i].name} decodes from the sliders' z`);
        return new Painter(canvas, open.shape, {crisp: kind.ink});
      });
      look.bank = new SliderBank(find('sliders'), {
        dimensions: rows.map(({d}) => d),
        labels: rows.map(({label}) => label),
        kl: left.kl,
        wide: left.wide,
        notes: models[1] && rows.map(({note}) => note),
        onMove: hear.pull,
      });
      look.bank.place(shown.codes[0]);
      rows.forEach(({d, title}) => {
        look.bank.row(d).title = title;
      });
      const starts = left.examples.map((_, i) => [String(i), kind.examples[i]]);
      find('start').replaceChildren(
        ...[['', '…'], ['prior', 'a random z'], ...starts].map(([value, text]) => new Option(text, value)),
      );
      for (const button of root.querySelectorAll('[data-kind]'))
        button.setAttribute('aria-pressed', String(KINDS[button.dataset.kind] === kind));
      for (const i of [0, 1]) {
        find(`figure${i}`).hidden = find(`badge${i}`).hidden = !models[i];
        if (!models[i]) continue;
        find(`name${i}`).replaceChildren(title(shown, i));
        badge(find(`badge${i}`), models[i].name);
      }
      find('measured').textContent = measured(shown);
    },

    /** What a slider turns, in words and marked in the bank. @param {Row} row */
    tell(row) {
      if (told === row) return;
      if (told) look.bank.row(told.d)?.classList.remove('pulled');
      look.bank.row(row.d).classList.add('pulled');
      find('words').textContent = row.words;
      told = row;
    },

    /** @param {number} i @param {Uint8Array} planes @param {{place: string}} open  who decoded them */
    draw(i, planes, {place}) {
      painters[i].draw(planes);
      painters[i].canvas.dataset.drawn = place;
    },
  };

  /** A model's name; where there are others to compare it with, a choice. @param {Shown} shown @param {number} i */
  function title({kind, models}, i) {
    const all = Object.entries(kind.models);
    if (all.length < 3) return document.createTextNode(models[i].title);
    const select = dom(`<select aria-label="Model at the ${i ? 'right' : 'left'}"></select>`);
    select.replaceChildren(...all.map(([name, text]) => new Option(text, name, false, name === models[i].name)));
    select.addEventListener('change', ({target: {value}}) => {
      const names = models.map(({name}) => name);
      if (names[1 - i] === value) names[1 - i] = names[i]; // they change places
      names[i] = value;
      hear.model(names);
    });
    return select;
  }
  return look;
}

/** What the numbers beside the sliders are. @param {Shown} shown */
function measured({models: [left, right], rows}) {
  const rest = left.kl.length - rows.length;
  const others = rest ? ` The other ${rest} latents have no slider; Start and All to 0 move them too.` : '';
  if (!left.facts.factors.length)
    return `Sliders are those of the ${rows.length} latents that carry most nats (KL, on average over test pictures).${others}`;
  return (
    `Left of a slider: ${left.owned[0] ? 'whose latent it is, by training' : 'the factor that its latent tells most of'}, and how much: ` +
    `mutual information in parts of the factor's entropy, over test pictures.${right ? " Right of it, the same for the right model's latent that it moves." : ''}${others}`
  );
}

/**
 * Codes in which the rows that are not locked are drawn anew from the prior, the same for both models' partners.
 * @param {Shown} shown
 * @param {Row[]} rows
 * @param {number[][]} codes
 * @param {boolean} [all]  latents without a slider, too
 */
export function randomized({locked}, rows, codes, all = false) {
  const next = codes.map(z => (all ? z.map(normal) : [...z]));
  for (const row of rows) {
    if (locked(row)) continue;
    next[0][row.d] = normal();
    if (row.partner !== null) next[1][row.partner] = next[0][row.d];
  }
  return next;
}

/**
 * The right model's code of the very picture that the left one draws at z: its encoder's mean.
 * @param {Model} left @param {number[]} z @param {Model} right @param {AbortSignal} signal
 * @returns {Promise<number[]>}
 */
export async function alike(left, z, right, signal) {
  const canvas = document.createElement('canvas');
  const painter = new Painter(canvas, left.open.shape);
  await left.open.batch(z, 1, planes => painter.draw(planes), signal);
  const blob = await new Promise(done => {
    canvas.toBlob(done);
  });
  return (await encode(right.name, blob, signal)).mean;
}

/** @param {Error} error  of a model that could not be opened */
export function plainly({message}) {
  const name = /^no source has the model '([\w-]+)'/.exec(message)?.[1];
  return name ? `${name} cannot be shown: it was found neither here nor on the Hub. Choose another.` : message;
}
