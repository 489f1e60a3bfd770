/** Many people, one description: the sliders' y with other z. */
import {mountFold} from '../../../../web/page/fold.mjs';
import {MOST, meansOf} from '../lib/described-face.mjs';
import {asked} from '../lib/descriptions.mjs';
import {setupPeople, templateOf} from '../lib/people-grid.mjs';

/** @type {import('../lib/people-grid.mjs').Crowd} */
const CROWD = {
  seed: 1,
  others: MOST,
  heads: Array(6).fill(''),
  file: 'people.png',
  python,
  words: {
    caption:
      'Each picture another z from N(0, I), all with the description above. Click: that person goes to the sliders.',
    label: 'Grid of faces with one description. Click, or use the arrow keys, to take one to the sliders.',
  },
};

export const mount = mountFold({template: templateOf(), setup: mounted => setupPeople(mounted, CROWD)});

/** @param {string[]} names @param {number[]} y @param {number} seed @param {string[]} models */
function python(names, y, seed, [model]) {
  return `import vaedemo

model = vaedemo.load("${model}")
y = ${asked(names, y)}  # (A,)
pictures = model.sample(${MOST}, seed=${seed}, y=y.expand(${MOST}, -1))  # (${MOST}, 3, 64, 64)${meansOf(model)}`;
}
