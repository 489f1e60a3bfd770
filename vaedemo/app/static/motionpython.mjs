/** The Python that begins with the still in view. */

/** Lines that cut a photo's square into a file, where it is not the middle one, and that file's name. @param {import('./moving.mjs').Still} still @returns {[string, string]} */
export const squareOf = ({region}) => region ? [`from PIL import Image, ImageOps

ImageOps.exif_transpose(Image.open("photo.jpg")).crop((${region.join(', ')})).convert("RGB").save("square.png")
`, 'square.png'] : ['', 'photo.jpg'];

/** @param {import('./moving.mjs').Still} still */
export const stillCode = still => {
  const {scene} = still, [cut, file] = squareOf(still);
  return `import torch, vaedemo
from vaedemo.data.motion import to_offsets
${scene ? `from vaedemo.data import forks

still = torch.from_numpy(forks.scene("${scene.kind}", seed=${scene.seed}).still())  # (3, 64, 64)` : `from vaedemo.app import forecasting
${cut}
still = torch.from_numpy(forecasting.seen(open("${file}", "rb").read()).still)  # (12288,)${cut ? '' : ', its middle square'}`}
y = still.flatten() / 255`;
};
