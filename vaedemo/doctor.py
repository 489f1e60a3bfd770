"""What is here, on one screen, for a bug report: versions, folders, models, data, and how fast a decoder is."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from vaedemo.errors import NoFolder, Unavailable
from vaedemo.recipes import KNOWN

PACKAGES = ("gradio", "torch", "torchvision", "numpy", "pillow", "huggingface-hub", "scikit-image", "safetensors")
MODEL = "digits"  # whose decoder is timed
PICTURES = 200
PATIENCE = 60.0  # seconds that Node.js may take
_TIMED = """
import {readFileSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
const [engine, file, count] = process.argv.slice(-3);
const {Decoder} = await import(pathToFileURL(`${engine}/decoder.mjs`));
const bytes = Uint8Array.from(readFileSync(file)).buffer;
const decoder = new Decoder(new WebAssembly.Module(readFileSync(`${engine}/kernels.wasm`)), bytes);
const z = new Float32Array(decoder.form.inputs);
for (let i = 0; i < 20; i++) decoder.decode(z);
const start = performance.now();
for (let i = 0; i < Number(count); i++) decoder.decode(z);
console.log((performance.now() - start) / Number(count));
"""


def report() -> Iterator[str]:
    """The lines, as they are found; the last ones take seconds. A part that fails says how, and the rest goes on."""
    for head, part in (
        ("versions", versions),
        ("machine", machine),
        ("folders", folders),
        ("models", models),
        ("data", data),
        ("decoding", decoding),
    ):
        try:
            told = list(part())
        except Exception as error:  # a report of what is wrong must not end at it
            told = [f"{type(error).__name__}: {error}"]
        yield from (f"{head if i == 0 else '':<10}{line}" for i, line in enumerate(told))


def versions() -> Iterator[str]:
    yield f"vaedemo {_version('vaedemo')}, Python {platform.python_version()}"
    yield ", ".join(f"{name} {_version(name)}" for name in PACKAGES)


def machine() -> Iterator[str]:
    import torch

    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cuda = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU that torch knows"
    yield f"{platform.platform()}, {processors} processors, torch uses {torch.get_num_threads()}; {cuda}"


def folders() -> Iterator[str]:
    from vaedemo import data as sets
    from vaedemo.store import paths

    for what, folder, written in (
        ("weights", paths.weights_folder, False),
        ("runs", paths.runs_folder, True),
        ("data", sets.data_folder, False),
    ):
        try:
            place = folder()
        except NoFolder as error:
            yield f"{what}: {error}"
            continue
        yield f"{what}: {'none; VAEDEMO_DATA names one' if place is None else _state(place, written)}"


def models() -> Iterator[str]:
    from vaedemo.store import bundles

    found: Counter[str] = Counter()
    missing: dict[str, str] = {}
    for name in KNOWN:
        try:
            found[bundles.find(name).badge.text] += 1
        except Unavailable as error:
            missing[name] = " | ".join(str(error).splitlines()[1:])
    yield f"{len(KNOWN)} known; " + "; ".join(f"{count} {text}" for text, count in found.most_common())
    if missing:
        yield f"not here: {', '.join(missing)}"
        yield "{}: {}".format(*list(missing.items())[-1])


def data() -> Iterator[str]:
    from vaedemo import data as sets

    for name, one in sets.sets().items():
        yield f"{name}: {one.where(sets.data_folder())[:100]}"


def decoding() -> Iterator[str]:
    """Milliseconds a picture of `MODEL`, one after another, as a slider asks for them."""
    import torch

    from vaedemo import zoo
    from vaedemo.release.browser_export import browser_file
    from vaedemo.store import bundles

    model = zoo.loaded(MODEL)
    z = torch.zeros(1, model.z)
    with torch.inference_mode():
        yield f"{MODEL} by torch here: {_milliseconds(lambda: model.decode(z)):.2f} ms a picture"
    node = shutil.which("node")
    if node is None:
        yield "by the browser's kernels: not measured, Node.js is not here"
        return
    with TemporaryDirectory() as folder:
        file = Path(folder) / "decoder.safetensors"
        file.write_bytes(browser_file(bundles.find(MODEL).folder / "model.safetensors"))
        engine = Path(__file__).parent / "web" / "engine"
        arguments = [node, "--input-type=module", "-e", _TIMED, "--", str(engine), str(file), str(PICTURES)]
        told = subprocess.run(arguments, capture_output=True, text=True, timeout=PATIENCE)
    if told.returncode:
        yield f"by the browser's kernels in Node.js: {told.stderr.strip().splitlines()[-1]}"
    else:
        yield f"by the browser's kernels in Node.js: {float(told.stdout):.2f} ms a picture"


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _state(folder: Path, written: bool) -> str:
    if not folder.is_dir():
        above = next(place for place in folder.parents if place.is_dir())
        return f"{folder}, which is not there yet" + (
            f"; {above} cannot be written" if written and not os.access(above, os.W_OK) else ""
        )
    return f"{folder}" + (", which cannot be written" if written and not os.access(folder, os.W_OK) else "")


def _milliseconds(work: Callable[[], object]) -> float:
    for _ in range(20):
        work()
    start = time.perf_counter()
    for _ in range(PICTURES):
        work()
    return 1_000 * (time.perf_counter() - start) / PICTURES
