"""Is a folder of weights whole, and is it ours? Answered without torch, and naming what is wrong.

Every file of a published model is listed with its sha256 in `checksums.json`, which ships with the code. That makes
the Hub a mere carrier: what a foreign repository serves under the right name is refused.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

FILES = ("model.safetensors", "latents.safetensors", "config.json", "metrics.json", "README.md")
CHECKSUMS = Path(__file__).with_name("checksums.json")

_LFS_POINTER = b"version https://git-lfs"
_PICKLES = (b"PK", b"\x80")  # torch.save's zip archive, and a bare pickle


def checksums(name: str) -> dict[str, str]:
    """File name -> sha256 (hex) of model `name`; empty where this version of the code knows none."""
    listed = json.loads(CHECKSUMS.read_text(encoding="utf-8")) if CHECKSUMS.exists() else {}
    return {key.removeprefix(f"{name}/"): value for key, value in listed.items() if key.startswith(f"{name}/")}


def problem(folder: Path, expected: dict[str, str] | None) -> str | None:
    """What is wrong with the bundle in `folder`, in plain words that name the file; None if nothing is.

    `expected` is what `checksums` gives; None skips that comparison, which is right only for a bundle made here.
    """
    if not folder.is_dir():
        return "there is no such folder"
    for file in FILES:
        path = folder / file
        if not path.is_file():
            return f"{file} is missing"
        try:
            content = path.read_bytes()
        except OSError as error:
            return f"{file} cannot be read: {error.strerror}"
        wrong = _malformed(file, content)
        if wrong is None and expected is not None:
            wrong = _foreign(content, expected.get(file))
        if wrong is not None:
            return f"{file} {wrong}"
    return None


def _malformed(file: str, content: bytes) -> str | None:
    if content.startswith(_LFS_POINTER):
        return "is a Git LFS pointer, not the file itself; run: git lfs pull"
    if file.endswith(".json"):
        try:
            json.loads(content)
        except (ValueError, RecursionError) as error:
            return f"is not valid JSON: {error}"
    if file.endswith(".safetensors"):
        return _malformed_safetensors(content)
    return None


def _malformed_safetensors(content: bytes) -> str | None:
    """The format: 8 bytes of header length, a JSON header with every tensor's place, the tensors."""
    # The brace comes first: the header's length may well begin with the byte of a pickle.
    if content[8:9] not in (b"{", b""):
        if content.startswith(_PICKLES):
            return "is a pickle, which could run any code, not safetensors"
        return "is not a safetensors file"
    start = 8 + int.from_bytes(content[:8], "little")
    if len(content) < max(start, 10):
        return f"is truncated: it ends inside its header, after {len(content)} bytes"
    try:
        header = json.loads(content[8:start])
        ends = [entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"]
        size = start + max(ends, default=0)  # a net without a latent space has no tensors about one
    except (ValueError, TypeError, LookupError, RecursionError):
        return "has a damaged safetensors header"
    if len(content) < size:
        return f"is truncated: {len(content)} of {size} bytes"
    return None


def _foreign(content: bytes, expected: str | None) -> str | None:
    if expected is None:
        return "is not listed in checksums.json"
    actual = hashlib.sha256(content).hexdigest()
    if actual != expected:
        return f"is not the file this version was published with: its sha256 is {actual[:8]}, not {expected[:8]}"
    return None


def record(name: str, folder: Path) -> None:
    """Make what `folder` holds the one accepted content of model `name`: rewrites `checksums.json`, sorted."""
    listed = json.loads(CHECKSUMS.read_text(encoding="utf-8")) if CHECKSUMS.exists() else {}
    kept = {key: value for key, value in listed.items() if not key.startswith(f"{name}/")}
    ours = {f"{name}/{file}": hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in FILES}
    CHECKSUMS.write_text(json.dumps(kept | ours, indent=2, sort_keys=True) + "\n")
