"""MNIST as it lies on people's disks, its damage, its download; and the twin that stands in for it."""

from __future__ import annotations

import functools
import gzip
import hashlib
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch

from vaedemo import data
from vaedemo.data import digits

COUNTS = {"train": 2_010, "t10k": 7}


def idx(array: np.ndarray) -> bytes:
    """An IDX file of bytes (LeCun's format)."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


def four_files() -> dict[str, bytes]:
    """A small MNIST: picture k is filled with k mod 251, its label is k mod 10."""
    files = {}
    for part, count in COUNTS.items():
        k = np.arange(count)
        files[f"{part}-images-idx3-ubyte"] = idx((k % 251)[:, None, None] + np.zeros((1, 28, 28), np.uint8))
        files[f"{part}-labels-idx1-ubyte"] = idx(k % 10)
    return files


@pytest.fixture(autouse=True)
def nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setattr(data, "cache_folder", lambda: tmp_path / "cache")
    if not request.node.get_closest_marker("data"):
        monkeypatch.delenv("VAEDEMO_DATA", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """MNIST/raw with the plain files."""
    return lay_out(tmp_path / "plain", "plain")


def lay_out(base: Path, form: str) -> Path:
    raw = base / "MNIST" / "raw"
    raw.mkdir(parents=True)
    if form == "zip":
        with zipfile.ZipFile(base / "digits.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in four_files().items():
                archive.writestr(f"MNIST/raw/{name}", content)
    for name, content in four_files().items() if form != "zip" else ():
        path = raw / (name if form == "plain" else f"{name}.gz")
        path.write_bytes(content if form == "plain" else gzip.compress(content))
    return base


@pytest.mark.parametrize("form", ["plain", "gz", "zip"])
def test_mnist_is_read_in_every_layout(tmp_path: Path, form: str) -> None:
    base = lay_out(tmp_path / form, form)
    train, validation, test = (digits.real(base, split) for split in ("train", "validation", "test"))
    assert (len(train), len(validation), len(test)) == (10, 2_000, 7)
    for pictures, first in ((train, 0), (validation, 10), (test, 0)):
        k = torch.arange(first, first + len(pictures))
        assert (pictures.source, pictures.synthetic) == ("MNIST", False)
        assert (pictures.x.dtype, pictures.y.dtype) == (torch.uint8, torch.int64)
        assert pictures.x.shape == (len(pictures), 1, 28, 28)
        assert torch.equal(pictures.x[:, 0, 5, 9].long(), k % 251)
        assert torch.equal(pictures.y, k % 10)
    assert "MNIST: found in " in digits.where(base)


def test_floats_are_the_chosen_bytes_in_0_to_1(folder: Path) -> None:
    pictures = digits.real(folder, "test")
    chosen = pictures.floats(torch.tensor([5, 0]))
    assert chosen.dtype == torch.float32
    assert chosen[:, 0, 0, 0].tolist() == [pytest.approx(5 / 255), 0]


DAMAGE = {
    "empty": lambda content: b"",
    "cut in its header": lambda content: content[:6],
    "cut": lambda content: content[:-1],
    "too long": lambda content: content + b"x",
    "a web page": lambda content: b"<html>404 not found</html>",
    "other numbers": lambda content: content[:2] + b"\x0d" + content[3:],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_named(folder: Path, damage: str) -> None:
    path = folder / "MNIST/raw/t10k-images-idx3-ubyte"
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    with pytest.raises(match=r"t10k-images-idx3-ubyte is damaged \(.+\)\. MNIST was not found"):
        digits.real(folder, "test")


@pytest.mark.parametrize("where", ["header", "middle", "end"])
def test_a_damaged_gz_is_named(tmp_path: Path, where: str) -> None:
    path = lay_out(tmp_path / "gz", "gz") / "MNIST/raw/t10k-labels-idx1-ubyte.gz"
    content = bytearray(path.read_bytes())
    if where == "end":
        content = content[:-5]
    else:
        content[{"header": 0, "middle": 12}[where]] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(match=r"t10k-labels-idx1-ubyte\.gz is damaged"):
        digits.real(tmp_path / "gz", "test")


@pytest.mark.parametrize("damage", ["cut", "not a zip", "lacks a file", "flipped"])
def test_a_damaged_zip_is_named(tmp_path: Path, damage: str) -> None:
    path = lay_out(tmp_path / "zip", "zip") / "digits.zip"
    content = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(content[:-30])
    elif damage == "not a zip":
        path.write_bytes(b"not a zip")
    elif damage == "lacks a file":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("readme", "")
    else:
        start = content.index(b"t10k-images-idx3-ubyte") + len("t10k-images-idx3-ubyte")
        content[start : start + 8] = b"\xff" * 8
        path.write_bytes(content)
    with pytest.raises(match=r"digits\.zip is damaged"):
        digits.real(tmp_path / "zip", "test")


def test_pictures_and_labels_belong_together(folder: Path) -> None:
    raw = folder / "MNIST" / "raw"
    (raw / "t10k-labels-idx1-ubyte").write_bytes((raw / "train-labels-idx1-ubyte").read_bytes())
    with pytest.raises(match="2,010 labels for pictures of the shape 7x28x28"):
        digits.real(folder, "test")


def test_the_real_one_is_taken_where_it_is_found(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert data.load("digits", "test", folder).source == "MNIST"
    assert data.load("digits", "test", folder, twin=True).source == "synthetic digits"
    assert data.load("digits", "test").source == "synthetic digits"
    with pytest.raises(match="VAEDEMO_DATA names"):
        data.load("digits", "test", twin=False)
    monkeypatch.setenv("VAEDEMO_DATA", str(folder))
    assert data.load("digits", "test").source == "MNIST"
    monkeypatch.setenv("VAEDEMO_DATA", str(tmp_path / "nowhere"))
    assert data.load("digits", "test").source == "synthetic digits"
    assert data.load("digits", "test", folder).source == "MNIST"
    monkeypatch.setattr(data, "cache_folder", lambda: folder)
    assert data.load("digits", "test", twin=False).source == "MNIST"
    with pytest.raises(ValueError, match="unknown data set 'letters'; known: digits"):
        data.load("letters", "test")


# The twin


def test_the_twin_is_the_same_at_every_call() -> None:
    once, again = digits.twin("validation"), digits.twin("validation")
    assert torch.equal(once.x, again.x)
    assert torch.equal(once.y, again.y)
    assert (once.source, once.synthetic) == ("synthetic digits", True)


def test_the_twin_is_sized_balanced_and_varied() -> None:
    validation, test = digits.twin("validation"), digits.twin("test")
    assert (len(validation), len(test)) == (1_000, 2_000)
    assert test.x.shape == (2_000, 1, 28, 28)
    assert (test.x.dtype, test.y.dtype) == (torch.uint8, torch.int64)
    counts = test.y.bincount(minlength=10)
    assert counts.min() > 150
    assert counts.max() < 250
    # As MNIST: dark ground, ink in the middle, no two alike, no test digit among the validation's.
    x = test.floats(slice(None))
    assert 0.05 < float(x.mean()) < 0.3
    assert float(x[..., [0, -1]].mean()) < 0.01
    assert float(x.amax((1, 2, 3)).min()) > 0.7
    rows = torch.cat([test.x, validation.x]).flatten(1)
    assert len(rows.unique(dim=0)) == 3_000


def test_the_twins_digits_can_be_told_apart() -> None:
    """Nearest class mean, as crude as it is, is right far more often than one time in ten."""
    train, test = digits.twin("validation"), digits.twin("test")
    means = torch.stack([train.floats(train.y == digit).mean(0) for digit in range(10)]).flatten(1)
    guess = torch.cdist(test.floats(slice(None)).flatten(1), means).argmin(1)
    assert (guess == test.y).float().mean() > 0.5


# torchvision's download, from a server on this machine


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is served as the only mirror of MNIST, with the small files in it."""
    digits._torchvision_beside_any_torch()
    from torchvision.datasets import MNIST

    served = tmp_path / "served"
    served.mkdir()
    resources = []
    for name, content in four_files().items():
        packed = gzip.compress(content)
        (served / f"{name}.gz").write_bytes(packed)
        resources.append((f"{name}.gz", hashlib.md5(packed).hexdigest()))

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(served))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
        monkeypatch.setattr(MNIST, "resources", resources)
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield served
        server.shutdown()


def test_what_was_downloaded_is_found(mirror: Path, tmp_path: Path) -> None:
    digits.download(tmp_path / "here")
    pictures = digits.real(tmp_path / "here", "test")
    assert pictures.y.tolist() == list(range(7))
    digits.download(tmp_path / "here")  # a second time asks for nothing


def test_a_foreign_file_is_refused(mirror: Path, tmp_path: Path) -> None:
    (mirror / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"something else"))
    with pytest.raises(match="torchvision could not download MNIST"):
        digits.download(tmp_path / "here")


def test_no_network_is_told_plainly(mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision.datasets import MNIST

    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:1/"])
    with pytest.raises(match="torchvision could not download MNIST"):
        digits.download(tmp_path / "here")


# The real one


@pytest.mark.data
def test_real_mnist() -> None:
    train, validation, test = (data.load("digits", split, twin=False) for split in ("train", "validation", "test"))
    assert [len(pictures) for pictures in (train, validation, test)] == [58_000, 2_000, 10_000]
    assert train.y[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert test.y[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert (train.y.bincount() + validation.y.bincount()).tolist() == [
        *[5923, 6742, 5958, 6131, 5842],
        *[5421, 5918, 6265, 5851, 5949],
    ]
    assert float(train.x.float().mean()) == pytest.approx(33.3, abs=0.1)
