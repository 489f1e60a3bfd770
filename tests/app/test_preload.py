"""What makes the first picture early: tags in the page's head, files compressed once and not sent twice."""

from __future__ import annotations

import gzip
import os
import re
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file
from starlette.datastructures import Headers

from vaedemo.app.server import files


def test_the_page_names_every_module_early(address: str) -> None:
    page = urllib.request.urlopen(address).read().decode()
    head = page[: page.index("</head>")]
    named = re.findall(r'<link rel="modulepreload" href="([^"]+)">', head)
    assert {
        "vaedemo/app/tabs/sample/hero.mjs",
        "vaedemo/web/page/dom.mjs",
        "vaedemo/web/ui/latent-map.mjs",
        "vaedemo/web/engine/live-decoder.mjs",
    } <= set(named)
    assert len(named) == len(set(named))
    for path in [*named, *re.findall(r'src="(live/[^"]+)"', head)]:
        with urllib.request.urlopen(address + path) as answer:
            assert answer.headers["content-type"].startswith("text/javascript")
            for imported in re.findall(r"""^import\b[^'"]*['"](\.[^'"]+)['"]""", answer.read().decode(), re.MULTILINE):
                assert os.path.normpath(f"{os.path.dirname(path)}/{imported}") in named


def answer(folder: Path, **headers: str):
    return files.latents(folder).answer(Headers({key.replace("_", "-"): value for key, value in headers.items()}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shades = np.arange(2 * 3 * 28 * 28, dtype=np.uint8).reshape(2, 3, 28, 28)
    save_file({"map": shades, "points": np.zeros((2_000, 2), np.float32)}, tmp_path / "latents.safetensors")
    return tmp_path


def test_a_file_is_compressed_for_who_can_read_it(folder: Path) -> None:
    plain, packed = answer(folder), answer(folder, accept_encoding="gzip, br")
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) < len(plain.body) / 5
    assert gzip.decompress(packed.body) == plain.body


def test_a_file_is_not_sent_again_until_it_changes(folder: Path) -> None:
    tag = answer(folder).headers["etag"]
    assert answer(folder, if_none_match=tag).status_code == 304
    save_file({"points": np.ones((3, 2), np.float32)}, folder / "latents.safetensors")
    os.utime(folder / "latents.safetensors", ns=(1, 1))
    assert answer(folder, if_none_match=tag).status_code == 200
    assert files.latent_map(folder) is None


def test_the_map_has_all_pictures_in_sixteen_greys(folder: Path) -> None:
    kept = files.latent_map(folder)
    assert kept is not None
    (folder / "map.png").write_bytes(kept.content)
    sheet = np.asarray(Image.open(folder / "map.png").convert("L")).astype(int)
    shades = np.arange(2 * 3 * 28 * 28, dtype=np.uint8).reshape(2, 3, 28, 28)
    assert sheet.shape == (2 * 28, 3 * 28)
    assert np.abs(sheet[28:, 56:] - shades[1, 2]).max() <= 9
    assert len(np.unique(sheet)) == files.GREYS
