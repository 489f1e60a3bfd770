/** Many people, one description: the sliders' y with other z. */
import {mountCrowd} from '../lib/people-grid.mjs';
import {MODEL, MOST, asked} from '../lib/described-face.mjs';

/** @param {HTMLElement} element */
export const mount = element =>
  mountCrowd(element, {
    key: 'people',
    seed: 1,
    others: MOST,
    models: [MODEL],
    heads: Array(6).fill(''),
    file: 'people.png',
    python,
    tells: {
      caption:
        'Each picture another z from N(0, I), all with the description above. Click: that person goes to the sliders.',
      label: 'Grid of faces with one description. Click, or use the arrow keys, to take one to the sliders.',
    },
  });

/** @param {string[]} names @param {number[]} y @param {number} seed */
const python = (names, y, seed) => `import vaedemo

model = vaedemo.load("${MODEL}")
y = ${asked(names, y)}  # (A,)
pictures = model.sample(${MOST}, seed=${seed}, y=y.expand(${MOST}, -1))  # (${MOST}, 3, 64, 64), means of p(x|z, y)`;
