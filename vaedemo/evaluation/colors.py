"""Colorings of grey pictures against the true colors, the test sets apart (Deshpande 2017, section 5).

Errors are Euclidean distances of ab / 128, the mean over the 32 x 32 cells of a color field. Keys are SET/NAME for each
of the sets that there are, and NAME for the mean over these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from vaedemo.data import Pictures, colors
from vaedemo.evaluation.registry import Numbers, measure
from vaedemo.models.colorization import (
    ColorBins,
    Colorization,
    ColorRegression,
    ColorVAE,
    bins_of,
    field,
    hinted,
    lightness,
)
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


@measure(
    "colors",
    "colorization",
    "colorcvae",
    "colorregression",
    units={
        "error_of_best_8": "distance of ab / 128 to the truth, mean over cells, the nearest of 8 answers; mean of sets",
        "variance_8": "of ab / 128 over the 8 answers, mean over cells",
        "chroma_ratio": "mean chroma of the answers over the true colors'",
    },
)
def best_of_8(model: ColorVAE | ColorRegression, pictures: Pictures) -> Numbers:
    """error_of_best_8: of that of the eight answers (a regression's one) that is nearest to the truth, not above: the
    least possible. variance_8: over the eight, mean over cells and the two of color. chroma_ratio: the answers' mean
    chroma over the truth's."""

    def of_set(x: Tensor) -> Numbers:
        best, spread, chroma = [], [], []
        for i, (y, ab) in enumerate(zip(lightness(x), field(x))):
            fields = model.answers(y, ANSWERS, seed=i).fields
            best.append(_distance(fields, ab).min())
            spread.append(fields.var(0, correction=0).mean())
            chroma.append(_chroma(fields))
        return {
            "error_of_best_8": _mean(best),
            "variance_8": _mean(spread),
            "chroma_ratio": _mean(chroma) / float(_chroma(field(x))),
        }

    return _by_set(pictures, of_set)


@measure(
    "colors",
    "colorization",
    "colorcvae",
    "colorregression",
    units={
        "off_edge_ratio": "share of strong edges of color off all edges of lightness, "
        "over the true colors' own such share",
    },
)
def edge_alignment(model: ColorVAE | ColorRegression, pictures: Pictures) -> Numbers:
    """off_edge_ratio: of the answers' strong edges of color (over the 95 % quantile of the truth's gradients), as shown
    on 64x64 pixels, the share with no edge of lightness within two pixels, over the truth's own such share."""

    def of_set(x: Tensor) -> Numbers:
        x = _some(x, EDGES_OF)
        light = F.pixel_shuffle(x[:, :4], 2)
        true = _gradient(F.interpolate(field(x), light.shape[-2:], mode="bilinear", align_corners=False))
        lines = _gradient(light)
        near = F.max_pool2d((lines > lines.quantile(LINES)).float()[:, None], 2 * NEAR + 1, 1, NEAR)[:, 0] > 0
        least = _quantile(true, STRONG)
        own = float((near.logical_not() & (true > least)).sum() / (true > least).sum().clamp_min(1))
        strong, off = 0, 0
        for i, y in enumerate(lightness(x)):
            shown = cielab.spread(model.answers(y, ANSWERS, seed=i).fields, light[i : i + 1])
            edges = _gradient(shown) > least
            strong, off = strong + int(edges.sum()), off + int((edges & ~near[i]).sum())
        return {"off_edge_ratio": off / max(1, strong) / max(1e-9, own)}

    return _by_set(pictures, of_set)


@measure(
    "colors",
    "colorization",
    "colorcvae",
    "colorvae",
    units={
        "weighted_error": "squared error of ab / 128 through encoder and decoder, rare colors weighing more",
        "rate": "KL(q(z∣x) ‖ p(z)), nats a picture",
    },
)
def reconstruction(model: ColorVAE, pictures: Pictures) -> Numbers:
    """weighted_error: squared error of the true colors through encoder and decoder (z at the mean), each cell weighed
    by how rare its color is, mean over cells and the two of color. rate: in nats a picture."""

    def of_set(x: Tensor) -> Numbers:
        errors, rates = [], []
        for part in x.split(200):
            posterior, ab = model.encode(part), field(part)
            painted = model.decode(posterior.mean, lightness(part))
            errors.append((model.rarity[bins_of(ab)][:, None] * (painted - ab).square()).mean((1, 2, 3)))
            rates.append(model.rate(posterior).sum(1))
        return {"weighted_error": float(torch.cat(errors).mean()), "rate": float(torch.cat(rates).mean())}

    return _by_set(pictures, of_set)


@measure(
    "colors",
    "colorization",
    units={
        "hint_gain_share": "pictures whose heaviest answer is nearer to the truth once one cell's color was told",
        "hint_gain": "by what part of its error, on average",
    },
)
def hint_gain(model: Colorization, pictures: Pictures) -> Numbers:
    """hint_gain_share: of pictures whose heaviest answer is nearer to the truth once one cell's true color, at a random
    place, has re-weighted 512 draws of P(z|grey); hint_gain: by what part of the error, on average."""

    def of_set(x: Tensor) -> Numbers:
        better, gains = [], []
        dice = torch.Generator().manual_seed(0)
        for i, picture in enumerate(_some(x, HINTS_OF)):
            ab = field(picture[None])[0]
            row, column = torch.randint(cielab.SIDE, (2,), generator=dice).tolist()
            draws = model.draws(lightness(picture[None])[0], DRAWS, seed=i)
            dab = (row, column, (float(ab[0, row, column]), float(ab[1, row, column])))
            before, after = (
                float(_distance(fields[weights.argmax()], ab))
                for weights, fields in (hinted(draws, told, model.mixture) for told in ([], [dab]))
            )
            better.append(float(after < before))
            gains.append(1 - after / before)
        return {"hint_gain_share": sum(better) / len(better), "hint_gain": sum(gains) / len(gains)}

    return _by_set(pictures, of_set)


@measure(
    "colors",
    "colorbins",
    units={
        "color_nats": "-log P(color bins∣grey), nats a picture of 1,024 cells",
    },
)
def bin_cross_entropy(model: ColorBins, pictures: Pictures) -> Numbers:
    """color_nats: -log P(color bins | grey) of the true colors, nats a picture of 1,024 cells."""

    def of_set(x: Tensor) -> Numbers:
        nats = [
            F.cross_entropy(model.logits(lightness(part)), bins_of(field(part)), reduction="none").flatten(1).sum(1)
            for part in x.split(100)
        ]
        return {"color_nats": float(torch.cat(nats).mean())}

    return _by_set(pictures, of_set)


def _by_set(pictures: Pictures, of_set: Callable[[Tensor], Numbers]) -> Numbers:
    found = {name: of_set(x) for name, x in _sets(pictures)}
    keys = next(iter(found.values()))
    means = {key: sum(metrics[key] for metrics in found.values()) / len(found) for key in keys}
    return means | {f"{name}/{key}": value for name, metrics in found.items() for key, value in metrics.items()}


def _sets(pictures: Pictures) -> Iterator[tuple[str, Tensor]]:
    for number, name in enumerate(colors.SETS):
        mine = (pictures.y == number).nonzero()[:, 0]
        if len(mine):
            yield name, pictures.floats(mine)


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
