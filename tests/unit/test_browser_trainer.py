"""The browser's trainer, in Node, against PyTorch: the same start, batches and eps give the same weights."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

ROOT = Path(__file__).parents[2]
STEPS, BATCH, PIXELS, HIDDEN = 20, 128, 784, 256

SCRIPT = """
import {readFileSync, writeFileSync} from 'node:fs';
const [engine, folder] = process.argv.slice(-2);
const {VaeTrainer} = await import(`${engine}/vae-trainer.mjs`);
const {readTensors, writeTensors} = await import(`${engine}/safetensors.mjs`);
const buffer = path => Uint8Array.from(readFileSync(path)).buffer;
const kernels = new WebAssembly.Module(readFileSync(`${engine}/training-kernels.wasm`));
const {form, settings} = JSON.parse(readFileSync(`${folder}/about.json`, 'utf8'));
const {x, eps, ...start} = readTensors(buffer(`${folder}/start.safetensors`));
const trainer = new VaeTrainer(kernels, form);
Object.assign(trainer.settings, settings);
trainer.setWeights(start);
const [pixels, numbers] = [form.batch * form.pixels, form.batch * form.z];
const terms = [];
for (let i = 0; i * pixels < x.data.length; i++) {
  const batch = x.data.subarray(i * pixels, (i + 1) * pixels);
  const {rate, distortion} = trainer.step(batch, eps.data.subarray(i * numbers, (i + 1) * numbers));
  terms.push([rate, distortion]);
}
writeFileSync(`${folder}/end.safetensors`, writeTensors(trainer.weights()));
writeFileSync(`${folder}/terms.json`, JSON.stringify(terms));
"""


@pytest.fixture(scope="module")
def node() -> str:
    folder = subprocess.run(["tools/node.sh"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    if not folder:
        pytest.skip("no Node.js is here: the browser's trainer was not run")
    return os.path.join(folder, "node")


def nets(z: int) -> dict[str, nn.Sequential]:
    return {
        "encoder": nn.Sequential(nn.Linear(PIXELS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 2 * z)),
        "decoder": nn.Sequential(nn.Linear(z, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, PIXELS)),
    }


def weights(parts: dict[str, nn.Sequential]) -> dict[str, Tensor]:
    return {
        f"{part}.{name}": value.detach().clone()
        for part, net in parts.items()
        for name, value in net.state_dict().items()
    }


def pytorchs(
    parts: dict[str, nn.Sequential], x: Tensor, eps: Tensor, beta: float, rate: float, noise: bool, warmup: int
) -> list[list[float]]:
    """Trains in place on x (steps, B, pixels) with eps (steps, B, z); rate and distortion of each step."""
    optimizer = torch.optim.Adam([weight for net in parts.values() for weight in net.parameters()], lr=rate)
    terms = []
    for step in range(len(x)):
        mean, log_var = parts["encoder"](x[step]).chunk(2, dim=1)
        log_var = log_var.clamp(-12, 6)
        z = mean + torch.exp(0.5 * log_var) * eps[step] if noise else mean
        logits = parts["decoder"](z)
        distortion = F.binary_cross_entropy_with_logits(logits, x[step], reduction="none").sum(1).mean()
        kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum(1).mean()
        weight = beta * min(1, (step + 1) / warmup) if warmup else beta
        loss = distortion + weight * kl if noise else distortion
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        terms.append([kl.item(), distortion.item()])
    return terms


@pytest.mark.parametrize(
    ("z", "settings"),
    [
        (2, {"beta": 1, "rate": 1e-3, "noise": True, "warmup": 0}),
        (16, {"beta": 4, "rate": 1e-3, "noise": True, "warmup": 10}),
        (3, {"beta": 1, "rate": 1e-3, "noise": False, "warmup": 0}),
    ],
)
def test_twenty_steps_are_pytorchs(node: str, tmp_path: Path, z: int, settings: dict) -> None:
    torch.manual_seed(5)
    parts = nets(z)
    start = weights(parts)
    strokes = F.avg_pool2d(torch.randn(STEPS * BATCH, 1, 36, 36), 9, 1)  # smooth, with empty corners as digits have
    strokes[..., :3, :] = strokes[..., -3:] = -1
    x = (strokes > 0.08).float().reshape(STEPS, BATCH, PIXELS)
    assert 0.1 < float(x.mean()) < 0.4
    eps = torch.randn(STEPS, BATCH, z)
    save_file({**start, "x": x.byte(), "eps": eps}, tmp_path / "start.safetensors")
    form = {"z": z, "hidden": HIDDEN, "pixels": PIXELS, "batch": BATCH}
    (tmp_path / "about.json").write_text(json.dumps({"form": form, "settings": settings}))
    engine = (ROOT / "vaedemo/web/engine").as_posix()
    command = [node, "--input-type=module", "-e", SCRIPT, "--", engine, tmp_path.as_posix()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr

    terms = pytorchs(parts, x, eps, **settings)
    assert torch.allclose(torch.tensor(json.loads((tmp_path / "terms.json").read_text())), torch.tensor(terms), 1e-4)
    wanted, got = weights(parts), load_file(tmp_path / "end.safetensors")
    assert set(got) == set(wanted)
    for name, weight in wanted.items():
        assert float((weight - start[name]).abs().max()) > 5e-3, name  # it went somewhere
        assert float((got[name] - weight).abs().max()) < 1e-4, name
