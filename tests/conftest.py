"""What every test may use: a real Chromium, and the rule for tests that need the research data sets."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from small_models import small_models  # noqa: F401  (a fixture: once a session, whoever asks)

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",  # root in a container has no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


LONGEST = "test_sharp_cartoons.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The workers of `make test` take files in this order: small ones last, so that no worker is left alone for long.
    items.sort(key=lambda item: item.path.name != LONGEST)
    no_data = pytest.mark.skip(reason="VAEDEMO_DATA is not set")
    for item in items:
        if Path(__file__).with_name("browser") in item.path.parents:
            item.add_marker(pytest.mark.browser)
        if item.get_closest_marker("data") and not os.environ.get("VAEDEMO_DATA"):
            item.add_marker(no_data)


@pytest.fixture(scope="session", autouse=True)
def uploads(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each process its own: Gradio names uploads by what is in them, and deletes its own when it ends."""
    os.environ["GRADIO_TEMP_DIR"] = str(tmp_path_factory.mktemp("gradio"))


# Not for the whole session: while Playwright's loop is open, no other test could call asyncio.run.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium: the one VAEDEMO_CHROMIUM names (`make test` sets it), one on PATH, or Playwright's own."""
    path = os.environ.get("VAEDEMO_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    expect.set_options(timeout=20_000)  # the first picture that is encoded waits for torch
    with sync_playwright() as playwright:
        if not path and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium (make test installs one)")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
