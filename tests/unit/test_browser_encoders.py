"""Encoders in the browser's engine, in Node, against PyTorch: every net that ships, by each build of the kernels."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from vaedemo.errors import ChainError
from vaedemo.models import assemble
from vaedemo.models.base import LatentModel, Trainable
from vaedemo.models.cvae import CVAE, AttributeCVAE
from vaedemo.models.eyes import Eyes
from vaedemo.models.landmarks import Landmarks
from vaedemo.models.quadrant import Quadrant, hide
from vaedemo.models.reader import Reader
from vaedemo.recipes import Recipe
from vaedemo.release.browser_encoders import JUDGES, POSTERIORS, encoder_file
from vaedemo.release.browser_export import browser_file

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "weights"
PICTURES = 3
LABELS = torch.tensor([0, 7, 3])

SCRIPT = """
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
const [engine, folder] = process.argv.slice(-2);
const {Decoder} = await import(`${engine}/decoder.mjs`);
const {Encoder} = await import(`${engine}/encoder.mjs`);
const {judged, posteriorOf} = await import(`${engine}/encoding.mjs`);
const {readTensors} = await import(`${engine}/safetensors.mjs`);
const buffer = path => Uint8Array.from(readFileSync(path)).buffer;
const {x, y, label} = readTensors(buffer(`${folder}/asked.safetensors`));
const builds = ['kernels', 'kernels-fused'].map(name => readFileSync(`${engine}/${name}.wasm`));
const answers = builds.filter(build => WebAssembly.validate(build)).map(build => {
  const kernels = new WebAssembly.Module(build);
  const encoder = new Encoder(kernels, buffer(`${folder}/encoder.safetensors`));
  const file = `${folder}/decoder.safetensors`;
  const decoder = existsSync(file) ? new Decoder(kernels, buffer(file)) : null;
  const [rows] = x.shape;
  const each = (all, i) => all?.data.slice((i * all.data.length) / rows, ((i + 1) * all.data.length) / rows);
  return Array.from({length: rows}, (_, i) => {
    if (encoder.form.middle) return {numbers: Array.from(judged(encoder, each(x, i)))};
    const given = {told: each(y, i), label: label ? label.data[i] : null};
    const {mean, logVar, rates, ...terms} = posteriorOf(encoder, decoder, each(x, i), given);
    const guessed = label ? posteriorOf(encoder, decoder, each(x, i), {}).label : null;
    return {numbers: [...mean, ...logVar], rates: rates && Array.from(rates), guessed, ...terms};
  });
});
writeFileSync(`${folder}/answers.json`, JSON.stringify(answers));
"""


@pytest.fixture(scope="module")
def node() -> str:
    folder = subprocess.run(["tools/node.sh"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    if not folder:
        pytest.skip("no Node.js is here: the browser's encoders were not run")
    return os.path.join(folder, "node")


def recipe_in(folder: Path) -> Recipe:
    return Recipe.from_json((folder / "config.json").read_text(encoding="utf-8"))


SHIPPED = sorted(folder.name for folder in WEIGHTS.iterdir() if recipe_in(folder).model in POSTERIORS | JUDGES.keys())


@cache
def shipped(name: str) -> Trainable:
    return assemble(recipe_in(WEIGHTS / name), WEIGHTS / name)


def asked_of(model: Trainable) -> tuple[Tensor, Tensor | None]:
    """Pictures (B, C, H, W), and a condition of each (B, Y) where the model is told one: noise over soft blots."""
    torch.manual_seed(3)
    shape = model.shape if isinstance(model, LatentModel) else (3, 64, 64)
    blots = torch.nn.functional.interpolate(torch.rand(PICTURES, shape[0], 5, 5), shape[1:], mode="bicubic")
    x = (blots + 0.2 * torch.randn(PICTURES, *shape)).clamp(0, 1)
    if isinstance(model, Quadrant):
        return x, hide(x, torch.tensor([0, 1, 2]))
    if isinstance(model, CVAE):
        return x, model.condition(LABELS)
    return x, torch.rand(PICTURES, model.y) * 2 - 1 if isinstance(model, AttributeCVAE) else None


@torch.no_grad()
def pytorchs(model: Trainable, x: Tensor, y: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """What each picture is to give, (B, N), and the rates."""
    if isinstance(model, Eyes):
        places, logits = model.locate(x)
        return torch.cat([places.flatten(1), logits[:, None]], 1), None
    if isinstance(model, Landmarks):
        return model.locate(x).flatten(1), None
    if isinstance(model, Reader):
        return model.read(x), None
    assert isinstance(model, LatentModel)
    q = model.encode(x, y)
    return torch.cat([q.mean, 2 * q.stddev.log()], 1), model.rate(q) if model.has_prior else None


def run(node: str, folder: Path, script: str = SCRIPT) -> list[list[dict[str, Any]]]:
    engine = (ROOT / "vaedemo/web/engine").as_posix()
    command = [node, "--input-type=module", "-e", script, "--", engine, folder.as_posix()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return json.loads((folder / "answers.json").read_text())


def asked_in(folder: Path, name: str, x: Tensor, y: Tensor | None) -> None:
    """What the script reads."""
    bundle = WEIGHTS / name
    (folder / "encoder.safetensors").write_bytes(encoder_file(bundle / "model.safetensors", recipe_in(bundle)))
    with suppress(ChainError):  # judges, and a decoder of layers
        (folder / "decoder.safetensors").write_bytes(browser_file(bundle / "model.safetensors"))
    labels = isinstance(shipped(name), CVAE)
    told = {} if y is None else {"label": LABELS.byte()} if labels else {"y": y}
    save_file({"x": x.flatten(1), **told}, folder / "asked.safetensors")


@pytest.mark.parametrize("name", SHIPPED)
def test_answers_are_pytorchs(node: str, tmp_path: Path, name: str) -> None:
    model = shipped(name)
    x, y = asked_of(model)
    asked_in(tmp_path, name, x, y)
    wanted, rates = pytorchs(model, x, y)
    assert float(wanted.std(0).max()) > 0.05  # pictures differ in it
    for answers in run(node, tmp_path):
        np.testing.assert_allclose([one["numbers"] for one in answers], wanted, atol=1e-3)
        if not isinstance(model, LatentModel):
            continue
        if rates is None:
            assert [one["rates"] for one in answers] == [None] * PICTURES
        else:
            np.testing.assert_allclose([one["rates"] for one in answers], rates, atol=2e-3, rtol=1e-3)
            assert [one["rate"] for one in answers] == pytest.approx(rates.sum(1).tolist(), rel=1e-4)
        if name == "faces-discvae":
            assert [one["distortion"] for one in answers] == [None] * PICTURES
        else:
            with torch.no_grad():
                nats = model.distortion(x, wanted[:, : model.z], y)
            assert [one["distortion"] for one in answers] == pytest.approx(nats.tolist(), rel=1e-4)
        if isinstance(model, CVAE):
            with torch.no_grad():
                assert [one["guessed"] for one in answers] == model.recognize(x).tolist()


def test_a_description_is_what_the_reader_says(node: str, tmp_path: Path) -> None:
    reader, model = shipped("faces-reader"), shipped("faces-cvae")
    assert isinstance(reader, Reader)
    assert isinstance(model, AttributeCVAE)
    x, _ = asked_of(reader)
    asked_in(tmp_path, "faces-reader", x, None)
    with torch.no_grad():
        wanted = reader.expected(x)[:, model.columns]
    described = SCRIPT.replace(
        "judged(encoder, each(x, i))", f"descriptionOf(encoder, each(x, i), {[*model.attributes]})"
    )
    for answers in run(node, tmp_path, described.replace("{judged,", "{descriptionOf,")):
        np.testing.assert_allclose([one["numbers"] for one in answers], wanted, atol=1e-3)


@pytest.mark.parametrize("name", ["digits-infogan", "faces-gan", "expressions"])
def test_a_model_without_such_an_encoder_is_refused_by_name(name: str) -> None:
    with pytest.raises(ChainError, match=f"{name} has no encoder that the browser runs"):
        encoder_file(WEIGHTS / name / "model.safetensors", recipe_in(WEIGHTS / name))
