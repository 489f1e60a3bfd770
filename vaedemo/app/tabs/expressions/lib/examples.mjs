/** The portraits that the tab shows. All may be shown: examples/LICENSES.md says whose they are. */
import {ROOT} from '../../../../web/engine/root.mjs';

/** @typedef {import('../../../../web/ui/face-photo-input.mjs').Example} Example */

const HEAD = 'A rendered head, nobody’s. ICT-FaceKit, © 2020 USC Institute for Creative Technologies, MIT';
const AVERAGE = 'The average of several faces, nobody’s portrait. Lisa DeBruine, CC BY 4.0, cropped';

/** @param {string} name @param {string} words @returns {Example} */
const example = (name, words) => ({name, words, picture: `${ROOT}vaedemo/web/examples/${name}.jpg`});

/** The first opens the tab: a face at rest, in plain light. @type {Example[]} */
export const EXAMPLES = [
  ...[6, 5, 1, 4, 7, 8, 2, 3, 9, 10].map(number => example(`average_${number}`, AVERAGE)),
  example('author', 'Lisa DeBruine, by herself, CC0'),
  example('author_2', 'Lisa DeBruine in another photo, by herself, CC0'),
  example('astronaut_face', 'Eileen Collins, smiling, by NASA, public domain'),
  ...[1, 2, 3, 4].map(number => example(`head_${number}`, HEAD)),
];
