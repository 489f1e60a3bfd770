"""The image tower and what colors photos on it, in Node, against PyTorch: maps, fields, and the same eight answers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from torch.nn import functional as F

from vaedemo import colorize, forecast, zoo
from vaedemo.data import motion_scenes, people, photos
from vaedemo.data.synthetic import streets
from vaedemo.errors import ChainError
from vaedemo.latents import draw
from vaedemo.models.image_tower import shared
from vaedemo.models.tower_motion import TowerMotion
from vaedemo.recipes import Recipe
from vaedemo.release.browser_nets import net_file

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "weights"
MODELS = ("colorization", "colorization-cvae")

SCRIPT = """
import {readFileSync, writeFileSync} from 'node:fs';
const [engine, folder] = process.argv.slice(-2);
const {TowerModels} = await import(`${engine}/tower-work.mjs`);
const {saidBy} = await import(`${engine}/future-groups.mjs`);
const {ImageTower} = await import(`${engine}/image-tower.mjs`);
const {greyOf} = await import(`${engine}/prepare-photo.mjs`);
const {readTensors, writeTensors} = await import(`${engine}/safetensors.mjs`);
const buffer = name => Uint8Array.from(readFileSync(`${folder}/${name}.safetensors`)).buffer;
const kernels = new WebAssembly.Module(readFileSync(`${engine}/kernels.wasm`));
const {greys, zs} = readTensors(buffer('asked'));
const models = new TowerModels(kernels, buffer('imagenet-tower'));
const told = {};
const keep = (name, values) => (told[name] = {data: Float32Array.from(values), shape: [values.length]});
for (const model of ['colorization', 'colorization-cvae']) models.learn(model, buffer(model));
for (let i = 0; i < greys.shape[0]; i++) {
  const grey = greys.data.slice(i * 25600, (i + 1) * 25600);
  for (const tints of [false, true]) {
    const {fields, weights, z} = models.answer({model: 'colorization', grey, ask: 'colors', n: 8, tints});
    keep(`fields ${i} ${tints}`, fields);
    keep(`weights ${i} ${tints}`, weights);
    keep(`z ${i} ${tints}`, z.flatMap(code => [...code]));
  }
  for (const model of ['colorization', 'colorization-cvae']) {
    keep(`mean ${i} ${model}`, models.answer({model, grey, ask: 'mean'}).fields);
    keep(`recolor ${i} ${model}`, models.answer({model, grey, ask: 'recolor', zs: zs.data}).fields);
  }
}
const first = greys.data.slice(0, 25600);
const {fields, nearest} = models.answer({model: 'colorization', grey: first, ask: 'draws', n: 20, seed: 7});
keep('drawn', fields);
keep('nearest', nearest);
for (const cell of [370, 0]) {
  const asked = {model: 'colorization', grey: first, ask: 'object', cell, n: 6, seed: 3};
  const {fields, part, colors} = models.answer(asked);
  keep(`object ${cell}`, fields);
  keep(`part ${cell}`, part);
  keep(`colors ${cell}`, colors);
}
keep('cells', models.answer({model: 'colorization', grey: first, ask: 'cells', n: 3, seed: 11}).fields);
models.learn('motion', buffer('motion'));
const {still, latents} = readTensors(buffer('asked'));
const moved = models.answer({model: 'motion', grey: still.data, ask: 'moved', zs: latents.data});
keep('trajectories', moved.trajectories);
keep('far', [Number(moved.far)]);
const {shown, drawn} = readTensors(buffer('asked'));
const grey = greyOf(shown.data, 256);
keep('grey of shown', grey);
const {trajectories} = models.answer({model: 'motion', grey, ask: 'moved', zs: drawn.data});
const each = Array.from({length: 200}, (_, i) => trajectories.subarray(i * 2560, (i + 1) * 2560));
for (const arrows of [[], [{row: 6, column: 5, right: 4, down: -3}]]) {
  for (const [key, values] of Object.entries(saidBy(each, arrows))) keep(`${key} ${arrows.length}`, values);
}
writeFileSync(`${folder}/tower.safetensors`, models.answer({model: 'motion', grey: still.data, ask: 'decoder'}).file);
const maps = new ImageTower(kernels, buffer('imagenet-tower')).maps(Float32Array.from(first, level => level / 255));
maps.forEach(({data}, i) => keep(`map ${i}`, data));
writeFileSync(`${folder}/answers.safetensors`, writeTensors(told));
"""


@pytest.fixture(scope="module")
def seen() -> np.ndarray:
    """Two drawn streets as the models see them, (2, 25600)."""
    drawn = streets.streets(2, 5)
    light, ab = torch.from_numpy(drawn.lightness)[:, None] / 100, torch.from_numpy(drawn.field) / 128
    x = photos.packed(light, ab)[:, : photos.PLANES]
    return F.pixel_shuffle(x, photos.PIXELS).flatten(1).numpy()


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, seen: np.ndarray) -> dict[str, np.ndarray]:
    """What the script was told; of the tower's file the tensors, too."""
    node = subprocess.run(["tools/node.sh"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    if not node:
        pytest.skip("no Node.js is here: the browser's nets were not run")
    folder = tmp_path_factory.mktemp("nets")
    for name in (*MODELS, "motion", "imagenet-tower"):
        recipe = Recipe.from_json((WEIGHTS / name / "config.json").read_text(encoding="utf-8"))
        (folder / f"{name}.safetensors").write_bytes(net_file(WEIGHTS / name / "model.safetensors", recipe))
    asked = {"greys": seen, "zs": zs(), "still": still(), "latents": zs()[:, :8].copy()}
    asked |= {"shown": shown(), "drawn": draw(200, 8, seed=0)}
    save_file(asked, folder / "asked.safetensors")
    engine = (ROOT / "vaedemo/web/engine").as_posix()
    command = [os.path.join(node, "node"), "--input-type=module", "-e", SCRIPT, "--", engine, folder.as_posix()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0, ran.stderr
    return load_file(folder / "answers.safetensors") | load_file(folder / "tower.safetensors")


def zs() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(3, 26)).astype(np.float32)


def still() -> np.ndarray:
    """A drawn person as the model of motion sees it, (25600,)."""
    x = people.still_of(torch.from_numpy(motion_scenes.scene("figure", seed=0).still(photos.SEEN)))
    return F.pixel_shuffle(x, photos.PIXELS).flatten().numpy()


def shown() -> np.ndarray:
    """A drawn person as the page paints it, (256, 256, 3)."""
    return motion_scenes.scene("figure", seed=3).still(256).transpose(1, 2, 0).copy()


def same_bytes(got: np.ndarray, wanted: np.ndarray) -> None:
    """Bytes may be rounded to either side."""
    assert np.abs(got - wanted.ravel().astype(float)).max() <= 1
    assert wanted.std() > 2


def test_maps_are_the_towers(answers: dict[str, np.ndarray], seen: np.ndarray) -> None:
    with torch.no_grad():
        maps = shared()(torch.from_numpy(seen[:1].copy()).view(1, 1, 160, 160) / 255)
    for i, one in enumerate(maps):
        wanted = one[0].permute(1, 2, 0).numpy().ravel()
        assert np.abs(wanted).max() > 5
        np.testing.assert_allclose(answers[f"map {i}"], wanted, atol=1e-3)


@pytest.mark.parametrize("tints", [False, True])
def test_the_answers_are_the_models(answers: dict[str, np.ndarray], seen: np.ndarray, tints: bool) -> None:
    for i, grey in enumerate(seen):
        wanted = colorize.answers("colorization", grey, 8, 0, tints)
        assert wanted.z is not None
        assert wanted.weights is not None
        key = f"{i} {str(tints).lower()}"
        same_bytes(answers[f"fields {key}"], wanted.fields)
        np.testing.assert_allclose(answers[f"z {key}"], wanted.z.ravel(), atol=1e-3)
        np.testing.assert_allclose(answers[f"weights {key}"], wanted.weights, atol=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_means_and_codes_are_painted_alike(answers: dict[str, np.ndarray], seen: np.ndarray, model: str) -> None:
    for i, grey in enumerate(seen):
        same_bytes(answers[f"mean {i} {model}"], colorize.mean(model, grey))
        same_bytes(answers[f"recolor {i} {model}"], colorize.recolored(model, grey, zs()))


@pytest.mark.parametrize("cell", [370, 0])
def test_one_thing_takes_the_colors_that_pytorch_gives_it(
    answers: dict[str, np.ndarray], seen: np.ndarray, cell: int
) -> None:
    wanted = colorize.one_object("colorization", seen[0], cell // 32, cell % 32, 6, 3)
    same_bytes(answers[f"object {cell}"], wanted.fields)
    same_bytes(answers[f"part {cell}"], wanted.part)
    same_bytes(answers[f"colors {cell}"], wanted.colors)


def test_a_seed_draws_what_pytorch_draws(answers: dict[str, np.ndarray], seen: np.ndarray) -> None:
    wanted = colorize.draws("colorization", seen[0], 20, 7)  # 20 x 26 numbers are no multiple of sixteen
    same_bytes(answers["drawn"], colorize.as_bytes(wanted.fields))
    assert answers["nearest"].tolist() == wanted.answer.tolist()
    cells = colorize.cells("colorization", seen[0], 3, 11).ravel()
    assert len(np.unique(cells)) > 5
    assert (np.abs(answers["cells"] - cells) > 1).mean() < 1e-3  # a draw may fall between two roundings of a share


def test_what_moves_is_what_pytorch_moves(answers: dict[str, np.ndarray]) -> None:
    model = zoo.loaded("motion")
    assert isinstance(model, TowerMotion)
    y, z = torch.from_numpy(still()).float() / 255, torch.from_numpy(zs()[:, :8].copy())
    with torch.no_grad():
        wanted = model.decode(z, y[None])
        features = model.image(y[None])
        parts = {"features": features[0], "moves": model.will_move(features)[0], "typical": model.typical}
    assert float(wanted.abs().max()) > 1  # pixels
    np.testing.assert_allclose(answers["trajectories"], wanted.flatten(), atol=1e-3)
    assert bool(answers["far"][0]) == model.unlike(y)
    parts |= {f"tower.{key}": value for key, value in model.tower.state_dict().items()}
    assert set(parts) <= set(answers)
    for key, value in parts.items():
        assert answers[key].shape == value.shape
        np.testing.assert_allclose(answers[key], value, atol=1e-3)


def test_futures_are_grouped_and_weighed_alike(answers: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecast, "WEIGHED", 200)  # the script's draws
    y = F.pixel_shuffle(people.still_of(torch.from_numpy(shown()).permute(2, 0, 1)), photos.PIXELS)
    same_bytes(answers["grey of shown"], y.numpy())
    for arrows in ((), ((6, 5, 4.0, -3.0),)):
        wanted, key = forecast.forecast("motion", shown().ravel(), 200, 0, arrows), len(arrows)
        assert answers[f"mode {key}"].tolist() == [future.mode for future in wanted.futures]
        assert len(wanted.shares) > 1
        np.testing.assert_allclose(answers[f"shares {key}"], wanted.shares, atol=1e-3)
        np.testing.assert_allclose(answers[f"spread {key}"], wanted.spread.ravel(), atol=1e-2)
        typical = [wanted.futures[int(i)] for i in answers[f"typical {key}"]]
        assert [future.trajectories.tolist() for future in typical] == [
            future.trajectories.tolist() for future in wanted.typical
        ]
        if arrows:
            weights = np.array([future.weight for future in wanted.futures], float)
            np.testing.assert_allclose(answers[f"weights {key}"], weights, atol=1e-3)


def test_a_net_that_lacks_a_tensor_is_refused_by_name(tmp_path: Path) -> None:
    save_file({"tower.stem.weight": np.ones((32, 1, 3, 3), np.float16)}, tmp_path / "model.safetensors")
    recipe = Recipe.from_json((WEIGHTS / "imagenet-tower" / "config.json").read_text(encoding="utf-8"))
    with pytest.raises(ChainError, match=r"tensor tower\.stem\.bias is missing"):
        net_file(tmp_path / "model.safetensors", recipe)
