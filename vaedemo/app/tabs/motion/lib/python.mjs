/** The Python that begins with the still in view. */

/**
 * Lines that cut a photo's square into a file, where it is not the middle one, and that file's name.
 * @param {import('./still-store.mjs').Still} still
 * @returns {[string, string]}
 */
export const squareOf = ({region}) => (region ? [cutOf(region), 'square.png'] : ['', 'photo.jpg']);

/** @param {number[]} region */
const cutOf = region => `from PIL import Image, ImageOps

ImageOps.exif_transpose(Image.open("photo.jpg")).crop((${region.join(', ')})).convert("RGB").save("square.png")
`;

/** @param {import('./still-store.mjs').Still} still */
export const stillCode = still => `import torch, vaedemo
from vaedemo.data.motion import to_offsets
${still.scene ? ofScene(still.scene) : ofPhoto(still)}`;

/** @param {{kind: string, seed: number}} scene */
const ofScene = ({kind, seed}) => `from vaedemo.data import motion_scenes

still = torch.from_numpy(motion_scenes.scene("${kind}", seed=${seed}).still())  # (3, 64, 64)
y = still.flatten() / 255`;

/** @param {import('./still-store.mjs').Still} still */
function ofPhoto(still) {
  const [cut, file] = squareOf(still);
  return `from vaedemo import forecast
from vaedemo.data import people
${cut}
seen = forecast.seen(open("${file}", "rb").read())${cut ? '' : '  # its middle square'}
picture = torch.from_numpy(seen.shown).permute(2, 0, 1)  # (3, 256, 256)
y = vaedemo.load("${still.model}").still(people.still_of(picture) / 255)  # L / 100 of 160 x 160 pixels`;
}
