"""From a run to what ships: BatchNorm folded, packed, and everything the page wants to know of the data beside it.

The same `model.safetensors` serves PyTorch and the browser.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from safetensors import numpy
from safetensors.torch import save_file

from vaedemo import data
from vaedemo.evaluation import Metrics, evaluate
from vaedemo.models import assemble, shipped
from vaedemo.models.base import LatentModel, Trainable
from vaedemo.models.quadrant import QuadrantNet
from vaedemo.recipes import Recipe
from vaedemo.release import cards
from vaedemo.release.browser_export import describe
from vaedemo.release.expression_codes import expression_codes
from vaedemo.release.face_directions import face_directions
from vaedemo.store import bundles
from vaedemo.store.packed import pack
from vaedemo.store.paths import weights_folder
from vaedemo.training import Run

Peers = Mapping[str, Trainable]


def promote(run: Run, peers: Peers, say: Callable[[str], None] = print) -> bool:
    """Ship `run` as weights/NAME if its headline on *validation* beats the one in place; then measure it on test.

    peers: as `evaluation.evaluate` takes them. Returns whether it ships. Raises ValueError for a run on synthetic
    data: those never ship.
    """
    if run.synthetic:
        raise ValueError(f"{run.recipe.name} learned from {run.source}; only models of the real data are promoted")
    place = weights_folder() / run.recipe.name
    with tempfile.TemporaryDirectory() as beside:
        fresh = Path(beside) / run.recipe.name
        write_bundle(run, fresh)
        key, better = run.recipe.headline
        new = float(_measured(fresh, "validation", peers, key)[key])
        if (place / "model.safetensors").exists():
            old = float(_measured(place, "validation", peers, key)[key])
            say(f"{run.recipe.name}: validation {key} {new:.3f}; in place: {old:.3f} ({better} is better)")
            if not (new < old if better == "lower" else new > old):
                return False
        else:
            say(f"{run.recipe.name}: validation {key} {new:.3f}; nothing in place")
        _document(fresh, measured(fresh, peers))
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(fresh, place)
    bundles.record(run.recipe.name)
    return True


def write_metrics(place: Path, peers: Peers) -> Metrics:
    """Measure weights/NAME on test, write its metrics.json and card, and enter its files into the list of checksums."""
    metrics = measured(place, peers)
    _document(place, metrics)
    bundles.record(place.name)
    return metrics


def rewrite_card(place: Path) -> bool:
    """Write the card of weights/NAME anew from its config.json and metrics.json, which stay as they are, and enter it
    into the list of checksums. Returns whether it changed. For use after a change of the words of cards."""
    metrics = json.loads((place / "metrics.json").read_text(encoding="utf-8"))
    file, text = place / "README.md", cards.card(_recipe(place), metrics, place)
    if file.read_text(encoding="utf-8") == text:
        return False
    _write(file, text)
    bundles.record(place.name)
    return True


def measured(folder: Path, peers: Peers) -> Metrics:
    """The metrics of a bundle on the test split of the real data. Raises DataMissing where that is not found."""
    return _measured(folder, "test", peers)


def write_bundle(run: Run, folder: Path) -> None:
    """Write model.safetensors, config.json, latents.safetensors, metrics.json (facts of the training) and the card."""
    folder.mkdir(parents=True, exist_ok=True)
    model = shipped(run.model)
    save_model(model, folder / "model.safetensors")
    _write(folder / "config.json", replace(run.recipe, steps=run.step).to_json())  # what it really is
    rounded = assemble(run.recipe, folder)
    pictures = data.load(run.recipe.data, "test", twin=run.synthetic)
    names = {"factors": json.dumps(pictures.factors)}
    told = rounded.page_tensors(pictures)
    if run.recipe.data == "faces":
        told |= face_directions(rounded, run.synthetic)
    told |= expression_codes(rounded, run.synthetic)
    save_file(told, folder / "latents.safetensors", names)
    facts: Metrics = {"recipe": run.recipe.name, "data": run.source, "split": "train", "seed": run.recipe.seed}
    facts |= {"trained_steps": run.step, "trained_pictures": run.step * run.recipe.batch}
    _document(folder, facts)


def save_model(model: Trainable, file: Path) -> None:
    """Write the tensors of a folded model as they ship. Raises Misfit, see `store.packed.pack`."""
    tensors = {name: value.detach().float().numpy() for name, value in model.state_dict().items()}
    numpy.save_file(pack(tensors, model.only_float16), file, metadata=_for_the_browser(model))


def _document(folder: Path, metrics: Metrics) -> None:
    _write(folder / "metrics.json", json.dumps(metrics, indent=2) + "\n")
    _write(folder / "README.md", cards.card(_recipe(folder), metrics, folder))


def _write(file: Path, text: str) -> None:
    """The same bytes on every system: their checksum ships."""
    file.write_text(text, encoding="utf-8", newline="\n")


def _recipe(folder: Path) -> Recipe:
    return Recipe.from_json((folder / "config.json").read_text(encoding="utf-8"))


def _for_the_browser(model: Trainable) -> dict[str, str]:
    """What web/engine/decoder.mjs reads from the file's header: the decoder's chain, the sizes of z and y, the head."""
    if not isinstance(model, LatentModel | QuadrantNet) or not hasattr(model, "decoder"):
        return {}  # nothing to decode, or layers, which the server composites
    z = model.z if isinstance(model, LatentModel) else 0
    return {"z": str(z), "y": str(model.y), "head": "sigmoid", "decoder": json.dumps(describe(model.decoder))}


def _measured(folder: Path, split: data.Split, peers: Peers, until: str | None = None) -> Metrics:
    recipe = _recipe(folder)
    model, pictures = assemble(recipe, folder), data.load(recipe.data, split, twin=False)
    return evaluate(model, recipe, pictures, split, peers, until)
