"""Walker's CVAE of trajectories, its rivals, and hints."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from vaedemo import zoo
from vaedemo.data import Pictures, motion, motion_scenes
from vaedemo.models import build
from vaedemo.models.base import Batch
from vaedemo.models.motion import (
    STILL,
    BySource,
    FlowClassifier,
    Motion,
    MotionRegressor,
    augmented,
    clustered,
    flow_colors,
    hinted,
)
from vaedemo.recipes import RECIPES

torch.set_num_threads(1)
NET = {"grey": [4, 6, 8, 8], "channels": 6}


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def small() -> Motion:
    return Motion(z=3, encoder=[6, 8], **NET).eval()  # type: ignore[arg-type]


def some(n: int = 8) -> Pictures:
    drawn = [motion_scenes.scene_of(i) for i in range(n)]
    stills = torch.stack([torch.from_numpy(one.still()) for one in drawn])
    first = torch.stack([one.futures()[0] for one in drawn])
    return Pictures("drawn", True, stills, motion.rows(torch.arange(n), first))


def batch(pictures: Pictures, step: int = 0) -> Batch:
    return Batch(pictures.floats(slice(None)), pictures.y, step)


def test_features_are_computed_once_for_any_number_of_z() -> None:
    model, y, z = small(), torch.rand(1, STILL), torch.randn(5, 3)
    with torch.inference_mode():
        by_one = torch.cat([model.decode(one[None], y) for one in z])
        assert torch.allclose(model.moved(z, model.image(y)), by_one, atol=1e-5)
        assert torch.allclose(model.decode(z, y.expand(5, -1)), by_one, atol=1e-5)
    assert by_one.shape == (5, 10, 16, 16)


def test_a_trajectory_is_a_magnitude_times_a_direction() -> None:
    model, y, z = small(), torch.rand(1, STILL), torch.randn(2, 3)
    direction, magnitude = model._parts(z, model.image(y))
    assert torch.allclose(direction.norm(dim=1), torch.ones(2, 16, 16), atol=1e-5)
    assert magnitude.min() > 0
    assert torch.allclose(model.decode(z, y).norm(dim=1, keepdim=True), magnitude, atol=1e-4)


def test_the_two_losses_vanish_at_the_truth_and_are_squared_pixels() -> None:
    model, y, z = small(), torch.rand(2, STILL), torch.randn(2, 3)
    with torch.no_grad():
        features, true = model.image(y), model.decode(z, y)
        assert model._energy(true, z, features).abs().max() < 1e-3
        opposite = model._energy(-true, z, features)  # the magnitude is right, the direction is off by 2 of itself
        assert torch.allclose(opposite, 4 * true.square().flatten(1).sum(1), rtol=1e-3)
        longer = model._energy(3 * true, z, features)
        assert torch.allclose(longer, 4 * true.square().flatten(1).sum(1), rtol=1e-3)


def test_distortion_is_a_gaussians_where_only_magnitudes_differ() -> None:
    model, y, z = small(), torch.rand(1, STILL), torch.randn(1, 3)
    model.noise.fill_(0.7)
    with torch.no_grad():
        true = 1.5 * model.decode(z, y)
        gaussian = torch.distributions.Normal(model.decode(z, y), 0.7)
        by_torch = -gaussian.log_prob(true).sum()
        assert float(model.distortion(true, z, y)[0]) == pytest.approx(float(by_torch), rel=1e-4)


def test_encoder_wants_the_still() -> None:
    with pytest.raises(ValueError, match="y: the still"):
        small().encode(torch.zeros(1, 10, 16, 16))
    with pytest.raises(ValueError, match="y: the still"):
        small().decode(torch.zeros(1, 3))


def test_futures_are_the_same_for_the_same_seed_and_k_does_not_depend_on_n() -> None:
    model, y = small(), torch.rand(STILL)
    with torch.inference_mode():
        three, five = model.futures(y, 3, seed=4), model.futures(y, 5, seed=4)
        assert torch.allclose(three.trajectories, five.trajectories[:3], atol=1e-6)
        assert not torch.allclose(three.trajectories, model.futures(y, 3, seed=5).trajectories)


def test_hints_weigh_by_how_near_each_future_ends() -> None:
    offsets = torch.zeros(3, 2, 16, 16, 16)
    for i, right in enumerate((-10.0, 0.0, 10.0)):
        ease = (1 - torch.cos(torch.pi * (torch.arange(16) + 0.5) / 16)) / 2
        offsets[i, 0, :, 5, 6] = right * (ease - ease[0]) / (ease[-1] - ease[0])
    futures = motion.to_coefficients(offsets)
    assert torch.allclose(hinted(futures, []), torch.full((3,), 1 / 3))
    weights = hinted(futures, [(5, 6, 9.0, 0.0)])
    by_hand = torch.tensor([-(19.0**2), -(9.0**2), -1.0]).div(2 * 2.5**2).softmax(0)
    assert torch.allclose(weights, by_hand, atol=1e-3)
    assert torch.allclose(hinted(futures, [(0, 0, 5.0, 5.0)]), torch.full((3,), 1 / 3), atol=1e-5)  # all rest there
    assert torch.isfinite(hinted(futures, [(5, 6, 1e4, 1e4)])).all()


def test_sources_are_drawn_evenly() -> None:
    sources = torch.tensor([0.0] * 97 + [1.0] * 2 + [2.0])
    order = BySource(sources, 50, seed=3)
    drawn = torch.cat([sources[order.batch(step)] for step in range(100)])
    shares = drawn.long().bincount() / len(drawn)
    assert torch.allclose(shares, torch.full((3,), 1 / 3), atol=0.03)
    assert torch.equal(order.batch(7), BySource(sources, 50, seed=3).batch(7))
    assert not torch.equal(order.batch(7), order.batch(8))


def test_augmented_motion_goes_with_the_picture() -> None:
    """A white square on black moves right by 3 pixels: wherever it lands, its cells move, by as much as it grew."""
    x, trajectories = torch.zeros(64, 3, 64, 64), torch.zeros(64, 10, 16, 16)
    x[:, :, 24:40, 16:28] = 1
    trajectories[:, 1, 6:10, 4:7] = 3.0
    light, moved = augmented(Batch(x, motion.rows(torch.zeros(64), trajectories), 0), 1.0)
    bright = F.avg_pool2d(light - light.amin((1, 2, 3), keepdim=True), 4)[:, 0]
    bright = bright / bright.amax((1, 2), keepdim=True)
    inside, outside = bright > 0.98, bright < 0.02
    assert (moved[:, 1].abs()[inside] > 1).float().mean() > 0.97
    assert (moved[:, 1].abs()[outside] < 0.5).float().mean() > 0.97
    right = moved[:, 1].flatten(1).sum(1) > 0
    assert 16 < right.sum() < 48  # half are mirrored
    size, length = bright.flatten(1).sum(1).sqrt(), moved[:, 1].abs().flatten(1).amax(1)
    assert torch.corrcoef(torch.stack([size, length]))[0, 1] > 0.9


def test_clusters_are_found() -> None:
    centres = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    points = centres.repeat_interleave(50, 0) + 0.1 * torch.randn(150, 2)
    found = min((clustered(points, 3) for _ in range(5)), key=lambda c: float(torch.cdist(points, c).amin(1).sum()))
    assert torch.cdist(centres, found).amin(1).max() < 0.1


def test_flow_colors_tell_directions_apart_and_rest_is_white() -> None:
    flow = torch.tensor([[0.0, 0.0], [16.0, 0.0], [-16.0, 0.0], [0.0, 16.0]]).view(4, 2, 1, 1)
    colors = flow_colors(flow)[:, :, 0, 0]
    assert torch.equal(colors[0], torch.ones(3))
    assert colors[1].argmax() == 0
    assert colors[2].argmin() == 0
    assert torch.cdist(colors, colors).fill_diagonal_(9).min() > 0.5


def test_the_classifier_draws_each_cell_from_its_own_distribution() -> None:
    net = FlowClassifier(**NET).eval()  # type: ignore[arg-type]
    net.begin(some(20), {})
    assert torch.equal(net.centres[0], torch.zeros(10))  # rest is one of the forty
    y = torch.rand(STILL)
    with torch.inference_mode():
        drawn = net.futures(y, 4_000, seed=0).trajectories
        shares = net.tower(torch.zeros(1, 0), net.image(y[None]))[0].softmax(0)
    cell = drawn[:, :, 3, 5]
    nearest = torch.cdist(cell, net.centres).argmin(1).bincount(minlength=40) / 4_000
    assert (nearest - shares[:, 3, 5]).abs().max() < 0.03


def test_a_regressor_answers_a_fork_with_the_mean() -> None:
    """One still, two futures: squared error ends between them."""
    scene = motion_scenes.scene("pendulum", 4)
    futures, still = scene.futures(), torch.from_numpy(scene.still()).float() / 255
    net = MotionRegressor(**NET)  # type: ignore[arg-type]
    adam = torch.optim.Adam(net.parameters(), 1e-2)
    light = torch.stack([still, still])
    for _ in range(150):
        features = net.image(light.flatten(1))
        error = (net.tower(light.new_zeros(2, 0), features) - futures).square().flatten(1).sum(1).mean()
        adam.zero_grad()
        error.backward()
        adam.step()
    with torch.no_grad():
        answer = net.eval().futures(still.flatten(), 1).trajectories[0]
    to_mean = (answer - futures.mean(0)).norm()
    assert to_mean < 0.4 * min((answer - future).norm() for future in futures)


def test_the_shipped_model_finds_every_future_of_drawn_scenes() -> None:
    """Two to four equally likely futures each: none is missed, none takes all."""
    model = zoo.load("motion-drawn", train=False)
    assert isinstance(model, Motion)
    found: dict[int, list[float]] = {2: [], 3: [], 4: []}
    with torch.inference_mode():
        for number in range(9_000_000, 9_000_010):
            scene = motion_scenes.scene_of(number)
            futures = scene.futures().flatten(1)
            y = torch.from_numpy(scene.still()).flatten().float() / 255
            away = torch.cdist(model.futures(y, 300, seed=1).trajectories.flatten(1), futures)
            apart = torch.cdist(futures, futures).fill_diagonal_(torch.inf).amin()
            found[scene.modes].append(float((away.amin(0) < apart / 2).float().mean()))
            assert (away.argmin(1).bincount(minlength=scene.modes) / 300).min() > 0.1 / scene.modes, scene.kind
    assert all(sum(parts) == len(parts) for parts in found.values()), found


@pytest.mark.parametrize("name", ["motion-drawn", "motion"])
def test_recipes_build_what_they_say(name: str) -> None:
    model = build(RECIPES[name]).eval()
    assert isinstance(model, Motion)
    y = model.condition(torch.zeros(3, 1))
    with torch.inference_mode():
        pictures = model.sample(3, y=y)
        assert pictures.shape == (3, 3, 16, 16)
        assert 0 <= pictures.min() <= pictures.max() <= 1
        posterior = model.encode(torch.zeros(3, 10, 16, 16), y)
        assert model.rate(posterior).shape == (3, model.z)
        assert model.distortion(torch.zeros(3, 10, 16, 16), posterior.mean, y).shape == (3,)
    with pytest.raises(ValueError, match="y: this model wants a condition"):
        model.sample(3)


def test_recipes_of_motion_fit_together() -> None:
    drawn, people = RECIPES["motion-drawn"], RECIPES["motion"]
    assert drawn.data == "forks"
    assert people.requires == ("imagenet-tower",)
    assert math.prod(Motion(**drawn.net).shape) == motion.NUMBERS
