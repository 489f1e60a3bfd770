/** Ways through z: along attribute vectors and directions, and between two codes. Pure: nothing here touches a page. */

/**
 * The attributes with a slider: the data set's name, the page's, and -1 where the page means the opposite.
 * @type {{name: string, label: string, sign: 1 | -1}[]}
 */
export const ATTRIBUTES = [
  {name: 'Smiling', label: 'smile', sign: 1},
  {name: 'Mouth_Slightly_Open', label: 'open mouth', sign: 1},
  {name: 'Eyeglasses', label: 'glasses', sign: 1},
  {name: 'Wearing_Hat', label: 'hat', sign: 1},
  {name: 'No_Beard', label: 'beard', sign: -1},
  {name: 'Bangs', label: 'bangs', sign: 1},
  {name: 'Bald', label: 'bald', sign: 1},
  {name: 'Black_Hair', label: 'black hair', sign: 1},
  {name: 'Blond_Hair', label: 'blond hair', sign: 1},
  {name: 'Gray_Hair', label: 'gray hair', sign: 1},
  {name: 'Male', label: 'male', sign: 1},
  {name: 'Young', label: 'young', sign: 1},
];

/** Rows of a matrix. @param {{data: ArrayLike<number>, shape: number[]}} tensor  (N, Z) */
export const rowsOf = ({data, shape: [rows, length]}) =>
  Array.from({length: rows}, (_, row) => Array.from({length}, (_, d) => data[row * length + d]));

/**
 * The vectors of the sliders' attributes, in their order; zeros for one that the data does not know.
 * @param {number[][]} vectors  of all attributes of the data
 * @param {string[]} names  of these
 */
export const asked = (vectors, names) =>
  ATTRIBUTES.map(({name, sign}) => {
    const row = vectors[names.indexOf(name)] ?? vectors[0].map(() => 0);
    return row.map(value => sign * value);
  });

/**
 * start + the sum of values[i] * ways[i].
 * @param {number[]} start
 * @param {number[][]} ways
 * @param {number[]} values
 */
export const moved = (start, ways, values) =>
  start.map((value, d) => ways.reduce((sum, way, i) => sum + values[i] * way[d], value));

/** n numbers from 0 to 1, evenly. @param {number} n */
export const steps = n => Array.from({length: n}, (_, i) => i / (n - 1));

/**
 * The cross-fade: each value passes linearly from the first picture to the second.
 * @param {Uint8Array} first
 * @param {Uint8Array} second
 * @param {number} t  in [0, 1]
 */
export const faded = (first, second, t) => first.map((value, i) => Math.round((1 - t) * value + t * second[i]));
