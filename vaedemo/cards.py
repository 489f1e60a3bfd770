"""Model cards: what a bundle is, where it learned, what it is worth, and on what terms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from vaedemo.recipes import Recipe

TERMS = {
    "MNIST": (
        "MNIST (LeCun, Cortes & Burges 1998), 60,000 + 10,000 handwritten digits, CC BY-SA 3.0 as usually given. The "
        "weights follow those terms. It is half census clerks, half high-school students in the United States: sevens "
        "are rarely crossed and ones rarely have a serif, so the model reads such digits poorly. Digits are centred by "
        "mass in 28x28; a drawing is brought to that geometry first."
    ),
    "synthetic digits": "Digits drawn by this project with Pillow's own font; no terms but the code's (Apache-2.0).",
}

SAYS = {
    "vae": (
        "A convolutional variational autoencoder (Kingma & Welling 2014): minimizes distortion + rate in nats a "
        "picture, with a Bernoulli p(x|z), pictures binarized afresh at every step, and the KL term warmed up."
    ),
    "autoencoder": (
        "A plain autoencoder: the VAE's net with neither the KL term nor noise. Its codes have no prior, and there are "
        "holes between them; it is here to show those."
    ),
}

UNITS = {  # ∣ and ‖ are no ASCII bars: those would end a cell of the table
    "nll": "-log p(x), nats a picture, importance sampling from q",
    "elbo": "nats a picture",
    "rate": "KL(q(z∣x) ‖ p(z)), nats a picture",
    "distortion": "-E_q[log p(x∣z)], nats a picture",
    "active_dimensions": "latents whose posterior mean varies over the data (variance > 0.01; Burda et al. 2016)",
}


def card(recipe: Recipe, metrics: Mapping[str, float | int | str], folder: Path) -> str:
    """The bundle's README.md, in Markdown with the Hub's front matter."""
    source = str(metrics["data"])
    rows = [
        f"| {key} | {metrics[key]}{_error(metrics, key)} | {unit} |" for key, unit in UNITS.items() if key in metrics
    ]
    measured = ["Not measured yet.", ""]
    if rows:
        protocol = f"Measured on {source}, {metrics['split']} split, n = {metrics['n']:,}, seed {metrics['seed']}:"
        measured = [protocol, "", "| what | value | unit |", "|---|---|---|", *rows, ""]
    if "nll_n" in metrics:
        measured += [f"NLL: {metrics['nll_samples']:,} samples of q for each of {metrics['nll_n']:,} pictures.", ""]
    size = (folder / "model.safetensors").stat().st_size
    return "\n".join(
        [
            "---",
            "library_name: pytorch",
            f"license: {'cc-by-sa-3.0' if source == 'MNIST' else 'apache-2.0'}",
            "tags: [variational-autoencoder]",
            "---",
            f"# {recipe.title} (`{recipe.name}`)",
            "",
            SAYS[recipe.model],
            "",
            *measured,
            f"Trained for {recipe.steps:,} steps of {recipe.batch} pictures; the averaged weights are kept, BatchNorm",
            f"is folded, and the file is float16 ({size / 1e6:.2f} MB). Net: `{json.dumps(dict(recipe.net))}`.",
            "",
            "**Data and terms.** " + TERMS.get(source, source),
            "",
            "```python",
            "import vaedemo",
            f'model = vaedemo.load("{recipe.name}")',
            "pictures = model.sample(16, seed=0)  # (16, C, H, W) in [0, 1]",
            "```",
            "",
        ]
    )


def _error(metrics: Mapping[str, float | int | str], key: str) -> str:
    return f" ± {metrics[key + '_se']}" if key + "_se" in metrics else ""
