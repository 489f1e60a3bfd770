"""What people hand to a model: a wrong shape, type or range is named in one ValueError, before any arithmetic."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from vaedemo.errors import VaedemoError
from vaedemo.models import build
from vaedemo.models.base import Batch, LatentModel
from vaedemo.recipes import RECIPES

torch.set_num_threads(1)
NAMES = ("digits-2d", "digits-cvae", "faces-vae", "faces-cvae", "faces-discvae", "turntable", "colorization", "motion")


@pytest.fixture(params=NAMES, scope="module")
def model(request: pytest.FixtureRequest) -> LatentModel:
    torch.manual_seed(0)
    return build(RECIPES[request.param]).eval()


def inputs(model: LatentModel, count: int = 2) -> dict[str, torch.Tensor]:
    given = {"x": torch.rand(count, *model.shape), "z": torch.randn(count, model.z)}
    return {**given, "y": torch.rand(count, model.y)}


def nan(x: torch.Tensor) -> torch.Tensor:
    return torch.where(torch.arange(x.numel()).view(x.shape) == 1, torch.nan, x)


WRONG: tuple[tuple[str, Callable[[torch.Tensor], object], str], ...] = (
    ("x", lambda x: (255 * x).to(torch.uint8), "x: a tensor of floating-point numbers is wanted, not torch.uint8"),
    ("x", lambda x: x.double(), "x: torch.float32 is wanted, not torch.float64"),
    ("x", lambda x: x.numpy(), "x: a tensor of floating-point numbers is wanted, not ndarray"),
    ("x", nan, "x: holds a number that is not finite"),
    ("x", lambda x: x[0], r"x: pictures \(B, \d+, \d+, \d+\) are wanted, not \("),
    ("x", lambda x: x[..., 1:], r"x: pictures \(B, "),
    ("x", lambda x: x[:, :0], r"x: pictures \(B, "),
    ("x", lambda x: x[:1], "as many of each are wanted"),
    ("z", lambda z: z[:, 1:], r"z: codes \(B, \d+\) are wanted, not \(2, "),
    ("z", lambda z: z[0], r"z: codes \(B, "),
    ("z", lambda z: z.long(), "z: a tensor of floating-point numbers is wanted, not torch.int64"),
    ("z", nan, "z: holds a number that is not finite"),
    ("z", lambda z: z * float("inf"), "z: holds a number that is not finite"),
    ("y", lambda y: torch.zeros(2, y.shape[1] + 1), r"y: conditions \(B, \d+\) are wanted, not \(2, "),
    (
        "y",
        lambda y: torch.zeros(2, dtype=torch.int64),
        "y: a tensor of floating-point numbers is wanted, not torch.int",
    ),
    ("y", lambda y: torch.zeros(3, y.shape[1]), "as many of each are wanted"),
)


@pytest.mark.parametrize(("name", "change", "says"), WRONG)
def test_what_is_wrong_is_named(model: LatentModel, name: str, change: Callable, says: str) -> None:
    given = inputs(model)
    given[name] = change(given[name])
    with pytest.raises(ValueError, match=says) as refusal:
        model.distortion(**given)
    assert not isinstance(refusal.value, VaedemoError)  # a caller's slip, as of any function
    asks = model.decode if name in ("z", "y") else model.encode
    if says.startswith("as many") and name == "x":
        return
    with pytest.raises(ValueError, match=says):
        asks(**{key: value for key, value in given.items() if key != ("x" if name in ("z", "y") else "z")})


def test_bytes_in_place_of_parts_are_named(model: LatentModel) -> None:
    """The slip that was answered with -42,174 nats."""
    given = inputs(model)
    given["x"] = 255 * given["x"]
    if model.observed is None:  # trajectories, in pixels
        assert model.distortion(**given).isfinite().all()
        return
    with pytest.raises(ValueError, match=r"x: numbers from 0 to 1 are wanted, not 0\.?\d* to 25\d"):
        model.distortion(**given)


def test_what_is_right_passes(model: LatentModel) -> None:
    given = inputs(model)
    model.decode(given["z"], given["y"])
    assert model.distortion(**given).shape == (2,)
    assert model.decode(given["z"], given["y"][:1]).shape[0] == 2, "one condition may serve all"


def test_a_training_is_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build(RECIPES["digits-2d"])
    monkeypatch.setattr(LatentModel, "check", None)  # calling it would raise
    model("model", Batch(torch.rand(4, 1, 28, 28), torch.zeros(4, dtype=torch.int64), 0))["total"].backward()


@pytest.mark.parametrize("name", ["digits-cvae", "faces-cvae", "colorization", "motion"])
def test_a_condition_is_asked_for(name: str) -> None:
    model = build(RECIPES[name]).eval()
    with pytest.raises(ValueError, match="y: "):
        model.decode(torch.zeros(2, model.z))
    with pytest.raises(ValueError, match=r"y: this model wants a condition of shape \(2, "):
        model.sample(2)


def test_no_picture_is_no_sample() -> None:
    with pytest.raises(ValueError, match="n: at least one picture is wanted, not 0"):
        build(RECIPES["digits-2d"]).eval().sample(0)
