"""What makes the first picture early: tags in the page's head, files compressed once and not sent twice."""

from __future__ import annotations

import gzip
import os
import re
import urllib.request
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from vaedemo.app.server import files, web_files


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


def test_the_page_is_sent_compressed_and_once(address: str) -> None:
    def ask(query: str = "", **headers: str) -> httpx.Response:
        return httpx.get(f"{address}{query}", headers={key.replace("_", "-"): value for key, value in headers.items()})

    plain, packed = ask(accept_encoding="identity"), ask(accept_encoding="gzip")
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < len(plain.content) / 5
    assert ask(if_none_match=packed.headers["etag"]).status_code == 304
    assert ask(host="elsewhere.example", x_forwarded_proto="https").text == plain.text  # it says no address
    assert ask("?tab=motion").text == plain.text
    assert "deep_link_state" in ask("?deep_link=none").text


def test_a_module_is_sent_compressed_as_it_was_written_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_files, "PACKAGE", tmp_path)
    (tmp_path / "web").mkdir()
    module, picture = tmp_path / "web" / "one.mjs", tmp_path / "web" / "one.jpg"
    picture.write_bytes(np.random.default_rng(0).bytes(5_000))
    with TestClient(web_files.application()) as client:
        for words in ("export const one = 1; " * 99, "export const two = 2; " * 99):
            module.write_text(words)
            packed = client.get("/web/one.mjs")
            assert packed.text == words
            assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
            assert int(packed.headers["content-length"]) < len(words) / 5
            assert packed.headers["content-type"].startswith("text/javascript")
            plain = client.get("/web/one.mjs", headers={"accept-encoding": "identity"})
            assert (plain.text, "content-encoding" in plain.headers) == (words, False)
            part = client.get("/web/one.mjs", headers={"range": "bytes=7-11"})
            assert (part.status_code, part.text) == (206, words[7:12])
            assert client.head("/web/one.mjs").headers["content-length"] == str(len(words))
            tag = packed.headers["etag"]
            assert client.get("/web/one.mjs", headers={"if-none-match": tag}).status_code == 304
        assert [client.get(path).status_code for path in ("/web/none.mjs", "/web/../web/one.py")] == [404, 404]
        assert client.post("/web/one.mjs").status_code == 405
        got = client.get("/web/one.jpg")
        assert (got.content, "content-encoding" in got.headers) == (picture.read_bytes(), False)


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
