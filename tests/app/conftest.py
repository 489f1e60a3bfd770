"""The whole application on a port of this machine, with small models and nothing else to load from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client
from served import serving
from small_models import alone


@pytest.fixture(scope="module")
def address(small_models: Path) -> Iterator[str]:
    """Where `vaedemo.app.create_app` answers while a module's tests run."""
    from vaedemo.app import create_app

    with alone(small_models), serving(create_app()) as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(address, verbose=False, download_files=tmp_path_factory.mktemp("downloads"))
