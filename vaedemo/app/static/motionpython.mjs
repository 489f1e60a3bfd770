/** The Python that begins with the still in view. */

/** @param {import('./moving.mjs').Still} still */
export const stillCode = ({scene}) => `import torch, vaedemo
from vaedemo.data.motion import to_offsets
${scene ? `from vaedemo.data import forks

still = torch.from_numpy(forks.scene("${scene.kind}", seed=${scene.seed}).still())  # (3, 64, 64)` : `from vaedemo.app import forecasting

still = torch.from_numpy(forecasting.seen(open("photo.jpg", "rb").read()).still)  # (12288,), its middle square`}
y = still.flatten() / 255`;
