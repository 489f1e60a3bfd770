"""A new model of a known kind is one file and one row: laid into a copy of the package, it trains and is measured."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from small_training import NET

import vaedemo

FILE = '''"""The smooth VAE (nobody 2026): neighbouring pixels should be alike."""

from typing import Any

from vaedemo.models.base import Batch, Terms, model
from vaedemo.models.vae import VAE


@model("smoothvae")
class SmoothVAE(VAE):
    """The VAE's objective and `smooth` * the squared difference of neighbours."""

    CARD = "A VAE that likes smooth pictures (nobody 2026)."

    def __init__(self, smooth: float = 1.0, **net: Any):
        super().__init__(**net)
        self.smooth = smooth

    def forward(self, player: str, batch: Batch) -> Terms:
        terms = super().forward(player, batch)
        drawn = self.render(self.decode(self.encode(batch.x).mean))
        rough = drawn.diff(dim=3).square().flatten(1).sum(1).mean()
        return {**terms, "total": terms["total"] + self.smooth * rough, "rough": rough}
'''
ROW = f"""    Recipe(
        name="digits-smooth",
        title="Digits, smooth",
        model="smoothvae",
        data="digits",
        net={{"z": 2, **{NET!r}}},
        objective={{"smooth": 0.5, "warmup": 5}},
        batch=32,
        steps=12,
    ),
"""
USE = """
import json, torch
torch.set_num_threads(1)
import vaedemo
from vaedemo import data, zoo
from vaedemo.evaluation import evaluate, evidence, likelihood
from vaedemo.release import quick_train
from vaedemo.store import bundles

quick_train.MINUTES, quick_train.PROBE_MINUTES = 0.05, 0.01
likelihood.NLL_PICTURES = likelihood.NLL_SAMPLES = 5
evidence.PICTURES, evidence.SAMPLES, evidence.ELLIPSES = 1, 10, 1
model = vaedemo.load("digits-smooth")
bundle = bundles.find("digits-smooth")
pictures = data.load("digits", "validation", twin=True)
recipe = bundle.recipe()
metrics = evaluate(model, recipe, pictures, "validation", zoo.peers(recipe))
print(json.dumps({"badge": bundle.badge.text, "metrics": metrics, "kind": type(model).__name__,
    "card": (bundle.folder / "README.md").read_text(), "tensors": sorted(model.page_tensors(pictures)),
    "shape": list(model.sample(3).shape), "file": vaedemo.__file__}))
"""


def test_one_file_and_one_row(tmp_path: Path) -> None:
    package = tmp_path / "vaedemo"
    shutil.copytree(Path(vaedemo.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__", "app", "web"))
    (package / "models" / "smoothvae.py").write_text(FILE)
    table = (package / "recipes.py").read_text()
    (package / "recipes.py").write_text(table.replace("_ALL = (\n", "_ALL = (\n" + ROW, 1))
    environment = {
        **os.environ,
        **{"PYTHONPATH": str(tmp_path), "VAEDEMO_RUNS": str(tmp_path / "runs"), "OMP_NUM_THREADS": "1"},
        **{"VAEDEMO_DATA": "", "HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"},
    }
    done = subprocess.run([sys.executable, "-c", USE], env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["file"] == str(package / "__init__.py")
    assert (found["kind"], found["shape"]) == ("SmoothVAE", [3, 1, 28, 28])
    assert found["badge"] == "trained here 0.05 min on synthetic digits"
    assert {"nll", "elbo", "rate", "evidence_error"} <= found["metrics"].keys()  # its base's measures
    assert "A VAE that likes smooth pictures (nobody 2026)." in found["card"]
    assert 'model = vaedemo.load("digits-smooth")' in found["card"]
    assert {"kl", "quantiles", "examples", "map"} <= set(found["tensors"])
