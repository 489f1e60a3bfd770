/** The Python that begins with the still in view. */

/**
 * Lines that cut a photo's square into a file, where it is not the middle one, and that file's name.
 * @param {import('./still-store.mjs').Still} still
 * @returns {[string, string]}
 */
export const squareOf = ({region}) =>
  region
    ? [
        `from PIL import Image, ImageOps

ImageOps.exif_transpose(Image.open("photo.jpg")).crop((${region.join(', ')})).convert("RGB").save("square.png")
`,
        'square.png',
      ]
    : ['', 'photo.jpg'];

/** @param {import('./still-store.mjs').Still} still */
export const stillCode = still => {
  const {scene} = still;
  const [cut, file] = squareOf(still);
  return `import torch, vaedemo
from vaedemo.data.motion import to_offsets
${
  scene
    ? `from vaedemo.data import motion_scenes

still = torch.from_numpy(motion_scenes.scene("${scene.kind}", seed=${scene.seed}).still())  # (3, 64, 64)`
    : `from vaedemo import forecast
${cut}
still = torch.from_numpy(forecast.seen(open("${file}", "rb").read()).still)  # (12288,)${cut ? '' : ', its middle square'}`
}
y = still.flatten() / 255`;
};
