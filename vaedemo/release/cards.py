"""Model cards: what a bundle is, where it learned, what it is worth, and on what terms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from safetensors import safe_open

from vaedemo import data
from vaedemo.evaluation import units_of
from vaedemo.models import class_of
from vaedemo.recipes import Recipe
from vaedemo.store.packed import Tensors


def card(recipe: Recipe, metrics: Mapping[str, float | int | str], folder: Path) -> str:
    """The bundle's README.md, in Markdown with the Hub's front matter."""
    source, kind = str(metrics["data"]), class_of(recipe)
    terms = kind.TERMS or data.terms_of(source)
    rows = [
        f"| {key} | {metrics[key]}{_error(metrics, key)} | {unit} |"
        for key, unit in units_of(recipe).items()
        if key in metrics
    ]
    rows += [f"| {key} | {value} | the same of {key.split('/')[0]} |" for key, value in metrics.items() if "/" in key]
    measured = ["Not measured yet.", ""]
    if rows:
        protocol = f"Measured on {source}, {metrics['split']} split, n = {metrics['n']:,}, seed {metrics['seed']}:"
        measured = [protocol, "", "| what | value | unit |", "|---|---|---|", *rows, ""]
    if "nll_n" in metrics:
        measured += [f"NLL: {metrics['nll_samples']:,} samples of q for each of {metrics['nll_n']:,} pictures.", ""]
    if "cll_samples" in metrics:
        measured += [f"CLL: {metrics['cll_samples']:,} samples of q for each of {metrics['cll_n']:,} pictures.", ""]
    elif "cll_n" in metrics:
        measured += [f"CLL: of {metrics['cll_n']:,} pictures.", ""]
    file = folder / "model.safetensors"
    return "\n".join(
        [
            "---",
            "library_name: pytorch",
            f"license: {terms.license}",
            "tags: [variational-autoencoder]",
            "---",
            f"# {recipe.title} (`{recipe.name}`)",
            "",
            kind.CARD,
            "",
            *measured,
            kind.HISTORY.format(
                steps=recipe.steps,
                batch=recipe.batch,
                stored=_stored(file),
                size=file.stat().st_size / 1e6,
                net=json.dumps(dict(recipe.net)),
            ),
            "",
            "**Data and terms.** " + terms.words,
            "",
            "```python",
            kind.CODE.replace("{name}", recipe.name),
            "```",
            "",
        ]
    )


def _stored(file: Path) -> str:
    with safe_open(file, framework="numpy") as opened:
        return "int8 with a scale for each 32 weights, small tensors float16" if Tensors(opened).packed else "float16"


def _error(metrics: Mapping[str, float | int | str], key: str) -> str:
    return f" ± {metrics[key + '_se']}" if key + "_se" in metrics else ""
