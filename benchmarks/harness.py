"""What the benchmarks share: the page's server in a process of its own, and a Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO

from playwright.async_api import Browser, async_playwright

ROOT = Path(__file__).parents[1]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Server:
    """`python app.py`, from its start to its page's first answer."""

    def __init__(self, errors: IO[str] | None = None) -> None:
        """errors: where its standard error goes; else it is this process' own."""
        with _free_port() as port:
            self.port = port
        self.address = f"http://127.0.0.1:{self.port}"
        begun = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(self.port)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors
        )
        while not self._answers():
            if self.process.poll() is not None:
                raise SystemExit(f"app.py ended with {self.process.returncode} before its page answered")
            time.sleep(0.02)
        self.page_s = time.perf_counter() - begun

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.address, timeout=30) as answer:
                return answer.status == 200
        except OSError:
            return False

    def rss_mb(self) -> float:
        """Resident memory of the server and all its children."""
        table = subprocess.run(["ps", "-eo", "pid=,ppid=,rss="], capture_output=True, text=True, check=True).stdout
        rows = [[int(word) for word in line.split()] for line in table.splitlines()]
        family = {self.process.pid}
        while grown := {pid for pid, parent, _ in rows if parent in family} - family:
            family |= grown
        return sum(rss for pid, _, rss in rows if pid in family) / 1024

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


@contextmanager
def _free_port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


@asynccontextmanager
async def chromium(log: Path) -> AsyncIterator[Browser]:
    """The Chromium of the tests, writing down what it does on the network."""
    path = os.environ.get("VAEDEMO_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, f"--log-net-log={log}"])
        try:
            yield browser
        finally:
            await browser.close()
