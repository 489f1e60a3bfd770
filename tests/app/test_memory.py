"""What the server gives back of the memory that it has freed."""

from __future__ import annotations

import asyncio

import pytest

from vaedemo.app.server import memory


def test_small_pieces_are_given_back_while_the_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []

    class Library:
        def __init__(self, name: None) -> None:
            self.malloc_trim = kept.append

    async def served(seconds: float) -> None:
        async with memory.small_pieces_returned():
            await asyncio.wait_for(twice(), seconds)

    async def twice() -> None:
        while len(kept) < 2:
            await asyncio.sleep(0.01)

    monkeypatch.setattr(memory, "CDLL", Library)
    monkeypatch.setattr(memory, "PAUSE", 0.01)
    asyncio.run(served(30))
    assert set(kept) == {0}  # bytes that may stay free


def test_a_c_library_without_such_a_function_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def served() -> bool:
        async with memory.small_pieces_returned():
            return True

    monkeypatch.setattr(memory, "CDLL", lambda name: object())
    assert asyncio.run(served())
