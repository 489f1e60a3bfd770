"""Motion forecasting on the image tower: Walker's CVAE and its rivals on features of ImageNet, and what rests.

A picture x (B, 25, 32, 32) is the still of `data.people`; the condition y (B, 25600) is its L / 100 at 160 x 160, row
by row. Of nets from scratch, a few hundred clips made all cells move a little in every future. So a classifier of cells
says what will move, and the trajectories of what it leaves at rest are nothing, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vaedemo.data import Pictures
from vaedemo.data.motion import GRID, MOVES, PLANES, at_pace, mirrored, of_rows, reach
from vaedemo.models.base import Batch, Terms, Trainable, model
from vaedemo.models.color_nets import STANDARD_OF, Standards, doubled
from vaedemo.models.color_vae import GREYS, light_of
from vaedemo.models.image_tower import maps_of, photos_light, shared
from vaedemo.models.motion import FlowClassifier, Forecaster, Motion, MotionRegressor, through, windows
from vaedemo.models.tower import CHANNELS

SLOWEST = 0.8  # pace that a clip is played at in training, drawn evenly from here to 1
RESTS = 0.2  # P(a cell moves) up to which it rests; from 1 less this on, nothing holds it


class StillTower(nn.Module):
    """Features (B, C, 16, 16) of stills y (B, 25600): the maps of `imagenet-tower`, fused on the grid of the cells.

    It is small, and `dropout` takes away whole channels of the maps: of a few hundred clips a larger one learns by
    heart which still moves how, and leaves nothing for z to say.
    """

    summed = CHANNELS[32]  # numbers of a summary

    def __init__(self, low: int, channels: int, dropout: float):
        super().__init__()
        fine, half, quarter, top = CHANNELS.values()
        self.standards = Standards()
        self.dropout = nn.Dropout2d(dropout)
        self.near = nn.Conv2d(fine + half, channels, 1)
        self.around = nn.Sequential(
            *(nn.Conv2d(quarter + top, low, 1), nn.ReLU(), nn.Conv2d(low, low, 3, 1, 1)),
            *(nn.ReLU(), nn.Conv2d(low, channels, 1)),
        )

    def forward(self, y: Tensor) -> Tensor:
        """Raises Unavailable where the tower's files are not."""
        return self.of_maps(shared()(light_of(y)))

    def of_maps(self, maps: Sequence[Tensor]) -> Tensor:
        """The same of the tower's maps of stills."""
        told = (self.dropout(standard(one)) for standard, one in zip(self.standards, maps))
        fine, half, quarter, top = told
        near = self.near(torch.cat([F.avg_pool2d(fine, 2), half], 1))
        return near + doubled(self.around(torch.cat([quarter, doubled(top)], 1)))

    def looked_at(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Features and `summary` of stills y (B, 25600), which the tower is asked about once."""
        maps = shared()(light_of(y))
        return self.of_maps(maps), _summed(maps)

    def summary(self, y: Tensor) -> Tensor:
        """Of stills y (B, 25600): each of the tower's coarsest maps, mean over the still (B, C)."""
        return _summed(shared()(light_of(y)))


def _summed(maps: Sequence[Tensor]) -> Tensor:
    """The coarsest of the tower's maps, mean over the still (B, C)."""
    return maps[-1].float().mean((2, 3))


class OnTower(Forecaster):
    """A forecaster whose image tower is `StillTower`."""

    numbers: ClassVar[int] = GREYS

    def seen_by(self, channels: int, **net: Any) -> StillTower:
        return StillTower(channels=channels, dropout=self.dropout, **net)

    def still(self, x: Tensor) -> Tensor:
        return photos_light(x[None]).flatten()

    def companion(self, pictures: Pictures) -> Callable[[Tensor], tuple[Tensor, ...]]:
        return maps_of(pictures)

    def begin(self, pictures: Pictures, pretrained: Mapping[str, Trainable]) -> None:
        some = torch.randperm(len(pictures))[:STANDARD_OF].sort().values
        self.image.standards.measure(self.companion(pictures)(some))
        super().begin(pictures, pretrained)

    def learned(self, batch: Batch) -> tuple[Tensor, Tensor]:
        maps, trajectories = seen_anew(batch, self.jitter)
        return self.image.of_maps(maps), trajectories

    def summaries(self, pictures: Pictures, which: Tensor) -> Tensor:
        return _summed(self.companion(pictures)(which))


@model("towermotion")
class TowerMotion(OnTower, Motion):
    """`Motion` on the image tower, gated: a cell's magnitude counts as far as it will move.

    What will move is a map of the still's own, P(cell moves | still); z may shift its logits cell by cell. Both the map
    and what z makes of it learn as classifiers of cells, `moves` times. Direction and magnitude learn together, by the
    squared error of the trajectory that they make: where z does not say which way, a cell then goes less far, while
    with a loss each, as in `Motion`, it goes all the same.
    """

    CARD = (
        "Motion forecasting (Walker et al. 2016): a CVAE of the trajectories that start from one still, each the first "
        "five DCT coefficients of its x and y over 0.6 seconds, for each cell of a 16 x 16 grid. `model.futures(y, n)` "
        "draws n of them for the still y, 160 x 160 values of L / 100. Image tower, encoder tower (training only) and "
        "decoder tower, z shared over space, directions and magnitudes, as in the paper. Unlike the paper's, the image "
        "tower is the frozen `imagenet-tower` below a small net, z scales and shifts the image's features, the rate "
        "weighs `beta`, direction and magnitude have one loss, the squared error of the trajectory, and a classifier "
        "of cells says what will move: the rest has no motion at all. Training clips are mirrored, played faster and "
        "slower, and backwards, so that an arm that was lowered may rise."
    )
    CODE = (
        "import torch, vaedemo\n"
        "from vaedemo.data import motion, motion_scenes, people\n"
        'model = vaedemo.load("{name}")\n'
        'picture = motion_scenes.scene("figure", seed=0).still(160)  # or a photo of a person, (3, S, S) uint8\n'
        "y = model.still(people.still_of(torch.from_numpy(picture)) / 255)\n"
        "futures = model.futures(y, 6, seed=0)  # trajectories (6, 10, 16, 16), z (6, Z)\n"
        "moves = model.moving(y)  # (16, 16), how likely each cell moves at all\n"
        "offsets = motion.to_offsets(futures.trajectories)  # (6, 2, 16 instants, 16, 16), in pixels of 64"
    )

    out = PLANES + 2

    def __init__(self, z: int, channels: int, moves: float = 1.0, **net: Any):
        super().__init__(z, channels, **net)
        self.moves = moves
        self.will_move = nn.Sequential(
            *(nn.ReLU(), nn.Conv2d(channels, channels, 3, 1, 1)),
            *(nn.ReLU(), nn.Conv2d(channels, 1, 1)),
        )

    def moving(self, y: Tensor) -> Tensor:
        """P(cell moves) over all futures of the still y (25600,), (16, 16)."""
        return self.will_move(self.image(y[None]))[0, 0].float().sigmoid()

    def _parts(self, z: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
        direction, magnitude, _ = self._gated(z, features, self.will_move(features).float())
        return direction, magnitude

    def _gated(self, z: Tensor, features: Tensor, still: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Unit directions (B, 10, 16, 16); magnitudes (B, 1, 16, 16) in pixels, 0 where a cell rests; and the logits
        (B, 1, 16, 16) that a cell moves with this z, given those of the `still` (B or 1, 1, 16, 16)."""
        way, size, own = self.tower(z, features).split([PLANES, 1, 1], 1)
        logits = still + own
        return F.normalize(way, dim=1), gate(logits) * self.typical * F.softplus(size), logits

    def _energy(self, trajectories: Tensor, z: Tensor, features: Tensor) -> Tensor:
        return squared_error(self.moved(z, features), trajectories)

    def forward(self, player: str, batch: Batch) -> Terms:
        features, trajectories = self.learned(batch)
        still = self.will_move(features).float()
        posterior = self._posterior(trajectories, features)
        direction, magnitude, logits = self._gated(posterior.rsample(), features, still)
        distortion = self._nats(squared_error(direction * magnitude, trajectories)).mean()
        rate = self.rate(posterior).sum(1).mean()
        moves = (reach(trajectories) >= MOVES)[:, None].float()
        missed = GRID**2 * torch.stack([F.binary_cross_entropy_with_logits(t, moves) for t in (still, logits)]).sum()
        total = distortion + self.beta * self.ramp(batch.step) * rate + self.moves * missed
        return {"total": total, "distortion": distortion, "rate": rate, "missed": missed}


@model("towermotionregressor")
class TowerMotionRegressor(OnTower, MotionRegressor):
    """`MotionRegressor` on the image tower."""


@model("towerflowclassifier")
class TowerFlowClassifier(OnTower, FlowClassifier):
    """`FlowClassifier` on the image tower."""


def squared_error(found: Tensor, true: Tensor) -> Tensor:
    """Of stills' trajectories, (B,)."""
    return (found - true).square().flatten(1).sum(1)


def gate(logits: Tensor) -> Tensor:
    """What a cell keeps of its motion, in [0, 1], by the logits that it moves."""
    return ((logits.sigmoid() - RESTS) / (1 - 2 * RESTS)).clamp(0, 1)


def seen_anew(batch: Batch, jitter: float) -> tuple[list[Tensor], Tensor]:
    """The tower's maps and trajectories (B, 10, 16, 16) of a training batch: each still mirrored or not, played as it
    is or slower, and with `jitter` resized and moved, its maps and motion along with it.

    The tower is not asked anew: of a mirrored picture its maps are nearly the mirrored ones.
    """
    maps, trajectories = [one.float() for one in batch.maps], of_rows(batch.y)
    n, device = len(trajectories), trajectories.device
    flip = (torch.rand(n, device=device) < 0.5)[:, None, None, None]
    maps = [torch.where(flip, one.flip(3), one) for one in maps]
    trajectories = torch.where(flip, mirrored(trajectories), trajectories)
    with torch.autocast(device.type, enabled=False):  # eight bits are too few for pixels
        trajectories = at_pace(trajectories, SLOWEST + (1 - SLOWEST) * torch.rand(n, device=device))
    if jitter:
        zoom, window = windows(n, jitter, device)
        maps = [through(one, window) for one in maps]
        trajectories = through(trajectories, window) / zoom[:, None, None, None]
    return maps, trajectories
