/** Smooth and sharp: the same z and the same description, decoded as a mean and by a decoder that a critic taught. */
import {mountFold} from '../../../../web/page/fold.mjs';
import {MODEL, SHARP} from '../lib/described-face.mjs';
import {asked} from '../lib/descriptions.mjs';
import {setupPeople, templateOf} from '../lib/people-grid.mjs';

const OTHERS = 5;

/** @type {import('../lib/people-grid.mjs').Crowd} */
const CROWD = {
  seed: 7,
  others: OTHERS,
  above: true,
  models: [MODEL, SHARP],
  file: 'smooth-and-sharp.png',
  python,
  heads: ['above', ...Array.from({length: OTHERS}, (_, i) => String(i + 1))],
  sides: ['mean', 'critic'],
  words: {
    caption: 'First the face above, then five other z. Click: that person goes to the sliders.',
    label:
      'Faces, each decoded as a mean and, below, by the decoder that a critic taught. ' +
      'Click, or use the arrow keys, to take one to the sliders.',
  },
};

export const mount = mountFold({template: templateOf(CROWD.models), setup: mounted => setupPeople(mounted, CROWD)});

/** @param {string[]} names @param {number[]} y @param {number} seed */
function python(names, y, seed) {
  return `import torch, vaedemo
from vaedemo.latents import draw

model, sharp = vaedemo.load("${MODEL}"), vaedemo.load("${SHARP}")
z = torch.from_numpy(draw(${OTHERS}, model.z, seed=${seed}))  # the ${OTHERS} others
y = ${asked(names, y)}.expand(${OTHERS}, -1)  # (${OTHERS}, A)
means = model.render(model.decode(z, y))  # (${OTHERS}, 3, 64, 64), of p(x|z, y)
pictures = sharp.render(sharp.decode(z, y))  # the same people`;
}
