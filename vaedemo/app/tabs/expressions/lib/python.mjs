/** The Python that makes what the page shows. */

/** @typedef {import('./portrait.mjs').Face} Face @typedef {import('./portrait.mjs').Edit} Edit */

/** The photo's path. @param {Face} face @param {string} [name]  of a file of one's own */
const pathOf = ({example}, name = 'photo') =>
  example ? `Path(vaedemo.__file__).parent / "web/examples/${example}.jpg"` : `Path("${name}.jpg")`;

/** @param {Face} face @param {string[]} [more]  lines of imports; with any, vaedemo is imported itself */
function begun(face, more = []) {
  const {example} = face;
  const packages = more.length || example ? [...new Set([...more, 'import vaedemo'])] : [];
  return `from pathlib import Path

${[...packages, 'from vaedemo import express'].join('\n')}

face = express.face(${pathOf(face)})`;
}

/** @param {Face} face @param {Edit} edit */
export const editOf = (face, {expression, strength}) => `${begun(face)}
express.edited(face, "${expression}", ${strength.toFixed(2)}).save("${expression}.png")  # at the photo's full size`;

/** @param {Face} face @param {Edit} edit */
export const flowOf = (face, {expression, strength}) => `${begun(face)}
flow = express.flow(face, "${expression}", ${strength.toFixed(2)})  # (1, 2, 64, 64), in pixels of the face's own square
# edited(x, y) = photo(x + flow_x, y + flow_y)`;

/** @param {Edit[]} edits */
const strengthsOf = edits =>
  `{${edits.map(({expression, strength}) => `"${expression}": ${strength.toFixed(2)}`).join(', ')}}`;

/** @param {Face} face @param {Edit[]} edits */
export function mixOf(face, edits) {
  return `${begun(face)}
flow = express.mixed_flow(face, ${strengthsOf(edits)})  # z of both added up
express.painted(face, flow, express.warped(face, flow)).save("both.png")`;
}

/** @param {Face} face @param {{n: number, z: number, seed: number, temperature: number}} drawn */
export const drawnOf = (face, {n, z, seed, temperature}) => `${begun(face, ['import torch'])}
from vaedemo.latents import draw

z = ${temperature} * torch.from_numpy(draw(${n}, ${z}, seed=${seed}))
for i, flow in enumerate(express.decoded_flow(face, z).split(1)):
    express.painted(face, flow, express.warped(face, flow)).save(f"drawn-{i}.png")`;

/** @param {Face} face @param {number} smile */
export const pixelsOf = (face, smile) => `${begun(face, ['import torch'])}
from vaedemo.vision import preprocessing

places = face.placed(torch.tensor(express.OWN_EYES)) - 0.5  # of the eyes, in pixels of the photo
x = torch.from_numpy(preprocessing.to_portrait(face.image, places))[None]  # (1, 3, 64, 64)
model, drawer = vaedemo.load("faces-cvae"), vaedemo.load("faces-sharp")
reader = vaedemo.load_net("faces-reader")
y = reader.expected(x)[:, model.columns]  # what is read in the photo
z = model.encode(x, y).mean
smiling = model.attributes.index("Smiling")
y[:, smiling] += ${smile.toFixed(2)} * (1 - y[:, smiling])
mean, sharp = model.render(model.decode(z, y)), drawer.render(drawer.decode(z, y))  # (1, 3, 64, 64)
flow = express.edited(face, "smile", ${smile.toFixed(2)})  # at the photo's full size`;

/** @param {Face} face @param {Edit[][]} edits  of each part of the face */
export function partsInPython(face, edits) {
  const flows = edits.map(some => `    express.mixed_flow(face, ${strengthsOf(some)}),`);
  return `${begun(face)}
flows = [
${flows.join('\n')}
]
flow = sum(part * flow for part, flow in zip(express.parts(face), flows))  # left, right, below
express.painted(face, flow, express.warped(face, flow)).save("parts.png")`;
}

/** @param {Face} one @param {Face} other @param {number} t */
export const pairOf = (one, other, t) => `${begun(one, other.example ? ['import vaedemo'] : [])}
other = express.face(${pathOf(other, 'second')})
pair = express.pair(face, other)  # flows between both, from their landmarks
pair.at(${t.toFixed(2)}).save("between.png")`;

/**
 * @param {Face} one @param {Face[]} others
 * @param {number[]} landmarks  that are pulled @param {number[]} moves  of them, backwards, x and y of each
 */
export function borrowedOf(one, others, landmarks, moves) {
  const rows = landmarks.map((_, i) => `[${(-moves[2 * i]).toFixed(1)}, ${(-moves[2 * i + 1]).toFixed(1)}]`);
  return `${begun(one, ['import torch'])}
landmarks = [${landmarks.join(', ')}]
pulls = torch.tensor([${rows.join(', ')}]).reshape(-1, 2)  # in pixels of the face's own square of 64
z = express.fitted_code(face, face.points[0, landmarks] + pulls, -pulls)  # the most probable one
photos = [
${others.map(other => `    ${pathOf(other)},`).join('\n')}
]
for i, other in enumerate([face, *map(express.face, photos)]):
    flow = express.decoded_flow(other, z)
    express.painted(other, flow, express.warped(other, flow)).save(f"borrowed-{i}.png")`;
}
