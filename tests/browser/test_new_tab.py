"""A tab costs four files: those of docs/add-a-tab.md, laid into a copy of the package, work in a browser."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]
FILES = {"tab.py", "server.py", "hero.mjs", "folds/many-throws.mjs"}


def written() -> dict[str, str]:
    """The files of the page, by the name in the first line of each block of code."""
    text = (ROOT / "docs/add-a-tab.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:python|js)\n(?:#|//) (\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return dict(blocks)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, small_models: Path) -> Iterator[str]:
    """A page with the new tab, in a process of its own: the copy's package has the name of this one's."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "vaedemo", copy / "vaedemo", ignore=shutil.ignore_patterns("__pycache__"))
    for name, content in written().items():
        file = copy / "vaedemo/app/tabs/coins" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(copy), "VAEDEMO_RUNS": str(small_models), "VAEDEMO_WEIGHTS": "/none"}
    command = [sys.executable, "-m", "vaedemo", "demo", "--port", str(port)]
    with subprocess.Popen(command, cwd=copy, env=environment) as server:
        try:
            _wait(server, f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait(server: subprocess.Popen, address: str) -> None:
    while True:
        assert server.poll() is None, "the page did not start"
        try:
            httpx.get(address)
            return
        except httpx.TransportError:
            time.sleep(0.1)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors


def test_the_page_names_four_files() -> None:
    assert set(written()) == FILES


def test_its_hero_its_route_and_its_state(page: Page, address: str) -> None:
    page.goto(f"{address}/?tab=coins&coins.seed=3")
    side = page.locator("#tab-coins [data-part=side]")
    expect(side).to_have_text(re.compile("Heads|Tails"))
    seen = set()
    for seed in range(4, 12):
        page.get_by_role("button", name="Throw", exact=True).click()
        page.wait_for_function("seed => location.search.includes(`coins.seed=${seed}`)", arg=seed)
        seen.add(side.inner_text())
    assert seen == {"Heads", "Tails"}


def test_its_fold_is_opened_by_a_link(page: Page, address: str) -> None:
    page.goto(f"{address}/?tab=coins&open=many-throws&coins.many-throws.n=400&coins.seed=3")
    share = page.locator("#fold-coins-many-throws [data-part=share]")
    expect(share).to_have_text(re.compile(r"^(1[5-9]|2[0-4])\d of 400 show heads\.$"))


def test_a_link_out_of_range_is_refused(page: Page, address: str) -> None:
    page.goto(f"{address}/?tab=coins&open=many-throws&coins.many-throws.n=4000")
    expect(page.locator("#fold-coins-many-throws [data-part=share]")).to_contain_text("of 10 show heads")
    expect(page.locator(".vd-header [data-part=ignored]")).to_contain_text("coins.many-throws.n")


def test_the_tour_ends_at_its_stops(page: Page, address: str) -> None:
    stops = httpx.get(f"{address}/live/stops.json").json()
    assert [stop["tab"] for stop in stops[-2:]] == ["coins", "coins"]
    page.goto(f"{address}/?stop={len(stops)}")
    expect(page.locator("#fold-coins-many-throws [data-part=share]")).to_contain_text("of 400 show heads")


def test_its_endpoint_throws_what_the_page_throws(address: str) -> None:
    client = Client(address, verbose=False)
    told = httpx.get(f"{address}/live/coins/throw?n=400&seed=3").json()
    assert client.predict(n=400, seed=3, api_name="/coins") == told
    with pytest.raises(Exception, match="n: 0 is not between 1 and 1,000"):
        client.predict(n=0, seed=3, api_name="/coins")
    assert httpx.get(f"{address}/live/coins/throw?n=0&seed=3").status_code == 422
