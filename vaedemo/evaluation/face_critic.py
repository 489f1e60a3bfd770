"""Whether `faces-critic` tells photographs from drawn faces, and what its hidden layer makes of changed photographs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor

from vaedemo.data import Pictures
from vaedemo.evaluation.registry import Numbers, measure
from vaedemo.models.base import LatentModel, Trainable
from vaedemo.models.face_critic import FaceCritic
from vaedemo.models.vae import VAE
from vaedemo.recipes import NETS
from vaedemo.vision.picture_errors import blurred, brightened, shifted

COUNT = 1_000  # photographs of the split, and samples of each decoder
PIECE = 100  # pictures at once
SHIFT, SIGMA, BRIGHTER = 2, 1.0, 0.1

CHANGES: Mapping[str, Callable[[Tensor], Tensor]] = {
    "shift": lambda x: shifted(x, SHIFT, 0),
    "blur": lambda x: blurred(x, SIGMA),
    "bright": lambda x: brightened(x, BRIGHTER),
}

_TOLD_APART = {
    "auc": "probability that a photograph has a higher score than a sample, all decoders in equal parts",
    "auc_rebuilt": "the same, reconstructions of the split in place of samples",
    "accuracy": "balanced accuracy, photographs and samples, at the score one half",
    "graded": "share of both whose score is neither below .1 nor above .9",
}
_CHANGED = {
    "pixel_error_shift": f"squared error of a photo moved by {SHIFT} pixels, relative to two people",
    "dis_error_shift": "Dis_l of the same, relative to two people",
    "pixel_error_blur": f"squared error of a photo under a Gaussian blur of {SIGMA:g} pixel, relative to two people",
    "dis_error_blur": "Dis_l of the same, relative to two people",
    "pixel_error_bright": f"squared error of a photo made brighter by {BRIGHTER:g}, relative to two people",
    "dis_error_bright": "Dis_l of the same, relative to two people",
}


@measure("faces", "facecritic", units=_TOLD_APART, judges=NETS["faces-critic"].requires)
def told_apart(model: FaceCritic, pictures: Pictures, peers: Mapping[str, Trainable]) -> Numbers:
    """COUNT photographs of the split against COUNT samples of every decoder, z ~ N(0, I), and against reconstructions
    of the same photographs. NAME/auc is that of the samples of one decoder, NAME/auc_rebuilt of its reconstructions."""
    x = pictures.floats(slice(0, COUNT))[:, :3]
    photos, samples, rebuilt = _scores(model, x.split(PIECE)), {}, {}
    for name in model.drawn_by:
        net = peers[name]
        assert isinstance(net, LatentModel)
        z = net.from_normal(torch.randn(COUNT, net.z)).split(PIECE)
        samples[name] = _scores(model, (net.render(net.decode(part)) for part in z))
        if isinstance(net, VAE):
            means = (net.encode(part).mean for part in x.split(PIECE))
            rebuilt[name] = _scores(model, (net.render(net.decode(part)) for part in means))
    drawn = torch.cat(list(samples.values()))
    scores = torch.cat([photos, drawn]).sigmoid()
    return {
        "auc": auc(photos, drawn),
        "auc_rebuilt": auc(photos, torch.cat(list(rebuilt.values()))),
        "accuracy": float((photos > 0).float().mean() + (drawn < 0).float().mean()) / 2,
        "graded": float(((scores > 0.1) & (scores < 0.9)).float().mean()),
        **{f"{name}/auc": auc(photos, some) for name, some in samples.items()},
        **{f"{name}/auc_rebuilt": auc(photos, some) for name, some in rebuilt.items()},
    }


@measure("faces", "facecritic", units=_CHANGED)
def errors_of_changes(model: FaceCritic, pictures: Pictures) -> Numbers:
    """The mean errors of COUNT photographs of the split under each of CHANGES: of pixels, and Dis_l."""
    x = pictures.floats(slice(0, COUNT))[:, :3]
    numbers = {}
    for name, change in CHANGES.items():
        sums = torch.zeros(2)
        for part in x.split(PIECE):
            other = change(part)
            away = model.judge(other).hidden - model.judge(part).hidden
            sums += torch.stack([(other - part).square().mean(), away.square().mean()]) * len(part)
        pixels, features = (sums / len(x) / model.between).tolist()
        numbers |= {f"pixel_error_{name}": pixels, f"dis_error_{name}": features}
    return numbers


def auc(high: Tensor, low: Tensor) -> float:
    """The area under the ROC curve: the probability that one of `high` (N,) is above one of `low` (M,), ties half."""
    low = low.sort().values
    below = torch.searchsorted(low, high.contiguous()) + torch.searchsorted(low, high.contiguous(), right=True)
    return float(below.double().mean() / 2 / len(low))


def _scores(model: FaceCritic, parts: Iterable[Tensor]) -> Tensor:
    return torch.cat([model.judge(part.float()).logit for part in parts])
