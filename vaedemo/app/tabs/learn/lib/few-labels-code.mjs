/** The Python that hands the visitor's labels on, as the page does it in 32 latents. */
import {NEIGHBOURS} from './few-labels.mjs';

/** @param {import('./few-labels.mjs').Labelled[]} known */
export const python = known => `import torch
import vaedemo
from vaedemo.latents import draw
from vaedemo.models.label_spreading import neighbour_graph, spread

y = torch.arange(2_000) % 10  # what the decoder is asked for
z = torch.from_numpy(draw(2_000, 8)).half().float()  # as the page gets them, in 16 bits
with torch.no_grad():
    x = vaedemo.load("digits-cvae").decode(torch.cat([z, torch.eye(10)[y]], 1)).sigmoid()
    codes = vaedemo.load("digits").encode(x).mean  # (2000, 32): no label was seen

known = torch.tensor([${known.map(({point}) => point).join(', ')}], dtype=torch.long)
said = torch.tensor([${known.map(({label}) => label).join(', ')}], dtype=torch.long)
reached = spread(neighbour_graph(codes, ${NEIGHBOURS}), known, said, 10)  # (2000, 10)
others = torch.ones(2_000, dtype=torch.bool).index_fill(0, known, False)
print((reached.argmax(1) != y)[others].float().mean())  # the share of wrong ones
`;
