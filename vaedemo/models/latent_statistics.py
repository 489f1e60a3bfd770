"""What the page draws of a latent space before any code is asked for: statistics, quantiles, examples, a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from vaedemo.data import Pictures
from vaedemo.data.face_set import ATTRIBUTES
from vaedemo.latents import entropies, mutual_information

if TYPE_CHECKING:
    from vaedemo.models.base import LatentModel

MAP = 24
MAP_POINTS = 2_000
EXAMPLES_A_CLASS = 3
MOST_CLASSES = 12
LEVELS = torch.tensor([0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999])


@torch.inference_mode()
def latent_statistics(model: LatentModel, pictures: Pictures) -> dict[str, Tensor]:
    """Tensors about the latent space on `pictures`.

    kl (Z,): nats a latent; mean, std (Z,): of the codes of all pictures; quantiles (9, Z) at the levels (9,);
    examples (classes * 3, Z): codes of pictures that the model reconstructs well, three a class, each class' in a row;
    of data with several factors, at most 12 values of the first; of faces, whose factors are attributes, twelve groups,
    every twelfth in one. With factors also information (Z, F): what a latent tells of each, in parts of its entropy.
    With two latents also points, sigma (N, 2) and labels (N,): posteriors of the first 2,000 pictures; and where the
    model has no condition map (24, 24, H, W) uint8: see `picture_map`.
    """
    torch.manual_seed(0)
    y = model.condition(pictures.y)
    posteriors = [
        model.encode(pictures.floats(slice(i, i + 500)), y[i : i + 500]) for i in range(0, len(pictures), 500)
    ]
    means = torch.cat([q.mean for q in posteriors])
    sigmas = torch.cat([q.stddev for q in posteriors])
    kl = (0.5 * (means**2 + sigmas**2 - 1) - sigmas.log()).mean(0)
    known = {
        "kl": kl,
        "mean": means.mean(0),
        "std": means.std(0),
        "levels": LEVELS,
        "quantiles": torch.quantile(means, LEVELS, dim=0).contiguous(),
        "examples": _examples(model, pictures, means, y),
    }
    if pictures.factors:
        codes, factors = means.numpy(), pictures.y.numpy()
        shares = mutual_information(codes, factors) / entropies(factors).clip(1e-9)
        known["information"] = torch.from_numpy(shares).float()
    if model.z == 2:
        known |= {
            "points": means[:MAP_POINTS].half(),
            "sigma": sigmas[:MAP_POINTS].half(),
            "labels": pictures.y[:MAP_POINTS].to(torch.uint8),
        }
        if not model.y:
            known["map"] = picture_map(model, means.mean(0), means.std(0))
    return known


@torch.inference_mode()
def picture_map(model: LatentModel, mean: Tensor, std: Tensor) -> Tensor:
    """The latent plane as pictures, (MAP, MAP, H, W) uint8: row r, column c decodes the Gaussian quantiles
    (c + 1/2) / MAP and 1 - (r + 1/2) / MAP, so that equal areas of the map hold equal prior mass.

    A plain autoencoder has no prior: then the quantiles are those of a Gaussian fitted to its codes.
    """
    steps = torch.special.ndtri((torch.arange(MAP) + 0.5) / MAP)
    x, y = steps.repeat(MAP), steps.flip(0).repeat_interleave(MAP)
    z = torch.stack([x, y], 1)
    if not model.has_prior:
        z = mean + std * z
    pixels = model.render(model.decode(z)) * 255 + 0.5
    return pixels.to(torch.uint8).view(MAP, MAP, *pixels.shape[-2:])


def _examples(model: LatentModel, pictures: Pictures, means: Tensor, y: Tensor) -> Tensor:
    """Codes (classes * 3, Z) of the page's example pictures: re-drawn by the model, never the data itself."""
    labels = pictures.y if pictures.y.dim() == 1 else pictures.y[:, 0]
    if pictures.factors == ATTRIBUTES:
        labels = torch.arange(len(labels)) % MOST_CLASSES
    some = slice(0, MAP_POINTS) if pictures.y.dim() == 1 else slice(None, None, -(-len(pictures) // MAP_POINTS))
    means, labels, x = means[some], labels[some], pictures.floats(some)
    error = ((model.render(model.decode(means, y[some])) - x[:, : model.shape[0]]) ** 2).flatten(1).sum(1)
    rows, classes = [], labels.unique()
    for label in classes[torch.linspace(0, len(classes) - 1, min(len(classes), MOST_CLASSES)).long()]:
        mine = (labels == label).nonzero()[:, 0]
        best = mine[error[mine].argsort()[: len(mine) // 4]]  # the clear quarter; evenly through it, for variety
        rows.append(means[best[torch.linspace(0, len(best) - 1, EXAMPLES_A_CLASS).long()]])
    return torch.cat(rows)
