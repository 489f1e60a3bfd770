/** The example portraits of the tab. All may be shown: examples/LICENSES.md says whose they are. */
import {ROOT} from '../../../../web/engine/root.mjs';

/** @typedef {import('../../../../web/ui/face-photo-input.mjs').Example} Example */

const AVERAGE = 'The average of four faces, nobody’s portrait. Lisa DeBruine, CC BY 4.0, cropped';

/** Their eyes are known, so nobody need look for them. @type {Example[]} */
export const EXAMPLES = [
  example('astronaut', 'Eileen Collins, by NASA, public domain', [0.4, 0.2001, 0.4831, 0.2055]),
  example('author', 'Lisa DeBruine, by herself, CC0', [0.3879, 0.5213, 0.6065, 0.5217]),
  example('average_1', AVERAGE, [0.3872, 0.5174, 0.6085, 0.5188]),
  example('average_2', AVERAGE, [0.3856, 0.5232, 0.6126, 0.5252]),
  example('average_3', AVERAGE, [0.3859, 0.5233, 0.6142, 0.5249]),
  example('average_4', AVERAGE, [0.3839, 0.5181, 0.6138, 0.5219]),
];

/** @param {string} name @param {string} words @param {number[]} eyes  x, y, x, y @returns {Example} */
function example(name, words, [leftX, leftY, rightX, rightY]) {
  const picture = `${ROOT}vaedemo/web/examples/${name}.jpg`;
  return {
    name,
    picture,
    words,
    eyes: [
      [leftX, leftY],
      [rightX, rightY],
    ],
  };
}
