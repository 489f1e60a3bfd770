"""The chain's description, and weights laid out for the browser: read by NumPy, they give PyTorch's pictures."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load, save_file
from torch import nn

from vaedemo.models.folding import fold_batchnorm
from vaedemo.release.browser_export import ChainError, browser_file, describe
from vaedemo.store import packed

ROOT = Path(__file__).parents[2]
TAPS = ((3, 1), (2, 0))


def decoders() -> dict[str, tuple[int, nn.Sequential]]:
    """Length of [z, y] and a random decoder, trained form: BatchNorm before each ReLU of a picture."""

    def up(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1), nn.BatchNorm2d(outputs), nn.ReLU()]

    def same(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Conv2d(inputs, outputs, 3, 1, 1), nn.BatchNorm2d(outputs), nn.ReLU()]

    return {
        "digits": (
            2,
            nn.Sequential(
                nn.Linear(2, 20),
                nn.ReLU(),
                nn.Linear(20, 12 * 49),
                nn.Unflatten(1, (12, 7, 7)),
                nn.BatchNorm2d(12),
                nn.ReLU(),
                *same(12, 16),
                *up(16, 8),
                nn.ConvTranspose2d(8, 1, 4, 2, 1),
            ),
        ),
        "color": (
            13,
            nn.Sequential(
                nn.Linear(13, 24 * 16), nn.Unflatten(1, (24, 4, 4)), *up(24, 20), *up(20, 9), nn.Conv2d(9, 3, 3, 1, 1)
            ),
        ),
        "oblong": (
            5,
            nn.Sequential(
                nn.Linear(5, 3 * 10),
                nn.ReLU(),
                nn.Unflatten(1, (3, 2, 5)),
                *same(3, 5),
                *same(5, 11),
                nn.ConvTranspose2d(11, 2, 4, 2, 1),
            ),
        ),
        "linear only": (
            4,
            nn.Sequential(nn.Linear(4, 30), nn.ReLU(), nn.Linear(30, 3 * 5 * 7), nn.Unflatten(1, (3, 5, 7))),
        ),
        "shuffled": (
            10,
            nn.Sequential(
                nn.Linear(10, 20),
                nn.ReLU(),
                nn.Linear(20, 8 * 6),
                nn.Unflatten(1, (8, 2, 3)),
                nn.ReLU(),
                nn.ConvTranspose2d(8, 6, 4, 2, 1),
                nn.ReLU(),
                nn.Conv2d(6, 3 * 16, 3, 1, 1),
                nn.PixelShuffle(4),
            ),
        ),
        "doubled and shuffled": (
            4,
            nn.Sequential(
                nn.Linear(4, 30),
                nn.Unflatten(1, (5, 2, 3)),
                *up(5, 7),
                nn.ConvTranspose2d(7, 9, 4, 2, 1),
                nn.PixelShuffle(3),
            ),
        ),
    }


def folded(net: nn.Sequential) -> nn.Sequential:
    """The net with BatchNorms as training leaves them, folded away, and rounded to float16."""
    for layer in net:
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.normal_(layer.bias, 0, 0.2)
            layer.running_mean.normal_(0, 0.2)  # type: ignore[union-attr]
            layer.running_var.uniform_(0.5, 2)  # type: ignore[union-attr]
    return fold_batchnorm(net.eval()).half().float()


def write(path: Path, net: nn.Sequential, inputs: int, **changed: Any) -> Path:
    """A model.safetensors as promotion writes it; ``changed`` replaces metadata (None takes an entry away)."""
    metadata = {"z": str(inputs), "y": "0", "head": "sigmoid", "decoder": json.dumps(describe(net)), **changed}
    tensors = {f"decoder.{name}": tensor.half().numpy() for name, tensor in net.state_dict().items()}
    tensors["encoder.0.weight"] = np.ones((4, 4), np.float16)
    save_file(tensors, path, {key: value for key, value in metadata.items() if value is not None})
    return path


def float16s(kept: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A browser's file as it would be if nothing in it were int8."""
    numbers = {name: tensor for name, tensor in kept.items() if not name.endswith((".scale", ".groups"))}
    for name, tensor in numbers.items():
        if tensor.dtype == np.int8:
            layer = name.removesuffix(".weight")
            scale = kept[f"{layer}.scale"].astype(np.float32)[:, kept[f"{layer}.groups"]]
            numbers[name] = (tensor * scale).astype(np.float16)
    return numbers


def run(file: bytes, z: np.ndarray) -> np.ndarray:
    """What decoder.mjs does, in NumPy: one z (inputs) to logits (C, H, W)."""
    header = json.loads(file[8 : 8 + int.from_bytes(file[:8], "little")])["__metadata__"]
    tensors = {name: tensor.astype(np.float32) for name, tensor in load(file).items()}
    x: np.ndarray = z
    layers = json.loads(header["layers"])
    for index, layer in enumerate(layers):
        weight, bias = tensors[f"{index}.weight"], tensors[f"{index}.bias"]
        if layer["op"] == "linear":
            x = bias + np.einsum("k,nkp->np", x[: layer["in"]], weight).ravel()
            if "room" in layer:
                size = (layer["height"], layer["width"], layer["room"])
                x = x[: np.prod(size)].reshape(size)
        elif layer["op"] == "conv":
            x = bias + windows(x, weight, 3)
        else:
            height, width, _ = x.shape
            y = np.empty((2 * height, 2 * width, layer["out"]), np.float32)
            for phase in range(4):
                p, q = divmod(phase, 2)
                y[p::2, q::2] = bias + windows(x, weight[phase], 2, p, q)
            x = y
        x = np.maximum(x, 0) if layer["relu"] else x
    channels, height, width = json.loads(header["shape"])
    r = layers[-1].get("shuffle", 1)
    assert x.shape[:2] == (height // r, width // r)
    blocks = x[:, :, : channels * r * r].reshape(height // r, width // r, channels, r, r)
    return blocks.transpose(2, 0, 3, 1, 4).reshape(channels, height, width)


def windows(x: np.ndarray, weight: np.ndarray, size: int, top: int = 0, left: int = 0) -> np.ndarray:
    """A size x size convolution of x (H, W, C), padded by one, with weights in panels (out / 8, size * size * C, 8)."""
    height, width, channels = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    columns = np.concatenate(
        [padded[top + i : top + i + height, left + j : left + j + width] for i in range(size) for j in range(size)], 2
    )
    assert weight.shape[1] == size * size * channels
    return np.einsum("hwk,nkp->hwnp", columns, weight).reshape(height, width, -1)


@pytest.mark.parametrize("name", list(decoders()))
def test_laid_out_weights_give_pytorchs_pictures(name: str, tmp_path: Path) -> None:
    torch.manual_seed(1)
    inputs, trained = decoders()[name]
    net = folded(trained)
    file = browser_file(write(tmp_path / "model.safetensors", net, inputs))
    z = torch.randn(3, inputs)
    with torch.no_grad():
        wanted = net(z).numpy()
    for one, picture in zip(z.numpy(), wanted):
        np.testing.assert_allclose(run(file, one), picture, atol=1e-4 * np.abs(wanted).max())


def test_file_holds_the_decoder_only_in_float16(tmp_path: Path) -> None:
    inputs, trained = decoders()["digits"]
    tensors = load(browser_file(write(tmp_path / "model.safetensors", folded(trained), inputs)))
    assert {tensor.dtype for tensor in tensors.values()} == {np.dtype(np.float16)}
    assert set(tensors) == {f"{i}.{part}" for i in range(5) for part in ("weight", "bias")}
    assert all(tensor.size % 8 == 0 for tensor in tensors.values())  # the kernels read eights


@pytest.fixture
def twins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[bytes, bytes]]:
    """By decoder the browser's files of a model of int8, and of one of float16 that holds the same numbers. They are of
    all sizes that float16 has."""
    monkeypatch.setattr(packed, "LARGE", 1)
    torch.manual_seed(2)
    files = {}
    for name, (inputs, trained) in decoders().items():
        net = folded(trained)
        with torch.no_grad():
            for tensor in net.parameters():
                tensor.mul_(torch.exp2(torch.randint(-22, 8, tensor.shape[:1]).view(-1, *[1] * (tensor.ndim - 1))))
        halves = write(tmp_path / "halves.safetensors", net, inputs)
        with safe_open(halves, framework="numpy") as file:
            kept, about = packed.pack({key: file.get_tensor(key) for key in file.keys()}), file.metadata()  # noqa: SIM118
        save_file(kept, tmp_path / "int8.safetensors", about)
        with safe_open(tmp_path / "int8.safetensors", framework="numpy") as file:
            read = packed.Tensors(file)
            save_file({key: read(key) for key in read.names}, halves, about)
        files[name] = browser_file(tmp_path / "int8.safetensors"), browser_file(halves)
    return files


def test_int8_lies_where_float16_would(twins: dict[str, tuple[bytes, bytes]]) -> None:
    for small, large in twins.values():
        kept, wanted = load(small), load(large)
        layers = {key.partition(".")[0] for key in wanted}
        assert set(kept) == {f"{layer}.{part}" for layer in layers for part in ("weight", "scale", "groups", "bias")}
        assert {kept[f"{layer}.weight"].dtype for layer in layers} == {np.dtype(np.int8)}
        unpacked = float16s(kept)
        assert all(np.array_equal(unpacked[name], wanted[name]) for name in wanted)


SAME = """
import {readFileSync} from 'node:fs';
const [engine, folder] = process.argv.slice(-2);
const {Decoder} = await import(`${engine}/decoder.mjs`);
const builds = ['kernels', 'kernels-fused'].map(name => readFileSync(`${engine}/${name}.wasm`));
const told = [];
for (const build of builds.filter(build => WebAssembly.validate(build)))
  for (const name of JSON.parse(readFileSync(`${folder}/names.json`))) {
    const [small, large] = ['int8', 'float16'].map(kind => {
      const file = Uint8Array.from(readFileSync(`${folder}/${name}.${kind}`)).buffer;
      return new Float32Array(new Decoder(new WebAssembly.Module(build), file).memory.buffer);
    });
    const others = small.findIndex((number, i) => number !== (large[i] ?? 0));
    told.push([name, others, large.filter(Number).length]);
  }
console.log(JSON.stringify(told));
"""


def test_the_kernels_hold_the_same_of_int8_as_of_float16(twins: dict[str, tuple[bytes, bytes]], tmp_path: Path) -> None:
    """Number for number, in all of their memory: what is written later lies where it would, on zeros."""
    node = subprocess.run([ROOT / "tools/node.sh"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    if not node:
        pytest.skip("no Node.js is here: the kernels were not run")
    for name, files in twins.items():
        for kind, file in zip(("int8", "float16"), files):
            (tmp_path / f"{name}.{kind}").write_bytes(file)
    (tmp_path / "names.json").write_text(json.dumps(list(twins)))
    engine = (ROOT / "vaedemo/web/engine").as_posix()
    command = [os.path.join(node, "node"), "--input-type=module", "-e", SAME, "--", engine, tmp_path.as_posix()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert {name for name, *_ in told} == set(twins)
    for name, differs, numbers in told:
        assert differs == -1, name
        assert numbers > 500, name


def test_layout_of_a_decoder_does_not_change(tmp_path: Path) -> None:
    """A page may hold this file and an older decoder.mjs, or the reverse."""
    inputs, trained = decoders()["digits"]
    net = folded(trained)
    with torch.no_grad():
        for tensor in net.parameters():
            tensor.copy_((torch.arange(tensor.numel()) % 251 - 125).reshape(tensor.shape) / 64)
    file = browser_file(write(tmp_path / "model.safetensors", net, inputs))
    length = int.from_bytes(file[:8], "little")
    header = json.dumps(json.loads(file[8 : 8 + length]), sort_keys=True)  # safetensors writes metadata in any order
    assert hashlib.sha256(header.encode() + file[8 + length :]).hexdigest() == (
        "c7461f1229656cfbf983e51d787031f74d485030b3e061ff8ca6c7f7d333957c"
    )


def test_describe_writes_the_contracts_words() -> None:
    _, trained = decoders()["digits"]
    assert describe(folded(trained), "net")[:3] == [
        {"op": "linear", "name": "net.0", "relu": True},
        {"op": "linear", "name": "net.2", "relu": True, "to": [12, 7, 7]},
        {"op": "conv", "name": "net.6", "relu": True},
    ]
    assert describe(folded(trained))[-1]["op"] == "conv_transpose"
    assert describe(decoders()["shuffled"][1])[-1] == {"op": "conv", "name": "decoder.7", "relu": False, "shuffle": 4}


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([nn.Linear(2, 8), nn.Dropout()], r"decoder\.1: the browser has no Dropout"),
        ([nn.Linear(2, 8), nn.BatchNorm2d(2)], r"decoder\.1: .*fold BatchNorm"),
        ([nn.ReLU()], r"decoder\.0: a ReLU cannot come first"),
        ([nn.PixelShuffle(2)], r"decoder\.0: a PixelShuffle cannot come first"),
        ([nn.Linear(2, 8), nn.PixelShuffle(2)], r"decoder\.1: PixelShuffle must follow a Conv2d or ConvTranspose2d"),
        (
            [nn.Conv2d(3, 4, 3, 1, 1), nn.PixelShuffle(2), nn.Conv2d(1, 1, 3, 1, 1)],
            r"decoder\.2: a Conv2d cannot follow a PixelShuffle, which must be the last",
        ),
        ([nn.Conv2d(3, 4, 5, 1, 2)], r"decoder\.0: kernel_size is \(5, 5\)"),
        ([nn.Conv2d(3, 4, 3, 2, 1)], r"decoder\.0: stride is \(2, 2\)"),
        ([nn.Conv2d(4, 4, 3, 1, 1, groups=2)], r"decoder\.0: groups is 2"),
        ([nn.ConvTranspose2d(4, 4, 4, 2, 1, output_padding=1)], r"decoder\.0: output_padding is \(1, 1\)"),
        ([nn.Linear(2, 8, bias=False)], r"decoder\.0: needs a bias"),
    ],
)
def test_layers_that_the_browser_lacks_are_named(layers: list[nn.Module], words: str) -> None:
    with pytest.raises(ChainError, match=words):
        describe(nn.Sequential(*layers))


def changed(index: int, **values: Any) -> str:
    """The digits' ops with one changed; a value of None takes the entry away."""
    ops = describe(folded(decoders()["digits"][1]))
    ops[index] = {key: value for key, value in (ops[index] | values).items() if value is not None}
    return json.dumps(ops)


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"z": None}, "metadata z is None"),
        ({"z": "-2"}, "metadata z is '-2'"),
        ({"y": "ten"}, "metadata y is 'ten'"),
        ({"y": "10"}, r"decoder\.0\.weight takes 2 numbers; the layer before gives 12"),
        ({"head": "lab"}, "head is 'lab'"),
        ({"decoder": None}, "metadata decoder is missing or not JSON"),
        ({"decoder": "[{"}, "metadata decoder is missing or not JSON"),
        ({"decoder": "[]"}, "not empty"),
        ({"decoder": "[3]"}, "3 is not a layer"),
        ({"decoder": lambda: changed(0, op="eval")}, r"decoder\.0: the browser has no op 'eval'"),
        ({"decoder": lambda: changed(0, relu="yes")}, r"decoder\.0: relu is 'yes'"),
        ({"decoder": lambda: changed(0, name="decoder.99")}, r"tensor decoder\.99\.weight is missing"),
        ({"decoder": lambda: changed(1, to=[12, 7, 8])}, r"decoder\.2: to is \[12, 7, 8\], which is 672"),
        ({"decoder": lambda: changed(1, to=[12, 49])}, r"decoder\.2: to is \[12, 49\]"),
        ({"decoder": lambda: changed(1, to=None)}, r"decoder\.6: a conv needs a picture"),
        ({"decoder": lambda: changed(2, op="conv_transpose")}, r"decoder\.6\.weight has a window of \[3, 3\]"),
        ({"decoder": lambda: changed(2, op="linear")}, r"decoder\.6: a linear layer cannot follow a picture"),
        ({"decoder": lambda: changed(2, shuffle=2)}, r"decoder\.6: only a convolution at the end can have a shuffle"),
        ({"decoder": lambda: changed(-1, shuffle="2")}, r"decoder\.12: shuffle is '2'; a positive whole number"),
        ({"decoder": lambda: changed(-1, shuffle=2)}, r"decoder\.12: shuffle is 2; 1 channels do not divide by 4"),
        ({"decoder": lambda: changed(3, name="decoder.12")}, r"decoder\.12\.weight takes 8 channels; .* gives 16"),
    ],
)
def test_bad_metadata_is_refused_by_name(metadata: dict[str, Any], words: str, tmp_path: Path) -> None:
    inputs, trained = decoders()["digits"]
    values = {key: value() if callable(value) else value for key, value in metadata.items()}
    path = write(tmp_path / "model.safetensors", folded(trained), inputs, **values)
    with pytest.raises(ChainError, match=words) as caught:
        browser_file(path)
    assert str(path) in str(caught.value)


def test_damaged_files_are_refused_by_name(tmp_path: Path) -> None:
    inputs, trained = decoders()["digits"]
    net = folded(trained)
    path = write(tmp_path / "model.safetensors", net, inputs)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ChainError, match=r"model\.safetensors: not a whole safetensors file"):
        browser_file(path)
    with torch.no_grad():
        net[0].weight[0, 0] = float("nan")  # type: ignore[index, operator]
    with pytest.raises(ChainError, match=r"decoder\.0\.weight holds numbers that float16 cannot"):
        browser_file(write(tmp_path / "nan.safetensors", net, inputs))
