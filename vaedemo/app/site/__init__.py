"""The page as files that any static host serves: `write()` a folder of it, from the same descriptions of tabs."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from vaedemo.app.server import web_files
from vaedemo.app.server.opening_training import OPENING
from vaedemo.app.site import answers, index, prose
from vaedemo.app.tabs import tabs
from vaedemo.app.widgets import PACKAGE
from vaedemo.errors import NotAFolder

WORKER = Path(__file__).with_name("service-worker.js")
MARK = "service-worker.js"  # of a folder that holds a site: it may be written anew
OURS = ("vaedemo", "live", "lecture", "index.html", ".nojekyll", MARK)
AT_ONCE = {".mjs", ".css", ".wasm", ".woff2", ".html"}  # what a first visit keeps, so that it works offline


def write(folder: Path) -> None:
    """Writes the whole site into a folder that is new, empty, or holds an older one, which is replaced; what else lies
    beside that, such as .git, stays.

    Raises NotAFolder for one that holds anything else, PackageMissing without `vaedemo[site]`.
    """
    prose.check_packages()
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).exists())):
        raise NotAFolder(f"{folder} holds other things than a site; name a folder that is new or empty")
    for name in OURS:
        _remove(folder / name)
    for path in _web_files():
        _put(folder / "vaedemo" / path, (PACKAGE / path).read_bytes())
    for path, content in answers.all_answers():
        _put(folder / "live" / path, content)
    for tab in tabs():
        for fold in tab.folds:
            if fold.lecture:
                _put(folder / index.lecture(tab, fold), prose.html(fold.lecture).encode())
    _put(folder / "index.html", index.page().encode())
    _put(folder / ".nojekyll", b"")  # GitHub Pages would leave out files that it takes for its own
    _put(folder / MARK, _service_worker(folder))


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _web_files() -> Iterator[Path]:
    """What a server serves below vaedemo/, as paths in the package."""
    for top in ("web", "app/tabs"):
        for path in sorted((PACKAGE / top).rglob("*")):
            if path.suffix in web_files.SERVED and path.is_file():
                yield path.relative_to(PACKAGE)


def _service_worker(folder: Path) -> bytes:
    """The worker that keeps what was seen, told which files a first visit keeps; named by the content of all."""
    files = sorted(path for name in OURS for path in (folder / name, *(folder / name).rglob("*")) if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in files]
    build = hashlib.sha256()
    for name, path in zip(names, files):
        build.update(f"{name}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    opening = (f"live/models/{OPENING}", "live/stops.json", "live/answers.json")
    first = [name for name in names if Path(name).suffix in AT_ONCE or name.startswith(opening)]
    told = f"const BUILD = {json.dumps(build.hexdigest()[:16])};\nconst FIRST = {json.dumps(['./', *first])};\n"
    return told.encode() + WORKER.read_bytes()
