"""A recipe through JSON, and those of earlier versions: `rate` is `lr` now, `looks` is `iic`."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch
from small_training import RECIPE, after, same, train

from vaedemo.models import build_net
from vaedemo.recipes import KNOWN, Recipe
from vaedemo.store.paths import weights_folder

OLD = {"lr": "rate", "iic": "looks"}


def as_before(recipe: Recipe) -> str:
    """What an earlier version wrote of a recipe."""

    def renamed(values: dict) -> dict:
        return {OLD.get(key, key): value for key, value in values.items()}

    values = renamed(json.loads(recipe.to_json()))
    return json.dumps({**values, "objective": renamed(values["objective"])})


@pytest.mark.parametrize("name", KNOWN)
def test_a_recipe_of_before_is_read(name: str) -> None:
    recipe = Recipe.from_json(KNOWN[name].to_json())  # lists for tuples, as JSON has them
    assert Recipe.from_json(as_before(KNOWN[name])) == recipe


def test_all_old_words_occur() -> None:
    shipped = [Recipe.from_json(file.read_text(encoding="utf-8")) for file in weights_folder().glob("*/config.json")]
    words = json.dumps([as_before(recipe) for recipe in (*KNOWN.values(), *shipped)])
    assert all(f'\\"{old}\\":' in words and f'\\"{new}\\":' not in words for new, old in OLD.items())


@pytest.mark.parametrize("name", KNOWN)
def test_the_shipped_config_rebuilds_its_model(name: str) -> None:
    """Their files stay as they were: their checksums ship."""
    if not (weights_folder() / name).is_dir():
        pytest.skip(f"{name} does not ship yet")
    text = (weights_folder() / name / "config.json").read_text(encoding="utf-8")
    recipe, said = Recipe.from_json(text), json.loads(text)
    assert (recipe.name, recipe.lr) == (name, said.get("lr", said.get("rate")))
    assert build_net(recipe, folded=True).state_dict().keys()


def test_a_checkpoint_of_before_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path / "here"))
    undisturbed = train(steps=6)
    monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path / "before"))
    train(steps=6, stop=after(3))
    file = tmp_path / "before" / RECIPE.name / "checkpoint.pt"
    kept = torch.load(file, weights_only=True)
    assert kept["step"] == 3
    torch.save({**kept, "recipe": as_before(RECIPE)}, file)
    run = train(steps=6)
    assert run.step == 6
    assert same(dict(run.model.state_dict()), dict(undisturbed.model.state_dict()))
    with pytest.raises(ValueError, match=r"lr: 0.003, now 0.001"):
        train(dataclasses.replace(RECIPE, lr=1e-3))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": 1, "speed": 2}', '{"objective": 3}'])
def test_what_is_no_recipe_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a recipe"):
        Recipe.from_json(text)
