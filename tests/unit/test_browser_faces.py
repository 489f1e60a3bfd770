"""A face in a photo, found and aligned by the browser's modules in Node, as Python finds and aligns it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file
from skimage import data

from vaedemo import express, zoo
from vaedemo.models.eyes import Eyes
from vaedemo.recipes import NETS
from vaedemo.release.browser_encoders import encoder_file
from vaedemo.vision.face_alignment import align, find_face, turned_by, upright

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "weights"

SCRIPT = """
import {readFileSync, writeFileSync} from 'node:fs';
const [engine, folder] = process.argv.slice(-2);
const {Encoder} = await import(`${engine}/encoder.mjs`);
const {judged} = await import(`${engine}/encoding.mjs`);
const {alignedFace, uprightFace} = await import(`${engine}/find-face.mjs`);
const {landmarksOf} = await import(`${engine}/face-landmarks.mjs`);
const {readTensors, writeTensors} = await import(`${engine}/safetensors.mjs`);
const buffer = name => Uint8Array.from(readFileSync(`${folder}/${name}`)).buffer;
const kernels = new WebAssembly.Module(readFileSync(`${engine}/kernels.wasm`));
const judgeOf = name => {
  const net = new Encoder(kernels, buffer(`${name}.safetensors`));
  return async crops => ({answers: judged(net, crops)});
};
const [judge, marker] = [judgeOf('faces-eyes'), judgeOf('faces-landmarks')];
const [found, faces, placed, turned] = [{}, {}, {}, {}];
const given = JSON.parse(readFileSync(`${folder}/eyes.json`, 'utf8'));
for (const [name, {data, shape: [height, width]}] of Object.entries(readTensors(buffer('photos.safetensors')))) {
  const photo = {data, width, height};
  ({eyes: found[name], turned: turned[name]} = await uprightFace(photo, judge));
  if (given[name]) faces[name] = {data: alignedFace(photo, given[name]), shape: [3, 64, 64]};
  placed[name] = found[name] && (await landmarksOf(photo, found[name], marker));
}
writeFileSync(`${folder}/told.json`, JSON.stringify([found, placed, turned]));
writeFileSync(`${folder}/faces.safetensors`, writeTensors(faces));
"""

ASTRONAUT = Image.fromarray(data.astronaut())
PHOTOS = {
    "portrait": ASTRONAUT.crop((100, 0, 360, 300)),
    "large": ASTRONAUT.crop((60, 0, 380, 260)).resize((1_600, 1_300), Image.Resampling.BICUBIC),
    "aslant": ASTRONAUT.rotate(20, Image.Resampling.BICUBIC, fillcolor=(90, 90, 90)).crop((60, 20, 400, 360)),
    "none": Image.fromarray(data.coffee()),
}
POINTED = {"portrait": [[103.5, 101.0], [147.5, 103.0]], "large": [[700.5, 500.0], [935.5, 520.25]]}
POINTED |= {"aslant": [[20.0, 200.0], [90.0, 150.0]], "none": [[1.5, 2.0], [9.0, 3.0]]}


EXAMPLES = {name: Image.open(ROOT / f"vaedemo/web/examples/{name}.jpg") for name in ("author", "pickup")}
LYING = {f"{name}, {degrees}": turned_by(EXAMPLES[name], degrees) for name in EXAMPLES for degrees in (90, 180, 270)}


class Told(NamedTuple):
    """What the browser's modules say of each photo."""

    found: dict[str, Any]  # eyes, or None
    faces: dict[str, np.ndarray]  # aligned by the eyes that were pointed at
    placed: dict[str, dict[str, Any]]  # landmarks, and where the face's own square is
    turned: dict[str, int | None]  # by how many degrees it must be turned for a face to be found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    node = subprocess.run(["tools/node.sh"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    if not node:
        pytest.skip("no Node.js is here: no face was looked for by JavaScript")
    folder = tmp_path_factory.mktemp("faces")
    for net in ("faces-eyes", "faces-landmarks"):
        file = encoder_file(WEIGHTS / net / "model.safetensors", NETS[net])
        (folder / f"{net}.safetensors").write_bytes(file)
    (folder / "eyes.json").write_text(json.dumps(POINTED))
    save_file({name: np.asarray(photo) for name, photo in (PHOTOS | LYING).items()}, folder / "photos.safetensors")
    engine = (ROOT / "vaedemo/web/engine").as_posix()
    command = [os.path.join(node, "node"), "--input-type=module", "-e", SCRIPT, "--", engine, folder.as_posix()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0, ran.stderr
    found, placed, turned = json.loads((folder / "told.json").read_text())
    return Told(found, load_file(folder / "faces.safetensors"), placed, turned)


@pytest.mark.parametrize("name", PHOTOS)
def test_a_face_is_aligned_as_by_python(told: Told, name: str) -> None:
    np.testing.assert_allclose(told.faces[name], align(PHOTOS[name], POINTED[name]), atol=1 / 255)


@pytest.mark.parametrize("name", PHOTOS)
def test_a_face_is_found_where_python_finds_it(told: Told, name: str) -> None:
    net = zoo.loaded_net("faces-eyes")
    assert isinstance(net, Eyes)
    wanted = find_face(PHOTOS[name], net)
    assert (wanted is None) == (name == "none")
    assert told.turned[name] is None
    if wanted is None:
        assert told.found[name] is None
    else:
        apart = float(np.linalg.norm(wanted[1] - wanted[0]))
        np.testing.assert_allclose(told.found[name], wanted, atol=0.05 * apart)


@pytest.mark.parametrize("name", LYING)
def test_what_lies_on_its_side_is_turned_as_by_python(told: Told, name: str) -> None:
    net = zoo.loaded_net("faces-eyes")
    assert isinstance(net, Eyes)
    wanted = upright(LYING[name], net)
    turned = (wanted and wanted.degrees) or None
    assert (turned is None) == name.startswith("pickup")  # nobody turns what shows no face
    assert told.turned[name] == turned
    assert turned is None or told.found[name] is None


@pytest.mark.parametrize("name", [name for name in PHOTOS if name != "none"])
def test_landmarks_and_their_places_are_those_of_python(told: Told, name: str) -> None:
    placed, eyes = told.placed[name], told.found[name]
    wanted = express.face(PHOTOS[name], eyes)
    points = np.array(placed["points"]).reshape(-1, 2)
    np.testing.assert_allclose(points, wanted.points[0], atol=0.1)  # of the 64 pixels of the face's own square
    there = points @ np.array(placed["linear"]).T + placed["offset"]
    pixel = np.linalg.norm(wanted.linear[0])  # of those 64, in the photo's
    np.testing.assert_allclose(there, wanted.placed(wanted.points[0]), atol=0.5 * pixel)
