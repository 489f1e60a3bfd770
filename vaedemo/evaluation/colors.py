"""Colorings of grey pictures against the true colors, the test sets apart (Deshpande 2017, section 5).

Errors are Euclidean distances of ab / 128, the mean over the 32 x 32 cells of a color field. Keys are SET/NAME for each
of the sets that there are, and NAME for the mean over these; colors128, which came later, has keys of its own alone.
Pictures are those of `data.photos`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor
from torch.nn import functional as F

from vaedemo.data import Pictures, photos
from vaedemo.evaluation.registry import Numbers, measure
from vaedemo.models.color_fields import bins_of, hinted
from vaedemo.models.color_vae import ColorCVAE, condition_of, field_of, tint_of
from vaedemo.models.colorization import Colorization
from vaedemo.models.image_tower import photos_light
from vaedemo.vision import cielab

ANSWERS = 8
EDGES_OF = 200  # pictures of a set whose edges are looked at, evenly through it
HINTS_OF = 64  # pictures of a set that get a hint
DRAWS = 512
STRONG, LINES = (
    0.95,
    0.9,
)  # quantiles: of the true colors' gradients, and of the lightness', from which on it is an edge
NEAR = 2  # pixels of 64 from an edge of the lightness that an edge of color may be
MAIN = 0.8  # quantile of the mean's residual from which on a cell may be of the main thing
STRONGEST = 0.98  # quantile, of which it has at least half
LEAST = 0.035  # of the picture's cells, that a main thing has
BEST_OF_8 = {
    "error_of_best_8": "distance of ab / 128 to the truth, mean over cells, the nearest of 8 answers; mean of sets",
    "error_of_mean": "the same of the one field that squared error asks for",
    "variance_8": "of ab / 128 over the 8 answers, mean over cells",
    "chroma_ratio": "mean chroma of the answers over the true colors'",
    "tint_share": "of that variance, what one tint over the whole picture makes",
    "object_variance": "that variance less the tint's",
}


@measure("photos", "colorization", "colorcvae", units=BEST_OF_8)
def best_of_8(model: ColorCVAE, pictures: Pictures) -> Numbers:
    """error_of_best_8: of that of the eight answers that is nearest to the truth, not above: the least possible.
    error_of_mean: of the mean color field. variance_8: over the eight, mean over cells and the two of color.
    chroma_ratio: the answers' mean chroma over the truth's. tint_share: the variance over the eight of a picture's mean
    color, over variance_8; of the whole set, not a mean of shares. object_variance: variance_8 less that of the mean
    color."""

    def of_set(x: Tensor) -> Numbers:
        best, means, spread, tint, chroma = [], [], [], [], []
        for i, (y, ab) in enumerate(zip(condition_of(x), field_of(x))):
            fields = model.answers(y, ANSWERS, seed=i).fields
            best.append(_distance(fields, ab).min())
            means.append(_distance(model.grey(y[None]).mean[0], ab))
            spread.append(fields.var(0, correction=0).mean())
            tint.append(fields.mean((2, 3)).var(0, correction=0).mean())
            chroma.append(_chroma(fields))
        variance, tints = _mean(spread), _mean(tint)
        return {
            "error_of_best_8": _mean(best),
            "error_of_mean": _mean(means),
            "variance_8": variance,
            "chroma_ratio": _mean(chroma) / float(_chroma(field_of(x))),
            "tint_share": tints / max(variance, 1e-12),
            "object_variance": variance - tints,
        }

    return _by_set(pictures, of_set)


TINTS_TOO = {"error_of_best_8_tints_too": "error of the best of 8 where they may differ by a tint of the whole picture"}


@measure("photos", "colorization", units=TINTS_TOO)
def with_tints(model: Colorization, pictures: Pictures) -> Numbers:
    """error_of_best_8_tints_too: as error_of_best_8, of the eight with `tints`."""

    def of_set(x: Tensor) -> Numbers:
        best = [
            _distance(model.answers(y, ANSWERS, seed=i, tints=True).fields, ab).min()
            for i, (y, ab) in enumerate(zip(condition_of(x), field_of(x)))
        ]
        return {"error_of_best_8_tints_too": _mean(best)}

    return _by_set(pictures, of_set)


@measure("photos", "colorization", "colorcvae", units={})
def inside_outside(model: ColorCVAE, pictures: Pictures) -> Numbers:
    """colors128/inside_outside: on its pictures whose class is of free color, the variance over the eight answers
    inside the main thing over that outside, a picture's mean color taken out of each answer; both are means over all
    pictures.

    The main thing is what `main_thing` says of the truth less the mean of the eight; pictures without one do not count.
    """
    free = (pictures.y[:, 0] == photos.SETS.index("colors128")) & (pictures.y[:, 1] == 1)
    inside, outside = [], []
    for i in free.nonzero()[:, 0].tolist():
        x = pictures.floats(slice(i, i + 1))
        fields = model.answers(condition_of(x)[0], ANSWERS, seed=i).fields
        thing = main_thing(field_of(x)[0] - fields.mean(0))
        if thing is None:
            continue
        variance = (fields - fields.mean((2, 3), keepdim=True)).var(0, correction=0).sum(0)
        inside.append(variance[thing].mean())
        outside.append(variance[~thing].mean())
    return {"colors128/inside_outside": _mean(inside) / max(_mean(outside), 1e-12)} if inside else {}


def main_thing(residual: Tensor) -> Tensor | None:
    """The cells (32, 32) of the thing that a mean color field missed most, for what it missed, (2, 32, 32).

    The tint, which is the residual's median, is taken out; what is left counts as its length, a mean of 3 x 3
    neighbours. Of the fifth of cells where most is left, and at least half of what the strongest fiftieth have, it is
    the largest connected part, with its holes filled; None where that is under `LEAST`.
    """
    left = (residual - tint_of(residual[None])[0][:, None, None]).square().sum(0).sqrt()
    even = F.avg_pool2d(left[None], 3, 1, 1, count_include_pad=False)[0].numpy()
    parts, _ = _parts(even > max(np.quantile(even, MAIN), np.quantile(even, STRONGEST) / 2))
    sizes = np.bincount(parts.ravel(), minlength=2)[1:]
    thing = ndimage.binary_fill_holes(parts == sizes.argmax() + 1)
    assert thing is not None
    return torch.from_numpy(thing) if sizes.max() and thing.mean() >= LEAST else None


def _parts(cells: NDArray[np.bool_]) -> tuple[NDArray[np.int32], int]:
    return ndimage.label(cells)  # type: ignore[return-value]


OFF_EDGE = {
    "off_edge_ratio": "share of strong edges of color off all edges of lightness, over the true colors' own such share"
}


@measure("photos", "colorization", "colorcvae", units=OFF_EDGE)
def edge_alignment(model: ColorCVAE, pictures: Pictures) -> Numbers:
    """off_edge_ratio: of the answers' strong edges of color (over the 95 % quantile of the truth's gradients), as shown
    on 64x64 pixels, the share with no edge of lightness within two pixels, over the truth's own such share."""

    def of_set(x: Tensor) -> Numbers:
        x = _some(x, EDGES_OF)
        light = _light(x)
        true = _gradient(F.interpolate(field_of(x), light.shape[-2:], mode="bilinear", align_corners=False))
        lines = _gradient(light)
        near = F.max_pool2d((lines > lines.quantile(LINES)).float()[:, None], 2 * NEAR + 1, 1, NEAR)[:, 0] > 0
        least = _quantile(true, STRONG)
        own = float((near.logical_not() & (true > least)).sum() / (true > least).sum().clamp_min(1))
        strong, off = 0, 0
        for i, y in enumerate(condition_of(x)):
            shown = cielab.spread(model.answers(y, ANSWERS, seed=i).fields, light[i : i + 1])
            edges = _gradient(shown) > least
            strong, off = strong + int(edges.sum()), off + int((edges & ~near[i]).sum())
        return {"off_edge_ratio": off / max(1, strong) / max(1e-9, own)}

    return _by_set(pictures, of_set)


RECONSTRUCTION = {
    "weighted_error": "squared error of ab / 128 through encoder and decoder, rare colors weighing more",
    "layout_error": "squared error along the twenty principal components, each over its standard deviation",
    "kept_chroma": "mean chroma of what comes back over the true colors'",
    "rate": "KL(q(z∣x) ‖ p(z)), nats a picture",
}


@measure("photos", "colorization", "colorcvae", "colorvae", units=RECONSTRUCTION)
def reconstruction(model: ColorCVAE, pictures: Pictures) -> Numbers:
    """Of the true colors through encoder and decoder, z at the mean. weighted_error: squared error, each cell weighed
    by how rare its color is, mean over cells and the two of color. layout_error: L_mah. kept_chroma: of the true
    colors' mean chroma. rate: in nats a picture."""

    def of_set(x: Tensor) -> Numbers:
        errors, layouts, kept, rates = [], [], [], []
        for part in x.split(200):
            posterior, ab = model.encode(part[:, : photos.PLANES + 2]), field_of(part)
            painted = model.decode(posterior.mean, condition_of(part))
            errors.append((model.rarity[bins_of(ab)][:, None] * (painted - ab).square()).mean((1, 2, 3)))
            layouts.append(model.errors(painted, ab)["mah"])
            kept.append(painted.square().sum(1).sqrt().mean((1, 2)))
            rates.append(model.rate(posterior).sum(1))
        return {
            "weighted_error": float(torch.cat(errors).mean()),
            "layout_error": float(torch.cat(layouts).mean()),
            "kept_chroma": float(torch.cat(kept).mean() / _chroma(field_of(x))),
            "rate": float(torch.cat(rates).mean()),
        }

    return _by_set(pictures, of_set)


HINT_GAIN = {
    "hint_gain_share": "pictures whose heaviest answer is nearer to the truth once one cell's color was told",
    "hint_gain": "by what part of its error, on average",
}


@measure("photos", "colorization", units=HINT_GAIN)
def hint_gain(model: Colorization, pictures: Pictures) -> Numbers:
    """hint_gain_share: of pictures whose heaviest answer is nearer to the truth once one cell's true color, at a random
    place, has re-weighted 512 draws of P(z|grey); hint_gain: by what part of the error, on average."""

    def of_set(x: Tensor) -> Numbers:
        better, gains = [], []
        dice = torch.Generator().manual_seed(0)
        for i, picture in enumerate(_some(x, HINTS_OF)):
            ab = field_of(picture[None])[0]
            row, column = torch.randint(cielab.SIDE, (2,), generator=dice).tolist()
            draws = model.draws(condition_of(picture[None])[0], DRAWS, seed=i)
            dab = (row, column, (float(ab[0, row, column]), float(ab[1, row, column])))
            before, after = (
                float(_distance(fields[weights.argmax()], ab))
                for weights, fields in (hinted(draws, told, model.mixture) for told in ([], [dab]))
            )
            better.append(float(after < before))
            gains.append(1 - after / before)
        return {"hint_gain_share": sum(better) / len(better), "hint_gain": sum(gains) / len(gains)}

    return _by_set(pictures, of_set)


COLOR_NATS = {"color_nats": "-log P(color bins∣grey), nats a picture of 1,024 cells"}


@measure("photos", "colorization", "colorcvae", units=COLOR_NATS)
def bin_cross_entropy(model: ColorCVAE, pictures: Pictures) -> Numbers:
    """color_nats: -log P(color bins | grey) of the true colors, nats a picture of 1,024 cells."""

    def of_set(x: Tensor) -> Numbers:
        nats = [
            F.cross_entropy(model.logits(condition_of(part)), bins_of(field_of(part)), reduction="none")
            .flatten(1)
            .sum(1)
            for part in x.split(100)
        ]
        return {"color_nats": float(torch.cat(nats).mean())}

    return _by_set(pictures, of_set)


def _by_set(pictures: Pictures, of_set: Callable[[Tensor], Numbers]) -> Numbers:
    found = {name: of_set(x) for name, x in _sets(pictures)}
    first = [metrics for name, metrics in found.items() if name in photos.SETS[:3]] or list(found.values())
    means = {key: sum(metrics[key] for metrics in first) / len(first) for key in first[0]}
    return means | {f"{name}/{key}": value for name, metrics in found.items() for key, value in metrics.items()}


def _sets(pictures: Pictures) -> Iterator[tuple[str, Tensor]]:
    number_of = pictures.y if pictures.y.dim() == 1 else pictures.y[:, 0]
    for number, name in enumerate(photos.SETS):
        mine = (number_of == number).nonzero()[:, 0]
        if len(mine):
            yield name, pictures.floats(mine)


def _light(x: Tensor) -> Tensor:
    """L / 100 (B, 1, 64, 64) of pictures x."""
    return F.interpolate(photos_light(x), (64, 64), mode="bilinear", align_corners=False, antialias=True)


def _some(x: Tensor, most: int) -> Tensor:
    return x[torch.linspace(0, len(x) - 1, min(most, len(x))).long()]


def _distance(fields: Tensor, ab: Tensor) -> Tensor:
    """Errors of fields (..., 2, 32, 32), (...)."""
    return (fields - ab).square().sum(-3).sqrt().mean((-2, -1))


def _chroma(fields: Tensor) -> Tensor:
    return fields.square().sum(-3).sqrt().mean()


def _gradient(planes: Tensor) -> Tensor:
    """Its length at each pixel, (N, H - 1, W - 1), of planes (N, C, H, W)."""
    across, along = planes.diff(dim=3)[:, :, :-1], planes.diff(dim=2)[:, :, :, :-1]
    return (across.square() + along.square()).sum(1).sqrt()


def _quantile(values: Tensor, part: float) -> float:
    return float(values.flatten().sort().values[int(part * values.numel())])


def _mean(values: list[Tensor]) -> float:
    return float(torch.stack(values).mean())
