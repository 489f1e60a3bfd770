"""Motion forecasting on the image tower: what rests, what is computed once, augmentation, its losses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import load
from torch.nn import functional as F

from vaedemo import forecast
from vaedemo.data import Pictures, motion, motion_scenes, people
from vaedemo.models import build_net, image_tower
from vaedemo.models.base import Batch
from vaedemo.models.image_tower import ImageTower, photos_light
from vaedemo.models.motion import BySource
from vaedemo.models.tower import CHANNELS
from vaedemo.models.tower_motion import (
    SLOWEST,
    TowerFlowClassifier,
    TowerMotion,
    TowerMotionRegressor,
    gate,
    seen_anew,
)
from vaedemo.recipes import Recipe
from vaedemo.training import fit

torch.set_num_threads(1)
NET = {"low": 6, "channels": 6}
TINY = Recipe(
    name="tiny",
    title="Tiny",
    model="towermotion",
    data="people",
    net={"z": 3, "encoder": [6, 8], **NET},
    objective={"beta": 1.0, "jitter": 1.0, "dropout": 0.1},
    batch=8,
    steps=60,
    lr=5e-3,
)


@pytest.fixture(autouse=True)
def seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tower with random weights, and draws that are the same in each test."""
    torch.manual_seed(0)
    net = ImageTower(160).eval()
    monkeypatch.setattr(image_tower, "shared", lambda: net)
    monkeypatch.setattr("vaedemo.models.tower_motion.shared", lambda: net)


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    drawn = [motion_scenes.scene_of(i) for i in range(10)]
    stills = torch.stack([people.still_of(torch.from_numpy(one.still(160))) for one in drawn])
    return Pictures(
        "drawn", True, stills, motion.rows(torch.arange(10), torch.stack([one.futures()[0] for one in drawn]))
    )


def a_model() -> TowerMotion:
    model = build_net(TINY).eval().requires_grad_(False)
    assert isinstance(model, TowerMotion)
    return model


def a_batch(pictures: Pictures) -> Batch:
    x = pictures.floats(slice(None))
    return Batch(x, pictures.y, 0, image_tower.shared()(photos_light(x)))


def y_of(model: TowerMotion, pictures: Pictures, i: int) -> torch.Tensor:
    return model.still(pictures.floats(slice(None))[i])


def test_features_are_computed_once_for_any_number_of_z(pictures: Pictures) -> None:
    model, z = a_model(), torch.randn(5, 3)
    y = y_of(model, pictures, 0)[None]
    by_one = torch.cat([model.decode(one[None], y) for one in z])
    assert torch.allclose(model.moved(z, model.image(y)), by_one, atol=1e-5)
    assert by_one.shape == (5, 10, 16, 16)


def test_features_of_kept_maps_are_those_of_the_still(pictures: Pictures) -> None:
    model, batch = a_model(), a_batch(pictures)
    y = torch.stack([y_of(model, pictures, i) for i in range(len(pictures))])
    assert torch.allclose(model.image(y), model.image.of_maps(batch.maps), atol=1e-4)


def test_gates_are_shut_up_to_a_fifth_and_open_from_four_fifths_on() -> None:
    shares = torch.tensor([0.0, 0.19, 0.2, 0.5, 0.8, 0.81, 1.0])
    assert torch.allclose(gate(shares.logit()), torch.tensor([0.0, 0.0, 0.0, 0.5, 1.0, 1.0, 1.0]), atol=1e-6)


def test_what_will_not_move_rests_in_every_future(pictures: Pictures) -> None:
    model, y = a_model(), y_of(a_model(), pictures, 1)
    for last in (model.will_move[-1], model.tower.cells[-1]):
        torch.nn.init.zeros_(last.weight)  # type: ignore[arg-type, union-attr]
    model.will_move[-1].bias.fill_(-3.0)  # type: ignore[union-attr]
    assert (model.moving(y) < 0.05).all()
    assert torch.equal(model.futures(y, 4).trajectories, torch.zeros(4, 10, 16, 16))
    model.will_move[-1].bias.fill_(3.0)  # type: ignore[union-attr]
    assert (model.futures(y, 4).trajectories.norm(dim=1) > 0).all()


def test_z_may_move_another_part_of_what_may_move(pictures: Pictures) -> None:
    model, y = a_model(), y_of(a_model(), pictures, 1)
    torch.nn.init.normal_(model.tower.cells[-1].weight[-1], std=30.0)  # type: ignore[index, union-attr]
    rests = model.futures(y, 20).trajectories.norm(dim=1) == 0
    assert rests.any()
    assert not torch.equal(rests[0].expand_as(rests), rests)


def test_whoever_moves_right_has_no_loss_but_the_classifiers(pictures: Pictures) -> None:
    """Against a closed form: with all logits 0 each cell costs log 2, twice."""
    model, batch = a_model(), a_batch(pictures)
    for last in (model.will_move[-1], model.tower.cells[-1]):
        torch.nn.init.zeros_(last.weight)  # type: ignore[arg-type, union-attr]
        torch.nn.init.zeros_(last.bias)  # type: ignore[arg-type, union-attr]
    terms = model("model", batch)
    assert float(terms["missed"]) == pytest.approx(2 * 256 * torch.log(torch.tensor(2.0)).item(), rel=1e-5)
    weighed = terms["distortion"] + model.beta * terms["rate"] + model.moves * terms["missed"]
    assert float(terms["total"]) == pytest.approx(float(weighed), rel=1e-5)


def test_seen_anew_motion_goes_with_the_picture() -> None:
    """A white square on black moves right by 3 pixels: wherever it lands, its cells and its maps are there too."""
    light, trajectories = torch.zeros(64, 1, 160, 160), torch.zeros(64, 10, 16, 16)
    light[:, :, 60:100, 40:70] = 1
    trajectories[:, 1, 6:10, 4:7] = 3.0
    maps = tuple(F.adaptive_avg_pool2d(light, side).half() for side in (32, 16, 8, 4))
    x = F.pixel_unshuffle(light, 5)
    told, moved = seen_anew(Batch(x, motion.rows(torch.zeros(64), trajectories), 0, maps), 1.0)
    bright = F.avg_pool2d(told[0], 2)[:, 0]
    assert (told[1][:, 0] - bright).abs().mean() < 0.02
    assert (F.avg_pool2d(told[1], 2)[:, 0] - told[2][:, 0]).abs().mean() < 0.04
    inside, outside = bright > 0.98, bright < 0.02
    far = motion.reach(moved)
    assert (far[inside] > 0.5).float().mean() > 0.97
    assert (far[outside] < 0.5).float().mean() > 0.97
    ends = motion.to_offsets(moved)[:, 0, -1]
    right = torch.where(inside, ends, 0).flatten(1).sum(1) < 0  # the second cosine falls: what it says goes left
    assert 16 < right.sum() < 48  # half are mirrored


def test_without_jitter_only_side_and_pace_are_drawn(pictures: Pictures) -> None:
    batch = a_batch(pictures)
    maps, moved = seen_anew(batch, 0.0)
    true, sides = motion.of_rows(batch.y), set()
    for i in range(len(pictures)):
        flipped = not torch.equal(maps[3][i], batch.maps[3][i])
        sides.add(flipped)
        for seen, own in zip(maps, batch.maps):
            assert torch.equal(seen[i], own[i].flip(2) if flipped else own[i])
        whole = motion.mirrored(true[i]) if flipped else true[i]
        slower = [motion.at_pace(whole[None], torch.tensor([p]))[0] for p in torch.linspace(SLOWEST, 1, 41)]
        assert min(float((moved[i] - one).abs().max()) for one in slower) < 0.3
    assert sides == {False, True}


def test_begin_measures_the_maps_and_what_is_usual(pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    model = a_model()
    monkeypatch.setattr(TowerMotion, "companion", lambda *_: lambda which: tuple(m[which] for m in maps))
    maps = a_batch(pictures).maps
    model.begin(pictures, {})
    assert float(model.typical) == pytest.approx(float(motion.of_rows(pictures.y).square().mean().sqrt()))
    told = model.image.standards[3](maps[3]).transpose(0, 1).flatten(1)
    assert torch.allclose(told.mean(1), torch.zeros(CHANNELS[32]), atol=1e-3)
    assert sum(model.unlike(y_of(model, pictures, i)) for i in range(len(pictures))) <= 1
    assert model.unlike((torch.arange(25_600) // 7 % 2).float())  # stripes
    assert isinstance(model.order(pictures.y, 4, 0), BySource)


def test_a_training_step_leaves_the_tower_as_it_is(pictures: Pictures) -> None:
    model = build_net(TINY).train()
    model("model", a_batch(pictures))["total"].backward()
    names = [name for name, weight in model.named_parameters() if weight.grad is None]
    assert names == []
    assert not any("blocks" in name for name in model.state_dict())


@pytest.mark.parametrize("kind", [TowerMotionRegressor, TowerFlowClassifier])
def test_rivals_are_on_the_same_tower(kind: type, pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    maps = a_batch(pictures).maps
    monkeypatch.setattr(kind, "companion", lambda *_: lambda which: tuple(m[which] for m in maps))
    net = kind(**NET).train()
    net.begin(pictures, {})
    assert net("model", a_batch(pictures))["total"].isfinite()
    with torch.inference_mode():
        y = net.still(pictures.floats(slice(None))[0])
        found = net.eval().futures(y, 3, seed=1).trajectories
    assert found.shape[1:] == (10, 16, 16)
    assert {key.split(".")[0] for key in net.state_dict()} <= {"image", "tower", "centres"}


def test_training_lowers_the_loss(pictures: Pictures, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setenv("VAEDEMO_RUNS", str(tmp_path / "runs"))
    batch = a_batch(pictures)
    monkeypatch.setattr(TowerMotion, "companion", lambda *_: lambda which: tuple(m[which] for m in batch.maps))
    found: list[float] = []

    def watch(model, step) -> None:
        torch.manual_seed(1)
        with torch.no_grad():
            found.append(float(model.train()("model", batch)["total"]))

    fit(TINY, pictures=pictures, watch=watch, device="cpu", bf16=False)
    model = a_model()
    model.begin(pictures, {})
    torch.manual_seed(1)
    with torch.no_grad():
        before = float(model.train()("model", batch)["total"])
    assert found[-1] < before - 100  # nats


def test_a_forecast_takes_what_is_shown_or_a_small_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown has the pixels that the tower sees; the exported tower decodes z as the model does."""
    model, scene = a_model(), motion_scenes.scene("figure", 3)
    monkeypatch.setattr(forecast.zoo, "loaded_net", lambda name: model)
    shown = scene.still(256).transpose(1, 2, 0)
    sharp = forecast.forecast("tiny", shown.ravel(), 4, 0)
    small = forecast.forecast("tiny", scene.still().ravel(), 4, 0)
    y = model.still(people.still_of(torch.from_numpy(scene.still(256))).float() / 255)
    expected = model.futures(y, 4, 0).trajectories
    assert torch.allclose(torch.from_numpy(np.stack([one.trajectories for one in sharp.futures])), expected, atol=1e-4)
    assert not np.allclose(sharp.futures[0].trajectories, small.futures[0].trajectories, atol=1e-4)
    parts = load(forecast.tower("tiny", shown))
    z = torch.randn(3, model.z)
    h = parts["features"][None] * (
        1 + (z @ parts["tower.scale.weight"].T + parts["tower.scale.bias"])[:, :, None, None]
    )
    h = h + (z @ parts["tower.shift.weight"].T + parts["tower.shift.bias"])[:, :, None, None]
    for i in (1, 3, 5):
        h = F.conv2d(h.relu(), parts[f"tower.cells.{i}.weight"], parts[f"tower.cells.{i}.bias"], padding="same")
    magnitude = parts["typical"] * F.softplus(h[:, 10:11]) * gate(h[:, 11:] + parts["moves"])
    assert torch.allclose(F.normalize(h[:, :10], dim=1) * magnitude, model.decode(z, y[None]), atol=1e-3)
    mean = forecast.encode("tiny", shown.ravel(), scene.futures()[0].numpy()).mean
    assert np.allclose(mean, model.encode(scene.futures()[:1], y[None]).mean[0].numpy(), atol=1e-4)
