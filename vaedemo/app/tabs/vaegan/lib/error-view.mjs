/** What the fold "What is an error?" is made of, and what it says. */
import {takeaway} from '../../../../web/page/fold.mjs';
import {MOST} from './changes.mjs';

/**
 * @typedef {import('./changes.mjs').Change} Change
 * @typedef {import('./critic.mjs').Errors} Errors
 * @typedef {{title: string, of?: string, change?: Partial<Change>}} Preset  of: a model whose reconstruction is shown
 */

/** @type {Preset[]} */
export const PRESETS = [
  {title: 'Shift by 4 px', change: {right: 4}},
  {title: 'Blur', change: {blur: 1.2}},
  {title: 'Brighten', change: {light: 0.15}},
  {title: 'One eye less', change: {eye: 1}},
  {title: 'VAE’s reconstruction', of: 'faces-vae'},
  {title: 'VAE/GAN’s reconstruction', of: 'faces-vae-gan'},
];

const HIGH = 0.98; // the quantile that counts as the highest, as in heatmap-overlay.mjs
const CLEAR = 1.5; // times the other error: from here on the two disagree
const NOTHING = 0.0005; // of the mean between two people
const LITTLE = 0.05;

/** @param {string} part @param {string} caption @param {string} [more]  attributes */
const picture = (part, caption, more = 'role="img"') => `
<figure class="vd-figure"><canvas class="vd-photo" data-part="${part}" width="64" height="64" ${more}
  aria-label="${caption}"></canvas><figcaption>${caption}</figcaption></figure>`;

/** @param {string} part @param {string} label */
const bar = (part, label) => `
<div class="bar" data-part="${part}-bar"><span>${label}</span><span class="track"><i></i></span><b></b></div>`;

/** @param {string} part @param {string} label @param {number} least @param {number} most */
const slider = (part, label, least, most) => `
<label><span>${label}</span> <input type="range" min="${least}" max="${most}" step="0.05" data-part="${part}">
  <output data-part="${part}-value"></output></label>`;

export const TEMPLATE = `
<div class="vd-errors">
  <div class="pictures">
    ${picture('x', 'The photo')}
    ${picture('changed', 'Changed: drag it', 'role="slider" tabindex="0" aria-valuemin="-4" aria-valuemax="4"')}
    ${picture('pixels', 'Where pixels differ')}
    ${picture('features', 'Where features differ (Dis_l)')}
  </div>
  <div class="bars">
    ${bar('pixels', 'Error of pixels')}
    ${bar('features', 'Error of features, Dis_l')}
  </div>
  <p class="said" data-part="sentence" role="status">The portrait is compared …</p>
  <div class="vd-row presets" role="group" aria-label="Changes">
    ${PRESETS.map(
      ({title}, i) => `<button type="button" class="vd-quiet" data-act="preset" data-preset="${i}"
        aria-pressed="false">${title} <small></small></button>`,
    ).join('')}
    <button type="button" class="vd-quiet" data-act="reset">The photo again</button>
  </div>
  <div class="vd-row vd-controls">
    ${slider('blur', 'Blur', 0, MOST.blur)}
    ${slider('light', 'Brighten', -MOST.light, MOST.light)}
    ${slider('eye', 'Paint over one eye', 0, 1)}
  </div>
  <p class="vd-note">1 is the mean squared error between photographs of two people, of pixels and of Dis_l alike: a bar
    is full there. <span data-part="scale"></span></p>
  <div class="vd-row">${takeaway('png', 'code', 'badge')}</div>
</div>`;

/** A slider's value in words. @param {'blur' | 'light' | 'eye'} name @param {number} value */
export function told(name, value) {
  if (name === 'blur') return `${value.toFixed(2)} px`;
  const sign = name === 'light' && value > 0 ? '+' : '';
  return `${sign}${Math.round(100 * value)} %`.replace('-', '−');
}

/** What counts as the highest of a map. @param {Float32Array} cells */
export const highest = cells => [...cells].sort((a, b) => a - b)[Math.floor(HIGH * cells.length)];

/** What the two errors say. @param {Errors} errors */
export function sentence({pixels: {relative: pixels}, features: {relative: features}}) {
  if (Math.max(pixels, features) < NOTHING) return 'Nothing is changed: both errors are 0. Drag the picture.';
  const figures = `Pixels say ${pixels.toFixed(2)}, features ${features.toFixed(2)} of the error between two people.`;
  if (Math.max(pixels, features) < LITTLE) return `Both shrug. ${figures}`;
  if (pixels > CLEAR * features) return `Pixels cry, features shrug. ${figures}`;
  if (features > CLEAR * pixels) return `Features cry, pixels shrug. ${figures}`;
  return `Both say about the same. ${figures}`;
}

/** The same in Python. @param {string} of @param {Change} change */
export function python(of, {right, down, blur, light, eye}) {
  const source =
    of === 'photo'
      ? 'changed = x'
      : `model = vaedemo.load("${of}")\nchanged = model.render(model.decode(model.encode(x).mean))`;
  const painted = `rows, columns = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
away = ((columns - 21.7) / 8) ** 2 + ((rows - 33.1) / 5.5) ** 2
share = ${eye} * (2 * (1 - away)).clamp(0, 1)  # skin from ten pixels below, over the left eye
changed = changed + share * (shifted(changed, 0, -10) - changed)
`;
  return `import torch, vaedemo
from vaedemo.vision import preprocessing
from vaedemo.vision.picture_errors import blurred, brightened, errors, shifted

critic = vaedemo.load_net("faces-critic")
photo = preprocessing.read("photo.jpg")
x = torch.from_numpy(preprocessing.prepared(photo, "faces", vaedemo.load_net("faces-eyes")))[None]  # (1, 3, 64, 64)
${source}
${eye ? painted : ''}changed = brightened(blurred(shifted(changed, ${right}, ${down}), ${blur}), ${light})
found = errors(critic, x[0], changed[0])
print(found.pixels.relative, found.features.relative)  # 1: the mean error between photographs of two people`;
}
