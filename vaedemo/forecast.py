"""What moves next in a still, by the models of trajectories: from a picture to futures, their modes and animations.

A *still* (12288,) holds the bytes of 3 x 64 x 64 values; *shown* is the same picture in 256 x 256, as the page paints
it; trajectories (10, 16, 16) are as in `data.motion`. A model on the image tower sees 160 x 160 pixels, so it is given
what is shown, (196608,) or (256, 256, 3), in place of the still.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vaedemo import zoo
from vaedemo.errors import Refused
from vaedemo.vision import animations, preprocessing
from vaedemo.vision.future_groups import GROUPED, modes

if TYPE_CHECKING:
    from torch import Tensor

    from vaedemo.models.motion import FlowClassifier, Motion, MotionRegressor

DRAWN, PEOPLE = "motion-drawn", "motion"
SIDE, SHOWN, GRID, PLANES = 64, 256, 16, 10
STILL, NUMBERS = 3 * SIDE * SIDE, PLANES * GRID * GRID
FARTHEST = 1e3  # pixels: a coefficient beyond is nothing that moves in a still, and would be no number in the end
MOST, MOST_FILMS = 64, 12  # futures at once; of these that are animated
WEIGHED = 512  # draws that hints choose among
ARROWS, LONGEST = 16, 64.0  # hints at once; pixels of an arrow, right or down

FILM = {3: (256, 192), 4: (128, 128)}  # by pictures in a row: pixels a side as they are warped, and as they are shown
GAP = 4  # pixels between these
INSTANTS, MS, BEFORE, AFTER = 16, 110, 450, 900  # frames, how long each lasts, and how long the ends are shown

Arrow = tuple[int, int, float, float]  # row, column, pixels right, pixels down
Region = tuple[float, float, float, float]  # left, top, right, bottom, in parts of a picture's sides


@dataclass(frozen=True)
class Seen:
    """A picture's middle square."""

    still: NDArray[np.uint8]  # (12288,)
    shown: NDArray[np.uint8]  # (256, 256, 3)


@dataclass(frozen=True)
class Future:
    trajectories: NDArray[np.float32]  # (10, 16, 16)
    z: NDArray[np.float32] | None
    mode: int
    weight: float | None = None  # among all draws, with arrows


@dataclass(frozen=True)
class Forecast:
    futures: list[Future]
    shares: list[float]  # of each mode; without arrows the largest first
    typical: list[Future]  # of each mode: the draw that ends nearest to the mean of the mode's
    spread: NDArray[np.float32]  # (16, 16): standard deviation of where a cell ends, pixels
    far: bool  # the still is unlike those that the model learned from
    best: Future | None = None  # the heaviest of all draws, with arrows
    effective: float | None = None  # as how many of the draws what is left counts


@dataclass(frozen=True)
class _Draws:
    trajectories: Tensor  # (N, 10, 16, 16)
    z: Tensor | None
    ends: Tensor  # (N, 512): where each cell ends, pixels
    mode: NDArray[np.intp]  # (N,)
    typical: list[int]  # of each mode the draw nearest to its mean
    far: bool
    features: Tensor | None  # of the still, (1, C, 16, 16); None of a model without latents


def seen(file: bytes | Path, region: Region | None = None) -> Seen:
    """A square of a picture, the middle one if none is named. Raises BadPicture."""
    image = preprocessing.read(file)
    if region is None:
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        box = left, top, left + side, top + side
    else:
        left, top = round(region[0] * image.width), round(region[1] * image.height)
        box = left, top, max(left + 1, round(region[2] * image.width)), max(top + 1, round(region[3] * image.height))
    square = image.crop(box)
    small, large = (square.resize((to, to), Image.Resampling.LANCZOS) for to in (SIDE, SHOWN))
    return Seen(np.asarray(small).transpose(2, 0, 1).ravel(), np.asarray(large))


def forecast(
    name: str, still: NDArray[np.uint8], n: int, seed: int, arrows: Sequence[Arrow] = (), heaviest: bool = False
) -> Forecast:
    """The first n futures of a still and what 200 draws say of it; with arrows 512, which are weighed by them, and of
    which the n heaviest may be wanted.

    Raises Refused, Unavailable.
    """
    drawn = _draws(_model(name), still.tobytes(), WEIGHED if arrows else GROUPED, seed)
    count = len(drawn.mode)
    weights = np.full(count, 1 / count)
    if arrows:
        from vaedemo.models.motion import hinted

        weights = hinted(drawn.trajectories, arrows).double().numpy()

    def some(which: Iterable[int]) -> list[Future]:
        return [
            Future(
                drawn.trajectories[i].numpy(),
                None if drawn.z is None else drawn.z[i].numpy(),
                int(drawn.mode[i]),
                float(weights[i]) if arrows else None,
            )
            for i in which
        ]

    return Forecast(
        some((-weights).argsort(kind="stable")[:n] if heaviest else range(min(n, count))),
        np.bincount(drawn.mode, weights).tolist(),
        some(drawn.typical),
        _spread(drawn.ends.numpy(), weights),
        drawn.far,
        some([int(weights.argmax())])[0] if arrows else None,
        float(1 / (weights**2).sum()) if arrows else None,
    )


@lru_cache(maxsize=8)  # of some stills that are looked at just now: an arrow that is dragged draws nothing anew
def _draws(chosen: Motion | MotionRegressor | FlowClassifier, still: bytes, n: int, seed: int) -> _Draws:
    import torch

    from vaedemo.data.motion import to_ends
    from vaedemo.models.motion import Futures, Motion

    features, far = None, False
    with torch.inference_mode():
        if not isinstance(chosen, Motion):
            found = chosen.futures(_y(chosen, np.frombuffer(still, np.uint8)), n, seed)
        elif n > GROUPED:  # the first of them were mostly shown before an arrow is drawn
            known = _draws(chosen, still, GROUPED, seed)
            features, far = known.features, known.far
            assert features is not None
            more = chosen.drawn(features, n, seed, after=GROUPED)
            assert known.z is not None
            assert more.z is not None
            found = Futures(torch.cat([known.trajectories, more.trajectories]), torch.cat([known.z, more.z]))
        else:
            features, far = chosen.looked_at(_y(chosen, np.frombuffer(still, np.uint8)))
            found = chosen.drawn(features, n, seed)
        ends = to_ends(found.trajectories).flatten(1)
    mode = modes(ends.numpy())
    return _Draws(found.trajectories, found.z, ends, mode, _typical(ends.numpy(), mode), far, features)


def _typical(ends: NDArray[np.float32], mode: NDArray[np.intp]) -> list[int]:
    found = []
    for k in range(mode.max() + 1):
        mine = np.flatnonzero(mode[:GROUPED] == k)
        away = ((ends[mine] - ends[mine].mean(0)) ** 2).sum(1)
        found.append(int(mine[away.argmin()]))
    return found


def _spread(ends: NDArray[np.float32], weights: NDArray[np.float64]) -> NDArray[np.float32]:
    mean = weights @ ends
    variance = (weights @ (ends - mean) ** 2).reshape(2, GRID, GRID).sum(0)
    return np.sqrt(variance).astype(np.float32)


def animation(shown: NDArray[np.uint8], futures: Sequence[Future]) -> bytes:
    """The futures of a picture (256, 256, 3) side by side, in rows, as a GIF that plays them slowly again and again."""
    import torch

    from vaedemo.data.motion import to_offsets
    from vaedemo.vision.image_warping import Cutout, Warp

    columns = 4 if len(futures) > 6 else 3
    warped, side = FILM[columns]
    small = _resized(shown, warped)
    moves = to_offsets(torch.from_numpy(np.stack([future.trajectories for future in futures]))).numpy()
    cutout = Cutout(small, moves)
    warps = [Warp(small, offsets, cutout) for offsets in moves]
    frames = [_beside([_resized(warp.frame(t), side) for warp in warps], columns) for t in np.linspace(0, 1, INSTANTS)]
    return animations.gif(np.stack(frames), [BEFORE, *(INSTANTS - 2) * [MS], AFTER])


def npz(futures: Sequence[Future]) -> bytes:
    """The futures' numbers: trajectories, offsets, modes, and z and weights where there are such."""
    import torch

    from vaedemo.data.motion import to_offsets

    moves = np.stack([future.trajectories for future in futures])
    parts = {"trajectories": moves, "offsets": to_offsets(torch.from_numpy(moves)).numpy()}
    for name in ("z", "weight"):
        values = [getattr(future, name) for future in futures]
        if values[0] is not None:
            parts[name.replace("weight", "weights")] = np.stack(values)
    stream = BytesIO()
    np.savez_compressed(stream, modes=np.array([future.mode for future in futures]), **parts)
    return stream.getvalue()


def _resized(square: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(square).resize((side, side), Image.Resampling.BILINEAR))


def _beside(squares: list[NDArray[np.uint8]], columns: int) -> NDArray[np.uint8]:
    """(3, H, W): rows of pictures, a white line between them."""
    side, rows, columns = len(squares[0]), -(-len(squares) // columns), min(columns, len(squares))
    all_ = np.full((rows * (side + GAP) - GAP, columns * (side + GAP) - GAP, 3), 255, np.uint8)
    for i, square in enumerate(squares):
        top, left = (side + GAP) * (i // columns), (side + GAP) * (i % columns)
        all_[top : top + side, left : left + side] = square
    return all_.transpose(2, 0, 1)


def arrow(parts: Sequence) -> Arrow:
    """A hint, checked: row, column, pixels right, pixels down. Raises Refused."""
    try:
        row, column, right, down = (float(part) for part in parts)
    except (TypeError, ValueError):
        raise Refused("hints: row, column, right, down are wanted, four numbers for each") from None
    if row not in range(GRID) or column not in range(GRID):
        raise Refused(f"hints: row and column are whole numbers from 0 to {GRID - 1}")
    if not (abs(right) <= LONGEST and abs(down) <= LONGEST):  # refuses NaN too
        raise Refused(f"hints: right and down are from -{LONGEST:g} to {LONGEST:g} pixels of the still")
    return int(row), int(column), right, down


@dataclass(frozen=True)
class Encoded:
    mean: NDArray[np.float32]  # (Z,)
    sigma: NDArray[np.float32]  # (Z,)
    rate: float  # nats


def encode(name: str, still: NDArray[np.uint8], trajectories: NDArray[np.float32]) -> Encoded:
    """q(z | trajectories (10, 16, 16), still). Raises Refused, Unavailable."""
    import torch

    if not np.isfinite(trajectories).all():
        raise Refused("trajectories: hold a number that is not finite")
    trajectories = trajectories.clip(-FARTHEST, FARTHEST)
    chosen = _latent(name)
    with torch.inference_mode():
        posterior = chosen.encode(torch.from_numpy(trajectories)[None], _y(chosen, still)[None])
        rate = float(chosen.rate(posterior).sum())
    return Encoded(posterior.mean[0].numpy(), posterior.stddev[0].numpy(), rate)


def tower(name: str, still: NDArray[np.uint8]) -> bytes:
    """A safetensors file, float32: what decodes any z on this still, see `models.motion.DecoderTower`; `features` are
    the still's, (C, 16, 16), `typical` a coefficient's root mean square, and of a model that is gated `moves` the
    logits that cells move, (1, 16, 16): see `models.tower_motion.gate`. Raises Refused, Unavailable."""
    import torch
    from safetensors.torch import save

    from vaedemo.models.tower_motion import TowerMotion

    chosen = _latent(name)
    with torch.inference_mode():
        features = chosen.image(_y(chosen, still)[None])
        more = {"moves": chosen.will_move(features)[0]} if isinstance(chosen, TowerMotion) else {}
    tensors = {f"tower.{key}": value for key, value in chosen.tower.state_dict().items()}
    return save(
        {
            key: value.float().contiguous()
            for key, value in {**tensors, **more, "features": features[0], "typical": chosen.typical}.items()
        }
    )


def _model(name: str) -> Motion | MotionRegressor | FlowClassifier:
    from vaedemo.models.motion import FlowClassifier, Motion, MotionRegressor

    chosen = zoo.loaded_net(name)
    if not isinstance(chosen, (Motion, MotionRegressor, FlowClassifier)):
        raise Refused(f"model: {name} forecasts no motion")
    return chosen


def _latent(name: str) -> Motion:
    from vaedemo.models.motion import Motion

    chosen = _model(name)
    if not isinstance(chosen, Motion):
        raise Refused(f"model: {name} has no latents of motion")
    return chosen


def _y(chosen: Motion | MotionRegressor | FlowClassifier, still: NDArray[np.uint8]) -> Tensor:
    import torch

    from vaedemo.data import people
    from vaedemo.models.tower_motion import OnTower

    given = torch.from_numpy(still.copy())  # a request's bytes may not be written to
    if not isinstance(chosen, OnTower):
        if given.numel() != STILL:
            raise Refused(f"still: of 64 x 64 pixels this model takes {STILL:,} bytes, not {given.numel():,}")
        return given.float() / 255
    if given.numel() == STILL:
        return chosen.still(people.still_of(given.view(3, SIDE, SIDE)).float() / 255)
    return chosen.still(people.still_of(given.view(SHOWN, SHOWN, 3).permute(2, 0, 1)).float() / 255)
