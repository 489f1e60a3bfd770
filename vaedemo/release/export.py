"""From a run to what ships: BatchNorm folded, float16, and everything the page wants to know of the data beside it.

The same `model.safetensors` serves PyTorch and the browser.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from vaedemo import data, zoo
from vaedemo.data import faces
from vaedemo.evaluation import Metrics, categories, disentanglement, measure
from vaedemo.models import shipped
from vaedemo.models.base import LatentModel, Trainable
from vaedemo.models.colorization import ColorVAE
from vaedemo.models.infogan import InfoGAN
from vaedemo.models.motion import Motion
from vaedemo.models.vae import Autoencoder
from vaedemo.recipes import Recipe
from vaedemo.release import cards
from vaedemo.release.browser_export import describe
from vaedemo.store.paths import weights_folder
from vaedemo.training import Run

MAP = 24
MAP_POINTS = 2_000
EXAMPLES_A_CLASS = 3
MOST_CLASSES = 12
LEVELS = torch.tensor([0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999])


def promote(run: Run, say: Callable[[str], None] = print) -> bool:
    """Ship `run` as weights/NAME if its headline on *validation* beats the one in place; then measure it on test.

    Returns whether it ships. Raises ValueError for a run on synthetic data: those never ship.
    """
    if run.synthetic:
        raise ValueError(f"{run.recipe.name} learned from {run.source}; only models of the real data are promoted")
    place = weights_folder() / run.recipe.name
    with tempfile.TemporaryDirectory() as beside:
        fresh = Path(beside) / run.recipe.name
        write_bundle(run, fresh)
        key, better = run.recipe.headline
        new = float(_measured(fresh, "validation", key)[key])
        if (place / "model.safetensors").exists():
            old = float(_measured(place, "validation", key)[key])
            say(f"{run.recipe.name}: validation {key} {new:.3f}; in place: {old:.3f} ({better} is better)")
            if not (new < old if better == "lower" else new > old):
                return False
        else:
            say(f"{run.recipe.name}: validation {key} {new:.3f}; nothing in place")
        _document(fresh, measured(fresh))
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(fresh, place)
    zoo.write_checksums(run.recipe.name)
    return True


def write_metrics(place: Path) -> Metrics:
    """Measure weights/NAME on test, write its metrics.json and card, and enter its files into the list of checksums."""
    metrics = measured(place)
    _document(place, metrics)
    zoo.write_checksums(place.name)
    return metrics


def measured(folder: Path) -> Metrics:
    """The metrics of a bundle on the test split of the real data. Raises data.DataMissing where that is not found."""
    return _measured(folder, "test")


def write_bundle(run: Run, folder: Path) -> None:
    """Write model.safetensors, config.json, latents.safetensors, metrics.json (facts of the training) and the card."""
    folder.mkdir(parents=True, exist_ok=True)
    model = shipped(run.model)
    halves = {name: value.to(torch.float16).contiguous() for name, value in model.state_dict().items()}
    save_file(halves, folder / "model.safetensors", metadata=_for_the_browser(model))
    _write(folder / "config.json", replace(run.recipe, steps=run.step).to_json())  # what it really is
    rounded = zoo.assemble(run.recipe, folder)
    pictures = data.load(run.recipe.data, "test", twin=run.synthetic)
    names = {"factors": json.dumps(pictures.factors)}
    save_file(what_the_page_knows(rounded, pictures), folder / "latents.safetensors", names)
    facts: Metrics = {"recipe": run.recipe.name, "data": run.source, "split": "train", "seed": run.recipe.seed}
    facts |= {"trained_steps": run.step, "trained_pictures": run.step * run.recipe.batch}
    _document(folder, facts)


def _document(folder: Path, metrics: Metrics) -> None:
    _write(folder / "metrics.json", json.dumps(metrics, indent=2) + "\n")
    _write(folder / "README.md", cards.card(_recipe(folder), metrics, folder))


def _write(file: Path, text: str) -> None:
    """The same bytes on every system: their checksum ships."""
    file.write_text(text, encoding="utf-8", newline="\n")


def _recipe(folder: Path) -> Recipe:
    return Recipe.from_json((folder / "config.json").read_text(encoding="utf-8"))


def _for_the_browser(model: Trainable) -> dict[str, str]:
    """What `live` reads from the file's header: the decoder's chain, the sizes of z and y, the head."""
    if not isinstance(model, LatentModel) or not hasattr(model, "decoder"):
        return {}  # nothing to decode, or layers, which the server composites
    return {"z": str(model.z), "y": str(model.y), "head": "sigmoid", "decoder": json.dumps(describe(model.decoder))}


@torch.inference_mode()
def what_the_page_knows(model: Trainable, pictures: data.Pictures) -> dict[str, Tensor]:
    """Tensors about the latent space on `pictures`, so that the page never needs the data.

    kl (Z,): nats a latent; mean, std (Z,): of the codes of all pictures; quantiles (9, Z) at the levels (9,);
    examples (classes * 3, Z): codes of pictures that the model reconstructs well, three a class, each class' in a row;
    of data with several factors, at most 12 values of the first; of faces, whose factors are attributes, twelve groups,
    every twelfth in one. With factors also information (Z, F): what a latent tells of each, in parts of its entropy.
    With two latents also points, sigma (N, 2) and labels (N,): posteriors of the first 2,000 pictures; and where the
    model has no condition map (24, 24, H, W) uint8: see `picture_map`. An InfoGAN has only `digits` (10,): what each
    category draws. A net without a latent space has nothing, nor have colors and motions: a picture tells most of them.
    """
    if not isinstance(model, LatentModel) or isinstance(model, ColorVAE | Motion):
        return {}
    if isinstance(model, InfoGAN):
        guessed = categories.guesses(model, pictures)
        return {"digits": categories.labels_of(guessed, pictures.y, model.categories).to(torch.uint8)}
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
        shares = disentanglement.mutual_information(codes, factors) / disentanglement.entropies(factors).clip(1e-9)
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

    A plain autoencoder has no prior: there the quantiles are those of a Gaussian fitted to its codes.
    """
    steps = torch.special.ndtri((torch.arange(MAP) + 0.5) / MAP)
    x, y = steps.repeat(MAP), steps.flip(0).repeat_interleave(MAP)
    z = torch.stack([x, y], 1)
    if isinstance(model, Autoencoder):
        z = mean + std * z
    pixels = model.render(model.decode(z)) * 255 + 0.5
    return pixels.to(torch.uint8).view(MAP, MAP, *pixels.shape[-2:])


def _examples(model: LatentModel, pictures: data.Pictures, means: Tensor, y: Tensor) -> Tensor:
    """Codes (classes * 3, Z) of the page's example pictures: re-drawn by the model, never the data itself."""
    labels = pictures.y if pictures.y.dim() == 1 else pictures.y[:, 0]
    if pictures.factors == faces.ATTRIBUTES:
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


def _measured(folder: Path, split: data.Split, until: str | None = None) -> Metrics:
    recipe = _recipe(folder)
    return measure(zoo.assemble(recipe, folder), recipe, data.load(recipe.data, split, twin=False), split, until)
