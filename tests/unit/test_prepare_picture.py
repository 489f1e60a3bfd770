"""Pictures prepared by the browser, in Node, are those that the server prepares: drawn, photographed, odd ones."""

from __future__ import annotations

import json
import os
import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from safetensors.numpy import load_file, save_file

from vaedemo import colorize
from vaedemo.errors import BadPicture
from vaedemo.vision import preprocessing

ROOT = Path(__file__).parents[2]

SCRIPT = """
import {readFileSync, writeFileSync} from 'node:fs';
const [engine, folder] = process.argv.slice(-2);
const {onWhite, prepare} = await import(`${engine}/prepare-picture.mjs`);
const {photoOf} = await import(`${engine}/prepare-photo.mjs`);
const {readTensors, writeTensors} = await import(`${engine}/safetensors.mjs`);
const asked = readTensors(Uint8Array.from(readFileSync(`${folder}/asked.safetensors`)).buffer);
const [answers, refused] = [{}, {}];
for (const [key, {data, shape: [height, width]}] of Object.entries(asked)) {
  if (key.startsWith('photo ')) {
    const {light, grey, field, ...size} = photoOf(onWhite({data, width, height}), [width, height]);
    const all = [size.width, size.height, ...light, ...grey, ...(field ?? [])];
    answers[key] = {data: Float32Array.from(all), shape: [all.length]};
    continue;
  }
  try {
    const planes = prepare(key.split(' ')[0], {data, width, height});
    answers[key] = {data: planes, shape: [planes.length]};
  } catch (error) {
    refused[key] = error.message;
  }
}
writeFileSync(`${folder}/answers.safetensors`, writeTensors(answers));
writeFileSync(`${folder}/refused.json`, JSON.stringify(refused));
"""


def stroke(size: tuple[int, int], pen: int, paper: str, ink: str, seed: int) -> Image.Image:
    """A curve that a hand might draw, somewhere in a picture."""
    dice = np.random.default_rng(seed)
    image = Image.new("RGB", size, paper)
    points = (dice.uniform(0.2, 0.8, (4, 2)) * size).tolist()
    ImageDraw.Draw(image).line([tuple(point) for point in points], fill=ink, width=pen, joint="curve")
    return image


def shaded() -> Image.Image:
    """A photo of a pen's stroke on paper that is darker to one side, with noise."""
    levels = np.asarray(stroke((900, 700), 30, "white", "black", 5), float)
    levels = levels * np.linspace(0.75, 1, 900)[None, :, None] + np.random.default_rng(1).normal(0, 3, levels.shape)
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def blots(size: tuple[int, int], seed: int) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def cut_out() -> Image.Image:
    """A thing on no ground, half of its edge clear."""
    image = blots((260, 260), 10).convert("RGBA")
    image.putalpha(stroke((260, 260), 60, "black", "white", 11).convert("L").resize((65, 65)).resize((260, 260)))
    return image


def png(image: Image.Image) -> bytes:
    image.save(stream := BytesIO(), "PNG")
    return stream.getvalue()


PICTURES = {
    "pad": stroke((280, 280), 22, "black", "white", 0),
    "pad, other": stroke((280, 280), 22, "black", "white", 1),
    "thin": stroke((300, 200), 3, "white", "navy", 2),
    "hair": stroke((300, 200), 1, "white", "black", 2),
    "tiny": stroke((40, 30), 4, "white", "black", 3),
    "wide": stroke((1200, 333), 40, "beige", "darkred", 4),
    "shaded": shaded(),
    "photo": blots((517, 389), 7),
    "upright photo": blots((200, 431), 8),
    "small photo": blots((50, 61), 9),
    "cut out": cut_out(),
    "blank": Image.new("RGB", (100, 100), "grey"),
}

PHOTOS = ("photo", "upright photo", "wide", "shaded", "cut out")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """What the browser makes of every picture for every data set, and what it refuses."""
    node = subprocess.run(["tools/node.sh"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    if not node:
        pytest.skip("no Node.js is here: no picture was prepared by JavaScript")
    folder = tmp_path_factory.mktemp("pictures")
    data = ("digits", "sprites", "turntable", "lighting")
    asked = {f"{name} {key}": np.asarray(image.convert("RGBA")) for key, image in PICTURES.items() for name in data}
    asked |= {f"photo {key}": np.asarray(PICTURES[key].convert("RGBA")) for key in PHOTOS}
    save_file(asked, folder / "asked.safetensors")
    engine = (ROOT / "vaedemo/web/engine").as_posix()
    command = [os.path.join(node, "node"), "--input-type=module", "-e", SCRIPT, "--", engine, folder.as_posix()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return load_file(folder / "answers.safetensors"), json.loads((folder / "refused.json").read_text())


@pytest.mark.parametrize("data", ["digits", "sprites", "turntable", "lighting"])
@pytest.mark.parametrize("key", PICTURES)
def test_a_picture_is_prepared_as_by_the_server(
    answers: tuple[dict[str, np.ndarray], dict[str, str]], key: str, data: str
) -> None:
    planes, refused = answers
    image = preprocessing.read(png(PICTURES[key]))
    if f"{data} {key}" in refused:
        with pytest.raises(BadPicture, match=refused[f"{data} {key}"]):
            preprocessing.prepared(image, data)
        return
    wanted = preprocessing.prepared(image, data)
    assert wanted.max() > 0.2
    np.testing.assert_allclose(planes[f"{data} {key}"], wanted.ravel(), atol=1 / 255)


@pytest.mark.parametrize("key", PHOTOS)
def test_a_photo_is_read_as_by_the_server(answers: tuple[dict[str, np.ndarray], dict[str, str]], key: str) -> None:
    photo = colorize.photo(png(PICTURES[key]), 640)
    (width, height, *got), light = answers[0][f"photo {key}"], photo.light[0, 0].numpy()
    assert (height, width) == light.shape
    wanted = [(255 * light).round().ravel(), photo.grey, [] if photo.field is None else photo.field.ravel()]
    np.testing.assert_allclose(got, np.concatenate(wanted), atol=1)
