"""What a server of many threads does not keep of the memory that it has freed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ctypes import CDLL

# Parameters of mallopt, as in glibc's malloc.h, and their values.
FEW_ARENAS = (-8, 2)  # M_ARENA_MAX. By default every thread gets a heap of its own, which no other may use
RETURNED = (-3, 8 * 2**20)  # M_MMAP_THRESHOLD: a piece of so many bytes goes back to the system when it is freed
PAUSE = 5  # seconds between two looks for smaller pieces, each of which takes a hundredth of a second


def keep_little() -> None:
    """For glibc alone: other C libraries and systems have no such setting. To be called before threads start."""
    with suppress(OSError, AttributeError, TypeError):  # Windows takes no None for a library's name
        mallopt = CDLL(None).mallopt
        mallopt(*FEW_ARENAS)
        mallopt(*RETURNED)


@asynccontextmanager
async def small_pieces_returned() -> AsyncIterator[None]:
    """Meanwhile gives back to the system, every few seconds, what lies free between pieces in use: after a hall has
    asked, that is a third of the server's memory. For glibc alone, too."""
    try:
        trim = CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        yield
        return

    async def again_and_again() -> None:
        while True:
            await asyncio.sleep(PAUSE)
            await asyncio.to_thread(trim, 0)

    task = asyncio.create_task(again_and_again())
    try:
        yield
    finally:
        task.cancel()
