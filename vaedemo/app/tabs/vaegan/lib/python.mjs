/** The Python that does what the tab opens with. */
import {GAN, MODELS} from './models.mjs';
import {STARTS, STEPS} from './search-run.mjs';

const NAMES = MODELS.filter(({encodes}) => encodes)
  .map(({name}) => `"${name}"`)
  .join(', ');

/** @param {number} seed  of the search */
export const pythonOf = seed => `import torch, vaedemo
from vaedemo.vision import preprocessing
from vaedemo.vision.latent_inversion import searched

photo = preprocessing.read("photo.jpg")
x = torch.from_numpy(preprocessing.prepared(photo, "faces", vaedemo.load_net("faces-eyes")))[None]  # (1, 3, 64, 64)
for name in (${NAMES}):
    model = vaedemo.load(name)
    picture = model.render(model.decode(model.encode(x).mean))  # (1, 3, 64, 64), in one step
    print(name, (picture - x).square().mean().item())
gan = vaedemo.load("${GAN}")  # it has no encoder: its z is searched for
*_, (step, z, errors) = searched(gan, x, steps=${STEPS}, starts=${STARTS}, seed=${seed})  # z: (1, ${STARTS}, Z)
best = z[0, errors[0].argmin()]
picture = gan.render(gan.decode(best[None]))  # (1, 3, 64, 64)
print("${GAN}", errors.min().item())`;
