"""python -m vaedemo, as a person types it: what it does, and one plain sentence where it cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from small_training import some_pictures
from small_world import NAME, World, small_world, write_mnist
from typer.testing import CliRunner, Result

from vaedemo import data
from vaedemo.__main__ import app
from vaedemo.data import digits
from vaedemo.recipes import NETS, RECIPES

torch.set_num_threads(1)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    few = some_pictures()
    monkeypatch.setitem(data.sets(), "digits", replace(data.sets()["digits"], twin=lambda split: few))
    with small_world(tmp_path) as world:
        yield world


@pytest.fixture
def real(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.undo()
    write_mnist(world.data)
    return world


def call(*words: str) -> Result:
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def refusal(*words: str) -> str:
    """The sentence that such a call is refused with."""
    result = call(*words)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert result.stdout == "" or words[0] == "train"
    return " ".join(result.stderr.replace("│", " ").split())


def test_help_names_every_command(world: World) -> None:
    result = call("--help")
    assert all(
        command in result.output for command in ("demo", "list", "train", "evaluate", "publish", "data", "doctor")
    )
    for command in ("demo", "list", "train", "evaluate", "publish", "data", "doctor"):
        assert call(command, "--help").exit_code == 0


def test_list_says_where_each_model_comes_from(world: World) -> None:
    result = call("list")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == [*RECIPES, *NETS]
    assert "not here" in result.output


def test_help_and_list_do_not_wait_for_torch() -> None:
    code = "import sys; from vaedemo.__main__ import app; app(['list'], standalone_mode=False); "
    code += "sys.exit('torch' in sys.modules)"
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "HF_ENDPOINT": "http://127.0.0.1:1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_train_goes_on_where_it_stopped(world: World) -> None:
    first = call("train", NAME, "--minutes", "0")
    assert first.exit_code == 0
    assert f"{NAME}: 96 pictures of a few digits; checkpoints in {world.runs / NAME}" in first.output
    assert "nats a picture" in first.output
    assert "images/s" in first.output
    assert f"{NAME}: step 1 of 40" in first.output
    assert f"{NAME}: step 2 of 40" in call("train", NAME, "--minutes", "0").output
    assert f"{NAME}: step 40 of 40" in call("train", NAME).output
    assert f"{NAME}: step 1 of 3" in call("train", NAME, "--minutes", "0", "--steps", "3", "--fresh").output


def test_train_refuses_plainly(world: World, tmp_path: Path) -> None:
    call("train", NAME, "--minutes", "0")
    assert "horizon of 40 steps; it cannot become 7 half-way" in refusal("train", NAME, "--steps", "7")
    assert "unknown model 'digit'; known: digits-2d, digits, digits-ae" in refusal("train", "digit")
    assert "no device 'tpuu' here" in refusal("train", NAME, "--device", "tpuu")
    assert f"--data {tmp_path / 'none'}: MNIST was not found." in refusal(
        "train", NAME, "--data", str(tmp_path / "none")
    )
    assert "only models of the real data ship, and here are a few digits" in refusal("train", NAME, "--promote")
    for steps in ("many", "0"):  # the rest of these sentences is Typer's own
        assert "--steps" in refusal("train", NAME, "--steps", steps)


def test_ctrl_c_stops_without_a_traceback(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaedemo import training

    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "fit", interrupted)
    result = call("train", NAME)
    assert result.exit_code == 130
    assert "the last checkpoint is kept" in result.output


def test_trained_promoted_and_evaluated(real: World) -> None:
    trained = call("train", NAME, "--data", str(real.data), "--promote")
    assert trained.exit_code == 0, trained.output
    assert "Promoted to weights/." in trained.output
    assert "bundled" in call("list").output
    again = call("train", NAME, "--data", str(real.data), "--promote")
    assert "Not promoted: the one in place is better." in again.output
    told = call("evaluate", NAME)
    assert "nll " in told.output
    as_json = call("evaluate", NAME, NAME, "--json")
    assert as_json.stderr == ""
    one, two = (json.loads(line) for line in as_json.stdout.splitlines())
    assert one == two == json.loads((real.weights / NAME / "metrics.json").read_text())


def test_evaluate_refuses_plainly(world: World) -> None:
    assert "unknown model 'x'" in refusal("evaluate", "x", "--json")
    assert f"no source has the model {NAME!r}" in refusal("evaluate", NAME)


def test_data_says_where_it_is_or_how_to_get_it(real: World) -> None:
    missing = call("data", "digits")
    assert missing.exit_code == 0
    assert "MNIST was not found. Put the four ubyte files" in missing.output
    found = call("data", "digits", "--data", str(real.data))
    assert found.output.strip() == f"MNIST: found in {real.data / 'MNIST/raw/train-images-idx3-ubyte'}"
    assert "unknown data set 'letters'; known: digits" in refusal("data", "letters")


def test_a_download_that_fails_says_so(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    digits._torchvision_beside_any_torch()
    from torchvision.datasets import MNIST

    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:1/"])
    assert "torchvision could not download MNIST" in refusal("data", "digits", "--download", "--data", str(tmp_path))


def test_publish_refuses_plainly(world: World) -> None:
    assert "unknown model 'x'" in refusal("publish", "x", "--repo", "me/weights")
    assert f"weights/{NAME} is not fit to be published" in refusal("publish", NAME, "--repo", "me/weights")
