"""From a run to weights/NAME: only what is better ships, and what ships is complete."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from small_world import NAME, World, small_world, write_mnist

import vaedemo
from vaedemo import data, training
from vaedemo.errors import Misfit
from vaedemo.models import assemble, build
from vaedemo.models.base import LatentModel
from vaedemo.models.vae import VAE
from vaedemo.recipes import KNOWN, Recipe
from vaedemo.release import export
from vaedemo.release.browser_export import browser_file
from vaedemo.store import bundles, checksums, packed
from vaedemo.store.packed import Tensors

torch.set_num_threads(1)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with small_world(tmp_path) as world:
        write_mnist(world.data)
        monkeypatch.setenv("VAEDEMO_DATA", str(world.data))
        yield world


def a_run(world: World, model: str = "vae", steps: int = 40) -> training.Run:
    recipe = dataclasses.replace(world.recipe, model=model, objective=world.recipe.objective if model == "vae" else {})
    return training.fit(recipe, steps=steps, device="cpu", fresh=True)


def worse(run: training.Run) -> training.Run:
    model = copy.deepcopy(run.model)
    with torch.no_grad():
        model.decoder[-1].bias += 3  # type: ignore[operator]
    return dataclasses.replace(run, model=model)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_only_the_better_ships(world: World) -> None:
    run = a_run(world)
    said: list[str] = []
    bad = worse(run)
    assert export.promote(bad, {}, say=said.append)
    first = files(world.weights / NAME)
    good = dataclasses.replace(run, model=copy.deepcopy(run.model))
    assert export.promote(good, {}, say=said.append)
    second = files(world.weights / NAME)
    assert second["model.safetensors"] != first["model.safetensors"]
    assert not export.promote(worse(run), {}, say=said.append)
    assert files(world.weights / NAME) == second
    # As good as the one in place is not better.
    assert not export.promote(run, {}, say=said.append)
    assert "nothing in place" in said[0]
    assert all("lower is better" in line for line in said[1:])


def test_what_ships_is_found_whole_and_measured(world: World) -> None:
    run = a_run(world)
    assert export.promote(run, {}, say=lambda line: None)
    place = world.weights / NAME
    assert set(files(place)) == set(checksums.FILES)
    bundle = bundles.find(NAME)
    assert (bundle.badge.text, bundle.notes) == ("bundled", ())
    metrics = json.loads((place / "metrics.json").read_text())
    assert {"recipe": NAME, "data": "MNIST", "split": "test", "n": 300}.items() <= metrics.items()
    assert {"nll", "nll_se", "elbo", "rate", "distortion", "active_dimensions"} <= metrics.keys()
    assert Recipe.from_json((place / "config.json").read_text()).net == world.recipe.net
    card = (place / "README.md").read_text()
    assert "license: cc-by-sa-3.0" in card
    assert f"| nll | {metrics['nll']} ± {metrics['nll_se']} |" in card
    model = vaedemo.load(NAME)
    assert model.sample(3).shape == (3, 1, 28, 28)


@pytest.mark.parametrize("model", ["vae", "autoencoder"])
def test_the_file_is_the_folded_model_packed(
    world: World, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "LARGE", 100)  # the net is small
    run = a_run(world, model, steps=5)
    before = copy.deepcopy(run.model)
    export.write_bundle(run, tmp_path / "bundle")
    with safe_open(tmp_path / "bundle" / "model.safetensors", "np") as file:
        kept = Tensors(file)
    assert kept.names == build(run.recipe, folded=True).state_dict().keys()
    assert kept.packed
    assert "int8 with a scale for each 32 weights" in (tmp_path / "bundle" / "README.md").read_text()
    shipped = assemble(run.recipe, tmp_path / "bundle")
    assert isinstance(shipped, LatentModel)
    assert isinstance(before, LatentModel)
    z = torch.randn(50, 2)
    with torch.inference_mode():
        difference = (shipped.render(shipped.decode(z)) - before.render(before.decode(z))).abs().max()
    assert difference < 1 / 255
    with safe_open(tmp_path / "bundle" / "model.safetensors", "np") as file:
        about = file.metadata()
    assert (about["z"], about["y"], about["head"]) == ("2", "0", "sigmoid")
    assert [op["op"] for op in json.loads(about["decoder"])] == [*["linear"] * 2, "conv", *["conv_transpose"] * 2]
    assert len(browser_file(tmp_path / "bundle" / "model.safetensors")) > 1_000


def test_runs_on_drawn_data_never_ship(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run = dataclasses.replace(a_run(world, steps=2), synthetic=True, source="synthetic digits")
    with pytest.raises(ValueError, match="learned from synthetic digits; only models of the real data are promoted"):
        export.promote(run, {})
    assert not world.weights.exists()


def test_what_the_page_knows_is_about_the_codes(world: World) -> None:
    model = a_run(world, steps=5).model
    assert isinstance(model, VAE)
    pictures = data.load("digits", "test")
    known = model.page_tensors(pictures)
    shapes = {name: tuple(value.shape) for name, value in known.items()}
    assert shapes == {
        **{"kl": (2,), "mean": (2,), "std": (2,), "levels": (9,), "quantiles": (9, 2), "examples": (30, 2)},
        **{"map": (24, 24, 28, 28), "points": (300, 2), "sigma": (300, 2), "labels": (300,)},
    }
    with torch.inference_mode():
        posterior = model.encode(pictures.floats(slice(None)))
        torch.testing.assert_close(known["kl"], model.rate(posterior).mean(0), rtol=1e-4, atol=1e-6)
        corner = model.render(model.decode(torch.tensor([[-2.037, 2.037]])))  # the quantiles 1/48 and 47/48
    torch.testing.assert_close(known["mean"], posterior.mean.mean(0))
    torch.testing.assert_close(known["points"].float(), posterior.mean, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(known["quantiles"][4], posterior.mean.quantile(0.5, 0))
    assert torch.equal(known["labels"].long(), pictures.y)
    assert (known["map"][0, 0].float() - 255 * corner[0, 0]).abs().max() <= 1.5
    # Examples: three codes a class, in a row, of pictures of that class.
    for label in range(10):
        mine = posterior.mean[pictures.y == label]
        for code in known["examples"][3 * label : 3 * label + 3]:
            assert (mine - code).abs().sum(1).min() < 1e-5


def test_tensors_of_another_shape_are_refused(world: World, tmp_path: Path) -> None:
    export.write_bundle(a_run(world, steps=2), tmp_path / "bundle")
    wider = dataclasses.replace(world.recipe, net={**world.recipe.net, "hidden": 17})
    with pytest.raises(Misfit, match=r"model.safetensors has decoder.0.bias of 16, where .* has 17"):
        assemble(wider, tmp_path / "bundle")


def test_a_card_is_a_table_of_three_columns() -> None:
    for folder in (Path(__file__).parents[2] / "weights").iterdir():
        assert folder.name in KNOWN
        card = (folder / "README.md").read_text(encoding="utf-8")
        rows = [line for line in card.splitlines() if line.startswith("|")]
        assert len(rows) > 2
        assert {row.count("|") for row in rows} == {4}
